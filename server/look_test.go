package server_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/store/storetest"
)

// Outside Shopify a browser keeps its language and its theme.
func TestALookIsKept(t *testing.T) {
	e := serveOnce(t, storetest.Open(t, "sqlite"))
	choose := func(pairs ...string) *httptest.ResponseRecorder {
		form := url.Values{"back": {"/privacy?x=1"}}
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		r := httptest.NewRequest(http.MethodPost, "/look", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		e.ServeHTTP(rec, r)
		require.Equal(t, http.StatusSeeOther, rec.Code)
		require.Equal(t, "/privacy?x=1", rec.Header().Get("Location"))
		return rec
	}
	page := func(rec *httptest.ResponseRecorder) string {
		r := httptest.NewRequest(http.MethodGet, "/privacy", nil)
		for _, c := range rec.Result().Cookies() {
			if c.MaxAge >= 0 {
				r.AddCookie(c)
			}
		}
		got := httptest.NewRecorder()
		e.ServeHTTP(got, r)
		require.Equal(t, http.StatusOK, got.Code)
		return got.Body.String()
	}
	require.Contains(t, page(choose("locale", "fa")), `<html lang="fa" dir="rtl"`)
	require.Contains(t, page(choose("theme", "dark")), `data-bs-theme="dark"`)
	require.NotContains(t, page(choose("theme", "system")), "data-bs-theme")
	for _, c := range choose("theme", "dark").Result().Cookies() {
		require.True(t, c.HttpOnly)
		require.Equal(t, http.SameSiteLaxMode, c.SameSite)
	}
	require.Empty(t, choose("theme", `"><script>`, "locale", "xx").Result().Cookies(), "only what there is")
	foreign := httptest.NewRequest(http.MethodPost, "/look", strings.NewReader("theme=dark"))
	foreign.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	refused := httptest.NewRecorder()
	e.ServeHTTP(refused, foreign)
	require.Equal(t, http.StatusForbidden, refused.Code)
	require.Empty(t, refused.Result().Cookies())
	made := httptest.NewRequest(http.MethodGet, "/privacy", nil)
	made.AddCookie(&http.Cookie{Name: "theme", Value: "evil"})
	got := httptest.NewRecorder()
	e.ServeHTTP(got, made)
	require.NotContains(t, got.Body.String(), "evil")
}

// A page's policy lets nothing run or style that stands in the page itself.
func TestPagesHaveAStrictPolicy(t *testing.T) {
	f := frame(t, storetest.Open(t, "sqlite"))
	for _, got := range []*httptest.ResponseRecorder{f.opens("/admin"), f.opens("/admin/messages/thank_you"), f.do(httptest.NewRequest(http.MethodGet, "/privacy", nil))} {
		policy := got.Header().Get("Content-Security-Policy")
		require.NotContains(t, policy, "unsafe")
		require.NotContains(t, policy, "*")
		require.Contains(t, policy, "object-src 'none'")
		require.Contains(t, policy, "base-uri 'none'")
		require.NotContains(t, got.Body.String(), "<style")
		require.NotRegexp(t, `<script(>| [^s])`, got.Body.String())
	}
	alone := f.do(httptest.NewRequest(http.MethodGet, "/privacy", nil)).Header().Get("Content-Security-Policy")
	require.Contains(t, alone, "script-src 'self';", "App Bridge has no place there")
	require.Contains(t, alone, "connect-src 'self';")
}

// What goes wrong outside Shopify is a page with a way on, to a script a sentence.
func TestProblemsOutsideShopify(t *testing.T) {
	e := serveOnce(t, storetest.Open(t, "sqlite"))
	r := httptest.NewRequest(http.MethodGet, "/shops/nothing/nowhere", nil)
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, r)
	require.Equal(t, http.StatusNotFound, rec.Code)
	require.Contains(t, rec.Body.String(), `<a class="btn btn-primary" href="/"`)
	require.NotContains(t, rec.Body.String(), "Shopify")
	r.Header.Set("HX-Request", "true")
	rec = httptest.NewRecorder()
	e.ServeHTTP(rec, r)
	require.JSONEq(t, `{"error":"not found"}`, rec.Body.String())
}
