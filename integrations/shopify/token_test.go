package shopify

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
)

const goodGrant = `{"access_token":"shpat_new","scope":"read_orders,write_discounts","expires_in":3600,"refresh_token":"shprt_new","refresh_token_expires_in":7776000}`

func TestGrantsAreAskedForAndRead(t *testing.T) {
	tests := map[string]struct {
		call func(*Client) (commerce.Grant, error)
		sent map[string]string
	}{
		"exchange": {func(c *Client) (commerce.Grant, error) {
			return c.Exchange(t.Context(), "Wool.myshopify.com", "id.token")
		}, map[string]string{
			"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "subject_token": "id.token",
			"subject_token_type":   "urn:ietf:params:oauth:token-type:id_token",
			"requested_token_type": "urn:shopify:params:oauth:token-type:offline-access-token", "expiring": "1",
		}},
		"refresh": {func(c *Client) (commerce.Grant, error) { return c.Refresh(t.Context(), testShop, "shprt_old") }, map[string]string{
			"grant_type": "refresh_token", "refresh_token": "shprt_old",
		}},
		"redeem": {func(c *Client) (commerce.Grant, error) { return c.Redeem(t.Context(), testShop, "c0de") }, map[string]string{
			"grant_type": "authorization_code", "code": "c0de", "expiring": "1",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.sent["client_id"], tt.sent["client_secret"] = "key", "hush"
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				assert.Equal(t, "POST /admin/oauth/access_token", r.Method+" "+r.URL.Path)
				assert.Equal(t, testShop, r.Host)
				assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
				var sent map[string]string
				assert.NoError(t, json.NewDecoder(r.Body).Decode(&sent))
				assert.Equal(t, tt.sent, sent)
				_, _ = io.WriteString(w, goodGrant)
			}))
			defer server.Close()
			c := New(Options{
				Key: "key", Secrets: []string{"hush", "older"}, URL: server.URL, HTTP: server.Client(),
				Now: func() time.Time { return noon },
			})
			g, err := tt.call(c)
			require.NoError(t, err)
			assert.Equal(t, commerce.Grant{
				Access: "shpat_new", ExpiresAt: commerce.At(noon.Add(time.Hour)),
				Refresh: "shprt_new", RefreshExpiresAt: commerce.At(noon.AddDate(0, 0, 90)),
				Scopes: []string{"read_orders", "write_discounts"},
			}, g)
		})
	}
}

// Trap: without `expiring` Shopify silently hands out a token that never expires.
// Only a custom app, by a code, may be given one.
func TestGrantThatNeverExpires(t *testing.T) {
	_, c := scripted(nil, reply{body: `{"access_token":"shpat_new","scope":"read_orders"}`})
	_, err := c.Exchange(t.Context(), testShop, "id.token")
	assert.Equal(t, fault.Permanent, fault.KindOf(err))
	assert.Equal(t, "shopify gave a token that never expires, which a public app may not use", fault.Sentence(err))
	_, err = c.Refresh(t.Context(), testShop, "shprt")
	assert.Equal(t, fault.Permanent, fault.KindOf(err))
	g, err := c.Redeem(t.Context(), testShop, "c0de")
	require.NoError(t, err)
	assert.Equal(t, commerce.Grant{Access: "shpat_new", Scopes: []string{"read_orders"}}, g)
}

