package commerce

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// fulfilled is a snapshot in which every line is shipped.
func fulfilled(at Instant) OrderChange {
	c := snapshot(asOf(at))
	c.FulfilledSeen = at
	return c
}

func TestFulfilledAtIsTheLastShipment(t *testing.T) {
	o := merged(parcel(Fulfilment{ID: "a", ShippedAt: after(1)}), parcel(Fulfilment{ID: "b", ShippedAt: after(3)}))
	require.Zero(t, o.FulfilledAt(), "not every line is known to be sent")
	o.Merge(fulfilled(after(4)), Shopify)
	require.Equal(t, after(3), o.FulfilledAt())
	o.Merge(parcel(Fulfilment{ID: "b", Status: FulfilmentCancelled}), Shopify)
	require.Equal(t, after(1), o.FulfilledAt())
}

func TestRefusedParcel(t *testing.T) {
	cod := snapshot(onDelivery)
	cancelled := OrderChange{Keys: cod.Keys, Cancel: Cancel{Told: after(3)}}
	paid := OrderChange{Keys: cod.Keys, Payment: Payment{Told: after(2)}}
	restock := refund("r", 0, RefundSucceeded, after(3), cups(2), pots(1))
	failed, came := parcel(Fulfilment{FailedAt: after(3)}), parcel(Fulfilment{DeliveredAt: after(4)})
	for name, c := range map[string]struct {
		told []OrderChange
		want bool
	}{
		"on its way":             {[]OrderChange{cod, parcel(Fulfilment{ShippedAt: after(1)})}, false},
		"cancelled":              {[]OrderChange{cod, cancelled}, true},
		"restocked whole":        {[]OrderChange{cod, restock}, true},
		"restocked in part":      {[]OrderChange{cod, refund("r", 0, RefundSucceeded, after(3), cups(2))}, false},
		"given up":               {[]OrderChange{cod, failed}, true},
		"given up, then brought": {[]OrderChange{cod, failed, came}, false},
		"an edit took it all":    {[]OrderChange{cod, edit(after(1), cups(2), pots(1))}, false},
		"paid before":            {[]OrderChange{cod, paid, cancelled, failed}, false},
		"another gateway":        {[]OrderChange{snapshot(status("pending")), cancelled, failed}, false},
	} {
		require.Equal(t, c.want, merged(c.told...).Refused(cash), name)
		require.False(t, merged(c.told...).Refused(Settings{}), "%s: the shop lists no such gateway", name)
	}
}
