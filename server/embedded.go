package server

import (
	"bytes"
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/fault"
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
	return s.adminPage(c, http.StatusOK, "token", cmp.Or(c.QueryParam("locale"), "en"), templates.Token{Admin: s.frameOf(c, visit{Base: adminPath})})
}

// frameOf is what a page for merchants needs of its visit; the zero one is of nobody.
func (s *Server) frameOf(c echo.Context, v visit) templates.Admin {
	domain, _ := c.Get(visitKey).(string)
	number, _ := strconv.ParseInt(c.QueryParam("number"), 10, 64)
	opens := func(path string) bool {
		needs, ok := s.opens[path]
		return ok && v.Who.Role.Allows(needs)
	}
	a := templates.Admin{
		Assets: built().addresses,
		Domain: domain, Key: s.ShopifyKey, AppBridge: cmp.Or(s.AppBridge, appBridge), Shop: v.Shop.Name, Country: v.Shop.Country, Zone: v.Shop.Timezone,
		Locale: c.QueryParam("locale"), Paused: v.Shop.State == commerce.ShopPaused,
		Base: v.Base, Embedded: v.Base == adminPath, Role: string(v.Who.Role), Me: v.Who.Name, Said: c.QueryParam("said"), SaidNumber: number,
		Nav: templates.Nav(opens), Search: opens("/search"), Fleet: v.Who.Via == commerce.ViaWeb,
	}
	if v.Connection.Platform == commerce.Shopify {
		a.Domain = cmp.Or(a.Domain, v.Connection.ExternalID)
	}
	if !a.Embedded {
		a.Theme = cmp.Or(s.look(c, themeLook, themes), v.theme)
	}
	a.Self = selfOf(c.Request(), a)
	return a
}

// selfOf is the address of the page that a request asks for, without what it
// says once. What a form that was wrong has asked for is no page: its shop's
// home is.
func selfOf(r *http.Request, a templates.Admin) string {
	if r.Method != http.MethodGet {
		return a.Link("")
	}
	q := r.URL.Query()
	for _, once := range []string{"id_token", "said", "number", "hmac", "session", "timestamp"} {
		q.Del(once)
	}
	if len(q) == 0 {
		return r.URL.Path
	}
	return r.URL.Path + "?" + q.Encode()
}

// adminPage is a page for the frame. Only the shop's own admin may frame it
// (shopify.dev, set up iframe protection), on errors as on any other answer.
func (s *Server) adminPage(c echo.Context, code int, name, lang string, data any) error {
	return s.framedPage(c, s.ancestors(c), code, name, lang, data)
}

// alonePage is a page outside the admin. Nobody may frame it.
func (s *Server) alonePage(c echo.Context, code int, name, lang string, data any) error {
	return s.framedPage(c, nobody, code, name, lang, data)
}

// nobody may frame a page, in the words of a policy.
const nobody = "'none'"

// framedPage renders into a buffer first. Nothing that stands in a page itself
// may style it or run, so what somebody wrote never can.
func (s *Server) framedPage(c echo.Context, ancestors string, code int, name, lang string, data any) error {
	var b bytes.Buffer
	if err := templates.AdminPage(&b, name, lang, data); err != nil {
		return err
	}
	script, connect := "'self'", "'self'"
	if bridge, err := url.Parse(cmp.Or(s.AppBridge, appBridge)); err == nil && bridge.Host != "" && ancestors != nobody {
		script += " " + bridge.Scheme + "://" + bridge.Host
		connect += " https:" // App Bridge tells Shopify how fast pages are
	}
	style := "'self'"
	if nonce, _ := c.Get(nonceKey).(string); nonce != "" {
		style += " 'nonce-" + nonce + "'" // of what the editor of texts adds to the page
	}
	h := c.Response().Header()
	if code == http.StatusUnprocessableEntity {
		h.Set("HX-Push-Url", "false") // a form that came back is no page to come back to
	}
	h.Set("Content-Security-Policy", "default-src 'self'; script-src "+script+"; connect-src "+connect+"; img-src 'self' https: data:; style-src "+style+"; "+
		"font-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors "+ancestors)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("Cache-Control", "no-store")
	return htmlBlob(c, code, bytes.Map(unturned, b.Bytes()))
}

// unturned drops the marks that turn the text around them (U+202A to U+202E),
// wherever a name or a title brought one; our own pages use isolates alone.
func unturned(r rune) rune {
	if r >= '\u202a' && r <= '\u202e' {
		return -1
	}
	return r
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
		return nobody
	}
	return "https://" + shop + " " + cmp.Or(s.AdminOrigin, shopifyAdmin)
}

// showAdminProblem answers an error: a page for the frame, a sentence for a
// page that is up. Both speak the reader's language; what exactly was wrong
// stands beside it, in English where there is no other.
func (s *Server) showAdminProblem(c echo.Context, code int, err error, sentence string) error {
	r, lang := c.Request(), s.readerOf(c)
	said, detail := sentence, ""
	switch {
	case code == http.StatusTooManyRequests || templates.Language(lang) == "en":
	case fault.KindOf(err) != "":
		said, detail = wordsOf(err, lang)
	default:
		said, detail = templates.Say(lang, "problem_internal", nil), sentence
	}
	inside := strings.HasPrefix(r.URL.Path, adminPath)
	if byScript(r) || inside && r.Method != http.MethodGet {
		return c.JSON(code, problemAnswer{said, detail})
	}
	v, _ := c.Get(whoKey).(visit)
	if v.Base == "" && inside {
		v.Base = adminPath
	}
	note := templates.Note{Admin: s.frameOf(c, v), Name: "wrong", Said: said, Detail: detail}
	if code == http.StatusNotFound {
		note.Name, note.Said, note.Detail = "missing", "", ""
	}
	if !inside {
		note.Name += "_web"
		note.Href = cmp.Or(note.Link(""), "/")
	}
	return s.adminPage(c, code, "note", lang, note)
}

// byScript reports whether a page that is up asks, and not a browser that opens one.
func byScript(r *http.Request) bool {
	return r.Header.Get("Authorization") != "" || r.Header.Get("HX-Request") != "" || r.Header.Get("Sec-Fetch-Dest") == "empty"
}

// problemAnswer is the answer to a call that went wrong.
type problemAnswer struct {
	Error  string `json:"error"`
	Detail string `json:"detail,omitempty"`
}
