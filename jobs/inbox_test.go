package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/store/storetest"
)

// A delivery whose merging panics is set aside like one the database refuses,
// and those beside it go on.
func TestPanicWhileMerging(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, d := range []struct{ topic, body string }{
			{"orders/paid", string(w.order(1).Body())}, {"customers/update", `{"id": 7, "email": "bo@example.com"}`}, {"orders/paid", string(w.order(2).Body())},
		} {
			storetest.AddDelivery(t, w.Store, w.conn, func(c *commerce.Delivery) { c.Topic, c.Body = d.topic, []byte(d.body) })
		}
		lease, ok, err := w.Store.LeaseInbox(t.Context(), w.shop, store.NewID())
		require.NoError(t, err)
		require.True(t, ok)
		rows, err := w.Store.NextInbox(t.Context(), w.shop, 100)
		require.NoError(t, err)
		broken := collect(1, []live{{Campaign: campaign.Campaign{State: campaign.Live, Definition: campaign.Definition{Trigger: campaign.Trigger{Kind: campaign.OnOrderPaid}}}, compiled: &compiled{Flow: &campaign.Flow{}}}})
		require.NoError(t, w.process(t.Context(), lease, broken, decodeAll(rows)))
		require.Equal(t, 2, w.count(`SELECT COUNT(*) FROM inbox WHERE state = 2 AND note = 'could not be processed'`))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM inbox WHERE state = 1`))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM persons WHERE email = 'bo@example.com'`))
	})
}

// A drain whose lease was taken over writes nothing more.
func TestDrainThatLostItsLease(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		storetest.AddDelivery(t, w.Store, w.conn, func(c *commerce.Delivery) { c.Body = w.order(1).Body() })
		lease, _, err := w.Store.LeaseInbox(t.Context(), w.shop, store.NewID())
		require.NoError(t, err)
		rows, err := w.Store.NextInbox(t.Context(), w.shop, 100)
		require.NoError(t, err)
		require.NoError(t, w.Store.ReleaseInbox(t.Context(), lease))
		_, ok, err := w.Store.LeaseInbox(t.Context(), w.shop, store.NewID())
		require.NoError(t, err)
		require.True(t, ok)
		require.Error(t, w.process(t.Context(), lease, collect(0, nil), decodeAll(rows)))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM inbox WHERE state = 0`))
		require.Zero(t, w.count(`SELECT COUNT(*) FROM orders`))
	})
}

// A hint goes to the queue once, whatever number of deliveries came.
func TestHintsAreThinnedOut(t *testing.T) {
	w := newWorld(t, "sqlite")
	for range 500 {
		w.Queue.InboxArrived(w.shop)
	}
	require.Eventually(t, func() bool {
		known := 0
		w.Queue.hints.Range(func(any, any) bool { known++; return true })
		return known == 0
	}, patience, time.Millisecond, "nothing is kept of a shop whose hints are out")
	tasks, err := w.Queue.inspector.ListPendingTasks(inboxQueue)
	require.NoError(t, err)
	require.Len(t, tasks, 1)
}
