package server

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/account"
	"flywheel/templates"
)

// A bound says how often a route may be asked for. Every route has an entry in
// one of the tables, bounds and shopBounds; one that needs no bound says why.
type bound struct {
	by  who // who counts as one
	n   int // so often
	per time.Duration
	// file counts only what asks for a list as a file.
	file bool
	// miss bounds what comes to nothing: a secret that is none, a signature that does
	// not fit. How often is counted by the address of the network.
	miss *missing
	// why there is none, or where else it is counted.
	why string
}

// who is whose requests are counted together.
type who string

const (
	byAddress who = "address" // of the network
	byLink    who = "link"    // the secret in the address
	byUser    who = "user"    // who is signed in
	byPerson  who = "person"  // somebody in one shop
	byShop    who = "shop"    // all who work for it: what is done costs the shop, or somebody else
)

// measured bounds what is asked for by anybody. What needs to know who asks is
// counted where that is known: by member and by ways.
func (s *Server) measured(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		b, _ := publicBound(c.Request().Method, c.Path())
		key := ""
		switch b.by {
		case byAddress:
			key = networkOf(c)
		case byLink: // who has tried too many that are none is not counted by each of them
			if s.misses.left(b.miss.door+" "+networkOf(c), s.RealNow()) == 0 {
				key = c.Param("token")
			}
		}
		if key != "" {
			if err := s.take(c, b, c.Path(), key); err != nil {
				return err
			}
		}
		if b.miss == nil {
			return next(c)
		}
		return s.missed(c, b.miss, next)
	}
}

// take counts a request under what is bounded and by whom.
func (s *Server) take(c echo.Context, b bound, parts ...string) error {
	if b.n == 0 || b.file && !wantsFile(c) {
		return nil
	}
	key := fmt.Sprintf("%s %q", c.Request().Method, parts)
	if wait := s.Limits.Take(c.Request().Context(), key, b.n, b.per); wait > 0 {
		return account.TooOften{Wait: wait}
	}
	return nil
}

// takeUser counts what is asked for by who is signed in, whatever the shop.
func (s *Server) takeUser(c echo.Context, u account.User) error {
	if b := bounds[c.Request().Method+" "+c.Path()]; b.by == byUser {
		return s.take(c, b, c.Path(), string(u.ID))
	}
	return nil
}

// takeVisit counts what is asked for in a shop, at the path below it.
func (s *Server) takeVisit(c echo.Context, v visit, b bound, path string) error {
	if b.by == byShop {
		return s.take(c, b, path, string(v.Shop.ID))
	}
	return s.take(c, b, path, string(v.Shop.ID), string(v.Who.User), v.session.User)
}

// publicBound is the bound of a route that is about no one shop; false = nobody
// has said what it is.
func publicBound(method, path string) (bound, bool) {
	b, known := bounds[method+" "+path]
	if !known && strings.HasPrefix(path, "/api/v1/") {
		return bounds["POST /api/v1/touches"], true // every route of it stands behind apiDoor
	}
	return b, known
}

// boundOf is the bound of a page or act of a shop.
func boundOf(method, path string) bound {
	if b, special := shopBounds[method+" "+path]; special {
		return b
	}
	if method == http.MethodPost {
		return anyAct
	}
	return anyPage
}

// retryAfter says in an answer how long to wait, in whole seconds (RFC 9110, 10.2.3).
func retryAfter(c echo.Context, wait time.Duration) {
	c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
}

// readerOf is the language of whoever reads an answer that is about no page.
func (s *Server) readerOf(c echo.Context) string {
	shops, _ := c.Get(langKey).(string)
	accepted, _, _ := strings.Cut(c.Request().Header.Get("Accept-Language"), ",")
	for _, lang := range []string{c.QueryParam("locale"), shops, s.look(c, localeLook, templates.Languages()), accepted} {
		if lang != "" {
			return lang
		}
	}
	return "en"
}
