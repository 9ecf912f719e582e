package shopify

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/fault"
	"flywheel/integrations/shopify/shopifyfake"
)

func startPartner(t *testing.T) (*shopifyfake.Fake, PartnerOptions, string) {
	t.Helper()
	fake := shopifyfake.New("hush")
	fake.Install(testShop, shopifyfake.ShopInfo{ID: 9007199254740993})
	fake.SetPartner("1234", "prtapi_secret")
	server := httptest.NewServer(fake.Handler())
	t.Cleanup(server.Close)
	return fake, PartnerOptions{Org: "1234", Token: "prtapi_secret", App: "77", URL: server.URL, HTTP: server.Client()}, "9007199254740993"
}

func TestSubscription(t *testing.T) {
	fake, o, shop := startPartner(t)
	client := NewPartner(o)
	got, err := client.Subscription(t.Context(), shop)
	require.NoError(t, err)
	assert.Nil(t, got, "nothing is paid for")

	fake.SetSubscription(testShop, &shopifyfake.Subscription{Handle: "growth", TrialEnds: noon.Add(24 * time.Hour)})
	got, err = client.Subscription(t.Context(), shop)
	require.NoError(t, err)
	assert.Equal(t, &Subscription{Handles: []string{"growth"}, TrialEndsAt: after(24 * time.Hour)}, got)

	fake.SetSubscription(testShop, &shopifyfake.Subscription{
		Handle: "growth", Interval: "ANNUAL", CycleFrom: noon, CycleTo: noon.Add(time.Hour), Ends: true, Pending: "free",
	})
	got, err = client.Subscription(t.Context(), shop)
	require.NoError(t, err)
	assert.Equal(t, &Subscription{Handles: []string{"growth"}, Pending: []string{"free"}, Cancelling: true, Annual: true, From: after(0), Until: after(time.Hour)}, got)
	asked := fake.Asked()
	assert.Equal(t, "gid://shopify/App/77", asked[len(asked)-1].Variables["app"])
}

func TestSubscriptionFaults(t *testing.T) {
	_, o, shop := startPartner(t)
	wrong := o
	wrong.Token = "another"
	_, err := NewPartner(wrong).Subscription(t.Context(), shop)
	assert.Equal(t, fault.Denied, fault.KindOf(err), "%v", err)
	assert.NotErrorIs(t, err, ErrToken, "that is a shop's token")
	assert.NotContains(t, err.Error(), "another")
	_, err = NewPartner(o).Subscription(t.Context(), "wool.myshopify.com")
	assert.Equal(t, fault.Invalid, fault.KindOf(err), "%v", err)

	answers := func(status int, body string) error {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			assert.Equal(t, "/1234/api/2026-07/graphql.json", r.URL.Path)
			assert.Equal(t, "prtapi_secret", r.Header.Get("X-Shopify-Access-Token"))
			w.Header().Set("Location", "https://example.com/")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		defer server.Close()
		o.URL, o.HTTP = server.URL, server.Client()
		_, err := NewPartner(o).Subscription(t.Context(), shop)
		return err
	}
	for _, tt := range []struct {
		status int
		body   string
		kind   fault.Kind
	}{
		{200, `{"data":{"activeSubscription":null}}`, ""},
		{401, ``, fault.Denied},
		{403, ``, fault.Denied},
		{404, ``, fault.Permanent},
		{302, ``, fault.Permanent},
		{429, ``, fault.Temporary},
		{500, `<html>`, fault.Temporary},
		{200, `<html>`, fault.Temporary},
		{200, `{"errors":[{"message":"no such field"}]}`, fault.Permanent},
		{200, `{"data":null,"errors":[{"extensions":{"code":"ACCESS_DENIED"}}]}`, fault.Denied},
		{200, `{"data":{"activeSubscription":[]}}`, fault.Permanent},
		{200, `{"data":{"activeSubscription":{"trialEndsAt":"soon"}}}`, fault.Permanent},
		{200, `{"data":"` + string(make([]byte, maxAnswer)) + `"}`, fault.Permanent},
	} {
		err := answers(tt.status, tt.body)
		assert.Equal(t, tt.kind, fault.KindOf(err), "%d %.60s: %v", tt.status, tt.body, err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = NewPartner(PartnerOptions{Org: "1", Token: "t", App: "1"}).Subscription(ctx, shop)
	assert.Equal(t, fault.Temporary, fault.KindOf(err), "%v", err)
}
