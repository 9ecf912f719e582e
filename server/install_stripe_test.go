package server_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/install"
	"flywheel/integrations/stripe"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/server"
	"flywheel/store"
	"flywheel/store/storetest"
)

const (
	callback = "https://flywheel.example/install/stripe/callback"
)

// visit is a merchant's browser between us and a Stripe where the account may install the app.
type visit struct {
	*browser
	store  *store.Store
	stripe *stripefake.Server
	join   func(commerce.ShopID) string // joinToken
	log    *bytes.Buffer
}

func visitStripe(t *testing.T, s *store.Store, change ...func(*server.Options)) *visit {
	t.Helper()
	v := &visit{browser: &browser{t: t, jar: map[string]*http.Cookie{}}, store: s, stripe: stripefake.New("sk_live_1", "sk_test_1"), log: &bytes.Buffer{}}
	v.stripe.SetApp("absec_new", callback)
	for _, live := range []bool{true, false} {
		v.stripe.Connect(account, live, stripefake.AccountInfo{Name: "Nour", Email: "hello@nour.example"})
	}
	base, stop, err := v.stripe.Listen()
	require.NoError(t, err)
	t.Cleanup(stop)
	log := slog.New(slog.NewJSONHandler(v.log, nil))
	o := server.Options{
		Store: s, Queue: &hints{}, Log: log, Now: storetest.ClockOf(s).Now, BaseURL: "https://flywheel.example", ShopifyKey: "key", ShopifySecrets: []string{"new"},
		StripeApp: server.StripeApp{
			Secrets: []string{"absec_new", "absec_old"},
			Link:    "https://marketplace.stripe.example/install/link?app=1", TestLink: "https://marketplace.stripe.example/install/link?test=1",
		},
		Accounts: &install.StripeDesk{
			Store: s, Stripe: stripe.New(stripe.Options{URL: base}), Keys: stripe.Keys{Live: "sk_live_1", Test: "sk_test_1"}, Log: log,
		},
	}
	for _, c := range change {
		c(&o)
	}
	v.handler, err = server.New(o)
	require.NoError(t, err)
	v.join = func(shop commerce.ShopID) string { return server.JoinToken(o, shop, "7") }
	return v
}

// begins opens the install and gives the state that Stripe is sent.
func (v *visit) begins(q url.Values) (state string) {
	v.t.Helper()
	rec := v.get("/install/stripe", q)
	require.Equal(v.t, http.StatusFound, rec.Code, rec.Body)
	to, err := url.Parse(rec.Header().Get("Location"))
	require.NoError(v.t, err)
	require.Equal(v.t, "marketplace.stripe.example", to.Host)
	require.Equal(v.t, callback, to.Query().Get("redirect_uri"))
	require.Equal(v.t, q.Get("mode") == "test", to.Query().Has("test"), "each mode has its link, with what stands in it")
	return to.Query().Get("state")
}

// back is Stripe's way back after an install.
func (v *visit) back(live bool, state string) url.Values {
	v.t.Helper()
	u, err := url.Parse(v.stripe.InstallURL(account, live, callback, state))
	require.NoError(v.t, err)
	return u.Query()
}

func (v *visit) returns(q url.Values) *httptest.ResponseRecorder {
	return v.get("/install/stripe/callback", q)
}

func (v *visit) connection(live bool) (commerce.Connection, error) {
	return v.store.ConnectionByAccount(v.t.Context(), commerce.Stripe, account, live)
}

func inMode(live bool) url.Values {
	if live {
		return url.Values{}
	}
	return url.Values{"mode": {"test"}}
}

func TestConnectStripe(t *testing.T) {
	for name, live := range map[string]bool{"live": true, "test": false} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				v := visitStripe(t, s)
				rec := v.returns(v.back(live, v.begins(inMode(live))))
				require.Equal(t, http.StatusOK, rec.Code, rec.Body)
				require.Contains(t, rec.Body.String(), account)
				require.Equal(t, !live, strings.Contains(rec.Body.String(), "test mode"))
				require.NotContains(t, rec.Body.String(), "Shopify", "it is not there")
				require.Empty(t, v.jar, "nothing of it stays in the browser")
				c, err := v.connection(live)
				require.NoError(t, err)
				require.Empty(t, c.Token)
				_, err = v.connection(!live)
				require.Error(t, err)
				require.NotContains(t, v.log.String(), "sk_")
			})
		})
	}
}

func TestTheStripeCookie(t *testing.T) {
	v := visitStripe(t, storetest.Open(t, "sqlite"))
	state := v.begins(nil)
	c := v.jar["flywheel_install_stripe"]
	require.NotNil(t, c)
	require.True(t, c.HttpOnly && c.Secure)
	require.Equal(t, http.SameSiteLaxMode, c.SameSite)
	require.Equal(t, "/install/stripe/callback", c.Path)
	require.Equal(t, 3600, c.MaxAge)
	require.NotContains(t, c.Value, state, "who steals the cookie does not have the state")
}

