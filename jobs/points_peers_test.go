package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/shopify/shopifyfake"
)

// What others get wrong, told as Shopify tells it: a pot for 70 and two cups for 15 pounds each,
// 4.90 of shipping, five points for each pound of goods.
func TestWhatOthersGetWrong(t *testing.T) {
	pot, cup := shopifyfake.RefundLine{Line: 0, Quantity: 1}, shopifyfake.RefundLine{Line: 1, Quantity: 1}
	for name, c := range map[string]struct {
		happens func(w *world, o *shopifyfake.Order)
		points  int64
	}{
		"the rule is deleted before the refund": {func(w *world, o *shopifyfake.Order) {
			saved, err := w.Store.LoyaltyProgram(w.t.Context(), w.shop)
			require.NoError(w.t, err)
			saved.Rules = nil
			_, err = w.Store.SaveProgram(w.t.Context(), w.shop, saved.Program, saved.Rev, "owner")
			require.NoError(w.t, err)
			w.merge(w.decode("refunds/create", o.Refund(w.now(), 7000, pot).Body()))
		}, 150},
		"two partial refunds, then a cancel": {func(w *world, o *shopifyfake.Order) {
			w.merge(w.decode("refunds/create", o.Refund(w.now(), 1500, cup).Body()))
			require.EqualValues(w.t, 425, w.adasPoints().Points)
			w.merge(w.decode("refunds/create", o.Refund(w.now(), 1500, cup).Body()))
			require.EqualValues(w.t, 350, w.adasPoints().Points)
			w.merge(w.decode("orders/cancelled", o.Cancel(w.now()).Body()))
			w.merge(w.decode("orders/updated", o.Body()))
		}, 0},
		"a return for store credit": {func(w *world, o *shopifyfake.Order) {
			w.merge(w.decode("refunds/create", o.Refund(w.now(), 0, pot).Body()))
		}, 150},
		"a refund that keeps the shipping": {func(w *world, o *shopifyfake.Order) {
			w.merge(w.decode("refunds/create", o.Refund(w.now(), 10_000, pot, cup, cup).Body()))
			w.merge(w.decode("orders/updated", o.Body()))
		}, 0},
		"a refund that fails": {func(w *world, o *shopifyfake.Order) {
			r := o.Refund(w.now(), 10_490)
			w.merge(w.decode("refunds/create", r.Body()))
			require.Zero(w.t, w.adasPoints().Points)
			w.merge(w.decode("refunds/create", r.Settle(w.now().Add(time.Hour), "failure").Body()))
		}, 500},
		"a dispute that is lost": {func(w *world, o *shopifyfake.Order) {
			w.merge(w.decode("disputes/create", o.Dispute("needs_response", w.now(), time.Time{})))
			w.merge(w.decode("disputes/update", o.Dispute("lost", w.now(), w.now().Add(time.Hour))))
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				w.alone()
				p := fivePerPound()
				p.Rules = p.Rules[:1]
				w.withProgram(p)
				o := w.order(1).With(shopifyfake.Line{Title: "Pot", Quantity: 1, Price: 7000}, shopifyfake.Line{Title: "Cup", Quantity: 2, Price: 1500})
				w.merge(w.decode("orders/paid", o.Body()))
				w.goesBy(100 * day)
				require.EqualValues(t, 500, w.adasPoints().Points)
				c.happens(w, o)
				w.goesBy(time.Minute)
				require.Equal(t, []int64{0, c.points}, []int64{w.adasPoints().Pending, w.adasPoints().Points})
			})
		})
	}
}
