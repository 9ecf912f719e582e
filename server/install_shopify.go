package server

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/fault"
	"flywheel/integrations/shopify"
	"flywheel/templates"
)

const (
	installPath  = "/install/shopify"
	callbackPath = "/install/shopify/callback"
	stateCookie  = "flywheel_install"
	// stateLife is how long a merchant may look at the page that asks for consent,
	// as in Shopify's own libraries.
	stateLife = time.Minute

	shopifyStatePurpose = "flywheel install state"
)

// startInstall begins an authorization-code grant, for custom and stand-alone
// apps; the others are installed by Shopify itself. Shopify sends the merchant
// here with a signed query, and at once on to the page that asks for consent, on
// every install: there is nothing to fill in before. Anybody else is told where
// the app is to be had.
func (s *Server) startInstall(c echo.Context) error {
	q := c.QueryParams()
	if q.Get("hmac") == "" {
		return s.installNote(c, "outside")
	}
	if s.Install == nil {
		return fault.New(fault.NotFound, "no Shopify app is set up here")
	}
	now := time.Now() // Shopify's timestamps are real time
	if err := shopify.VerifyCallback(q, s.ShopifySecrets, now); err != nil {
		return err
	}
	shop := strings.ToLower(q.Get("shop"))
	state := rand.Text()
	address, err := s.Install.Shopify.AuthorizeURL(shop, state, s.BaseURL+callbackPath)
	if err != nil {
		return err
	}
	s.keepState(c, sealState(s.ShopifySecrets[0], shop, state, now.Add(stateLife)), stateLife)
	return c.Redirect(http.StatusFound, address)
}

// finishInstall is where Shopify sends the merchant back to with a code. The
// signature says that Shopify does, the state that it is the browser which began.
func (s *Server) finishInstall(c echo.Context) error {
	if s.Install == nil {
		return fault.New(fault.NotFound, "no Shopify app is set up here")
	}
	q, now := c.QueryParams(), time.Now()
	if err := shopify.VerifyCallback(q, s.ShopifySecrets, now); err != nil {
		return err
	}
	shop := strings.ToLower(q.Get("shop"))
	if err := s.checkState(c, shop, q.Get("state"), now); err != nil {
		return err
	}
	s.keepState(c, "", -time.Second)
	if q.Get("code") == "" {
		return fault.New(fault.Invalid, "the query holds no code")
	}
	opened, err := s.Install.Redeem(c.Request().Context(), shop, q.Get("code"))
	if err != nil {
		return err
	}
	s.Log.Info("installed by code", "shop", opened.Shop.ID, "fresh", opened.Fresh)
	if q.Get("host") == "" { // it has no place in the admin
		return s.installNote(c, "opened")
	}
	return c.Redirect(http.StatusFound, "https://"+shop+"/admin/apps/"+s.ShopifyKey)
}

// installNote shows a page of one thought. It stands outside the admin, where App
// Bridge has no place.
func (s *Server) installNote(c echo.Context, name string) error {
	return s.installPage(c, http.StatusOK, templates.Note{Name: name})
}

func (s *Server) showInstallProblem(c echo.Context, code int, sentence string) error {
	return s.installPage(c, code, templates.Note{Name: "wrong", Said: sentence})
}

func (s *Server) installPage(c echo.Context, code int, note templates.Note) error {
	note.Admin = s.frameOf(c, visit{})
	note.Alone, note.Self = true, "" // its address says what is nobody else's matter
	accepted, _, _ := strings.Cut(c.Request().Header.Get("Accept-Language"), ",")
	return s.alonePage(c, code, "note", cmp.Or(c.QueryParam("locale"), accepted), note)
}

// keepState keeps the state in the browser; Lax, since the way back begins at Shopify.
func (s *Server) keepState(c echo.Context, value string, life time.Duration) {
	c.SetCookie(&http.Cookie{
		Name: stateCookie, Value: value, Path: callbackPath, MaxAge: int(life / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(s.BaseURL, "https:"),
	})
}

// checkState refuses a way back that this browser has not begun within the last minute, for this shop.
func (s *Server) checkState(c echo.Context, shop, state string, now time.Time) error {
	cookie, err := c.Cookie(stateCookie)
	if err != nil || state == "" {
		return fault.New(fault.Denied, "this browser has not begun to install the app, or took longer than a minute: begin again")
	}
	if now.After(endOf(cookie.Value)) {
		return fault.New(fault.Denied, "installing the app took longer than a minute: begin again")
	}
	if fits(s.ShopifySecrets, shopifyStatePurpose, cookie.Value, shop, state) {
		return nil
	}
	return fault.New(fault.Denied, "another install was begun in this browser: begin again")
}

// sealState is the cookie of one install.
func sealState(secret, shop, state string, until time.Time) string {
	return sealMark(secret, shopifyStatePurpose, until, shop, state)
}
