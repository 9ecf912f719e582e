package jobs

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/install"
	"flywheel/integrations/shopify"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// platform gives the worker a Shopify that knows the world's shop.
func (w *world) platform() *shopifyfake.Fake {
	w.t.Helper()
	fake := shopifyfake.New("secret")
	api := httptest.NewServer(fake.Handler())
	w.t.Cleanup(func() {
		api.Close()
		require.Empty(w.t, fake.Broken())
	})
	fake.SetBase(api.URL)
	fake.AddShop(w.conn.ExternalID, w.conn.Token)
	fake.SetRate(w.conn.ExternalID, 1e6, 1e6)
	w.reach(w.Worker, api.URL)
	return fake
}

// reach lets a worker ask the Shopify at url.
func (w *world) reach(worker *Worker, url string) {
	worker.Shopify = shopify.New(shopify.Options{Key: "key", Secrets: []string{"secret"}, URL: url})
	worker.Install = &install.Desk{Store: w.Store, Shopify: worker.Shopify, Log: slog.New(slog.DiscardHandler)}
}

// past is an order of one of 400 customers, before the install.
func (w *world) past(i int) *shopifyfake.Order {
	at := w.conn.InstalledAt.Time().Add(-time.Duration(i+1) * time.Hour)
	return shopifyfake.NewOrder(int64(5_000_000_000+i), at).For(shopifyfake.Customer{ID: int64(8000 + i%400), Email: fmt.Sprintf("bo%d@example.com", i%400), FirstName: "Bo"}, "GB")
}

// ask has a past of n orders read, from the beginning.
func (w *world) ask(fake *shopifyfake.Fake, n int) {
	w.t.Helper()
	fake.PutOrders(w.conn.ExternalID, n, w.past)
	require.NoError(w.t, w.Store.AskBackfill(w.t.Context(), w.shop, w.conn))
}

// turn lets a worker go on with the backfill, as if its pause were over.
func (w *world) turn(worker *Worker) store.Backfill {
	w.t.Helper()
	w.exec(`UPDATE backfills SET next_at = 1 WHERE next_at > 0`)
	payload, err := json.Marshal(ConnectionPayload{w.shop, w.conn.ID})
	require.NoError(w.t, err)
	require.NoError(w.t, worker.ofConnection("backfill", worker.backfill)(w.t.Context(), asynq.NewTask(taskBackfill, payload)))
	return w.backfilled()
}

func (w *world) backfilled() store.Backfill {
	w.t.Helper()
	b, err := w.Store.Backfill(w.t.Context(), w.shop, w.conn.ID)
	require.NoError(w.t, err)
	return b
}

func (w *world) exec(text string, args ...any) {
	w.t.Helper()
	_, err := storetest.DB(w.t, w.db).ExecContext(w.t.Context(), text, args...)
	require.NoError(w.t, err)
}

// readAll gives a backfill so many turns to come to its end.
func (w *world) readAll(worker *Worker, turns int) store.Backfill {
	w.t.Helper()
	for range turns {
		if b := w.turn(worker); !b.State.Open() {
			return b
		}
	}
	w.t.Fatalf("the backfill does not come to an end: %+v", w.backfilled())
	return store.Backfill{}
}

// The past is read whole and once; nobody is written to for it, and what
// webhooks told meanwhile of the same orders stays.
func TestBackfillReadsThePast(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.platform()
		w.ask(fake, 1234)
		w.tell("orders/cancelled", w.past(3).Cancel(w.now()).Body()) // after the export was made
		w.tell("refunds/create", w.past(5).Refund(w.now(), 4900).Body())

		b := w.readAll(w.Worker, 5)
		require.Equal(t, store.Backfill{
			Connection: w.conn.ID, Epoch: w.conn.Epoch, State: store.BackfillDone, Operation: b.Operation, Position: b.Size, Size: b.Size,
			Orders: 1234, Expected: 1234, Polls: 1, AskedAt: w.Store.Now(), FinishedAt: w.Store.Now(),
		}, b)
		require.Positive(t, b.Size)
		require.Equal(t, 1234, w.count(`SELECT COUNT(*) FROM orders WHERE stub = 0`))
		require.Equal(t, 400, w.count(`SELECT COUNT(*) FROM persons`))
		require.Equal(t, 1234, w.count(`SELECT COUNT(*) FROM events WHERE kind = 'order_paid' AND historic = 1`))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM events WHERE kind = 'order_cancelled'`))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM events WHERE kind = 'refund_made'`))

		w.settle()
		require.Zero(t, w.count(`SELECT COUNT(*) FROM enrollments`))
		require.Empty(t, w.sink.Mails())
		require.Zero(t, w.count(`SELECT COUNT(*) FROM findings`))

		require.NoError(t, w.Store.AskBackfill(t.Context(), w.shop, w.conn))
		require.Equal(t, b, w.turn(w.Worker), "it was read in this install")
	})
}

// A shop that has sold nothing is done at once.
func TestBackfillOfNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.ask(w.platform(), 0)
		require.Equal(t, store.BackfillDone, w.readAll(w.Worker, 2).State)
	})
}

