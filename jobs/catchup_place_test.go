package jobs

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/stripe"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// longAgo has an account connected for longer than Stripe tells of events.
func longAgo(c *commerce.Connection) {
	c.InstalledAt = commerce.At(storetest.Noon.Add(-60 * 24 * time.Hour))
}

// lookedUntil is a connection all of whose looks were well up to so long ago.
func (w *world) lookedUntil(ago time.Duration, swept time.Duration) {
	w.t.Helper()
	require.NoError(w.t, w.Store.AddReconciliations(w.t.Context()))
	w.exec(`UPDATE reconciliations SET next_at = 1, watermark = $1, looked_at = $1, swept_at = $2`, w.Store.Now().Add(-ago), w.Store.Now().Add(-swept))
}

// shortTurn is one turn whose time is over at once: after a page, or a question.
func (w *world) shortTurn() store.Reconciliation {
	w.t.Helper()
	w.exec(`UPDATE reconciliations SET next_at = 1`)
	r, ok, err := w.Store.LeaseReconciliation(w.t.Context(), w.shop, w.conn.ID, "short")
	require.NoError(w.t, err)
	require.True(w.t, ok)
	l := &look{Worker: w.Worker, Reconciliation: r, conn: w.conn, owner: "short"}
	require.NoError(w.t, l.events(w.t.Context()))
	require.NoError(w.t, w.Store.ReleaseReconciliation(w.t.Context(), w.shop, w.conn.ID, "short"))
	w.drained()
	return l.Reconciliation
}

// undelivered lets n payments have happened that webhooks brought, and that
// another endpoint of the merchant's has not taken.
func (w *world) undelivered(fake *stripefake.Server, n int, from time.Time) {
	w.t.Helper()
	for i := range n {
		p := w.sale(i, from.Add(time.Duration(i)*time.Second))
		require.True(w.t, w.brings(fake.Emit(account, stripefake.Event{Type: "charge.succeeded", Created: p.At, Object: p.Charge(0)})))
	}
}

// The daily sweep stands behind an event of nearly 30 days ago when Stripe has
// trouble for some hours: afterwards Stripe knows that event no more. The look
// finds what it finds all the same, and the sweep begins anew.
func TestSweepWhosePlaceIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe(longAgo)
		w.undelivered(fake, 130, w.now().Add(-eventsKept+2*time.Hour))
		w.lookedUntil(time.Hour, 25*time.Hour)
		r := w.shortTurn()
		for r.Sweep == "" {
			r = w.shortTurn()
		}
		require.NotEmpty(t, placeIn(stripe.EventTypes(), r.Sweep).cursor)
		require.Equal(t, []any{w.Store.Now().Add(-lookBehind), "", commerce.Instant(0)}, []any{r.Watermark, r.Cursor, r.Bound}, "the look is finished")
		require.Equal(t, w.Store.Now(), r.NextAt, "and the sweep goes on at once")

		storetest.ClockOf(w.Store).Advance(4 * time.Hour)
		w.pays(fake, w.sale(500, w.now())) // no webhook brings it
		storetest.ClockOf(w.Store).Advance(time.Hour)
		r = w.catchUp()
		require.Equal(t, []string{"order_missed pi_s500"}, w.findings())
		require.Equal(t, []any{w.Store.Now().Add(-lookBehind), store.NextLook(w.conn.ID, w.Store.Now()), int64(0)}, []any{r.Watermark, r.NextAt, r.Tries})
		require.Equal(t, "where the look stood is not known to Stripe any more", r.Note)
		require.Less(t, r.SweptAt, w.Store.Now())
		r = w.catchUp()
		require.Equal(t, []any{w.Store.Now(), "", ""}, []any{r.SweptAt, r.Sweep, r.Note})
	})
}

// A look whose own place is forgotten asks that question again from its beginning, once it is tried again.
func TestLookWhosePlaceIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe(longAgo)
		w.pays(fake, w.sale(1, w.now()))
		storetest.ClockOf(w.Store).Advance(time.Hour)
		w.lookedUntil(48*time.Hour, time.Hour)
		place := askPlace{ask: 0, cursor: "evt_forgotten"}.in(stripe.EventTypes())
		w.exec(`UPDATE reconciliations SET bound = $1, cursor = $2`, w.Store.Now().Add(-lookBehind), place)
		r := w.catchUp()
		require.Equal(t, []any{int64(1), "where the look stood is not known to Stripe any more", w.Store.Now().Add(5 * time.Minute)}, []any{r.Tries, r.Note, r.NextAt})
		require.Equal(t, askPlace{}, placeIn(stripe.EventTypes(), r.Cursor))
		r = w.catchUp()
		require.Equal(t, []any{int64(0), "", w.Store.Now().Add(-lookBehind)}, []any{r.Tries, r.Note, r.Watermark})
		require.Contains(t, w.findings(), "order_missed pi_s1")
	})
}

