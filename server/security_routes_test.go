package server_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/server"
)

// These stories are told of every route that the server has, as echo lists them:
// one that is added without a word about who opens it fails.

// keeper is what stands before a route: the only thing by which it opens.
type keeper string

const (
	anybody   keeper = "nothing"                     // the same for everybody
	bySession keeper = "a session"                   // who is signed in
	byShops   keeper = "a session or an ID token"    // who works for a shop
	bySecret  keeper = "a secret in the address"     // customers, links to sign in, invitations
	bySigned  keeper = "a signature"                 // platforms, and what we have signed ourselves
	byKey     keeper = "a key"                       // programs
	begins    keeper = "what this browser has begun" // signing in: an address, a code, a passkey
)

// keepers are those of routes that are about no one shop.
var keepers = map[string]keeper{
	"POST /webhooks/shopify": bySigned, "POST /webhooks/shopify/:connection": bySigned, "POST /webhooks/stripe": bySigned, "POST /webhooks/stripe/:connection": bySigned,
	"POST /webhooks/mail/:provider": bySigned, "POST /webhooks/mail/:provider/:endpoint": bySigned, "GET /proxy/shopify": bySigned, "GET /proxy/shopify/*": bySigned,
	"GET /proxy/shopify/loyalty": bySigned, "POST /proxy/shopify/loyalty": bySigned,
	"GET /account/:token": bySecret, "POST /account/:token": bySecret, "GET /account/in/:shop": bySecret, "POST /account/in/:shop": bySecret,
	"GET /account/in/:shop/:token": bySecret, "POST /account/in/:shop/:token": bySecret,
	"GET /install/shopify": anybody, "GET /install/shopify/callback": bySigned, "GET /install/stripe": anybody, "GET /install/stripe/callback": bySigned, "GET /admin/preview": bySigned,
	"GET /u/:token": bySecret, "POST /u/:token": bySecret, "GET /confirm/:token": bySecret, "POST /confirm/:token": bySecret,
	"GET /c/:token": bySecret, "HEAD /c/:token": bySecret, "GET /o/:token": bySecret,
	"GET /r/:code": bySecret, "POST /r/:code": bySecret, "GET /r/:code/:token": bySecret, "POST /r/:code/:token": bySecret,
	"GET /login": anybody, "POST /login": begins, "GET /login/sent": begins, "POST /login/code": begins, "POST /login/passkey/begin": begins, "POST /login/passkey/finish": begins,
	"GET /login/:token": bySecret, "POST /login/:token": bySecret, "POST /logout": begins,
	"GET /join": anybody, "POST /join": bySecret, "GET /join/:token": bySecret, "POST /join/:token": bySession,
	"GET /me": bySession, "POST /me": bySession, "POST /me/sessions/drop": bySession, "POST /me/sessions/everywhere": bySession,
	"POST /me/passkeys/begin": bySession, "POST /me/passkeys/finish": bySession, "POST /me/passkeys/drop": bySession,
	"GET /shops": bySession, "POST /shops/pause": bySession, "POST /shops/resume": bySession, "GET /accounts": bySession, "GET /accounts/:account": bySession,
	"GET /accounts/:account/invite": bySession, "POST /accounts/:account/invite": bySession, "POST /accounts/:account/name": bySession,
	"POST /accounts/:account/members/:user/role": bySession, "POST /accounts/:account/members/:user/drop": bySession, "POST /accounts/:account/invitations/:invitation/drop": bySession,
	"GET /admin/token": anybody, "POST /look": anybody, "GET /assets/:file": anybody, "GET /licences": anybody, "GET /privacy": anybody, "GET /terms": anybody, "GET /support": anybody,
	"GET /healthz": anybody, "GET /readyz": anybody,
}

// route is one that the server has.
type route struct {
	server.AdminRoute
	keeper keeper
}

// routes are all of them, with who opens each.
func (g *guarded) routes() (out []route) {
	t := g.t
	admin := map[string]server.AdminRoute{}
	for _, r := range server.AdminRoutes() {
		admin[r.Method+" /admin"+r.Path], admin[r.Method+" /shops/:shop"+r.Path] = r, r
	}
	for _, r := range g.handler.(*echo.Echo).Routes() {
		if r.Method == echo.RouteNotFound {
			continue
		}
		name := r.Method + " " + r.Path
		one := route{server.AdminRoute{Method: r.Method, Path: r.Path}, keepers[name]}
		switch _, shops := admin[name]; {
		case shops:
			one.keeper = byShops
		case r.Path == "/api/v1/openapi.json":
			one.keeper = anybody
		case strings.HasPrefix(r.Path, "/api/v1/"):
			one.keeper = byKey
		}
		require.NotEmpty(t, one.keeper, "%s: who opens it? say so in keepers", name)
		out = append(out, one)
	}
	require.Greater(t, len(out), 250)
	return out
}

