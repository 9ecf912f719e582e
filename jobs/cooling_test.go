package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
)

// Two orders shortly after one another are one question. Once it was asked, the
// refund of the first does not have the second asked about.
func TestTheSecondOrderIsNotAskedAboutAfterwards(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.set("review_request", campaign.Live)
		one := w.order(1)
		parcel := one.Fulfil(w.now())
		w.hear("orders/paid", one.Body())
		w.hear("fulfillment_events/create", parcel.Deliver(w.now()))
		w.pass(1, 5*day)
		two := w.order(2)
		parcel = two.Fulfil(w.now())
		w.hear("orders/paid", two.Body())
		w.hear("fulfillment_events/create", parcel.Deliver(w.now()))
		w.pass(20, 12*time.Hour)
		require.Equal(t, 1, w.sent(), "about both")
		w.hear("refunds/create", one.Refund(w.now(), one.Total()).Body())
		w.pass(40, 12*time.Hour)
		require.Equal(t, 1, w.sent())
	})
}