// noSweep is a way to Stripe that breaks off at each question for what could not be delivered.
type noSweep struct{}

func (noSweep) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Query().Get("delivery_success") == "false" {
		return nil, errors.New("the line is down")
	}
	return http.DefaultTransport.RoundTrip(r)
}

// While the sweep fails the looks come in their time, and it goes on from its place.
func TestSweepHoldsNothingUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe(longAgo)
		w.undelivered(fake, 130, w.now().Add(-10*24*time.Hour))
		w.lookedUntil(time.Hour, 25*time.Hour)
		r := w.shortTurn()
		for r.Sweep == "" {
			r = w.shortTurn()
		}
		place := r.Sweep
		storetest.ClockOf(w.Store).Advance(time.Hour)
		for range 3 {
			accounts := w.Accounts
			w.Accounts = accountsAt(w.Store, w.stripeAt, accounts.Keys)
			w.Accounts.Stripe = stripe.New(stripe.Options{URL: w.stripeAt, HTTP: &http.Client{Transport: noSweep{}}})
			r = w.catchUp()
			w.Accounts = accounts
			require.Equal(t, []any{place, int64(0), "the platform could not be reached"}, []any{r.Sweep, r.Tries, r.Note})
			require.Equal(t, []any{w.Store.Now().Add(-lookBehind), store.NextLook(w.conn.ID, w.Store.Now())}, []any{r.Watermark, r.NextAt})
			storetest.ClockOf(w.Store).Advance(30 * time.Minute)
		}
		looked := r.Looked
		r = w.catchUp()
		require.Equal(t, []any{w.Store.Now(), "", int64(30)}, []any{r.SweptAt, r.Sweep, r.Looked - looked}, "not from the beginning")
	})
}

// A clock runs ahead and comes back: what happens then is found within the hour, and the sweep comes too.
func TestLookAfterAClockThatRanAhead(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"hours": 6 * time.Hour, "a year": 365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.stripe(longAgo)
				w.lookedUntil(time.Hour, time.Hour)
				w.catchUp()
				clock := storetest.ClockOf(w.Store)
				clock.Advance(ahead)
				r := w.catchUp()
				require.Equal(t, w.Store.Now().Add(-lookBehind), r.Watermark)
				clock.Advance(-ahead)
				w.pays(fake, w.sale(1, w.now())) // no webhook brings it
				clock.Advance(40 * time.Minute)
				for range 2 { // as the sweep does
					require.NoError(t, w.Store.AddReconciliations(t.Context()))
					due, err := w.Store.DueReconciliations(t.Context(), 10)
					require.NoError(t, err)
					for _, d := range due {
						require.NoError(t, w.reconcile(t.Context(), d.Shop, d.Connection))
					}
					w.drained()
				}
				r, err := w.Store.Reconciliation(t.Context(), w.shop, w.conn.ID)
				require.NoError(t, err)
				require.Equal(t, []any{w.Store.Now().Add(-lookBehind), w.Store.Now(), store.NextLook(w.conn.ID, w.Store.Now())}, []any{r.Watermark, r.LookedAt, r.NextAt})
				require.LessOrEqual(t, r.SweptAt, w.Store.Now())
				require.Contains(t, w.findings(), "order_missed pi_s1")
			})
		})
	}
}

// The payments of a gap are read also where the reading failed and somebody
// asked for it again, or the account was connected again meanwhile.
func TestEventsGapAskedForAgain(t *testing.T) {
	for name, again := range map[string]func(w *world){
		"nobody does": func(*world) {},
		"it failed, and somebody tries again": func(w *world) {
			w.exec(`UPDATE backfills SET state = 'failed', next_at = 0, finished_at = 5`)
			require.NoError(w.t, w.Store.RetryBackfill(w.t.Context(), w.shop, w.conn))
		},
		"the access is lost and given again": func(w *world) {
			_, err := w.Store.RevokeGrant(w.t.Context(), w.conn)
			require.NoError(w.t, err)
			_, err = w.Store.Connect(w.t.Context(), w.shop, w.conn)
			require.NoError(w.t, err)
			w.conn, err = w.Store.ConnectionByID(w.t.Context(), w.conn.ID)
			require.NoError(w.t, err)
			require.NoError(w.t, w.Store.AskBackfill(w.t.Context(), w.shop, w.conn))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.stripe(longAgo)
				w.lookedUntil(40*24*time.Hour, 40*24*time.Hour)
				p := w.sale(1, w.now().Add(-35*24*time.Hour)) // no webhook told of it
				fake.Put(account, p.Charge(0))
				w.catchUp()
				require.Contains(t, w.findings(), "events_gap "+string(w.conn.ID))
				again(w)
				w.catchUp()
				w.readAll(w.Worker, 5)
				require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM orders`))
			})
		})
	}
}
