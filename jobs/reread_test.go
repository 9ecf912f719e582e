package jobs

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/stripe"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// checkedOut is a purchase that was told by its session and its charge.
func (w *world) checkedOut(fake *stripefake.Server, i int) stripefake.Purchase {
	w.t.Helper()
	p := w.sale(i, w.now())
	w.hears(fake, stripefake.Event{Type: "checkout.session.completed", Object: p.Session()}, stripefake.Event{Type: "charge.succeeded", Object: p.Charge(0)})
	return p
}

// hears has events of the account delivered, one after the other.
func (w *world) hears(fake *stripefake.Server, events ...stripefake.Event) {
	w.t.Helper()
	for _, e := range events {
		require.True(w.t, w.brings(fake.Emit(account, e)))
	}
}

// dueFetch is the one order that is to be read again by now.
func (w *world) dueFetch() commerce.OrderID {
	w.t.Helper()
	due, err := w.Store.DueFetches(w.t.Context(), 10)
	require.NoError(w.t, err)
	require.Len(w.t, due, 1)
	return due[0].Order
}

func (w *world) stored(id commerce.OrderID) *store.StoredOrder {
	w.t.Helper()
	o, err := w.Store.Order(w.t.Context(), w.shop, id)
	require.NoError(w.t, err)
	return o
}

// What comes while Stripe is asked, its answer may not know: it is asked again,
// also where that is to be at the very moment at which it was to be asked before.
func TestRefundThatFailsWhileItsChargeIsRead(t *testing.T) {
	t.Parallel()
	for name, later := range map[string]time.Duration{"a second later": time.Second, "at once": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) { failsWhileRead(t, w, later) })
		})
	}
}

func failsWhileRead(t *testing.T, w *world, later time.Duration) {
	t.Helper()
	fake := w.stripe()
	p := w.checkedOut(fake, 1)
	w.hears(fake, fake.Refund(account, p.ChargeID(), 0, "re_1")...)
	id := w.dueFetch()
	before := len(fake.Calls())

	release := fake.Stall()
	done := make(chan error, 1)
	go func() { done <- w.fetch(t.Context(), w.shop, id) }()
	require.Eventually(t, func() bool { return len(fake.Calls()) > before }, patience, time.Millisecond)
	storetest.ClockOf(w.Store).Advance(later)
	w.hears(fake, fake.FailRefund(account, "re_1")...)
	release()
	require.NoError(t, <-done)
	require.Equal(t, id, w.dueFetch(), "asked before it was told")
	require.NoError(t, w.fetch(t.Context(), w.shop, id))
	require.Zero(t, w.stored(id).FetchAt)
	require.Zero(t, w.stored(id).Refunded())
}

// A refund that is told once more in the same words may come of news about its
// charge's sum, of which nothing else told.
func TestRefundToldAgainHasItsChargeRead(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe()
		p := w.checkedOut(fake, 1)
		told := fake.Refund(account, p.ChargeID(), 400, "re_1")
		w.hears(fake, told...)
		id := w.dueFetch()
		require.NoError(t, w.fetch(t.Context(), w.shop, id))
		require.Zero(t, w.stored(id).FetchAt)
		require.EqualValues(t, 400, w.stored(id).Refunded())

		storetest.ClockOf(w.Store).Advance(time.Minute)
		fake.Refund(account, p.ChargeID(), 300, "re_2") // its events are lost
		again := told[slices.IndexFunc(told, func(e stripefake.Event) bool { return e.Type == "refund.created" })]
		require.True(t, w.brings(stripefake.Event{ID: "evt_again", Type: "refund.updated", Created: again.Created, Account: account, Object: again.Object}.Body()))
		require.Equal(t, id, w.dueFetch())
		require.NoError(t, w.fetch(t.Context(), w.shop, id))
		require.EqualValues(t, 700, w.stored(id).Refunded())
	})
}

// Only deliveries ask, and only where somebody can: a revoked account, no key of
// the mode, or nobody at all.
func TestNobodyToReadAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cut  func(w *world)
		asks bool
	}{
		"as usual":   {func(*world) {}, true},
		"revoked":    {func(w *world) { w.exec(`UPDATE connections SET token_state = 'revoked'`) }, false},
		"no key":     {func(w *world) { w.Accounts.Keys = stripe.Keys{Test: testKey} }, false},
		"no account": {func(w *world) { w.Accounts = nil }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "sqlite")
			fake := w.stripe()
			p := w.checkedOut(fake, 1)
			bare := w.sale(2, w.now()) // a customer's, without their address
			bare.Email = "-"
			fake.Put(account, bare.Charge(0))
			c.cut(w)
			w.hears(fake, fake.Dispute(account, p.ChargeID(), "dp_1")...)
			w.hears(fake, stripefake.Event{Type: "payment_intent.succeeded", Object: bare.PaymentIntent()})
			want := 0
			if c.asks {
				want = 2
			}
			require.Equal(t, want, w.count(`SELECT COUNT(*) FROM orders WHERE fetch_at > 0`))
			for range want {
				storetest.ClockOf(w.Store).Advance(time.Minute)
				due, err := w.Store.DueFetches(t.Context(), 10)
				require.NoError(t, err)
				require.NoError(t, w.fetch(t.Context(), w.shop, due[0].Order))
			}
			require.Zero(t, w.count(`SELECT COUNT(*) FROM orders WHERE fetch_at > 0`))
		})
	}
}
