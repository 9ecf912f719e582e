package server_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/links"
	"flywheel/server"
	"flywheel/store"
	"flywheel/store/storetest"
	"flywheel/templates"
)

// refusing makes the server one on whose doors everybody comes too often, once told.
func (g *guarded) refusing() (on *atomic.Bool, keys map[string]bool) {
	on, keys = &atomic.Bool{}, map[string]bool{}
	g.desk.Limits.Shared = func(_ context.Context, key string, n int, per time.Duration) (time.Duration, error) {
		require.Positive(g.t, n)
		require.Positive(g.t, per)
		keys[key] = true
		if on.Load() {
			return 90*time.Second + time.Millisecond, nil
		}
		return 0, nil
	}
	return on, keys
}

// Every route says how often it may be asked for, or why that is nobody's matter;
// who asks more often is told so in their own language, and when to come again.
func TestSecurityEveryRouteHasItsBound(t *testing.T) {
	g := guard(t)
	on, _ := g.refusing()
	guest := g.browser()
	require.Equal(t, http.StatusSeeOther, guest.post("/login", "email", "owner@example.com").Code)
	g.desk.Close() // waits until that mail is written
	on.Store(true)
	before, held := g.everything("sessions"), 0
	for _, r := range g.routes() {
		name := r.Method + " " + r.Path
		b, known := server.BoundOf(r.Method, r.Path)
		require.True(t, known, "%s: how often may it be asked for? say so in bounds", name)
		within := strings.HasPrefix(b.Why, "package account")
		require.True(t, b.N > 0 || b.Door != "" || b.Why != "", name)
		require.False(t, b.N > 0 && (b.By == "" || b.Per <= 0), name)
		if r.Method == http.MethodPost && r.keeper != anybody && b.N == 0 && b.Door == "" && !within {
			require.Equal(t, "POST /logout", name, "what changes something has a bound")
		}
		if b.N == 0 && !within || strings.HasPrefix(r.Path, "/admin") { // that inside Shopify is the same, by the same table
			continue
		}
		held++
		for lang := range map[string]bool{"en": true, "ar": true, "fa": true} {
			who := g.owner
			path := g.bounded(r.Path)
			if strings.HasPrefix(r.Path, "/login") {
				who = guest
			}
			if b.File {
				path += "?as=csv"
			}
			f := form(r.Path)
			f.Set("email", "owner@example.com")
			got := who.do(r.Method, path, map[string]url.Values{http.MethodPost: f}[r.Method], func(q *http.Request) { q.Header.Set("Accept-Language", lang) })
			require.Equal(t, http.StatusTooManyRequests, got.Code, "%s: %s", name, got.Body)
			require.Equal(t, "91", got.Header().Get("Retry-After"), name)
			require.Contains(t, got.Header().Get("Content-Type"), "text/html", name)
			body := got.Body.String()
			said := slices.ContainsFunc([]string{"problem_too_often", "login_too_often", "often_body"}, func(key string) bool {
				return strings.Contains(body, templates.Say(lang, key, nil))
			})
			require.True(t, said, "%s %s: %s", lang, name, body)
		}
	}
	require.Greater(t, held, 80)
	require.Equal(t, before, g.everything("sessions"), "what is refused changes nothing")
	got := g.owner.do(http.MethodPost, g.base+"/sender/test", url.Values{}, func(q *http.Request) { q.Header.Set("HX-Request", "true"); q.Header.Set("Accept-Language", "fa") })
	var answer struct{ Error, Detail string }
	require.NoError(t, json.Unmarshal(got.Body.Bytes(), &answer), "a script reads it")
	require.Equal(t, templates.Say("fa", "problem_too_often", nil), answer.Error)
}

// bounded fills a path with what is there.
func (g *guarded) bounded(path string) string {
	if below, shops := strings.CutPrefix(path, "/shops/:shop"); shops {
		return g.at(g.base, below)
	}
	return plain(path)
}

