package server

import (
	"bytes"
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
	"flywheel/templates"
)

// Where the admin stands and its App Bridge comes from, unless a demo has its own.
const (
	shopifyAdmin = "https://admin.shopify.com"
	appBridge    = "https://cdn.shopify.com/shopifycloud/app-bridge.js"
)

// retryHeader asks App Bridge to come again with a fresh ID token.
const retryHeader = "X-Shopify-Retry-Invalid-Session-Request"

// visit is one request from inside the Shopify admin. Its ID token says of
// which shop; nothing else in the request does.
type visit struct {
	session shopify.Session
	install.Opened
	lang string
}

// visitKey keeps the shop of a request for its error page, langKey the language.
const (
	visitKey = "admin shop"
	langKey  = "admin language"
)

// document serves a page that the admin opens in its frame. Without a good ID
// token it leads to a page that fetches one: no cookie is needed, nor set.
func (s *Server) document(show func(echo.Context, visit) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		v, err := s.visit(c, c.QueryParam("id_token"))
		if errors.Is(err, errIDToken) {
			c.Response().Header().Set("Content-Security-Policy", "frame-ancestors "+s.ancestors(c))
			return c.Redirect(http.StatusFound, s.tokenPage(c.Request().URL))
		}
		if err != nil {
			return err
		}
		return show(c, v)
	}
}

// call serves a request of a page that is up. App Bridge repeats it with a
// fresh ID token when the answer asks for that.
func (s *Server) call(do func(echo.Context, visit) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		raw, _ := strings.CutPrefix(c.Request().Header.Get("Authorization"), "Bearer ")
		v, err := s.visit(c, raw)
		if errors.Is(err, errIDToken) {
			c.Response().Header().Set(retryHeader, "1")
		}
		if err != nil {
			return err
		}
		return do(c, v)
	}
}

// errIDToken is a missing, stale or wrong ID token; the browser gets another.
var errIDToken = fault.New(fault.Denied, "the app was opened without a valid ID token: open it again in the Shopify admin")

func (s *Server) visit(c echo.Context, raw string) (visit, error) {
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
	return visit{session, opened, lang}, err
}

// tokenPage is the address of the page that comes back with a fresh ID token;
// the old one is taken out of the way back.
func (s *Server) tokenPage(wanted *url.URL) string {
	query := wanted.Query()
	query.Del("id_token")
	back := s.BaseURL + wanted.Path
	if len(query) > 0 {
		back += "?" + query.Encode()
	}
	query.Set("shopify-reload", back)
	return "/admin/token?" + query.Encode()
}

// showToken has App Bridge fetch an ID token and open what was wanted. App
// Bridge reads the parameter shopify-reload; it must lead back to us.
func (s *Server) showToken(c echo.Context) error {
	if back := c.QueryParam("shopify-reload"); !strings.HasPrefix(back, s.BaseURL+"/admin") {
		return fault.New(fault.Invalid, "the way back does not lead to this app")
	}
	return s.adminPage(c, http.StatusOK, "token", cmp.Or(c.QueryParam("locale"), "en"), templates.Token{Admin: s.frameOf(c, commerce.Shop{})})
}

// frameOf is what a page of the admin needs of its shop.
func (s *Server) frameOf(c echo.Context, shop commerce.Shop) templates.Admin {
	domain, _ := c.Get(visitKey).(string)
	return templates.Admin{
		Domain: domain, Key: s.ShopifyKey, AppBridge: cmp.Or(s.AppBridge, appBridge), Shop: shop.Name, Country: shop.Country, Zone: shop.Timezone,
		Locale: c.QueryParam("locale"), Paused: shop.State == commerce.ShopPaused,
	}
}

// adminPage is a page for the frame. Only the shop's own admin may frame it
// (shopify.dev, set up iframe protection), on errors as on any other answer.
func (s *Server) adminPage(c echo.Context, code int, name, lang string, data any) error {
	return s.framedPage(c, s.ancestors(c), code, name, lang, data)
}

// alonePage is a page outside the admin. Nobody may frame it.
func (s *Server) alonePage(c echo.Context, code int, name, lang string, data any) error {
	return s.framedPage(c, "'none'", code, name, lang, data)
}

// framedPage renders into a buffer first.
func (s *Server) framedPage(c echo.Context, ancestors string, code int, name, lang string, data any) error {
	var b bytes.Buffer
	if err := templates.AdminPage(&b, name, lang, data); err != nil {
		return err
	}
	script := "'self'"
	if bridge, err := url.Parse(cmp.Or(s.AppBridge, appBridge)); err == nil && bridge.Host != "" {
		script += " " + bridge.Scheme + "://" + bridge.Host
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", "default-src 'self'; script-src "+script+"; connect-src 'self' https:; img-src 'self' https: data:; style-src 'self'; "+
		"form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors "+ancestors)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("Cache-Control", "no-store")
	return c.HTMLBlob(code, b.Bytes())
}

// ancestors are who may frame the answer: the admin of the shop that the ID
// token names. Before there is one, the shop that the request names will do:
// whoever lies about it is allowed to frame a page that shows nothing.
func (s *Server) ancestors(c echo.Context) string {
	shop, _ := c.Get(visitKey).(string)
	if named := c.QueryParam("shop"); shop == "" && shopify.ValidShop(named) {
		shop = strings.ToLower(named)
	}
	if shop == "" {
		return "'none'"
	}
	return "https://" + shop + " " + cmp.Or(s.AdminOrigin, shopifyAdmin)
}

// showAdminProblem answers an error: a page for the frame, a sentence for a
// page that is up. Both speak the reader's language; what exactly was wrong
// stands beside it, in English where there is no other.
func (s *Server) showAdminProblem(c echo.Context, code int, kind fault.Kind, sentence string) error {
	r := c.Request()
	accepted, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
	shops, _ := c.Get(langKey).(string)
	lang := cmp.Or(c.QueryParam("locale"), shops, accepted)
	said, detail := sentence, ""
	if templates.Language(lang) != "en" {
		said, detail = templates.Say(lang, "problem_"+cmp.Or(string(kind), "internal"), nil), sentence
	}
	if r.Method != http.MethodGet || r.Header.Get("Authorization") != "" || r.Header.Get("Sec-Fetch-Dest") == "empty" {
		return c.JSON(code, problemAnswer{said, detail})
	}
	note := templates.Note{Admin: s.frameOf(c, commerce.Shop{}), Name: "wrong", Said: said, Detail: detail}
	if code == http.StatusNotFound {
		note.Name, note.Said, note.Detail = "missing", "", ""
	}
	return s.adminPage(c, code, "note", lang, note)
}

// problemAnswer is the answer to a call that went wrong.
type problemAnswer struct {
	Error  string `json:"error"`
	Detail string `json:"detail,omitempty"`
}
