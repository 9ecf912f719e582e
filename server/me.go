package server

import (
	"context"
	"io"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"flywheel/account"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
)

// showMe is what somebody may say of themselves, where they are signed in, and by what.
func (s *Server) showMe(c echo.Context, u account.User) error {
	ctx := c.Request().Context()
	page := templates.Me{Admin: s.frameOfUser(c, u), Email: u.Email, Name: u.Name, Passkeys: s.People.Passkeys()}
	page.Languages = []templates.Choice{{Value: "", Name: templates.Say(s.langOf(c, u), "me_language_browser", nil), On: u.Locale == ""}}
	for _, one := range templates.LanguageNames() {
		one.On = one.Value == u.Locale
		page.Languages = append(page.Languages, one)
	}
	for _, theme := range []string{"", "light", "dark"} {
		page.Themes = append(page.Themes, templates.Choice{Value: theme, On: theme == u.Theme})
	}
	sessions, err := s.People.Sessions(ctx)
	if err != nil {
		return err
	}
	for _, x := range sessions {
		page.Sessions = append(page.Sessions, templates.MeSession{Hash: x.Hash, Browser: x.Agent, Begun: x.Begun, Seen: x.SeenAt, This: x.This})
	}
	keys, err := s.Store.Passkeys(ctx, u.ID)
	if err != nil {
		return err
	}
	for _, k := range keys {
		page.Keys = append(page.Keys, templates.MeKey{ID: k.ID, Name: k.Name, Made: k.MadeAt.Time(), Used: timeOr(k.UsedAt)})
	}
	memberships, err := s.Store.Memberships(ctx, u.ID)
	if err != nil {
		return err
	}
	for _, m := range memberships {
		page.Accounts = append(page.Accounts, templates.MeAccount{ID: string(m.ID), Name: m.Name, Kind: m.Kind, Role: string(m.Role)})
	}
	if page.Zone, page.Country, err = s.placeOf(ctx, u.ID); err != nil {
		return err
	}
	return s.alonePage(c, http.StatusOK, "me", s.langOf(c, u), page)
}

// placeOf is the zone and country of one of somebody's shops, for times and digits; "" where they have none.
func (s *Server) placeOf(ctx context.Context, user commerce.UserID) (zone, country string, err error) {
	n, id, err := s.Store.FleetSize(ctx, user)
	if err != nil || n == 0 {
		return "", "", err
	}
	shop, err := s.Store.Shop(ctx, id)
	return shop.Timezone, shop.Country, err
}

// saveMe keeps a name, a language and a theme.
func (s *Server) saveMe(c echo.Context, u account.User) error {
	x := store.User{ID: u.ID, Name: templates.Clean(c.FormValue("name"), 80), Locale: c.FormValue("language"), Theme: c.FormValue("theme")}
	if x.Locale != "" && !slices.Contains(templates.Languages(), x.Locale) || !slices.Contains([]string{"", "light", "dark"}, x.Theme) {
		return fault.New(fault.Invalid, "choose one of the languages and themes")
	}
	if err := s.Store.SaveUser(c.Request().Context(), x); err != nil {
		return err
	}
	s.forgetLooks(c)
	return c.Redirect(http.StatusSeeOther, "/me?said=me_saved")
}

// forgetLooks ends what this browser had chosen for itself: who says what they like is meant from now on.
func (s *Server) forgetLooks(c echo.Context) {
	for _, name := range []string{localeLook, themeLook} {
		if _, err := c.Cookie(name); err == nil {
			c.SetCookie(&http.Cookie{Name: name, Path: "/", MaxAge: -1})
		}
	}
}

// dropSession signs out in one browser, dropSessions in all.
func (s *Server) dropSession(c echo.Context, _ account.User) error {
	if err := s.People.SignOutOne(c.Request().Context(), c.FormValue("session")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/me?said=me_signed_out")
}

func (s *Server) dropSessions(c echo.Context, _ account.User) error {
	if err := s.People.SignOutEverywhere(c.Request().Context()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, loginPath)
}

// beginKey and finishKey make a passkey; the page's script asks them.
func (s *Server) beginKey(c echo.Context, _ account.User) error {
	options, err := s.People.BeginPasskey(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, options)
}

func (s *Server) finishKey(c echo.Context, _ account.User) error {
	answer, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, maxKey))
	if err != nil {
		return formFault(err, "64 KB")
	}
	if err := s.People.FinishPasskey(c.Request().Context(), c.QueryParam("name"), answer); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]string{"to": "/me?said=me_key_added"})
}

// dropKey forgets one: whoever has it signs in by it no more.
func (s *Server) dropKey(c echo.Context, u account.User) error {
	if err := s.Store.DropPasskey(c.Request().Context(), u.ID, c.FormValue("passkey")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/me?said=me_key_dropped")
}