func TestCancelledAtStripe(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		v := visitStripe(t, s)
		state := v.begins(nil)
		rec := v.returns(url.Values{"error": {"access_denied"}, "error_description": {"<b>pay here</b>"}, "state": {state}})
		require.Equal(t, http.StatusOK, rec.Code)
		require.Contains(t, rec.Body.String(), "nothing was changed")
		require.NotContains(t, rec.Body.String(), "pay here")
		rec = v.returns(url.Values{"error": {"server_error"}})
		require.Equal(t, http.StatusUnauthorized, rec.Code)
		_, err := v.connection(true)
		require.Error(t, err)
		require.Equal(t, http.StatusOK, v.returns(v.back(true, state)).Code, "who thinks again may go on")
	})
}

func TestTheWayBackFromStripeIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(v *visit, q url.Values){
		"another browser":                 func(v *visit, _ url.Values) { clear(v.jar) },
		"another state":                   func(v *visit, q url.Values) { replace(q, v.back(true, "GUESSED")) },
		"another install was begun since": func(v *visit, _ url.Values) { v.begins(nil) },
		"another account":                 func(_ *visit, q url.Values) { q.Set("account_id", "acct_other") },
		"no account":                      func(_ *visit, q url.Values) { q.Del("account_id") },
		"no signature":                    func(_ *visit, q url.Values) { q.Del("install_signature") },
		"another signature":               func(_ *visit, q url.Values) { q.Set("install_signature", "t=1,v1=00") },
		"live said to be test":            func(_ *visit, q url.Values) { q.Set("livemode", "false") },
		"an hour later": func(v *visit, _ url.Values) {
			c := v.jar["flywheel_install_stripe"]
			_, rest, _ := strings.Cut(c.Value, ".")
			c.Value = unix(time.Now().Add(-time.Second)) + "." + rest
		},
		"a life of its own making": func(v *visit, _ url.Values) {
			c := v.jar["flywheel_install_stripe"]
			_, rest, _ := strings.Cut(c.Value, ".")
			c.Value = unix(time.Now().Add(2*time.Hour)) + "." + rest
		},
		"a shop of its own choosing": func(v *visit, _ url.Values) { v.jar["flywheel_install_stripe"].Value += "0190" },
		"a mode of its own choosing": func(v *visit, q url.Values) {
			c := v.jar["flywheel_install_stripe"]
			c.Value = strings.Replace(c.Value, ".live.", ".test.", 1)
			q.Set("livemode", "false")
		},
		"Shopify's cookie": func(v *visit, _ url.Values) { v.jar["flywheel_install_stripe"].Value = unix(time.Now()) + ".x" },
	} {
		t.Run(name, func(t *testing.T) {
			v := visitStripe(t, storetest.Open(t, "sqlite"))
			q := v.back(true, v.begins(nil))
			spoil(v, q)
			rec := v.returns(q)
			require.Equal(t, http.StatusUnauthorized, rec.Code, rec.Body)
			require.Contains(t, rec.Header().Get("Content-Type"), "text/html")
			require.Contains(t, rec.Body.String(), "Stripe was not connected")
			shops, err := v.store.ListShops(t.Context(), "", 10)
			require.NoError(t, err)
			require.Empty(t, shops)
		})
	}
}

func replace(q, by url.Values) {
	clear(q)
	for k, v := range by {
		q[k] = v
	}
}

// The test mode is proved by its own key, whatever the address says.
func TestALiveInstallIsNoTestInstall(t *testing.T) {
	v := visitStripe(t, storetest.Open(t, "sqlite"))
	v.stripe.DisconnectMode(account, false)
	rec := v.returns(v.back(false, v.begins(inMode(false))))
	require.Equal(t, http.StatusUnauthorized, rec.Code, rec.Body)
	_, err := v.connection(false)
	require.Error(t, err)
}

// Who installs from the marketplace comes without a state of ours, and is sent round once.
func TestArrivalFromTheMarketplace(t *testing.T) {
	v := visitStripe(t, storetest.Open(t, "sqlite"))
	for _, live := range []bool{true, false} {
		rec := v.returns(v.back(live, ""))
		require.Equal(t, http.StatusFound, rec.Code, rec.Body)
		to, err := url.Parse(rec.Header().Get("Location"))
		require.NoError(t, err)
		require.Equal(t, "/install/stripe", to.Path)
		require.Equal(t, inMode(live).Get("mode"), to.Query().Get("mode"))
		_, err = v.connection(live)
		require.Error(t, err, "a signature without our state connects nobody")
	}
}

