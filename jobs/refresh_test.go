package jobs

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/install"
	"flywheel/integrations/shopify"
	"flywheel/integrations/shopify/shopifyfake"
)

// Maintenance keeps the access to a shop in which nothing happens.
func TestMaintenanceRefreshesIdleTokens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		require.NoError(t, w.maintain(t.Context()), "without an app of ours there is nothing to refresh")

		const domain = "idle.myshopify.com"
		later := time.Now().Add(8 * 24 * time.Hour)
		fake := shopifyfake.New("hush")
		fake.Install(domain, shopifyfake.ShopInfo{})
		api := httptest.NewServer(fake.Handler())
		t.Cleanup(api.Close)
		w.Install = &install.Desk{
			Store: w.Store, Log: w.Log, Now: func() time.Time { return later },
			Shopify: shopify.New(shopify.Options{Key: "key", Secrets: []string{"hush"}, URL: api.URL}),
		}
		_, err := w.Install.Open(t.Context(), shopify.Session{Shop: domain, Token: fake.IDToken(domain, 1, time.Now())})
		require.NoError(t, err)
		require.NoError(t, w.maintain(t.Context()))
		require.Equal(t, 1, fake.Refreshes())

		fake.RevokeTokens(domain)
		require.NoError(t, w.maintain(t.Context()), "it was tried a moment ago")
		later = later.Add(24 * time.Hour)
		require.Error(t, w.maintain(t.Context()))
		c, err := w.Store.ConnectionByAccount(t.Context(), commerce.Shopify, domain, true)
		require.NoError(t, err)
		require.Equal(t, commerce.TokenRevoked, c.TokenState)
	})
}
