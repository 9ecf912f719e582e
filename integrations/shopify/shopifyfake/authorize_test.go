package shopifyfake

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAuthorizationCode(t *testing.T) {
	w := newWorld(t)
	w.RemoveShop(wool)
	w.SetApp(App{Redirects: []string{"https://app.test/callback"}})
	good := url.Values{"client_id": {"key"}, "scope": {"read_orders,write_customers"}, "redirect_uri": {"https://app.test/callback"}, "state": {"s-1"}}
	authorize := func(name, value string) (*url.URL, error) {
		q := url.Values{}
		for k, v := range good {
			q[k] = v
		}
		if q.Set(name, value); value == "" {
			q.Del(name)
		}
		return w.Authorize(wool, "https://"+wool+"/admin/oauth/authorize?"+q.Encode())
	}
	for name, value := range map[string]string{"client_id": "x", "scope": "read_minds", "redirect_uri": "https://evil.test/", "state": "", "grant_options[]": "per-user"} {
		_, err := authorize(name, value)
		assert.Error(t, err, name)
	}
	_, err := w.Authorize("silk.myshopify.com", "https://"+wool+"/admin/oauth/authorize?"+good.Encode())
	assert.Error(t, err, "another shop")
	assert.False(t, w.Installed(wool))

	back, err := authorize("x", "y")
	require.NoError(t, err)
	q := back.Query()
	assert.Equal(t, "https://app.test/callback", "https://"+back.Host+back.Path)
	assert.Equal(t, []string{wool, "s-1", SignQuery("hush", q)}, []string{q.Get("shop"), q.Get("state"), q.Get("hmac")})
	assert.True(t, w.Installed(wool))

	redeem := vars{"code": q.Get("code"), "expiring": 1}
	assert.Equal(t, "invalid_client", w.oauth("silk.myshopify.com", redeem).Error)
	w.Install("silk.myshopify.com", ShopInfo{})
	assert.Equal(t, "invalid_request", w.oauth("silk.myshopify.com", redeem).Error, "another shop's code")
	got := w.oauth(wool, redeem)
	assert.Equal(t, "read_orders,write_customers", got.Scope)
	assert.NotEmpty(t, got.Refresh)
	assert.True(t, w.opens(got.Access))
	assert.Equal(t, "invalid_request", w.oauth(wool, redeem).Error, "once")

	back, err = authorize("x", "y")
	require.NoError(t, err)
	w.clock = w.clock.Add(11 * time.Minute)
	assert.Equal(t, "invalid_request", w.oauth(wool, vars{"code": back.Query().Get("code")}).Error, "too late")
}

// The signatures of queries, worked out with openssl: sorted, joined by "&" for the
// admin and by nothing for the proxy, repeated values by commas.
func TestQuerySignatures(t *testing.T) {
	q := url.Values{"b": {"2"}, "a": {"1", "3"}, "hmac": {"x"}}
	assert.Equal(t, "f8c6da39", SignQuery("hush", q)[:8])
	proxy := newWorld(t).ProxyQuery(wool, "/apps/flywheel", "7", noon, url.Values{"a": {"1", "3"}})
	assert.Equal(t, []string{"7", "/apps/flywheel", "1793620800"}, []string{proxy.Get("logged_in_customer_id"), proxy.Get("path_prefix"), proxy.Get("timestamp")})
	assert.Equal(t, "5d1969ca", proxy.Get("signature")[:8])
}
