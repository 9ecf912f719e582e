package server

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/install"
	"flywheel/integrations/shopify"
)

// visit is one request of somebody who works for a shop. Inside the Shopify
// admin its ID token says of which shop; else the session says who it is, and
// what is granted to them whether they may see the shop that the path names.
type visit struct {
	session shopify.Session // of the ID token; zero outside Shopify
	install.Opened
	Who  commerce.Actor
	Base string // the path of the shop's pages: /admin, /shops/ID
	lang string
	// theme is what somebody who signed in has chosen; "" = the browser's.
	theme string
}

// visitKey keeps the Shopify domain of a request for its error page, langKey
// the language, whoKey the visit.
const (
	visitKey = "admin shop"
	langKey  = "admin language"
	whoKey   = "admin visit"
)

// embedded serves a request from inside the Shopify admin. A document without a
// good ID token is led to a page that fetches one: no cookie is needed, nor
// set. A request of a page that is up is repeated by App Bridge.
func (s *Server) embedded(method string, do func(echo.Context, visit) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		raw, bearer := strings.CutPrefix(c.Request().Header.Get("Authorization"), "Bearer ")
		document := method == http.MethodGet && !bearer && c.Request().Header.Get("HX-Request") == ""
		if document {
			raw = c.QueryParam("id_token")
		}
		v, err := s.byToken(c, raw)
		switch {
		case errors.Is(err, errIDToken) && document:
			c.Response().Header().Set("Content-Security-Policy", "frame-ancestors "+s.ancestors(c))
			return c.Redirect(http.StatusFound, s.tokenPage(c.Request().URL))
		case errors.Is(err, errIDToken):
			c.Response().Header().Set(retryHeader, "1")
		}
		if err != nil {
			return err
		}
		c.Set(whoKey, v)
		return do(c, v)
	}
}

// errIDToken is a missing, stale or wrong ID token; the browser gets another.
var errIDToken = fault.New(fault.Denied, "the app was opened without a valid ID token: open it again in the Shopify admin")

func (s *Server) byToken(c echo.Context, raw string) (visit, error) {
	session, err := shopify.ReadIDToken(raw, s.ShopifyKey, s.ShopifySecrets, time.Now())
	if err != nil {
		s.Log.Debug("id token refused", "path", c.Path(), "error", err)
		return visit{}, errIDToken
	}
	c.Set(visitKey, session.Shop)
	opened, err := s.Install.Open(c.Request().Context(), session)
	if errors.Is(err, shopify.ErrIDToken) {
		return visit{}, errIDToken
	}
	lang := cmp.Or(c.QueryParam("locale"), opened.Shop.Locale)
	c.Set(langKey, lang)
	// Who may open the app is decided inside Shopify, by the shop's owner.
	who := commerce.Actor{Name: "Shopify " + session.User, Via: commerce.ViaShopify, Role: commerce.RoleOwner}
	return visit{session: session, Opened: opened, Who: who, Base: adminPath, lang: lang}, err
}

// signedIn serves a request of somebody who signed in with us. A shop that is
// not theirs is one that does not exist.
func (s *Server) signedIn(method string, do func(echo.Context, visit) error) echo.HandlerFunc {
	return s.cookied(func(c echo.Context) error {
		user, ok := s.user(c)
		if !ok {
			if method == http.MethodGet {
				return c.Redirect(http.StatusSeeOther, loginPath+"?back="+url.QueryEscape(c.Request().URL.RequestURI()))
			}
			return fault.New(fault.Denied, "you are not signed in any more: sign in and do it again; nothing was changed")
		}
		ctx, id := c.Request().Context(), commerce.ShopID(c.Param("shop"))
		role, by, err := s.People.Access(ctx, user.ID, id)
		if err != nil {
			return err
		}
		v := visit{Who: commerce.Actor{User: user.ID, Account: by, Name: cmp.Or(user.Name, user.Email), Via: commerce.ViaWeb, Role: role}, Base: "/shops/" + url.PathEscape(string(id))}
		if v.Shop, err = s.Store.Shop(ctx, id); err != nil {
			return err
		}
		if v.Connection, err = s.leading(c, v.Shop); err != nil {
			return err
		}
		v.lang, v.theme = s.langOf(c, user), user.Theme
		c.Set(langKey, v.lang)
		c.Set(whoKey, v)
		return do(c, v)
	})
}

// leading is the open connection that a shop's pages are about: its leading
// platform's, else any; the zero one where all are closed.
func (s *Server) leading(c echo.Context, shop commerce.Shop) (commerce.Connection, error) {
	all, err := s.Store.Connections(c.Request().Context(), shop.ID)
	var best commerce.Connection
	for _, one := range all {
		if one.ClosedAt == 0 && (best.ID == "" || one.Platform == shop.Leading && best.Platform != shop.Leading) {
			best = one
		}
	}
	return best, err
}
