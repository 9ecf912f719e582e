package jobs

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// A worker is killed in the middle of a fan-out: another goes on where it stood,
// nobody is left out or entered twice, and the first, back from a pause, does no harm.
func TestFanOutGoesOnAfterACrash(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for i := range 5 {
			buyer := shopifyfake.Customer{ID: int64(6100 + i), Email: fmt.Sprintf("bo%d@example.com", i)}
			w.tell("orders/paid", w.order(int64(i+1)).For(buyer, "GB").Body())
		}
		storetest.ClockOf(w.Store).Advance(time.Hour)
		w.live(campaign.Trigger{Kind: campaign.OnLapsed, After: campaign.Duration(60 * 24 * time.Hour)}, outward(campaign.NotifyTeam))
		storetest.Do(t, w.Store, func(tx *store.Tx) error {
			_, err := tx.AddFanout(w.shop, store.Fanout{Kind: store.FanGoLive, Campaign: "story", Subject: "1"})
			return err
		})
		walks := func() int { return w.count(`SELECT COUNT(*) FROM enrollments WHERE campaign_id = 'story'`) }

		f, found, err := w.Store.NextFanout(t.Context(), w.id)
		require.NoError(t, err)
		require.True(t, found)
		orders, err := w.Store.OrdersAfter(t.Context(), w.shop, commerce.OrderID(f.Cursor), 2)
		require.NoError(t, err)
		require.Len(t, orders, 2)
		require.NoError(t, w.fanStep(t.Context(), f, orders, string(orders[1].ID), false))
		require.Equal(t, 2, walks())

		// Killed here: its lease stands until it ends, or until `all` starts anew.
		other := w.worker(w.Store)
		require.NoError(t, other.handleFanout(t.Context(), nil))
		require.Equal(t, 2, walks())
		_, err = w.Store.RecoverLeases(t.Context(), other.id)
		require.NoError(t, err)
		require.NoError(t, other.handleFanout(t.Context(), nil))
		require.Equal(t, 5, walks())
		require.Equal(t, 5, w.count(`SELECT SUM(done) FROM fanouts`))
		require.Equal(t, 0, w.count(`SELECT COUNT(*) FROM fanouts WHERE state = 'open'`))

		require.True(t, fault.Is(w.fanStep(t.Context(), f, orders, string(orders[1].ID), false), fault.Conflict))
		require.Equal(t, 5, walks())
	})
}