// plain fills a path that names nothing that is there.
func plain(path string) string {
	return strings.ReplaceAll(parameter.ReplaceAllString(path, "nothing"), "*", "x")
}

// everything is what the whole database holds, but for the tables named.
func (g *guarded) everything(but ...string) map[string]string {
	out := map[string]string{}
	for _, table := range texts(g.t, g.db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`) {
		if slices.Contains(but, table) {
			continue
		}
		columns := texts(g.t, g.db, `SELECT 'quote(' || name || ')' FROM pragma_table_info('`+table+`')`)
		all := texts(g.t, g.db, `SELECT `+strings.Join(columns, "||'|'||")+` FROM `+table+` ORDER BY 1`)
		out[table] = fmt.Sprintf("%d %x", len(all), sha256.Sum256([]byte(strings.Join(all, "\n"))))
	}
	require.Greater(g.t, len(out), 50)
	return out
}

// Whoever has not what opens a route gets nothing and changes nothing there.
func TestSecurityEveryRouteIsKept(t *testing.T) {
	g := guard(t)
	before := g.everything()
	refused := map[keeper][]int{
		bySigned:  {http.StatusUnauthorized, http.StatusNotFound, http.StatusBadRequest},
		bySecret:  {http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity},
		byKey:     {http.StatusUnauthorized},
		bySession: {http.StatusUnauthorized, http.StatusSeeOther},
		byShops:   {http.StatusUnauthorized, http.StatusSeeOther, http.StatusFound},
		begins:    {http.StatusSeeOther, http.StatusOK, http.StatusUnprocessableEntity, http.StatusUnauthorized},
		anybody:   {http.StatusOK, http.StatusSeeOther, http.StatusFound, http.StatusNotFound, http.StatusBadRequest},
	}
	for _, r := range g.routes() {
		name := r.Method + " " + r.Path
		b := g.browser()
		got := b.do(r.Method, plain(r.Path), map[string]url.Values{http.MethodPost: form(r.Path)}[r.Method])
		require.Contains(t, refused[r.keeper], got.Code, "%s: %s", name, got.Body)
		if got.Code == http.StatusSeeOther && r.keeper == bySession {
			require.Regexp(t, `^/login\?back=`, got.Header().Get("Location"), name)
		}
		if r.keeper != begins {
			require.NotContains(t, b.cookies, cookie, "%s: nobody is given a session for asking", name)
		}
		require.NotContains(t, got.Body.String(), g.sara.Email, name)
	}
	after := g.everything()
	delete(before, "sessions") // a browser that begins to sign in is remembered
	delete(after, "sessions")
	require.Equal(t, before, after)
}

// What a session opens is refused from another site, and too large a form before anything is done.
func TestSecurityOtherSitesAndLargeFormsBesideShops(t *testing.T) {
	g := guard(t)
	before := g.everything()
	seen := 0
	for _, r := range g.routes() {
		if r.Method != http.MethodPost || r.keeper != bySession && r.keeper != begins && r.keeper != bySecret {
			continue
		}
		seen++
		path := plain(r.Path)
		customers := strings.HasPrefix(r.Path, "/u/") || strings.HasPrefix(r.Path, "/confirm/") // who has the link may use it from anywhere: mail programs do
		for _, from := range []string{"cross-site", "same-site"} {
			got := g.owner.do(r.Method, path, form(r.Path), func(q *http.Request) { q.Header.Set("Sec-Fetch-Site", from) })
			if !customers {
				require.Equal(t, http.StatusForbidden, got.Code, "%s %s", r.Path, from)
			}
		}
		if r.keeper == bySession && !strings.Contains(r.Path, "passkeys/") || r.Path == "/login" || r.Path == "/login/code" || r.Path == "/join" {
			for lang, words := range map[string]string{"en": "larger than 64 KB", "ar": "أكبر من", "fa": "تر از \u206864 KB"} {
				got := g.owner.do(r.Method, path, url.Values{"name": {strings.Repeat("a", 65<<10)}}, func(q *http.Request) {
					q.Header.Set("Accept-Language", lang)
				})
				require.Equal(t, http.StatusRequestEntityTooLarge, got.Code, r.Path)
				require.Contains(t, got.Body.String(), words, r.Path)
			}
		}
	}
	require.Greater(t, seen, 15)
	require.Equal(t, before, g.everything())
}

// An account is there for its members alone, and theirs to change for its owners.
func TestSecurityAnotherAccountIsNotThere(t *testing.T) {
	g := guard(t)
	home, err := g.store.HomeAccount(t.Context(), g.shop)
	require.NoError(t, err)
	mine := g.house.shop("eve@example.com")
	own, err := g.store.HomeAccount(t.Context(), mine)
	require.NoError(t, err)
	eve, looks := g.browser().enter("eve@example.com"), g.browser().enter("looks@example.com")
	g.belongs(g.known("looks@example.com"), g.shop, commerce.RoleViewer)
	require.Equal(t, http.StatusOK, looks.get("/me").Code) // who belongs somewhere else now has another token
	before := g.everything("sessions")
	for _, r := range g.routes() {
		if !strings.HasPrefix(r.Path, "/accounts/:account") || r.Path == "/accounts/:account/invite" && r.Method == http.MethodGet {
			continue
		}
		g.ids["account"] = string(home)
		path := g.at("", r.Path)
		require.Equal(t, http.StatusNotFound, eve.send(r.AdminRoute, path).Code, path)
		if r.Method == http.MethodPost {
			require.Equal(t, http.StatusForbidden, looks.send(r.AdminRoute, path).Code, path)
		}
		if r.Path != "/accounts/:account/invite" && r.Path != "/accounts/:account/name" { // by the ids of others, in an account of one's own
			g.ids["account"] = string(own)
			got := eve.send(r.AdminRoute, g.at("", r.Path))
			require.Less(t, got.Code, http.StatusInternalServerError, path)
			require.NotContains(t, got.Body.String(), "member@example.com", path)
		}
	}
	for path, field := range map[string]string{"/me/sessions/drop": "session", "/me/passkeys/drop": "passkey"} {
		for _, id := range texts(t, g.db, `SELECT hash FROM sessions WHERE user_id <> '`+string(g.known("eve@example.com"))+`'`) {
			require.Less(t, eve.post(path, field, id).Code, http.StatusInternalServerError)
		}
	}
	require.Equal(t, before, g.everything("sessions"))
	require.Equal(t, http.StatusOK, looks.get("/me").Code, "nobody else signs anybody out")
}

// What an address is signed for cannot be turned into anything else.
func TestSecuritySignedAddressesAreWhole(t *testing.T) {
	g := guard(t)
	page := g.owner.get(g.base + "/messages/thank_you").Body.String()
	frame := framesIn(t, page)[0]
	require.Equal(t, http.StatusOK, g.browser().get(frame).Code, "the frame brings no cookie")
	u, err := url.Parse(frame)
	require.NoError(t, err)
	other := g.house.shop("eve@example.com")
	for name := range u.Query() {
		q := u.Query()
		q.Set(name, map[bool]string{true: string(other), false: q.Get(name) + "0"}[name == "id"])
		require.Equal(t, http.StatusUnauthorized, g.browser().get(u.Path+"?"+q.Encode()).Code, name)
		if q.Del(name); u.Query().Get(name) == "" {
			continue
		}
		require.Equal(t, http.StatusUnauthorized, g.browser().get(u.Path+"?"+q.Encode()).Code, name)
	}
	q := u.Query()
	q.Set("person", string(g.ali.ID))
	require.Equal(t, http.StatusUnauthorized, g.browser().get(u.Path+"?"+q.Encode()).Code, "of somebody else")
}

func framesIn(t *testing.T, page string) (out []string) {
	t.Helper()
	for part := range strings.SplitSeq(page, `src="`) {
		if address, _, _ := strings.Cut(part, `"`); strings.HasPrefix(address, "/admin/preview") {
			out = append(out, strings.ReplaceAll(address, "&amp;", "&"))
		}
	}
	require.NotEmpty(t, out)
	return out
}

