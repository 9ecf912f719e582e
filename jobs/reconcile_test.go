package jobs

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// look lets the worker look at the platform, as if that were due now.
func (w *world) look() store.Reconciliation {
	w.t.Helper()
	require.NoError(w.t, w.Store.AddReconciliations(w.t.Context()))
	w.exec(`UPDATE reconciliations SET next_at = $1`, int64(w.Store.Now()))
	payload, err := json.Marshal(ConnectionPayload{w.shop, w.conn.ID})
	require.NoError(w.t, err)
	require.NoError(w.t, w.ofConnection("reconciliation", w.reconcile)(w.t.Context(), asynq.NewTask(taskReconcile, payload)))
	w.sending.Wait()
	w.settle()
	r, err := w.Store.Reconciliation(w.t.Context(), w.shop, w.conn.ID)
	require.NoError(w.t, err)
	return r
}

// found lists the kinds of findings there are.
func (w *world) found() (kinds []string) {
	w.t.Helper()
	all, err := w.Store.FindingsAfter(w.t.Context(), w.shop, "", 100)
	require.NoError(w.t, err)
	for _, f := range all {
		kinds = append(kinds, f.Kind)
	}
	return kinds
}

// reads counts how often single orders were read at the platform.
func reads(fake *shopifyfake.Fake) (n int) {
	for _, q := range fake.Asked() {
		if q.Order != "" {
			n++
		}
	}
	return n
}

// keep lets the platform know an order as it is now.
func (w *world) keep(fake *shopifyfake.Fake, orders ...*shopifyfake.Order) {
	for _, o := range orders {
		fake.PutOrder(w.conn.ExternalID, o)
	}
}

