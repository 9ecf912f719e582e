package server

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/links"
	"flywheel/store"
)

// clickPath and openPath are where counting links lead.
const (
	clickPath = "/c/"
	openPath  = "/o/"
)

// pixel is a transparent picture of one point.
var pixel = func() []byte {
	data, _ := base64.StdEncoding.DecodeString("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
	return data
}()

// followClick sends a browser on to what the link stands for, and nowhere else:
// the address is signed. It goes on whatever becomes of the counting.
func (s *Server) followClick(c echo.Context) error {
	m, err := s.mark(c, links.Click, c.Param("token"))
	if err != nil {
		return err
	}
	s.count(c, links.Click, m)
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	return c.Redirect(http.StatusFound, m.Target)
}

// showPixel answers with a picture and counts that somebody's mail program asked for it.
func (s *Server) showPixel(c echo.Context) error {
	token, found := strings.CutSuffix(c.Param("token"), ".gif")
	if !found {
		return fault.New(fault.NotFound, "there is no such picture")
	}
	m, err := s.mark(c, links.Open, token)
	if err != nil {
		return err
	}
	s.count(c, links.Open, m)
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, "image/gif", pixel)
}

func (s *Server) mark(_ echo.Context, act links.Act, token string) (links.Mark, error) {
	if s.Marks == nil {
		return links.Mark{}, fault.New(fault.NotFound, "nothing is counted here")
	}
	return s.Marks.Read(act, token)
}

// count notes an act, if somebody does it and the shop still wants to know. A
// failure is no matter of who follows the link.
func (s *Server) count(c echo.Context, act links.Act, m links.Mark) {
	if c.Request().Method != http.MethodGet || ahead(c.Request().Header) {
		return
	}
	ctx, shop := c.Request().Context(), commerce.ShopID(m.Shop)
	settings, err := s.Store.Shop(ctx, shop)
	if err == nil {
		if on := settings.Settings.Tracking; act == links.Click && !on.Clicks || act == links.Open && !on.Opens {
			return
		}
		err = s.Store.AddAct(ctx, shop, store.EffectID(m.Effect), string(act))
	}
	if err != nil {
		s.Log.Warn("not counted", "shop", shop, "effect", m.Effect, "act", act, "error", err)
	}
}

// ahead reports whether a program fetches a page before anybody asked for it
// (Fetch standard: Sec-Purpose; older browsers have names of their own).
func ahead(h http.Header) bool {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		if v := strings.ToLower(h.Get(name)); strings.HasPrefix(v, "prefetch") || v == "preview" || v == "instant" {
			return true
		}
	}
	return false
}