func TestGrantsThatAreNone(t *testing.T) {
	tests := map[string]struct {
		reply reply
		kind  fault.Kind
		is    error
	}{
		"stale ID token":       {reply{status: 400, body: `{"error":"invalid_subject_token","error_description":"x"}`}, fault.Denied, ErrIDToken},
		"used refresh token":   {reply{status: 400, body: `{"error":"invalid_grant"}`}, fault.Denied, ErrReopen},
		"uninstalled":          {reply{status: 401, body: `{"error":"invalid_client"}`}, fault.Denied, ErrUninstalled},
		"forbidden":            {reply{status: 403, body: "<html>"}, fault.Denied, nil},
		"frozen":               {reply{status: 402}, fault.Denied, nil},
		"no such shop":         {reply{status: 404, body: "<html>"}, fault.NotFound, nil},
		"down":                 {reply{status: 503, body: "<html>"}, fault.Temporary, nil},
		"too many":             {reply{status: 429}, fault.Temporary, nil},
		"connection lost":      {reply{err: io.ErrUnexpectedEOF}, fault.Temporary, nil},
		"broken off":           {reply{body: goodGrant[:30], broken: true}, fault.Temporary, nil},
		"HTML":                 {reply{body: "<html>shpat_new"}, fault.Temporary, nil},
		"moved":                {reply{status: 307, header: map[string]string{"Location": "https://attacker.example"}}, fault.Permanent, nil},
		"huge":                 {reply{body: goodGrant + strings.Repeat(" ", maxGrant)}, fault.Permanent, nil},
		"no token":             {reply{body: `{}`}, fault.Permanent, nil},
		"a token for a header": {reply{body: strings.Replace(goodGrant, "shpat_new", `shpat\r\nX: y`, 1)}, fault.Permanent, nil},
		"no refresh token":     {reply{body: `{"access_token":"shpat_new","expires_in":3600}`}, fault.Permanent, nil},
		"no expiry":            {reply{body: `{"access_token":"shpat_new","refresh_token":"shprt_new"}`}, fault.Permanent, nil},
		"expired at birth":     {reply{body: strings.Replace(goodGrant, "3600", "-1", 1)}, fault.Permanent, nil},
		"for ever":             {reply{body: strings.Replace(goodGrant, "3600", "9223372036854775807", 1)}, fault.Permanent, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, c := scripted(nil, tt.reply)
				for _, call := range []func() (commerce.Grant, error){
					func() (commerce.Grant, error) { return c.Exchange(t.Context(), testShop, "shp.id.token") },
					func() (commerce.Grant, error) { return c.Refresh(t.Context(), testShop, "shprt_old") },
					func() (commerce.Grant, error) { return c.Redeem(t.Context(), testShop, "shp.code") },
				} {
					g, err := call()
					assert.Empty(t, g)
					assert.Equal(t, tt.kind, fault.KindOf(err), "%v", err)
					for _, e := range []error{ErrIDToken, ErrReopen, ErrUninstalled, ErrToken} {
						assert.Equal(t, e == tt.is, errors.Is(err, e), "%v: %v", e, err)
					}
					for _, secret := range []string{"hush", "shp.", "shprt", "shpat"} {
						assert.NotContains(t, err.Error(), secret)
					}
				}
			})
		})
	}
}

// A code that was used is an invalid_request; to a refresh that answer is a
// mistake of ours, and must not look as if the merchant had to do something.
func TestGrantOfAUsedCode(t *testing.T) {
	_, c := scripted(nil, reply{status: 400, body: `{"error":"invalid_request","error_description":"The authorization code was not found or was already used"}`})
	_, err := c.Redeem(t.Context(), testShop, "c0de")
	assert.ErrorIs(t, err, ErrReopen)
	assert.Equal(t, fault.Denied, fault.KindOf(err))
	_, err = c.Refresh(t.Context(), testShop, "shprt_old")
	assert.NotErrorIs(t, err, ErrReopen)
	assert.Equal(t, fault.Permanent, fault.KindOf(err))
}

// A refresh whose answer is lost is asked for again; a code works once, so it is
// tried again only when it certainly did not arrive.
func TestGrantsAreTriedAgain(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	tests := map[string]struct {
		reply           reply
		refresh, redeem int
	}{
		"down":          {reply{status: 502}, 2, 1},
		"answer lost":   {reply{broken: true}, 2, 1},
		"too many":      {reply{status: 429, header: map[string]string{"Retry-After": "0.6"}}, 2, 2},
		"nobody there":  {reply{err: refused}, 2, 2},
		"used up":       {reply{status: 400, body: `{"error":"invalid_grant"}`}, 1, 1},
		"all is well":   {reply{body: goodGrant}, 1, 1},
		"never expires": {reply{body: `{"access_token":"shpat_new"}`}, 1, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, c := scripted(nil, tt.reply, reply{body: goodGrant})
				_, _ = c.Refresh(t.Context(), testShop, "shprt_old")
				assert.Len(t, s.asked, tt.refresh)
				s, c = scripted(nil, tt.reply, reply{body: goodGrant})
				_, _ = c.Redeem(t.Context(), testShop, "c0de")
				assert.Len(t, s.asked, tt.redeem)
			})
		})
	}
}

func TestGrantsStayWithTheShop(t *testing.T) {
	for _, shop := range []string{"attacker.example/myshopify.com", "attacker.example?myshopify.com", "", "wool.myshopify.com.attacker.example"} {
		s, c := scripted(nil, reply{body: goodGrant})
		_, err := c.Redeem(t.Context(), shop, "c0de")
		assert.Equal(t, fault.Invalid, fault.KindOf(err), "%q", shop)
		assert.Empty(t, s.asked, "the secret stays here")
	}
	for name, o := range map[string]Options{"no key": {Secrets: []string{"hush"}}, "no secret": {Key: "key"}, "an empty secret": {Key: "key", Secrets: []string{""}}} {
		_, err := New(o).Refresh(t.Context(), testShop, "shprt_old")
		assert.Equal(t, fault.Permanent, fault.KindOf(err), name)
	}
}