// What webhooks did not bring is found, merged and told of once; the customer
// gets what is still due, and nothing that no longer makes sense.
func TestWhatWebhooksLeftOut(t *testing.T) {
	for name, c := range map[string]struct {
		before func(w *world, o *shopifyfake.Order) // what webhooks brought
		after  func(w *world, o *shopifyfake.Order) // what happened at the platform besides, an hour later
		kinds  []string
		mails  int
	}{
		"a paid order": {
			nil, nil,
			[]string{orderMissed},
			1,
		},
		"the payment of an order": {
			func(w *world, o *shopifyfake.Order) { w.hear("orders/create", o.Unpaid("bank").Body()) },
			func(w *world, o *shopifyfake.Order) { o.Pay(w.now()) },
			[]string{changeMissed},
			1,
		},
		"a paid order that is long ago": {
			nil, func(w *world, o *shopifyfake.Order) { w.pass(60, day); o.Touch(w.now()) },
			[]string{orderMissed},
			0,
		},
		"a refund": {
			func(w *world, o *shopifyfake.Order) { w.hear("orders/paid", o.Body()) },
			func(w *world, o *shopifyfake.Order) { o.Refund(w.now(), 4900) },
			[]string{refundMissed},
			1,
		},
		"a cancellation": {
			func(w *world, o *shopifyfake.Order) { w.hear("orders/paid", o.Body()) },
			func(w *world, o *shopifyfake.Order) { o.Cancel(w.now()) },
			[]string{changeMissed},
			1,
		},
		"an order that was cancelled soon": {
			nil, func(w *world, o *shopifyfake.Order) { o.Cancel(w.now()) },
			[]string{orderMissed},
			0,
		},
		"an order of which a refund alone was heard": {
			func(w *world, o *shopifyfake.Order) { w.hear("refunds/create", o.Refund(w.now(), 100).Body()) }, nil,
			[]string{orderMissed},
			1,
		},
		"nothing": {
			func(w *world, o *shopifyfake.Order) { w.hear("orders/paid", o.Body()) }, nil,
			nil, 1,
		},
		"a tag": {
			func(w *world, o *shopifyfake.Order) { w.hear("orders/paid", o.Body()) },
			func(w *world, o *shopifyfake.Order) { o.Tags = append(o.Tags, "vip"); o.Touch(w.now()) },
			nil, 1,
		},
		"an order from before the install": {
			nil, func(w *world, o *shopifyfake.Order) {
				o.PlacedAt = w.conn.InstalledAt.Time().Add(-time.Hour)
				o.ProcessedAt = o.PlacedAt
			},
			nil, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.platform()
				o := w.order(5_000_000_001)
				if c.before != nil {
					c.before(w, o)
				}
				storetest.ClockOf(w.Store).Advance(time.Hour)
				if c.after != nil {
					c.after(w, o)
				}
				w.keep(fake, o)
				storetest.ClockOf(w.Store).Advance(20 * time.Minute)

				r := w.look()
				require.Equal(t, c.kinds, w.found())
				require.Equal(t, c.mails, w.sent())
				require.Equal(t, []int64{1, int64(len(c.kinds)), 0}, []int64{r.Looked, r.Found, r.Tries})
				require.Equal(t, w.Store.Now().Add(-lookBehind), r.Watermark)
				require.Equal(t, w.Store.Now(), r.LookedAt)
				once := reads(fake)

				r = w.look() // it changed within what looks overlap, and is known now
				require.Equal(t, []int64{int64(len(c.kinds))}, []int64{r.Found})
				require.Equal(t, once, reads(fake))
				w.hear("orders/updated", o.Body())
				w.hear("orders/paid", o.Body()) // at last
				require.Equal(t, c.kinds, w.found())
				require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM orders`))
				if len(c.kinds) > 0 {
					f, err := w.Store.FindingsAfter(t.Context(), w.shop, "", 1)
					require.NoError(t, err)
					require.Equal(t, w.text(`SELECT id FROM orders`), f[0].Subject)
					require.Contains(t, f[0].Detail, "#1001 (Shopify 5000000001)")
					require.NotContains(t, f[0].Detail, "Ada")
				}
			})
		})
	}
}

// A change whose webhook may be on its way is left to the next look.
func TestLookLeavesWebhooksTheirTime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.platform()
		w.keep(fake, w.order(5_000_000_001))
		storetest.ClockOf(w.Store).Advance(14 * time.Minute)
		require.Zero(t, w.look().Looked)
		storetest.ClockOf(w.Store).Advance(time.Minute)
		require.Equal(t, int64(1), w.look().Found)
	})
}

// Looks overlap, since what changed may stand in the platform's list a little late.
func TestLooksOverlap(t *testing.T) {
	w := newWorld(t, "sqlite")
	w.alone()
	fake := w.platform()
	storetest.ClockOf(w.Store).Advance(2 * time.Hour)
	mark := w.look().Watermark.Time()
	w.keep(fake, w.orderOf(1, 5_000_000_001).Touch(mark.Add(-lookOverlap)), w.orderOf(2, 5_000_000_002).Touch(mark.Add(-lookOverlap-time.Second)))
	storetest.ClockOf(w.Store).Advance(time.Hour)
	require.Equal(t, int64(1), w.look().Found)
}

// What changed while the app was not installed is no webhook's to bring; and
// without a token nobody is asked.
func TestLookAfterAnotherInstall(t *testing.T) {
	w := newWorld(t, "sqlite")
	w.alone()
	fake := w.platform()
	storetest.ClockOf(w.Store).Advance(2 * time.Hour)
	w.look()
	w.keep(fake, w.orderOf(1, 5_000_000_001).Touch(w.now()))
	storetest.ClockOf(w.Store).Advance(2 * time.Hour)
	w.exec(`UPDATE connections SET installed_at = $1`, w.now().UnixMilli())
	w.exec(`UPDATE reconciliations SET cursor = 'of the time before', bound = 1`)
	require.Equal(t, commerce.At(w.now()), w.look().Watermark, "there is nothing to ask about yet")
	storetest.ClockOf(w.Store).Advance(time.Hour)
	r := w.look()
	require.Equal(t, []any{commerce.At(w.now()).Add(-lookBehind), int64(0), int64(0)}, []any{r.Watermark, r.Looked, r.Tries})

	asked := len(fake.Asked())
	w.conn.Token = ""
	_, err := w.Store.Connect(t.Context(), w.shop, w.conn)
	require.NoError(t, err)
	storetest.ClockOf(w.Store).Advance(time.Hour)
	again := w.look()
	require.Equal(t, []any{r.Watermark, int64(0), w.Store.Now()}, []any{again.Watermark, again.Tries, again.LookedAt})
	require.Len(t, fake.Asked(), asked)
}

// What is known goes as far as the platform's list, or the order is read.
func TestWhatIsLacking(t *testing.T) {
	known := func(change func(*store.StoredOrder)) *store.StoredOrder {
		o := &store.StoredOrder{Order: commerce.Order{
			Detail:  commerce.Detail{Platform: commerce.Shopify, UpdatedAt: 10, FinancialStatus: "paid", CurrentTotal: commerce.Money{Amount: 7, Currency: "EUR"}},
			Refunds: map[string]commerce.Refund{"1": {}, "2": {}}, Cancel: commerce.Cancel{Told: 5},
		}}
		change(o)
		return o
	}
	there := shopify.ChangedOrder{ID: "7", UpdatedAt: 10, CancelledAt: 5, Refunds: []string{"1", "2"}, Status: "paid", Total: commerce.Money{Amount: 7, Currency: "EUR"}}
	bare := there
	bare.Status, bare.Total = "", commerce.Money{}
	require.True(t, lacksNothing(known(func(*store.StoredOrder) {}), bare), "what the list does not tell is not compared")
	require.False(t, lacksNothing(nil, there))
	for name, c := range map[string]struct {
		change func(*store.StoredOrder)
		want   bool
	}{
		"nothing":                         {func(*store.StoredOrder) {}, true},
		"more is known":                   {func(o *store.StoredOrder) { o.Detail.UpdatedAt = 11; o.Refunds["3"] = commerce.Refund{} }, true},
		"a change":                        {func(o *store.StoredOrder) { o.Detail.UpdatedAt = 9 }, false},
		"a payment in the same second":    {func(o *store.StoredOrder) { o.Detail.FinancialStatus = "pending" }, false},
		"an edit in the same second":      {func(o *store.StoredOrder) { o.Detail.CurrentTotal.Amount = 8 }, false},
		"a refund":                        {func(o *store.StoredOrder) { delete(o.Refunds, "2") }, false},
		"the cancellation":                {func(o *store.StoredOrder) { o.Cancel.Told = 0 }, false},
		"all, but for another's refund":   {func(o *store.StoredOrder) { o.Detail = commerce.Detail{} }, false},
		"what only this platform can say": {func(o *store.StoredOrder) { o.Detail.Platform = commerce.Stripe }, false},
	} {
		require.Equal(t, c.want, lacksNothing(known(c.change), there), name)
	}
}

// A look that is interrupted goes on behind the page it had done, and the
// watermark waits for its end: not even a change behind the platform's back is missed.
func TestLookGoesOnWhereItWasLeft(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		fake := w.platform()
		for i := range int64(130) {
			w.keep(fake, w.orderOf(i%6, 5_000_000_001+i).Touch(w.now().Add(time.Duration(i)*time.Second)))
		}
		storetest.ClockOf(w.Store).Advance(time.Hour)
		require.NoError(t, w.Store.AddReconciliations(t.Context()))
		w.exec(`UPDATE reconciliations SET next_at = 1`)
		r, ok, err := w.Store.LeaseReconciliation(t.Context(), w.shop, w.conn.ID, "lost")
		require.NoError(t, err)
		require.True(t, ok)
		l := &look{Worker: w.Worker, Reconciliation: r, conn: w.conn, owner: "lost"} // its time is over at once
		for l.Cursor == "" {
			require.NoError(t, l.all(t.Context()))
		}
		first := w.count(`SELECT COUNT(*) FROM orders`)
		require.Less(t, first, 130)

		require.Equal(t, w.conn.InstalledAt, l.Watermark)
		require.Equal(t, int64(first), w.look().Looked, "another has it")
		require.NoError(t, w.Store.ReleaseReconciliation(t.Context(), w.shop, w.conn.ID, "lost"))
		storetest.ClockOf(w.Store).Advance(5 * time.Minute)
		r = w.look()
		require.Equal(t, []int64{130, 130}, []int64{r.Looked, r.Found})
		require.Equal(t, l.Bound, r.Watermark, "what changed since is the next look's")
		require.Equal(t, 130, w.count(`SELECT COUNT(*) FROM orders`))
	})
}

// While the platform cannot be asked the watermark stays, and the next try comes later each time.
func TestLookWaitsForThePlatform(t *testing.T) {
	for name, failure := range map[string]shopifyfake.Failure{
		"denied": shopifyfake.Forbidden, "frozen": shopifyfake.Frozen, "in the middle": shopifyfake.Forbidden,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.platform()
				w.keep(fake, w.order(5_000_000_001), w.orderOf(1, 5_000_000_002))
				storetest.ClockOf(w.Store).Advance(time.Hour)
				operation := "ChangedOrders"
				if name == "in the middle" {
					operation = "Order"
				}
				for tries, pause := range []time.Duration{5 * time.Minute, 10 * time.Minute} {
					fake.FailOn(operation, failure)
					r := w.look()
					require.Equal(t, int64(tries+1), r.Tries)
					require.Equal(t, w.conn.InstalledAt, r.Watermark)
					require.Equal(t, w.Store.Now().Add(pause), r.NextAt)
					require.Equal(t, "the shop does not let the app read its orders", r.Note)
					require.Empty(t, w.found())
				}
				r := w.look()
				require.Equal(t, []int64{0, 2}, []int64{r.Tries, r.Found})
				require.Empty(t, r.Note)
			})
		})
	}
}

// An order that cannot be merged is noted, and the others are found.
func TestLookSetsAsideWhatCannotBeMerged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		fake := w.platform()
		for i := range int64(4) {
			w.keep(fake, w.orderOf(i, 5_000_000_001+i))
		}
		w.poison("#1002")
		storetest.ClockOf(w.Store).Advance(time.Hour)
		r := w.look()
		require.Equal(t, w.Store.Now(), r.LookedAt)
		require.Equal(t, []int64{4, 3}, []int64{r.Looked, r.Found})
		require.ElementsMatch(t, []string{orderMissed, orderMissed, orderMissed, "order_not_read"}, w.found())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM findings WHERE kind = 'order_not_read' AND subject = '5000000002'`))
	})
}

