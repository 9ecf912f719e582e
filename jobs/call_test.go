package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
)

// exclude keeps a customer out of whatever asks something.
func (w *world) exclude(customer string) {
	w.t.Helper()
	s, err := w.Store.Shop(w.t.Context(), w.shop)
	require.NoError(w.t, err)
	s.Settings.Exclude.Customers = []string{customer}
	require.NoError(w.t, w.Store.SaveSettings(w.t.Context(), w.shop, s.Settings))
}

// A call reaches the customer like a mail does: whoever is not to be reached, or
// cannot be, stands on nobody's list.
func TestWhoIsNotCalled(t *testing.T) {
	for name, c := range map[string]struct {
		phone  string
		before func(w *world)
		reason gate.Reason // "" = they are called
	}{
		"somebody":                       {"+447700900123", func(*world) {}, ""},
		"suppressed":                     {"+447700900123", func(w *world) { w.suppress(ada) }, gate.Suppressed},
		"without one":                    {"", func(*world) {}, gate.Unreachable},
		"excluded, by address":           {"+447700900123", func(w *world) { w.exclude(ada) }, gate.ExcludedPerson},
		"excluded, by the platform's id": {"+447700900123", func(w *world) { w.exclude("6001") }, gate.ExcludedPerson},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				w.alone()
				w.save(w.asks("call", 10, later(1), outward(campaign.CallTask)))
				o := w.order(1)
				o.Customer.Phone, o.ShipTo.Phone = c.phone, c.phone
				w.hear("orders/paid", o.Body())
				c.before(w)
				w.pass(1, day+1)
				if c.reason == "" {
					require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM tasks WHERE state = $1`, store.TaskOpen))
					return
				}
				require.Zero(t, w.count(`SELECT COUNT(*) FROM tasks`))
				require.Equal(t, string(c.reason), w.text(`SELECT reason FROM decisions WHERE campaign_id = 'call'`))
			})
		})
	}
}

// Whoever tells a number while the call makes sense is called.
func TestPhoneThatIsToldLate(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.save(w.asks("call", 10, outward(campaign.CallTask)))
		o := w.order(1)
		o.Customer.Phone, o.ShipTo.Phone = "", ""
		w.hear("orders/paid", o.Body())
		w.pass(1, time.Hour)
		require.Zero(t, w.count(`SELECT COUNT(*) FROM tasks`))
		o.Customer.Phone = "+447700900123"
		w.hear("orders/updated", o.Touch(w.now()).Body())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM tasks`))
	})
}

// A call that is on the list is taken off when its order comes to nothing. The
// calls about other orders stay.
func TestCallIsDroppedWithItsOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.save(w.asks("call", 10, outward(campaign.CallTask)))
		one, other := w.orderOf(0, 1), w.orderOf(1, 2)
		w.hear("orders/paid", one.Body(), other.Body())
		require.Equal(t, 2, w.count(`SELECT COUNT(*) FROM tasks WHERE state = $1`, store.TaskOpen))
		w.hear("refunds/create", one.Refund(w.now(), 4900, shopifyfake.RefundLine{Line: 0, Quantity: 1}).Body())
		require.Equal(t, 2, w.count(`SELECT COUNT(*) FROM tasks WHERE state = $1`, store.TaskOpen), "a part was kept")
		w.hear("refunds/create", one.Refund(w.now(), one.Total()-4900).Body())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM tasks WHERE state = $1 AND note = $2`, store.TaskDropped, gate.Refunded))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM tasks WHERE state = $1`, store.TaskOpen))
	})
}
