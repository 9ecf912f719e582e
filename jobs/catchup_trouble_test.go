package jobs

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store/storetest"
)

// Where nobody can be asked the look rests, in silence, and goes on from where it was.
func TestCatchUpWithoutAccess(t *testing.T) {
	for name, c := range map[string]struct {
		take func(w *world, fake *stripefake.Server)
		give func(w *world, fake *stripefake.Server)
		asks int // questions that show it
		find int
	}{
		"no key of the mode": {
			func(w *world, _ *stripefake.Server) { w.Accounts.Keys.Live = "" },
			func(w *world, _ *stripefake.Server) { w.Accounts.Keys.Live = liveKey },
			0, 0,
		},
		"no key at all": {
			func(w *world, _ *stripefake.Server) { w.Accounts = nil },
			func(w *world, _ *stripefake.Server) {
				w.Accounts = accountsAt(w.Store, w.stripeAt, stripe.Keys{Live: liveKey})
			},
			0, 0,
		},
		"the app was removed": {
			func(_ *world, fake *stripefake.Server) { fake.Disconnect(account) },
			func(w *world, fake *stripefake.Server) {
				fake.Connect(account, true, stripefake.AccountInfo{})
				_, err := w.Store.Connect(w.t.Context(), w.shop, w.conn)
				require.NoError(w.t, err)
			},
			1, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.stripe(yesterday)
				w.pays(fake, w.sale(1, w.now()))
				storetest.ClockOf(w.Store).Advance(time.Hour)
				c.take(w, fake)
				for range 2 {
					require.NoError(t, w.reconcileNow())
					storetest.ClockOf(w.Store).Advance(2 * 24 * time.Hour)
				}
				require.Len(t, fake.Calls(), 2*c.asks, "each with one for whether it is the account that refuses")
				require.Len(t, w.findings(), c.find, "and nothing is said again and again")
				r, err := w.Store.Reconciliation(t.Context(), w.shop, w.conn.ID)
				require.NoError(t, err)
				require.Equal(t, w.conn.InstalledAt, r.Watermark)
				require.Equal(t, int64(c.asks), r.Tries, "that nobody can ask is no failure")
				c.give(w, fake)
				w.catchUp()
				require.Contains(t, w.findings(), "order_missed pi_s1")
			})
		})
	}
}

// reconcileNow looks as the sweep would have it done now: not at all where nothing is due.
func (w *world) reconcileNow() error {
	w.t.Helper()
	if err := w.Store.AddReconciliations(w.t.Context()); err != nil {
		return err
	}
	w.exec(`UPDATE reconciliations SET next_at = 1 WHERE next_at > 0`)
	due, err := w.Store.DueReconciliations(w.t.Context(), 10)
	for _, d := range due {
		if err := w.reconcile(w.t.Context(), d.Shop, d.Connection); err != nil && !fault.Is(err, fault.Denied) {
			return err
		}
	}
	return err
}

// While Stripe is down or busy the watermark stays, and the next try comes later each time.
func TestCatchUpWaitsForStripe(t *testing.T) {
	for _, status := range []int{429, 500, 401} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.stripe(yesterday)
				w.pays(fake, w.sale(1, w.now()))
				storetest.ClockOf(w.Store).Advance(time.Hour)
				for tries, pause := range []time.Duration{5 * time.Minute, 10 * time.Minute} {
					fake.Fail(1, status)
					r := w.catchUp()
					require.Equal(t, int64(tries+1), r.Tries)
					require.Equal(t, w.conn.InstalledAt, r.Watermark)
					require.Equal(t, w.Store.Now().Add(pause), r.NextAt)
					require.NotEmpty(t, r.Note)
					require.Empty(t, w.findings())
				}
				r := w.catchUp()
				require.Equal(t, []any{int64(0), int64(1), ""}, []any{r.Tries, r.Found, r.Note})
			})
		})
	}
}

