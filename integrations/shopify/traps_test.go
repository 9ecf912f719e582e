package shopify

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	goshopify "github.com/bold-commerce/go-shopify/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// These tests show what go-shopify v4.7.0 is at fault with, and so why we go
// around it. One that fails after an update says that a detour may go.

func goShopify(t *testing.T, s *script, options ...goshopify.Option) *goshopify.Client {
	t.Helper()
	c, err := goshopify.NewClient(goshopify.App{ApiKey: "key", ApiSecret: "hush"}, testShop, testToken,
		append([]goshopify.Option{goshopify.WithHTTPClient(&http.Client{Transport: s})}, options...)...)
	require.NoError(t, err)
	return c
}

func TestGoShopifyTakesAnyHost(t *testing.T) {
	for _, shop := range []string{"attacker.example/myshopify.com", "attacker.example?myshopify.com", "attacker.example#myshopify.com"} {
		address, err := goshopify.App{ApiKey: "key"}.AuthorizeUrl(shop, "state")
		require.NoError(t, err)
		u, err := url.Parse(address)
		require.NoError(t, err)
		assert.Equal(t, "attacker.example", u.Host, "an open redirect")
		assert.False(t, ValidShop(shop))
	}
}

// GetAccessToken posts the secret to a host of the caller's, and of the answer keeps the token only.
func TestGoShopifyLosesTheRefreshToken(t *testing.T) {
	s := &script{replies: []reply{{body: `{"access_token":"shpat_1","scope":"read_orders","expires_in":3600,"refresh_token":"shprt_1"}`}}}
	app := goshopify.App{ApiKey: "key", ApiSecret: "hush"}
	api, err := goshopify.NewClient(app, "attacker.example/myshopify.com", "", goshopify.WithHTTPClient(&http.Client{Transport: s}))
	require.NoError(t, err)
	app.Client = api
	token, err := app.GetAccessToken(t.Context(), "ignored", "code")
	require.NoError(t, err)
	assert.Equal(t, "shpat_1", token, "no expiry, no refresh token, no scopes")
	assert.Equal(t, "attacker.example", s.last.URL.Host)
	sent, err := io.ReadAll(s.last.Body)
	require.NoError(t, err)
	assert.Contains(t, string(sent), "hush", "the secret")
	assert.NotContains(t, string(sent), "expiring", "so the token would never expire")
}

func TestGoShopifyForgetsTheVersion(t *testing.T) {
	for version, path := range map[string]string{
		"latest": "/admin/graphql.json", "2026-10-01": "/admin/graphql.json", "": "/admin/graphql.json", apiVersion: "/admin/api/2026-10/graphql.json",
	} {
		s := &script{replies: []reply{{body: goodName}}}
		require.NoError(t, goShopify(t, s, goshopify.WithVersion(version)).GraphQL.Query(t.Context(), askName, nil, &named{}))
		assert.Equal(t, path, s.last.URL.Path, "%q", version)
	}
}

func TestGoShopifySleepsThroughTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		began := time.Now()
		s := &script{replies: []reply{{body: throttled(300, 100, 50)}}}
		_ = goShopify(t, s, goshopify.WithRetry(2)).GraphQL.Query(ctx, askName, nil, &named{})
		assert.GreaterOrEqual(t, time.Since(began), 4*time.Second)
	})
}

func TestGoShopifyRetriesTheWrongThings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, retries := range []int{0, 1} {
			s := &script{replies: []reply{{status: 503, body: `{}`}, {body: goodName}}}
			require.Error(t, goShopify(t, s, goshopify.WithRetry(retries)).GraphQL.Query(t.Context(), askName, nil, &named{}))
			assert.Len(t, s.asked, 1, "%d retries are none", retries)
		}
		for name, r := range map[string]reply{"500": {status: 500}, "502": {status: 502}, "an HTML 429": {status: 429, body: "<html>"}} {
			s := &script{replies: []reply{r, {body: goodName}}}
			require.Error(t, goShopify(t, s, goshopify.WithRetry(3)).GraphQL.Query(t.Context(), askName, nil, &named{}))
			assert.Len(t, s.asked, 1, "%s is not tried again", name)
		}
		s := &script{replies: []reply{{status: 429, header: map[string]string{"Retry-After": "0.6"}}, {body: goodName}}}
		require.NoError(t, goShopify(t, s, goshopify.WithRetry(3)).GraphQL.Query(t.Context(), askName, nil, &named{}))
		assert.Equal(t, []time.Duration{0}, s.pauses(), "0.6 seconds are none")
	})
}

// A field that is withheld looks like any other error, beside data that is filled in.
func TestGoShopifyLosesTheCode(t *testing.T) {
	s := &script{replies: []reply{{body: `{"data":{"shop":{"name":"Wool"}},"errors":[{"message":"no","path":["shop"],"extensions":{"code":"ACCESS_DENIED"}}]}`}}}
	var into named
	err := goShopify(t, s).GraphQL.Query(t.Context(), askName, nil, &into)
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "ACCESS_DENIED")
	assert.Equal(t, "Wool", into.Shop.Name)
}

func TestGoShopifyReadsWithoutLimit(t *testing.T) {
	s := &script{replies: []reply{{body: strings.Repeat(" ", maxAnswer) + goodName}}}
	require.NoError(t, goShopify(t, s).GraphQL.Query(t.Context(), askName, nil, &named{}))
}

func TestGoShopifyTakesAnOldCallbackAndNoSecret(t *testing.T) {
	q := signedCallback("hush", url.Values{"code": {"c"}, "shop": {testShop}, "state": {"s"}, "timestamp": {"1337178173"}}) // of 2012
	ok, err := goshopify.App{ApiSecret: "hush"}.VerifyAuthorizationURL(&url.URL{RawQuery: q.Encode()})
	require.NoError(t, err)
	assert.True(t, ok, "a timestamp of 2012")
	require.Error(t, VerifyCallback(q, []string{"hush"}, time.Now()))

	q = signedCallback("", url.Values{"shop": {testShop}})
	ok, err = goshopify.App{}.VerifyAuthorizationURL(&url.URL{RawQuery: q.Encode()})
	require.NoError(t, err)
	assert.True(t, ok, "an empty secret")
	assert.True(t, goshopify.App{}.VerifySignature(&url.URL{RawQuery: signedProxy("", url.Values{"shop": {testShop}}).Encode()}), "for the proxy too")
}
