package server

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/templates"
)

// AdminRoute is a page of a shop or something done there. Path is that below
// the shop's: /admin inside Shopify, /shops/ID for who signed in with us.
type AdminRoute struct {
	Method, Path string
	Needs        commerce.Role
}

// The two ways to a shop's pages.
const (
	adminPath = "/admin"
	shopsPath = "/shops/:shop"
)

// ways registers each route of the admin under both ways in.
type ways struct {
	s      *Server
	e      *echo.Echo
	routes []AdminRoute
}

// page answers a GET: it changes nothing.
func (w *ways) page(path string, needs commerce.Role, show func(echo.Context, visit) error) {
	w.add(http.MethodGet, path, needs, func(c echo.Context, v visit) error { return show(c, v) })
}

// act answers a POST: it changes something, is written down beforehand, and
// leads on by done.
func (w *ways) act(path string, needs commerce.Role, do func(echo.Context, visit) error) {
	w.add(http.MethodPost, path, needs, func(c echo.Context, v visit) error {
		if err := readAct(c); err != nil {
			return err
		}
		return w.s.audited(c, v, path, do)
	})
}

// readAct reads the form of an act whole, with a file that may be in it, so that
// one that is too large is refused before anything is done.
func readAct(c echo.Context) error {
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, maxAct)
	err := r.ParseForm()
	if err == nil {
		if err = r.ParseMultipartForm(maxAct); errors.Is(err, http.ErrNotMultipart) {
			err = nil
		}
	}
	return formFault(err, "1 MB")
}

// formFault says what was wrong with a form that could not be read: it was larger
// than allowed, or did not arrive whole.
func formFault(err error, most string) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return fault.New(fault.TooLarge, "what was sent is larger than %s; nothing was changed. Send less at once", most)
	case err != nil:
		return fault.Wrap(fault.Invalid, err, "the form did not arrive whole")
	}
	return nil
}

// maxAct bounds a form of the admin: a campaign's file is the largest.
const maxAct = 1 << 20

func (w *ways) add(method, path string, needs commerce.Role, do func(echo.Context, visit) error) {
	w.routes = append(w.routes, AdminRoute{method, path, needs})
	if method == http.MethodGet {
		w.s.opens[path] = needs
	}
	measure := boundOf(method, path)
	allowed := func(c echo.Context, v visit) error {
		if !v.Who.Role.Allows(needs) {
			return errNeeds(v, needs)
		}
		if err := w.s.takeVisit(c, v, measure, path); err != nil {
			return err
		}
		return do(c, v)
	}
	w.e.Add(method, adminPath+path, w.s.embedded(method, allowed))
	if w.s.People != nil {
		w.e.Add(method, shopsPath+path, w.s.signedIn(method, allowed))
	}
}

// refusalOf says why a form was not taken: what is wrong with it, or stands in
// its way now; false where the form is not to blame, or err is nil.
func refusalOf(err error, lang string) (templates.Refusal, bool) {
	kind := fault.KindOf(err)
	switch kind {
	case fault.Invalid, fault.Conflict, fault.TooLarge, fault.Permanent, fault.Temporary, fault.Denied:
	default:
		return templates.Refusal{}, false
	}
	said, detail := wordsOf(err, lang)
	return templates.Refusal{Said: said, Detail: detail}, true
}

func errNeeds(v visit, needs commerce.Role) error {
	return fault.New(fault.Forbidden, "your role here is %s; this needs %s. An owner of the shop can change that", v.Who.Role, needs)
}

// done leads on after something was done, to a page of the shop that says so by
// the string said_KEY, which may name a number.
func (s *Server) done(c echo.Context, v visit, path, said string, number ...int64) error {
	q := "said=" + said
	if len(number) > 0 {
		q += "&number=" + strconv.FormatInt(number[0], 10)
	}
	to := s.frameOf(c, v).Link(path)
	if strings.Contains(to, "?") {
		return c.Redirect(http.StatusSeeOther, to+"&"+q)
	}
	return c.Redirect(http.StatusSeeOther, to+"?"+q)
}
