package server_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/install"
	"flywheel/integrations/shopify"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/server"
	"flywheel/store"
	"flywheel/store/storetest"
)

// browser is a merchant's, with its cookies, before an app that is installed by code.
type browser struct {
	t       *testing.T
	shopify *shopifyfake.Fake
	handler http.Handler
	jar     map[string]*http.Cookie
}

func browse(t *testing.T, s *store.Store) *browser {
	t.Helper()
	b := &browser{t: t, shopify: shopifyfake.New("new"), jar: map[string]*http.Cookie{}}
	b.shopify.SetApp(shopifyfake.App{Redirects: []string{"https://flywheel.example/install/shopify/callback"}})
	api := httptest.NewServer(b.shopify.Handler())
	t.Cleanup(api.Close)
	secrets, log := []string{"new", "old"}, slog.New(slog.DiscardHandler)
	client := shopify.New(shopify.Options{Key: "key", Secrets: secrets, Scopes: shopifyfake.AppScopes, URL: api.URL})
	e, err := server.New(server.Options{
		Store: s, Queue: &hints{}, Log: log, Now: storetest.ClockOf(s).Now, BaseURL: "https://flywheel.example",
		ShopifyKey: "key", ShopifySecrets: secrets, Install: &install.Desk{Store: s, Shopify: client, Log: log},
	})
	require.NoError(t, err)
	b.handler = e
	return b
}

// get opens a path of ours as a top-level page.
func (b *browser) get(path string, q url.Values) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path+"?"+q.Encode(), nil)
	for _, c := range b.jar {
		if strings.HasPrefix(path, c.Path) {
			r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
	}
	rec := httptest.NewRecorder()
	b.handler.ServeHTTP(rec, r)
	for _, c := range rec.Result().Cookies() { //nolint:bodyclose // a recorder's
		b.jar[c.Name] = c
		if c.MaxAge < 0 {
			delete(b.jar, c.Name)
		}
	}
	return rec
}

// signed is a query that Shopify sends a merchant with.
func signed(secret string, change func(q url.Values)) url.Values {
	q := url.Values{"shop": {arabicDomain}, "timestamp": {unix(time.Now())}, "host": {"YWRtaW4"}}
	if change != nil {
		change(q)
	}
	q.Set("hmac", shopifyfake.SignQuery(secret, q))
	return q
}

// begins opens the install and gives Shopify's way back.
func (b *browser) begins() url.Values {
	b.t.Helper()
	rec := b.get("/install/shopify", signed("new", nil))
	require.Equal(b.t, http.StatusFound, rec.Code, rec.Body)
	back, err := b.shopify.Authorize(arabicDomain, rec.Header().Get("Location"))
	require.NoError(b.t, err)
	require.Equal(b.t, "flywheel.example", back.Host)
	return back.Query()
}

func (b *browser) returns(q url.Values) *httptest.ResponseRecorder {
	return b.get("/install/shopify/callback", q)
}

func TestInstallByCode(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := browse(t, s)
		rec := b.returns(b.begins())
		require.Equal(t, http.StatusFound, rec.Code, rec.Body)
		require.Equal(t, "https://"+arabicDomain+"/admin/apps/key", rec.Header().Get("Location"), "straight into the app")
		require.Empty(t, b.jar, "nothing of it stays in the browser")
		c, err := s.ConnectionByAccount(t.Context(), commerce.Shopify, arabicDomain, true)
		require.NoError(t, err)
		require.NotEmpty(t, c.Token)
		require.NotZero(t, c.TokenExpiresAt)
		campaigns, err := s.ListCampaigns(t.Context(), c.ShopID)
		require.NoError(t, err)
		require.Len(t, campaigns, 2)
		for _, c := range campaigns {
			require.Equal(t, campaign.Draft, c.State)
		}

		// A shop that is here already installs again without a hitch.
		require.Equal(t, http.StatusFound, b.returns(b.begins()).Code)
		shops, err := s.ListShops(t.Context(), "", 10)
		require.NoError(t, err)
		require.Len(t, shops, 1)
	})
}

func TestInstallOfAnAppWithoutAPlaceInTheAdmin(t *testing.T) {
	b := browse(t, storetest.Open(t, "sqlite"))
	back := b.begins()
	back.Del("host")
	back.Set("hmac", shopifyfake.SignQuery("new", without(back, "hmac")))
	rec := b.returns(back)
	require.Equal(t, http.StatusOK, rec.Code, rec.Body)
	require.Contains(t, rec.Body.String(), "Your shop is connected")
	require.NotContains(t, rec.Body.String(), "app-bridge")
}

func TestTheStateCookie(t *testing.T) {
	b := browse(t, storetest.Open(t, "sqlite"))
	b.begins()
	c := b.jar["flywheel_install"]
	require.NotNil(t, c)
	require.True(t, c.HttpOnly)
	require.True(t, c.Secure)
	require.Equal(t, http.SameSiteLaxMode, c.SameSite)
	require.Equal(t, "/install/shopify/callback", c.Path)
	require.Equal(t, 60, c.MaxAge)
}

