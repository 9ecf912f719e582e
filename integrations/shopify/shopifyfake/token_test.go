package shopifyfake

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type tokens struct {
	Access    string `json:"access_token"`
	Scope     string `json:"scope"`
	ExpiresIn int64  `json:"expires_in"`
	Refresh   string `json:"refresh_token"`
	RefreshIn int64  `json:"refresh_token_expires_in"`
	Error     string `json:"error"`
}

// oauth posts to the token endpoint of a shop the usual members, some changed.
func (w *world) oauth(host string, members ...vars) (out tokens) {
	w.t.Helper()
	body := map[string]any{"client_id": "key", "client_secret": "hush"}
	for _, m := range members {
		for k, v := range m {
			body[k] = v
		}
	}
	_, _, raw := w.post(host, "/admin/oauth/access_token", body)
	require.NoError(w.t, json.Unmarshal(raw, &out), "%s", raw)
	return out
}

func exchange(idToken string) vars {
	return vars{
		"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "subject_token": idToken, "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
		"requested_token_type": "urn:shopify:params:oauth:token-type:offline-access-token", "expiring": 1,
	}
}

func refresh(token string) vars { return vars{"grant_type": "refresh_token", "refresh_token": token} }

// opens reports whether a token is taken by the API.
func (w *world) opens(token string) bool {
	w.token = token
	return w.ask(`{ shop { id } }`, nil).Status == http.StatusOK
}

func installedWorld(t *testing.T) *world {
	w := newWorld(t)
	w.RemoveShop(wool)
	w.Install(wool, ShopInfo{})
	return w
}

func TestTokenExchange(t *testing.T) {
	w := installedWorld(t)
	got := w.oauth(wool, exchange(w.IDToken(wool, 7, w.clock)))
	assert.Empty(t, got.Error)
	assert.Equal(t, strings.Join(AppScopes, ","), got.Scope)
	assert.Equal(t, []int64{3600, 90 * 24 * 3600}, []int64{got.ExpiresIn, got.RefreshIn})
	assert.True(t, w.opens(got.Access))
	assert.Equal(t, 1, w.Exchanges())

	w.clock = w.clock.Add(time.Hour - time.Second)
	assert.True(t, w.opens(got.Access))
	w.clock = w.clock.Add(time.Second)
	assert.False(t, w.opens(got.Access), "an hour is over")

	forever := w.oauth(wool, exchange(w.IDToken(wool, 7, w.clock)), vars{"expiring": 0})
	assert.Equal(t, []any{"", int64(0)}, []any{forever.Refresh, forever.ExpiresIn}, "what Shopify silently gives")
	w.clock = w.clock.AddDate(1, 0, 0)
	assert.True(t, w.opens(forever.Access))
}

func TestTokenExchangeIsRefused(t *testing.T) {
	claims := func(change func(*idClaims)) func(*world) vars {
		return func(w *world) vars {
			c := idClaims{"https://" + wool + "/admin", "https://" + wool, "key", "7", w.clock.Add(time.Minute).Unix(), w.clock.Unix(), w.clock.Unix(), "j", "s"}
			change(&c)
			return exchange(JWT("hush", c))
		}
	}
	with := func(change vars) func(*world) vars {
		return func(w *world) vars {
			v := exchange(w.IDToken(wool, 7, w.clock))
			for k, x := range change {
				v[k] = x
			}
			return v
		}
	}
	const stale, client, request = "invalid_subject_token", "invalid_client", "invalid_request"
	tests := map[string]struct {
		host  string
		ask   func(*world) vars
		error string
	}{
		"as it should be":        {wool, claims(func(*idClaims) {}), ""},
		"another secret's token": {wool, func(w *world) vars { return exchange(JWT("other", idClaims{})) }, stale},
		"another algorithm": {wool, func(w *world) vars {
			_, body, _ := strings.Cut(w.IDToken(wool, 7, w.clock), ".")
			text := segment([]byte(`{"alg":"none"}`)) + "." + body[:strings.Index(body, ".")]
			return exchange(text + "." + segment(sum256("hush", text)))
		}, stale},
		"no token":               {wool, func(*world) vars { return exchange("") }, stale},
		"not signed":             {wool, func(*world) vars { return exchange("e30.e30.") }, stale},
		"another app's":          {wool, claims(func(c *idClaims) { c.Audience = "other" }), stale},
		"another shop's":         {wool, claims(func(c *idClaims) { c.Dest = "https://silk.myshopify.com" }), stale},
		"over":                   {wool, claims(func(c *idClaims) { c.ExpiresAt -= 71 }), stale},
		"just within the leeway": {wool, claims(func(c *idClaims) { c.ExpiresAt -= 70 }), ""},
		"not yet":                {wool, claims(func(c *idClaims) { c.NotBefore += 11 }), stale},
		"nobody's":               {wool, claims(func(c *idClaims) { c.User = "" }), stale},
		"a wrong secret":         {wool, with(vars{"client_secret": "guess"}), client},
		"a wrong id":             {wool, with(vars{"client_id": "guess"}), client},
		"not installed":          {"silk.myshopify.com", with(nil), client},
		"another grant":          {wool, with(vars{"grant_type": "password"}), "unsupported_grant_type"},
		"another subject":        {wool, with(vars{"subject_token_type": "urn:ietf:params:oauth:token-type:jwt"}), request},
		"an online token":        {wool, with(vars{"requested_token_type": "urn:shopify:params:oauth:token-type:online-access-token"}), request},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := installedWorld(t)
			got := w.oauth(tt.host, tt.ask(w))
			assert.Equal(t, tt.error, got.Error)
			assert.Equal(t, tt.error == "", got.Access != "")
		})
	}
	w := installedWorld(t)
	status, _, _ := w.post(wool, "/admin/oauth/access_token", exchange(w.IDToken(wool, 7, w.clock)), "Content-Type", "application/x-www-form-urlencoded")
	assert.Equal(t, http.StatusBadRequest, status)
}

