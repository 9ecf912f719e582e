package jobs

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/shopify/shopifyfake"
)

// How long parcels travel is learned from each parcel once, however often it is
// told of; an order in two parcels tells twice.
func TestEachParcelTeachesOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		learned := func() int { return w.count(`SELECT COALESCE(SUM(n), 0) FROM transit`) }
		o := w.order(1)
		first := o.FulfilPart(w.now(), shopifyfake.RefundLine{Line: 0, Quantity: 1})
		second := o.FulfilPart(w.now(), shopifyfake.RefundLine{Line: 1, Quantity: 2})
		w.hear("orders/fulfilled", o.Body())
		require.Zero(t, learned(), "nothing has come yet")

		w.pass(1, 3*day)
		came := first.Deliver(w.now())
		w.hear("fulfillment_events/create", came)
		require.Equal(t, 1, learned())
		w.hear("fulfillment_events/create", came)
		w.hear("fulfillments/update", first.Body())
		w.hear("orders/updated", o.Touch(w.now()).Body())
		require.Equal(t, 1, learned(), "told again")

		w.pass(1, 2*day)
		came = second.Deliver(w.now())
		w.hear("fulfillment_events/create", came, came)
		w.hear("refunds/create", o.Refund(w.now(), o.Total()).Body())
		require.Equal(t, 2, learned())
		require.Equal(t, 1, w.count(`SELECT n FROM transit WHERE days = 3`))
		require.Equal(t, 1, w.count(`SELECT n FROM transit WHERE days = 5`))
	})
}
