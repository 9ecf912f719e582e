package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// installed gives the shop's connection tokens that end after an hour, as an install does.
func (w *world) installed(fake *shopifyfake.Fake) {
	w.t.Helper()
	grant, err := w.Shopify.Exchange(w.t.Context(), w.conn.ExternalID, fake.IDToken(w.conn.ExternalID, 1, time.Now()))
	require.NoError(w.t, err)
	require.NotZero(w.t, grant.ExpiresAt)
	_, err = w.Store.Install(w.t.Context(), store.Installation{Connection: w.conn, Grant: grant, SeenAt: w.Store.Now()})
	require.NoError(w.t, err)
}

// The token of the row has ended: it is refreshed, and the order is read.
func TestFetchWithATokenThatEnded(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(w *world, fake *shopifyfake.Fake){
		"known by its time": func(w *world, fake *shopifyfake.Fake) {
			fake.ExpireTokens(w.conn.ExternalID)
			w.exec(`UPDATE connections SET token_expires_at = $1`, time.Now().Add(-time.Minute).UnixMilli())
		},
		"known by the answer alone": func(w *world, fake *shopifyfake.Fake) { fake.ExpireTokens(w.conn.ExternalID) },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				fake := w.customersOf()
				w.installed(fake)
				o := w.order(1)
				fake.PutOrder(w.conn.ExternalID, o)
				w.tell("refunds/create", o.Refund(w.now(), 4900).Body())
				storetest.ClockOf(w.Store).Advance(time.Hour)
				end(w, fake)
				due, err := w.Store.DueFetches(t.Context(), 10)
				require.NoError(t, err)
				require.Len(t, due, 1)

				require.NoError(t, w.fetch(t.Context(), w.shop, due[0].Order))
				w.sending.Wait()
				w.settle()
				require.Equal(t, 1, fake.Refreshes())
				got, err := w.Store.Order(t.Context(), w.shop, due[0].Order)
				require.NoError(t, err)
				require.False(t, got.Stub())
				require.Zero(t, got.FetchAt)
			})
		})
	}
}