// A look that is interrupted goes on behind the page it had done; another
// worker keeps away meanwhile, and one that lost it does no harm.
func TestCatchUpHasOneWorker(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe(yesterday)
		const n = 130
		for i := range n {
			p := w.sale(i, w.now().Add(time.Duration(i)*time.Second))
			fake.Emit(account, stripefake.Event{Type: "charge.succeeded", Created: p.At, Object: p.Charge(0)})
		}
		storetest.ClockOf(w.Store).Advance(time.Hour)
		require.NoError(t, w.Store.AddReconciliations(t.Context()))
		w.exec(`UPDATE reconciliations SET next_at = 1`)
		r, ok, err := w.Store.LeaseReconciliation(t.Context(), w.shop, w.conn.ID, "lost")
		require.NoError(t, err)
		require.True(t, ok)
		l := &look{Worker: w.Worker, Reconciliation: r, conn: w.conn, owner: "lost"} // its time is over at once
		require.NoError(t, l.events(t.Context()))
		w.drained()
		require.Equal(t, 100, w.count(`SELECT COUNT(*) FROM orders`))
		asked := len(fake.Calls())
		require.Equal(t, w.conn.InstalledAt, w.catchUp().Watermark, "another has it")
		require.Len(t, fake.Calls(), asked)

		w.exec(`UPDATE reconciliations SET lease_until = 0`)
		bound := l.Bound
		storetest.ClockOf(w.Store).Advance(5 * time.Minute)
		r = w.catchUp()
		require.Equal(t, bound, r.Watermark, "what happened since is the next look's")
		require.Equal(t, int64(n), r.Found)
		require.Equal(t, int64(2*n), r.Looked, "each once and in the sweep, but not from the beginning")
		require.Len(t, w.findings(), 100, "of %d, as many as are listed", n)
		require.Equal(t, n, w.count(`SELECT COUNT(*) FROM orders`))
		err = l.events(t.Context())
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		require.Equal(t, n, w.count(`SELECT COUNT(*) FROM findings`))
	})
}

// A worker is lost between the note of what was missed and the inbox: it is
// found missing once more, and was noted once.
func TestCatchUpThatIsLostInBetween(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe(yesterday)
		p := w.sale(1, w.now())
		d, _, _, err := stripe.Read(w.happens(fake, map[string]stripefake.Object{"charge.succeeded": p.Charge(0)})[0])
		require.NoError(t, err)
		require.NoError(t, w.Store.AddReconciliations(t.Context()))
		w.exec(`UPDATE reconciliations SET next_at = 1`)
		r, ok, err := w.Store.LeaseReconciliation(t.Context(), w.shop, w.conn.ID, "lost")
		require.NoError(t, err)
		require.True(t, ok)
		l := &look{Worker: w.Worker, Reconciliation: r, conn: w.conn, owner: "lost"}
		require.NoError(t, l.noteMissing(t.Context(), []commerce.Delivery{d}, 0))
		require.NoError(t, w.Store.ReleaseReconciliation(t.Context(), w.shop, w.conn.ID, "lost"))
		storetest.ClockOf(w.Store).Advance(time.Hour)
		require.Equal(t, int64(1), w.catchUp().Found)
		require.Equal(t, []string{"order_missed pi_s1"}, w.findings())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM orders`))
	})
}

// An event that no door would take is said once, and the others are taken.
func TestCatchUpOfWhatCannotBeRead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe(yesterday)
		w.pays(fake, w.sale(1, w.now()))
		p := w.sale(2, w.now())
		fake.Emit(account, stripefake.Event{Type: "charge.succeeded", Object: p.Charge(0).With("payment_intent", "pi \x00")})
		fake.Emit(account, stripefake.Event{ID: "evt_bad", Type: "charge.succeeded", Object: p.Charge(0).Without("amount")})
		storetest.ClockOf(w.Store).Advance(time.Hour)
		for range 2 {
			w.catchUp()
			require.ElementsMatch(t, []string{"order_missed pi_s1", "order_missed pi_s2", "event_not_read " + string(w.conn.ID)}, w.findings())
		}
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM inbox WHERE state = 2 AND external_id = 'evt_bad'`))
	})
}

// A place is where it was, but among other questions the beginning.
func TestPlaceInALook(t *testing.T) {
	types := [][]string{{"a", "b"}, {"c"}}
	for _, p := range []askPlace{{0, ""}, {0, "evt_1"}, {1, ""}, {1, "evt_2"}, {2, ""}} {
		require.Equal(t, p, placeIn(types, p.in(types)))
	}
	kept := askPlace{1, "evt_1"}.in(types)
	require.Equal(t, askPlace{}, placeIn([][]string{{"a"}, {"b", "c"}}, kept))
	for _, strange := range []string{"", "evt_1", "1", "x y z"} {
		require.Equal(t, askPlace{}, placeIn(types, strange))
	}
}

// The sweep hands out what is due of an account where Stripe alone is set up, and only once.
func TestSweepHintsHistoryOfAccounts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.askCharges(w.stripe(yesterday), 1)
		w.exec(`DELETE FROM reconciliations`)
		require.Nil(t, w.Shopify)
		s := newSweep(w.Worker)
		hint := func() (n int) {
			s.looking = true
			require.NoError(t, s.hintHistory(t.Context()))
			for _, queue := range []string{backfillQueue, reconcileQueue} {
				tasks, err := w.Queue.inspector.ListPendingTasks(queue)
				if err == nil {
					n += len(tasks)
				}
			}
			return n
		}
		require.Equal(t, 1, hint())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM reconciliations`))
		storetest.ClockOf(w.Store).Advance(31 * time.Minute)
		for range 3 {
			require.Equal(t, 2, hint())
		}
	})
}