func TestRefresh(t *testing.T) {
	w := installedWorld(t)
	first := w.oauth(wool, exchange(w.IDToken(wool, 7, w.clock)))
	second := w.oauth(wool, refresh(first.Refresh))
	assert.NotEqual(t, first.Refresh, second.Refresh)
	assert.EqualValues(t, 3600, second.ExpiresIn)
	assert.True(t, w.opens(first.Access), "the old pair lives until the new one is used")
	again := w.oauth(wool, refresh(first.Refresh))
	assert.Empty(t, again.Error, "the answer got lost: it can be asked for again")
	assert.False(t, w.opens(second.Access), "of two replacements the last one counts")
	assert.Equal(t, "invalid_grant", w.oauth(wool, refresh(second.Refresh)).Error)

	assert.True(t, w.opens(again.Access))
	assert.Equal(t, "invalid_grant", w.oauth(wool, refresh(first.Refresh)).Error, "used up")
	assert.False(t, w.opens(first.Access))
	third := w.oauth(wool, refresh(again.Refresh))
	assert.Empty(t, w.oauth(wool, refresh(third.Refresh)).Error, "refreshing uses a pair, too")
	assert.Equal(t, "invalid_grant", w.oauth(wool, refresh(again.Refresh)).Error)
	assert.Equal(t, 4, w.Refreshes())
	assert.Equal(t, "invalid_grant", w.oauth(wool, refresh("")).Error)
}

func TestRefreshTokensEnd(t *testing.T) {
	w := installedWorld(t)
	got := w.oauth(wool, exchange(w.IDToken(wool, 7, w.clock)))
	next := w.oauth(wool, refresh(got.Refresh))
	w.clock = w.clock.Add(RetryLife + time.Second)
	assert.Equal(t, "invalid_grant", w.oauth(wool, refresh(got.Refresh)).Error, "the old one is good for 30 days more")
	w.clock = w.clock.Add(RefreshLife - RetryLife - 2*time.Second)
	next = w.oauth(wool, refresh(next.Refresh))
	assert.Empty(t, next.Error, "a second before its end")
	w.clock = w.clock.Add(RefreshLife)
	assert.Equal(t, "invalid_grant", w.oauth(wool, refresh(next.Refresh)).Error)
}

func TestTheLifeOfAnInstallation(t *testing.T) {
	w := installedWorld(t)
	open := func() tokens { return w.oauth(wool, exchange(w.IDToken(wool, 7, w.clock))) }
	first := open()
	w.PutOrder(wool, NewOrder(1, noon))

	w.ExpireTokens(wool)
	assert.False(t, w.opens(first.Access))
	second := w.oauth(wool, refresh(first.Refresh))
	assert.True(t, w.opens(second.Access))

	w.RevokeTokens(wool)
	assert.False(t, w.opens(second.Access))
	assert.Equal(t, "invalid_grant", w.oauth(wool, refresh(second.Refresh)).Error)
	third := open()
	assert.True(t, w.opens(third.Access), "the app is still installed")

	w.Uninstall(wool)
	assert.False(t, w.Installed(wool))
	assert.False(t, w.opens(third.Access))
	assert.Equal(t, "invalid_client", w.oauth(wool, refresh(third.Refresh)).Error)
	assert.Equal(t, "invalid_client", open().Error)

	w.Install(wool, ShopInfo{})
	fourth := open()
	assert.True(t, w.opens(fourth.Access))
	assert.False(t, w.opens(third.Access))
	w.token = fourth.Access
	assert.Contains(t, string(w.ask(`{ order(id: "gid://shopify/Order/1") { name } }`, nil).Data), "#1001", "the shop's own data stayed")
}

func TestTokenFailures(t *testing.T) {
	w := installedWorld(t)
	w.FailOn("token", Unavailable, Lost)
	for _, status := range []int{503, 502} {
		got, _, _ := w.post(wool, "/admin/oauth/access_token", map[string]any{})
		assert.Equal(t, status, got)
	}
	first := w.oauth(wool, exchange(w.IDToken(wool, 7, w.clock)))
	w.FailOn("token", Lost)
	w.post(wool, "/admin/oauth/access_token", map[string]any{"client_id": "key", "client_secret": "hush", "grant_type": "refresh_token", "refresh_token": first.Refresh})
	assert.Equal(t, 1, w.Refreshes())
	assert.Empty(t, w.oauth(wool, refresh(first.Refresh)).Error)
}

// After a rotation the token endpoint takes both secrets, and signs with the new one.
func TestSecretRotation(t *testing.T) {
	w := installedWorld(t)
	w.SetApp(App{Secret: "new", OldSecret: "hush"})
	assert.Empty(t, w.oauth(wool, exchange(w.IDToken(wool, 7, w.clock))).Error)
	assert.Empty(t, w.oauth(wool, exchange(w.IDToken(wool, 7, w.clock)), vars{"client_secret": "new"}).Error)
	assert.Equal(t, SignProxy("new", w.ProxyQuery(wool, "/apps/f", "", noon, nil)), w.ProxyQuery(wool, "/apps/f", "", noon, nil).Get("signature"))
}
