package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/fault"
	"flywheel/templates"
)

// How pages outside Shopify look is the browser's matter: two cookies that say
// nothing about anybody. Inside Shopify there are none; there the address keeps
// the language and the browser's own store the theme.
const (
	lookPath    = "/look"
	localeLook  = "locale"
	themeLook   = "theme"
	lookLife    = 365 * 24 * time.Hour
	maxLookBody = 4 << 10
)

var themes = []string{"light", "dark"}

// saveLook keeps a language or a theme and goes back.
func (s *Server) saveLook(c echo.Context) error {
	r := c.Request()
	if err := crossOrigin.Check(r); err != nil {
		return fault.New(fault.Forbidden, "another site may not choose how pages look here")
	}
	r.Body = http.MaxBytesReader(c.Response(), r.Body, maxLookBody)
	if locale := c.FormValue(localeLook); slices.Contains(templates.Languages(), locale) {
		s.keepLook(c, localeLook, locale)
	}
	switch theme := c.FormValue(themeLook); {
	case slices.Contains(themes, theme):
		s.keepLook(c, themeLook, theme)
	case theme == "system":
		s.keepLook(c, themeLook, "")
	}
	return c.Redirect(http.StatusSeeOther, ownPath(c.FormValue("back")))
}

func (s *Server) keepLook(c echo.Context, name, value string) {
	cookie := &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(lookLife.Seconds()), HttpOnly: true,
		Secure: strings.HasPrefix(s.BaseURL, "https://"), SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		cookie.MaxAge = -1
	}
	c.SetCookie(cookie)
}

// look is what was kept by saveLook, of what there is; "" = nothing.
func (s *Server) look(c echo.Context, name string, known []string) string {
	cookie, err := c.Cookie(name)
	if err != nil || !slices.Contains(known, cookie.Value) {
		return ""
	}
	return cookie.Value
}

// ownPath is a way back if it leads nowhere but to this server, else the start.
func ownPath(back string) string {
	u, err := url.Parse(back)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\r\n\t") {
		return "/"
	}
	return back
}
