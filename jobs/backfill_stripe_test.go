package jobs

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/stripe"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// An account's past is read whole and once, in its own name and mode; nobody is
// written to for it, and what webhooks told meanwhile of the same purchases stays.
func TestBackfillReadsCharges(t *testing.T) {
	eachMode(t, func(t *testing.T, w *world, fake *stripefake.Server) {
		w.askCharges(fake, 230)
		fake.Put(account, w.sold(230).Charge(0).With("status", "failed", "paid", false, "captured", false))
		for _, e := range fake.Refund(account, "ch_s5", 1005, "re_5") {
			w.brings(e.Body())
		}
		b := w.readAll(w.Worker, 1)
		require.Equal(t, []any{store.BackfillDone, int64(230), int64(0), "", int64(0)}, []any{b.State, b.Orders, b.Refused, b.Note, b.Tries})
		require.Equal(t, w.Store.Now(), b.FinishedAt)
		require.Equal(t, (230 * time.Hour).Milliseconds(), b.Position)
		require.Equal(t, int64(w.conn.InstalledAt-commerce.At(w.conn.InstalledAt.Time().AddDate(-2, 0, 0))), b.Size, "so much older is the account")
		for _, c := range fake.Calls() {
			require.Equal(t, w.askedAs(), c.Account, c.Path)
		}

		require.Equal(t, 230, w.count(`SELECT COUNT(*) FROM orders WHERE stub = 0`))
		buyers := 40
		if !w.conn.Live { // what was tried is nobody's
			buyers = 0
		}
		require.Equal(t, buyers, w.count(`SELECT COUNT(*) FROM persons WHERE merged_into = '' AND email <> ''`))
		require.Equal(t, 230, w.count(`SELECT COUNT(*) FROM events WHERE kind = 'order_paid' AND historic = 1`))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM events WHERE kind = 'refund_made'`))
		w.settle()
		require.Zero(t, w.count(`SELECT COUNT(*) FROM enrollments`))
		require.Zero(t, w.sent())
		require.Empty(t, w.findings())

		asked := len(fake.Calls())
		require.NoError(t, w.Store.AskBackfill(t.Context(), w.shop, w.conn))
		require.Equal(t, b, w.turn(w.Worker), "it was read in this install")
		require.Len(t, fake.Calls(), asked)
	})
}

// Who bought before the account was connected buys again, not for the first time.
func TestChargesOfThePastCountForHistory(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		d := w.mails("first", w.mail("told", 7))
		d.Condition = "order.first"
		w.save(d)
		d = w.mails("third", w.mail("told", 7))
		d.Condition = "order.index == 3"
		w.save(d)
		fake := w.stripe()
		for i := range 2 {
			p := w.sold(40 * i) // of one customer
			fake.Put(account, p.Charge(0), p.PaymentIntent())
		}
		require.NoError(t, w.Store.AskBackfill(t.Context(), w.shop, w.conn))
		w.readAll(w.Worker, 1)
		require.Zero(t, w.sent())

		for i, want := range []int{1, 1} {
			p := w.sale(1000+39*i, w.now()) // customer 0 again, and a new one
			w.brings(fake.Emit(account, stripefake.Event{Type: "checkout.session.completed", Test: p.Test, Object: p.Session()}))
			require.Equal(t, want, w.count(`SELECT COUNT(*) FROM enrollments WHERE campaign_id = $1`, []string{"third", "first"}[i]))
		}
	})
}

// An account that has sold nothing is done at once, and so is one that tells no more of its age than when it was connected.
func TestBackfillOfAnAccount(t *testing.T) {
	for name, c := range map[string]struct {
		charges int
		created func(w *world) time.Time
		size    bool
	}{
		"that sold nothing":                       {0, func(w *world) time.Time { return w.conn.InstalledAt.Time().AddDate(-1, 0, 0) }, true},
		"that tells when it was connected":        {3, func(w *world) time.Time { return w.conn.InstalledAt.Time().Add(-time.Minute) }, false},
		"that tells it was connected afterwards":  {3, func(w *world) time.Time { return w.now() }, false},
		"whose past ends on the day of its birth": {3, func(w *world) time.Time { return w.conn.InstalledAt.Time().Add(-3 * time.Hour) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "sqlite")
			fake := w.stripe()
			fake.Connect(account, true, stripefake.AccountInfo{Created: c.created(w)})
			w.askCharges(fake, c.charges)
			b := w.readAll(w.Worker, 1)
			require.Equal(t, []any{store.BackfillDone, int64(c.charges), c.size}, []any{b.State, b.Orders, b.Size > 0})
		})
	}
}

// A charge that cannot be read is noted, and the others are read.
func TestBackfillRefusesACharge(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe()
		w.askCharges(fake, 6)
		fake.Put(account, w.sold(2).Charge(0).Without("amount"))
		w.poison("INV-s0")
		require.NoError(t, w.Store.AskBackfill(t.Context(), w.shop, w.conn))
		b := w.readAll(w.Worker, 1)
		require.Equal(t, []any{store.BackfillDone, int64(4), int64(2)}, []any{b.State, b.Orders, b.Refused})
		require.Equal(t, 4, w.count(`SELECT COUNT(*) FROM orders`))
		require.ElementsMatch(t, []string{"order_not_read ch_s0", "order_not_read ch_s2"}, w.findings())
	})
}

// Whatever goes wrong at Stripe is waited for, with a word about it; nothing is read twice afterwards.
func TestBackfillWaitsForStripe(t *testing.T) {
	for name, c := range map[string]struct {
		harm  func(w *world, fake *stripefake.Server)
		note  string
		tries int64
		finds []string
	}{
		"it is busy":              {func(_ *world, fake *stripefake.Server) { fake.Fail(1, 429) }, "the platform could not be reached", 1, nil},
		"it is down":              {func(_ *world, fake *stripefake.Server) { fake.Fail(1, 503) }, "the platform could not be reached", 1, nil},
		"it refuses the key":      {func(_ *world, fake *stripefake.Server) { fake.Fail(1, 401) }, "Stripe does not let the app read the account", 1, nil},
		"there is no key of it":   {func(w *world, _ *stripefake.Server) { w.Accounts.Keys = stripe.Keys{Test: testKey} }, "there is no live key of Stripe to ask with: set STRIPE_SECRET_KEY", 0, nil},
		"this process has no key": {func(w *world, _ *stripefake.Server) { w.Accounts = nil }, "there is nobody who could ask the platform", 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.stripe()
				w.askCharges(fake, 250)
				require.Equal(t, int64(100), w.onePage().Orders)
				accounts := w.Accounts
				w.Accounts = accountsAt(w.Store, w.stripeAt, accounts.Keys)
				c.harm(w, fake)
				b := w.turn(w.Worker)
				require.Equal(t, []any{store.BackfillReading, c.note, c.tries, int64(100)}, []any{b.State, b.Note, b.Tries, b.Orders})
				require.Greater(t, b.NextAt, commerce.At(time.Now()), "not at once")
				require.Empty(t, w.findings())
				w.Accounts = accounts
				b = w.readAll(w.Worker, 1)
				require.Equal(t, []any{int64(250), int64(0), ""}, []any{b.Orders, b.Tries, b.Note})
				require.Equal(t, 250, w.count(`SELECT COUNT(*) FROM orders`))
			})
		})
	}
}

// onePage reads one page of charges, as a worker does whose time is over at once.
func (w *world) onePage() store.Backfill {
	w.t.Helper()
	w.exec(`UPDATE backfills SET next_at = 1`)
	b, ok, err := w.Store.LeaseBackfill(w.t.Context(), w.shop, w.conn.ID, "test")
	require.NoError(w.t, err)
	require.True(w.t, ok)
	p := &past{Worker: w.Worker, Backfill: b, conn: w.conn, owner: "test"}
	for before := b.Operation; p.Orders == b.Orders && p.State.Open() && (p.Operation == before || b.State == store.BackfillAsked); {
		require.NoError(w.t, p.step(w.t.Context()))
	}
	require.NoError(w.t, w.Store.ReleaseBackfill(w.t.Context(), w.shop, w.conn.ID, "test"))
	return w.backfilled()
}

// The app is removed from the account while its past is being read: that rests,
// and says so once. Connected again, it is read to its end.
func TestBackfillEndsWithTheAccess(t *testing.T) {
	for name, gone := range map[string]func(w *world, fake *stripefake.Server){
		"before anybody tells us": func(w *world, fake *stripefake.Server) { fake.Disconnect(account) },
		"and Stripe says so": func(w *world, fake *stripefake.Server) {
			storetest.ClockOf(w.Store).Advance(time.Hour)
			w.brings(fake.Uninstall(account, true).Body())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.stripe()
				w.askCharges(fake, 250)
				w.onePage()
				gone(w, fake)
				b := w.turn(w.Worker)
				asked := len(fake.Calls())
				require.Equal(t, []any{store.BackfillReading, int64(100), commerce.Instant(0)}, []any{b.State, b.Orders, b.NextAt})
				due, err := w.Store.DueBackfills(t.Context(), 10)
				require.NoError(t, err)
				require.Empty(t, due)
				require.LessOrEqual(t, len(w.findings()), 1)
				require.Equal(t, b, w.turn(w.Worker))
				require.Len(t, fake.Calls(), asked)

				fake.Connect(account, true, stripefake.AccountInfo{})
				_, err = w.Store.Connect(t.Context(), w.shop, commerce.Connection{
					Platform: commerce.Stripe, ExternalID: account, Live: true, InstalledAt: w.Store.Now(),
				})
				require.NoError(t, err)
				w.conn, err = w.Store.ConnectionByID(t.Context(), w.conn.ID)
				require.NoError(t, err)
				require.Equal(t, int64(250), w.readAll(w.Worker, 3).Orders)
				require.Equal(t, 250, w.count(`SELECT COUNT(*) FROM orders`))
				require.Zero(t, w.count(`SELECT COUNT(*) FROM enrollments`))
			})
		})
	}
}

// A worker that is lost in the middle costs nothing but time; and one that comes
// back to what another has taken over does no harm.
func TestBackfillOfChargesHasOneWorker(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe()
		w.askCharges(fake, 250)
		w.onePage()
		w.exec(`UPDATE backfills SET next_at = 1`)
		lost, ok, err := w.Store.LeaseBackfill(t.Context(), w.shop, w.conn.ID, "lost")
		require.NoError(t, err)
		require.True(t, ok)
		asked := len(fake.Calls())
		require.Equal(t, int64(100), w.turn(w.Worker).Orders, "another has it")
		require.Len(t, fake.Calls(), asked)
		_, err = w.Store.RecoverLeases(t.Context(), "successor")
		require.NoError(t, err)
		require.Equal(t, int64(250), w.readAll(w.Worker, 1).Orders)

		p := &past{Worker: w.Worker, Backfill: lost, conn: w.conn, owner: "lost", end: time.Now().Add(time.Minute)}
		require.Error(t, p.step(t.Context()))
		b := w.backfilled()
		require.Equal(t, []any{store.BackfillDone, int64(250)}, []any{b.State, b.Orders})
		require.Equal(t, 250, w.count(`SELECT COUNT(*) FROM orders`))
	})
}

// Two workers are told to do the same at the same time: one of them does it.
func TestHistoryIsReadByOneOfTwo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe(yesterday)
		w.askCharges(fake, 250)
		w.pays(fake, w.sale(1000, w.now()))
		storetest.ClockOf(w.Store).Advance(time.Hour)
		w.exec(`UPDATE reconciliations SET next_at = 1`)
		second := w.worker(w.Store)
		second.Accounts = w.Accounts
		var both sync.WaitGroup
		for _, worker := range []*Worker{w.Worker, second} {
			for _, do := range []func(context.Context, commerce.ShopID, commerce.ConnectionID) error{worker.backfill, worker.reconcile} {
				both.Go(func() {
					if err := do(t.Context(), w.shop, w.conn.ID); err != nil {
						t.Error(err)
					}
				})
			}
		}
		both.Wait()
		w.drained()
		asked := map[string]int{}
		for _, c := range fake.Calls() {
			asked[c.Path]++
		}
		require.Equal(t, map[string]int{"/v1/account": 1, "/v1/charges": 3, "/v1/events": 2 * len(stripe.EventTypes())}, asked)
		require.Equal(t, []any{store.BackfillDone, int64(250)}, []any{w.backfilled().State, w.backfilled().Orders})
		require.Equal(t, 251, w.count(`SELECT COUNT(*) FROM orders`))
		require.Equal(t, []string{"order_missed pi_s1000"}, w.findings())
	})
}

// Where a place was left, another process goes on.
func TestPlaceInThePast(t *testing.T) {
	for _, p := range []pastPlace{{1772366400123, ""}, {1772366400123, "ch_1"}} {
		got, err := placeOf(p.String(), 5)
		require.NoError(t, err)
		require.Equal(t, p, got)
	}
	got, err := placeOf("", 5)
	require.NoError(t, err)
	require.Equal(t, pastPlace{before: 5}, got)
	_, err = placeOf("ch_1", 5)
	require.Error(t, err, "never from somewhere")
}