// What costs the shop is counted by the shop, whoever of its people asks; what
// costs nobody else by the person; what a stranger asks by where they are.
func TestSecurityWhoCountsAsOne(t *testing.T) {
	g := guard(t)
	_, keys := g.refusing()
	builder := g.browser().enter("builder@example.com")
	g.belongs(g.known("builder@example.com"), g.shop, commerce.RoleBuilder)
	counted := func(do func()) (out []string) {
		clear(keys)
		do()
		for key := range keys {
			out = append(out, key)
		}
		slices.Sort(out)
		return out
	}
	test, mine := g.base+"/sender/test", g.base+"/search?q=sara"
	require.Len(t, counted(func() { g.owner.post(test); builder.post(test) }), 1, "by the shop")
	require.Len(t, counted(func() { g.owner.post(test); g.owner.get(mine) }), 2, "each by itself")
	require.Len(t, counted(func() { g.owner.get(mine); g.owner.get(mine); builder.get(mine) }), 2, "by the person")
	require.Len(t, counted(func() { g.owner.get(g.base + "/lists/tasks") }), 0, "a page of a list")
	require.Len(t, counted(func() { g.owner.get(g.base + "/lists/tasks?as=csv") }), 1, "all of it")
	require.Len(t, counted(func() {
		for _, from := range []string{"198.51.100.1:1", "198.51.100.1:2", "198.51.100.2:1"} {
			g.browser().do(http.MethodGet, "/install/stripe", nil, func(r *http.Request) { r.RemoteAddr = from })
		}
	}), 2, "by the address")
	require.Len(t, counted(func() { g.browser().post("/u/one"); g.browser().post("/u/two"); g.browser().post("/u/two") }), 2, "by the link")
	require.Empty(t, counted(func() { g.browser().post(test); g.browser().get(mine) }), "who is not let in counts for nobody")
}

// Whoever tries what is no secret of ours is looked at no more for a while; others
// are, and where customers and platforms come, so is whoever has a good one.
func TestSecurityTriesAreCounted(t *testing.T) {
	g := guard(t)
	doors := map[string]server.AdminRoute{}
	tries, bounded := map[string]int{}, map[string]bool{}
	for _, r := range g.routes() {
		if b, _ := server.BoundOf(r.Method, r.Path); b.Door != "" {
			skip := b.By == "link" || r.Path == "/join/:token" || r.Path == "/install/shopify" || r.Path == "/install/stripe"
			if _, there := doors[b.Door]; !skip && (!there || bounded[b.Door] && b.N == 0) { // best one that has no bound beside its door's
				doors[b.Door], bounded[b.Door] = r.AdminRoute, b.N > 0
			}
			tries[b.Door] = b.Tries
		}
	}
	require.Len(t, doors, 6)
	at := func(from string) func(*http.Request) {
		return func(r *http.Request) { r.RemoteAddr = from + ":1"; r.Header.Set("Accept-Language", "ar") }
	}
	for door, r := range doors {
		ask := func(from string) *httptest.ResponseRecorder {
			if r.Method == http.MethodGet {
				return g.browser().do(r.Method, plain(r.Path), nil, at(from))
			}
			return g.browser().do(r.Method, plain(r.Path), url.Values{}, at(from))
		}
		for range tries[door] {
			require.NotEqual(t, http.StatusTooManyRequests, ask("198.51.100.7").Code, door)
		}
		got := ask("198.51.100.7")
		if got.Code == http.StatusGone { // a page that says so already
			continue
		}
		require.Equal(t, http.StatusTooManyRequests, got.Code, "%s: %s", door, r.Path)
		require.NotEmpty(t, got.Header().Get("Retry-After"), door)
		require.NotEqual(t, http.StatusTooManyRequests, ask("198.51.100.8").Code, "%s: another address", door)
	}
	token, hash := links.NewToken()
	now := g.store.Now()
	storetest.Do(t, g.store, func(tx *store.Tx) error {
		return tx.AddLinks(g.shop, []store.Link{{Hash: hash, Purpose: string(links.Unsubscribe), Effect: g.effect, Person: g.sara.ID, Expires: now.Add(time.Hour)}})
	})
	require.Equal(t, http.StatusOK, g.browser().do(http.MethodGet, "/u/"+token, nil, at("198.51.100.7")).Code, "who has a good link is never turned away")
	require.Equal(t, http.StatusTooManyRequests, g.browser().do(http.MethodGet, "/u/nothing", nil, at("198.51.100.7")).Code)
}