func TestAShopOfShopifyConnectsStripe(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		v := visitStripe(t, s)
		shop := storetest.Shop(t, s)
		storetest.Connection(t, s, shop, func(c *commerce.Connection) { c.ExternalID = arabicDomain })
		rec := v.returns(v.back(true, v.begins(url.Values{"for": {v.join(shop)}})))
		require.Equal(t, http.StatusOK, rec.Code, rec.Body)
		require.Contains(t, rec.Body.String(), `href="https://`+arabicDomain+`/admin/apps/key"`)
		c, err := v.connection(true)
		require.NoError(t, err)
		require.Equal(t, shop, c.ShopID)

		other := storetest.Shop(t, s)
		rec = v.returns(v.back(true, v.begins(url.Values{"for": {v.join(other)}})))
		require.Equal(t, http.StatusConflict, rec.Code)
		require.Contains(t, rec.Body.String(), "disconnect it there first")
	})
}

// A merchant who is sent another's link sees whose shop it is before anything happens.
func TestALinkFromElsewhereAsksFirst(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	v := visitStripe(t, s)
	shop := storetest.Shop(t, s, func(shop *commerce.Shop) { shop.Name = "Mallory & Co" })
	q := url.Values{"for": {v.join(shop)}}
	for site, asks := range map[string]bool{"cross-site": true, "none": true, "same-site": true, "same-origin": false} {
		r := httptest.NewRequest(http.MethodGet, "/install/stripe?"+q.Encode(), nil)
		r.Header.Set("Sec-Fetch-Site", site)
		rec := httptest.NewRecorder()
		v.handler.ServeHTTP(rec, r)
		if !asks {
			require.Equal(t, http.StatusFound, rec.Code, site)
			continue
		}
		require.Equal(t, http.StatusOK, rec.Code, site)
		require.Contains(t, rec.Body.String(), "Mallory &amp; Co")
		require.Contains(t, rec.Body.String(), `href="/install/stripe?for=`)
		require.Empty(t, rec.Result().Cookies()) //nolint:bodyclose // a recorder's
	}
}

func TestJoinTokens(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	v := visitStripe(t, s)
	good := v.join(storetest.Shop(t, s))
	parts := strings.Split(good, ".")
	other := visitStripe(t, s, func(o *server.Options) { o.StripeApp.Secrets = []string{"absec_else"} })
	for name, token := range map[string]string{
		"another shop":         strings.Join([]string{parts[0], parts[1], string(storetest.Shop(t, s)), parts[3]}, "."),
		"another user":         strings.Join([]string{parts[0], parts[1], parts[2], "OA"}, "."),
		"more time":            strings.Join([]string{unix(time.Now().Add(time.Hour)), parts[1], parts[2], parts[3]}, "."),
		"another app's secret": other.join(storetest.Shop(t, s)),
		"half of it":           parts[0] + "." + parts[1],
		"a word":               "shop",
	} {
		rec := v.get("/install/stripe", url.Values{"for": {token}})
		require.Equal(t, http.StatusUnauthorized, rec.Code, "%s: %s", name, rec.Body)
		require.Empty(t, v.jar)
	}
	old := visitStripe(t, s, func(o *server.Options) { o.StripeApp.Secrets = []string{"absec_old"} })
	v.begins(url.Values{"for": {old.join(storetest.Shop(t, s))}})
	require.Empty(t, visitStripe(t, s, func(o *server.Options) { o.StripeApp.Secrets = nil }).join(storetest.Shop(t, s)))
}

func TestStripeWithoutAnAppOfOurs(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	for name, change := range map[string]func(*server.Options){
		"no secret": func(o *server.Options) { o.StripeApp.Secrets = nil },
		"no link":   func(o *server.Options) { o.StripeApp.Link = "" },
		"no desk":   func(o *server.Options) { o.Accounts = nil },
	} {
		rec := visitStripe(t, s, change).get("/install/stripe", nil)
		require.Equal(t, http.StatusNotFound, rec.Code, name)
	}
	require.Equal(t, http.StatusNotFound, visitStripe(t, s, func(o *server.Options) { o.StripeApp.Secrets = nil }).returns(url.Values{"code": {"x"}}).Code)
	rec := visitStripe(t, s).get("/install/stripe", url.Values{"mode": {"test"}, "locale": {"ar"}})
	require.Equal(t, http.StatusFound, rec.Code)
	rec = visitStripe(t, s, func(o *server.Options) { o.StripeApp.TestLink = "" }).get("/install/stripe", url.Values{"mode": {"test"}, "locale": {"ar"}})
	require.Equal(t, http.StatusNotFound, rec.Code)
	require.Contains(t, rec.Body.String(), `dir="rtl"`)
}