// The sweep plans a look where none is, and hands out what is due, once.
func TestSweepHintsHistory(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.platform()
		w.ask(fake, 1)
		w.exec(`DELETE FROM reconciliations`)
		s := newSweep(w.Worker)
		hint := func() (backfills, looks int) {
			s.looking = true
			require.NoError(t, s.hintHistory(t.Context()))
			for queue, n := range map[string]*int{backfillQueue: &backfills, reconcileQueue: &looks} {
				tasks, err := w.Queue.inspector.ListPendingTasks(queue)
				if err == nil {
					*n = len(tasks)
				}
			}
			return backfills, looks
		}
		backfills, looks := hint()
		require.Equal(t, []int{1, 0}, []int{backfills, looks})
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM reconciliations`))
		storetest.ClockOf(w.Store).Advance(31 * time.Minute)
		for range 3 {
			backfills, looks = hint()
		}
		require.Equal(t, []int{1, 1}, []int{backfills, looks})
		w.exec(`UPDATE reconciliations SET watermark = $1`, int64(w.conn.InstalledAt))
		require.Equal(t, commerce.Instant(0), w.look().Watermark-w.Store.Now().Add(-lookBehind))
	})
}

// The queue takes the task of a worker that was killed for running: the work
// goes on with another as soon as the row's lease has ended.
func TestSweepHintsHistoryOfALostWorker(t *testing.T) {
	w := newWorld(t, "sqlite")
	w.ask(w.platform(), 1)
	s := newSweep(w.Worker)
	s.looking = true
	require.NoError(t, s.hintHistory(t.Context()))
	stand := make(chan struct{})
	server := asynq.NewServer(w.Queue.opt, asynq.Config{Concurrency: 1, Queues: map[string]int{backfillQueue: 1}, Logger: asynqLog{w.Log}})
	require.NoError(t, server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		<-stand
		return nil
	})))
	defer server.Shutdown()
	defer close(stand)
	require.Eventually(t, func() bool {
		tasks, err := w.Queue.inspector.ListActiveTasks(backfillQueue)
		return err == nil && len(tasks) == 1
	}, patience, time.Millisecond)
	for range 3 {
		require.NoError(t, s.hintHistory(t.Context()))
	}
	tasks, err := w.Queue.inspector.ListPendingTasks(backfillQueue)
	require.NoError(t, err)
	require.NotEmpty(t, tasks)
	require.LessOrEqual(t, len(tasks), 2, "one in half a minute, which may end meanwhile")
}