// Sessions and looks alone are kept in browsers, and no page can read or lend them.
func TestSecurityCookies(t *testing.T) {
	g := guard(t)
	names := map[string]bool{}
	for _, r := range g.routes() {
		for _, b := range []*guest{g.browser(), g.browser().enter("owner@example.com")} {
			got := b.do(r.Method, g.bounded(r.Path), map[string]url.Values{http.MethodPost: {"email": {"owner@example.com"}, "locale": {"fa"}, "theme": {"dark"}}}[r.Method])
			for _, c := range got.Result().Cookies() {
				names[c.Name] = true
				require.True(t, c.HttpOnly && c.Secure && c.SameSite == http.SameSiteLaxMode && c.Domain == "", "%s: %s", r.Path, c)
				if c.Name == cookie {
					require.Equal(t, "/", c.Path, "__Host- asks for it")
				}
				require.True(t, strings.HasPrefix(c.Name, "__Host-") || c.Name == "locale" || c.Name == "theme" || c.Path == "/install/stripe/callback" || c.Path == "/install/shopify/callback", "%s: %s", r.Path, c)
			}
		}
		g.desk.Limits.Shared = func(context.Context, string, int, time.Duration) (time.Duration, error) { return 0, nil }
	}
	require.True(t, names[cookie] && names["locale"], "%v", names)
}
