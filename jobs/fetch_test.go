package jobs

import (
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// stub has a refund of an order that nobody told of, an hour ago.
func (w *world) stub(fake *shopifyfake.Fake) commerce.OrderID {
	w.t.Helper()
	api := httptest.NewServer(fake.Handler())
	w.t.Cleanup(api.Close)
	w.reach(w.Worker, api.URL)
	fake.AddShop(w.conn.ExternalID, w.conn.Token)
	o := w.order(1)
	fake.PutOrder(w.conn.ExternalID, o)
	w.tell("refunds/create", o.Refund(w.now(), 4900).Body())
	storetest.ClockOf(w.Store).Advance(time.Hour)
	due, err := w.Store.DueFetches(w.t.Context(), 10)
	require.NoError(w.t, err)
	require.Len(w.t, due, 1)
	return due[0].Order
}

// A drain is at work while the answer comes: the answer waits for it, and the
// platform is not asked a second time.
func TestFetchWaitsForTheDrain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		fake := shopifyfake.New("secret")
		id := w.stub(fake)
		lease, ok, err := w.Store.LeaseInbox(t.Context(), w.shop, store.NewID())
		require.NoError(t, err)
		require.True(t, ok)
		done := make(chan error, 1)
		go func() { done <- w.fetch(t.Context(), w.shop, id) }()
		require.Eventually(t, func() bool { return len(fake.Asked()) == 1 }, patience, time.Millisecond)
		select {
		case err := <-done:
			t.Fatal("it did not wait", err)
		case <-time.After(100 * time.Millisecond):
		}
		require.NoError(t, w.Store.ReleaseInbox(t.Context(), lease))
		require.NoError(t, <-done)
		w.sending.Wait()
		w.settle()
		require.Len(t, fake.Asked(), 1)
		require.Len(t, w.sink.Mails(), 1)
	})
}

// An order handed to the queue is not handed to it again and again.
func TestFetchesAreQueuedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	w.stub(shopifyfake.New("secret"))
	s := newSweep(w.Worker)
	for range 20 {
		require.NoError(t, s.fetchDue(t.Context()))
	}
	require.Len(t, s.asked, 1)
	tasks, err := w.Queue.inspector.ListPendingTasks(fetchQueue)
	require.NoError(t, err)
	require.Len(t, tasks, 1)
}

// A campaign this binary cannot read stands aside; the shop's others go on.
func TestCampaignOfANewerBinary(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		known, err := w.Store.CampaignVersion(t.Context(), w.shop, "thank_you", 1)
		require.NoError(t, err)
		_, err = w.Store.SaveCampaign(t.Context(), w.shop, "strange", known, campaign.Live)
		require.NoError(t, err)
		_, err = storetest.DB(t, w.db).ExecContext(t.Context(), `UPDATE campaign_versions SET definition = replace(definition, 'order.renewal', 'order.not_invented_yet') WHERE campaign_id = 'strange'`)
		require.NoError(t, err)
		w.campaigns = newCampaignCache(w.Store, slog.New(slog.DiscardHandler))
		es := w.tell("orders/paid", w.order(1).Body())
		require.Len(t, es, 1)
		_, err = storetest.DB(t, w.db).ExecContext(t.Context(), `INSERT INTO enrollments (shop_id, id, campaign_id, entry_key, version, person_id, order_id, anchor, step_anchor, state, due_at, created_at)
			SELECT shop_id, 'zz', 'strange', entry_key, 1, person_id, order_id, anchor, step_anchor, 'active', due_at, 0 FROM enrollments`)
		require.NoError(t, err)
		w.runStep(t.Context(), w.shop, es)
		w.settle()
		require.Len(t, w.sink.Mails(), 1)
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM enrollments WHERE id = 'zz' AND state = 'active' AND due_at = $1`, w.now().Add(time.Hour).UnixMilli()))
	})
}
