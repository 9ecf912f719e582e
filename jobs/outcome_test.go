package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/delight/gate"
	"flywheel/integrations/shopify/shopifyfake"
)

// A parcel is late, and its order was refunded or cancelled meanwhile: nobody
// is written to about it any more, neither the customer nor the team.
func TestLateParcelOfAnOrderThatIsNoMore(t *testing.T) {
	late := map[string]struct {
		mails int // of an order that stands
		late  func(w *world, f *shopifyfake.Fulfilment)
	}{
		"not_delivered":    {2, func(*world, *shopifyfake.Fulfilment) {}}, // the team, then the customer
		"delivery_delayed": {1, func(w *world, f *shopifyfake.Fulfilment) { w.hear("fulfillment_events/create", f.Delay(w.now())) }},
	}
	outcomes := map[string]struct {
		reason gate.Reason
		tell   func(w *world, o *shopifyfake.Order)
	}{
		"stands": {"", func(*world, *shopifyfake.Order) {}},
		"refunded": {gate.Refunded, func(w *world, o *shopifyfake.Order) {
			w.hear("refunds/create", o.Refund(w.now(), o.Total()).Body())
		}},
		"cancelled": {gate.Cancelled, func(w *world, o *shopifyfake.Order) {
			w.hear("orders/cancelled", o.Cancel(w.now()).Body())
		}},
	}
	for playbook, c := range late {
		for outcome, then := range outcomes {
			t.Run(playbook+" "+outcome, func(t *testing.T) {
				t.Parallel()
				each(t, func(t *testing.T, w *world) {
					w.alone()
					w.save(w.playbook(playbook))
					o := w.order(1)
					f := o.Fulfil(w.now())
					w.hear("orders/fulfilled", o.Body())
					w.pass(1, 5*day)
					then.tell(w, o)
					w.pass(1, time.Hour)
					c.late(w, f)
					w.pass(20, 12*time.Hour)
					if then.reason == "" {
						require.Equal(t, c.mails, w.sent())
						return
					}
					require.Zero(t, w.sent())
					require.NotZero(t, w.count(`SELECT COUNT(*) FROM decisions WHERE campaign_id = $1 AND reason = $2`, playbook, then.reason)+
						w.count(`SELECT COUNT(*) FROM enrollments WHERE campaign_id = $1 AND reason = $2`, playbook, then.reason), "somebody can read why")
				})
			})
		}
	}
}