// The file breaks off wherever it likes: what was whole is kept, and nothing is read twice.
func TestBackfillGoesOnAfterTheFileBrokeOff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.platform()
		w.ask(fake, 700)
		require.Equal(t, store.BackfillRunning, w.turn(w.Worker).State)
		for range 6 {
			before := w.backfilled()
			fake.BreakBulk(1 + rand.Int64N(150_000))
			b := w.turn(w.Worker)
			require.GreaterOrEqual(t, b.Position, before.Position)
			require.Equal(t, int(b.Orders), w.count(`SELECT COUNT(*) FROM orders`), "at byte %d", b.Position)
			if b.State == store.BackfillDone {
				break
			}
			require.Equal(t, store.BackfillReading, b.State)
			require.Equal(t, "the platform could not be reached", b.Note)
			require.Greater(t, b.NextAt, commerce.At(time.Now()), "not at once")
		}
		b := w.readAll(w.Worker, 2)
		require.Equal(t, []int64{700, 700, 0, 0}, []int64{b.Orders, b.Expected, b.Refused, b.Tries})
		require.Empty(t, b.Note)
		require.Equal(t, 700, w.count(`SELECT COUNT(*) FROM orders`))
	})
}

// A worker that is lost in the middle, as often as it happens, costs nothing
// but time; and one that comes back to what another has taken over does no harm.
func TestBackfillHasOneWorker(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.platform()
		w.ask(fake, 250)
		w.turn(w.Worker)
		w.exec(`UPDATE backfills SET next_at = 1`)
		lost, ok, err := w.Store.LeaseBackfill(t.Context(), w.shop, w.conn.ID, "lost")
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, store.BackfillRunning, w.turn(w.Worker).State, "another has it")
		_, err = w.Store.RecoverLeases(t.Context(), "successor")
		require.NoError(t, err)
		require.Equal(t, int64(250), w.readAll(w.Worker, 2).Orders)

		p := &past{Worker: w.Worker, Backfill: lost, conn: w.conn, owner: "lost", end: time.Now().Add(time.Minute)}
		require.Error(t, p.step(t.Context()))
		require.Equal(t, store.BackfillDone, w.backfilled().State)
		require.Equal(t, 250, w.count(`SELECT COUNT(*) FROM orders`))
	})
}

// A turn ends after some time, or with the worker, and the next goes on.
func TestBackfillTakesTurns(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.platform()
		w.ask(fake, 250)
		w.turn(w.Worker)
		fake.BreakBulk(1)
		require.Equal(t, store.BackfillReading, w.turn(w.Worker).State)
		w.exec(`UPDATE backfills SET next_at = 1`)
		b, ok, err := w.Store.LeaseBackfill(t.Context(), w.shop, w.conn.ID, "test")
		require.NoError(t, err)
		require.True(t, ok)
		p := &past{Worker: w.Worker, Backfill: b, conn: w.conn, owner: "test"} // its time is over at once
		require.NoError(t, p.step(t.Context()))
		require.NoError(t, w.Store.ReleaseBackfill(t.Context(), w.shop, w.conn.ID, "test"))
		b = w.backfilled()
		require.Equal(t, []any{store.BackfillReading, int64(backfillRows), int64(0), ""}, []any{b.State, b.Orders, b.Tries, b.Note})
		require.LessOrEqual(t, b.NextAt, commerce.At(time.Now()))
		require.Greater(t, b.NextAt, commerce.Instant(1), "behind those who wait")

		stopped := w.worker(w.Store)
		stopped.Shopify, stopped.Install = w.Shopify, w.Install
		stopped.stop()
		require.Equal(t, b.Orders, w.turn(stopped).Orders)
		require.Equal(t, int64(250), w.readAll(w.Worker, 1).Orders)
	})
}

// Whoever else needs the shop's inbox has it from time to time.
func TestBackfillSharesTheInbox(t *testing.T) {
	w := newWorld(t, "sqlite")
	p := &past{Worker: w.Worker, conn: w.conn}
	require.NoError(t, p.takeInbox(t.Context()))
	first := p.inbox
	require.NoError(t, p.takeInbox(t.Context()))
	require.Equal(t, first, p.inbox, "several batches have one lease")
	had := make(chan error, 1)
	go func() {
		lease, err := w.waitForInbox(t.Context(), w.shop)
		had <- err
		_ = w.Store.ReleaseInbox(t.Context(), lease)
	}()
	p.since = time.Now().Add(-inboxTime)
	require.NoError(t, p.takeInbox(t.Context()))
	require.NoError(t, <-had)
	require.NotEqual(t, first, p.inbox)
	require.True(t, p.giveInbox())
	require.False(t, p.giveInbox())
	_, ok, err := w.Store.LeaseInbox(t.Context(), w.shop, "another")
	require.NoError(t, err)
	require.True(t, ok)
}

// A fresh order comes while the past is being read: it is thanked for long before that is over.
func TestDeliveryInTheMiddleOfABackfill(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.platform()
		w.ask(fake, 3000)
		w.turn(w.Worker)
		w.exec(`UPDATE backfills SET next_at = 1`)
		done := make(chan error, 1)
		go func() { done <- w.backfill(t.Context(), w.shop, w.conn.ID) }()
		require.Eventually(t, func() bool { return w.backfilled().Orders > 0 }, patience, time.Millisecond)

		began := time.Now()
		_, err := w.Store.AddInbox(t.Context(), w.shop, storetest.Delivery(w.Store, w.conn, func(d *commerce.Delivery) { d.Body = w.order(1).Body() }))
		require.NoError(t, err) // that it waits in the inbox is not to be seen: the backfill may have drained it
		require.Eventually(t, func() bool { return w.sent() == 1 }, patience, time.Millisecond)
		took, b := time.Since(began), w.backfilled()
		require.True(t, b.State.Open(), "the past was read first: %+v", b)
		t.Logf("thanked after %s, with %d of %d orders of the past read", took, b.Orders, b.Expected)
		require.NoError(t, <-done)
		w.readAll(w.Worker, 20) // on a slow machine a turn's time is over first
		w.sending.Wait()
		require.Equal(t, 3001, w.count(`SELECT COUNT(*) FROM orders`))
	})
}