// There is no form for a shop's name and no wall before the install.
func TestInstallUnsigned(t *testing.T) {
	b := browse(t, storetest.Open(t, "sqlite"))
	for _, q := range []url.Values{nil, {"shop": {arabicDomain}}, {"shop": {"attacker.example"}}} {
		rec := b.get("/install/shopify", q)
		require.Equal(t, http.StatusOK, rec.Code)
		body := rec.Body.String()
		require.Contains(t, body, "Shopify App Store")
		require.NotContains(t, body, "<form")
		require.NotContains(t, body, "<input")
		require.NotContains(t, body, "app-bridge")
		require.Contains(t, rec.Header().Get("Content-Security-Policy"), "frame-ancestors")
		require.Empty(t, rec.Header().Get("Location"))
		require.Empty(t, b.jar)
	}
	rec := b.get("/install/shopify", url.Values{"locale": {"ar"}})
	require.Contains(t, rec.Body.String(), `dir="rtl"`)
}

func TestInstallIsRefused(t *testing.T) {
	for name, q := range map[string]url.Values{
		"another's signature": signed("other", nil),
		"no timestamp":        signed("new", func(q url.Values) { q.Del("timestamp") }),
		"an old one":          signed("new", func(q url.Values) { q.Set("timestamp", unix(time.Now().Add(-2*time.Minute))) }),
		"one to come":         signed("new", func(q url.Values) { q.Set("timestamp", unix(time.Now().Add(2*time.Minute))) }),
		"no shop":             signed("new", func(q url.Values) { q.Set("shop", "attacker.example/"+arabicDomain) }),
		"another shop":        func() url.Values { q := signed("new", nil); q.Set("shop", "other.myshopify.com"); return q }(),
	} {
		b := browse(t, storetest.Open(t, "sqlite"))
		for _, path := range []string{"/install/shopify", "/install/shopify/callback"} {
			rec := b.get(path, q)
			require.Equal(t, http.StatusUnauthorized, rec.Code, "%s %s: %s", path, name, rec.Body)
			require.Contains(t, rec.Header().Get("Content-Type"), "text/html")
			require.Empty(t, rec.Header().Get("Location"))
			require.Empty(t, b.jar)
		}
	}
}

func TestTheWayBackIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(b *browser, q url.Values){
		"no cookie":                       func(b *browser, _ url.Values) { clear(b.jar) },
		"no state":                        func(_ *browser, q url.Values) { q.Del("state") },
		"other state":                     func(_ *browser, q url.Values) { q.Set("state", "guessed") },
		"other shop":                      func(_ *browser, q url.Values) { q.Set("shop", "other.myshopify.com") },
		"another install was begun since": func(b *browser, _ url.Values) { b.begins() },
		"a minute later": func(b *browser, _ url.Values) {
			c := b.jar["flywheel_install"]
			_, mac, _ := strings.Cut(c.Value, ".")
			c.Value = unix(time.Now().Add(-time.Second)) + "." + mac
		},
		"a life of its own making": func(b *browser, _ url.Values) {
			c := b.jar["flywheel_install"]
			_, mac, _ := strings.Cut(c.Value, ".")
			c.Value = unix(time.Now().Add(time.Hour)) + "." + mac
		},
		"a used code": func(b *browser, q url.Values) {
			kept := *b.jar["flywheel_install"]
			require.Equal(b.t, http.StatusFound, b.returns(q).Code)
			b.jar["flywheel_install"] = &kept
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := storetest.Open(t, "sqlite")
			b := browse(t, s)
			q := b.begins()
			spoil(b, q)
			q.Set("hmac", shopifyfake.SignQuery("new", without(q, "hmac")))
			rec := b.returns(q)
			require.Equal(t, http.StatusUnauthorized, rec.Code, rec.Body)
			require.Empty(t, rec.Header().Get("Location"))
			if name != "a used code" {
				require.Contains(t, rec.Body.String(), "begin again")
				shops, err := s.ListShops(t.Context(), "", 10)
				require.NoError(t, err)
				require.Empty(t, shops)
			}
		})
	}
}

// Shopify may sign with the old secret for an hour after a rotation.
func TestInstallSignedWithTheOldSecret(t *testing.T) {
	b := browse(t, storetest.Open(t, "sqlite"))
	q := b.begins()
	q.Set("hmac", shopifyfake.SignQuery("old", without(q, "hmac")))
	require.Equal(t, http.StatusFound, b.returns(q).Code)
}

func TestInstallWithoutACode(t *testing.T) {
	b := browse(t, storetest.Open(t, "sqlite"))
	q := b.begins()
	q.Del("code")
	q.Set("hmac", shopifyfake.SignQuery("new", without(q, "hmac")))
	require.Equal(t, http.StatusBadRequest, b.returns(q).Code)
}

func TestInstallWithoutAnAppOfOurs(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	h := serveOnce(t, s)
	for _, path := range []string{"/install/shopify?hmac=x", "/install/shopify/callback?code=x"} {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
		require.Equal(t, http.StatusNotFound, rec.Code)
	}
}

func without(q url.Values, name string) url.Values {
	out := url.Values{}
	for k, v := range q {
		if k != name {
			out[k] = v
		}
	}
	return out
}

func unix(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
