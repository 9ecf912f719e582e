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

func TestArrived(t *testing.T) {
	first := func(f Fulfilment) OrderChange { f.ID = "first"; return parcel(f) }
	other := func(f Fulfilment) OrderChange { f.ID = "other"; return parcel(f) }
	for name, c := range map[string]struct {
		told    []OrderChange
		want    Instant
		assumed bool
	}{
		"nothing sent":                 {[]OrderChange{snapshot()}, 0, false},
		"sent whole":                   {[]OrderChange{fulfilled(after(2)), first(Fulfilment{ShippedAt: after(1)})}, after(1), false},
		"sent whole, no parcel known":  {[]OrderChange{fulfilled(after(2))}, after(2), false},
		"sent in part":                 {[]OrderChange{snapshot(), first(Fulfilment{ShippedAt: after(1)})}, 0, false},
		"delivered":                    {[]OrderChange{fulfilled(after(2)), first(Fulfilment{ShippedAt: after(1)}), first(Fulfilment{DeliveredAt: after(4)})}, after(4), false},
		"delivered, never seen whole":  {[]OrderChange{snapshot(), first(Fulfilment{ShippedAt: after(1), DeliveredAt: after(4)})}, after(4), false},
		"one delivered, one to come":   {[]OrderChange{snapshot(), first(Fulfilment{DeliveredAt: after(4)}), other(Fulfilment{ShippedAt: after(3)})}, 0, false},
		"two delivered":                {[]OrderChange{snapshot(), first(Fulfilment{DeliveredAt: after(4)}), other(Fulfilment{DeliveredAt: after(6)})}, after(6), false},
		"one delivered, one untracked": {[]OrderChange{fulfilled(after(5)), first(Fulfilment{DeliveredAt: after(4)}), other(Fulfilment{ShippedAt: after(5)})}, after(5), false},
		"a parcel taken back":          {[]OrderChange{snapshot(), first(Fulfilment{DeliveredAt: after(4)}), other(Fulfilment{ShippedAt: after(3), Status: FulfilmentCancelled})}, after(4), false},
		"lost on its way":              {[]OrderChange{fulfilled(after(2)), first(Fulfilment{ShippedAt: after(1), FailedAt: after(6)})}, 0, false},
		"lost, then found":             {[]OrderChange{fulfilled(after(2)), first(Fulfilment{FailedAt: after(6)}), first(Fulfilment{DeliveredAt: after(8)})}, after(8), false},
		"lost, then sent anew":         {[]OrderChange{fulfilled(after(2)), first(Fulfilment{FailedAt: after(6)}), other(Fulfilment{ShippedAt: after(7), DeliveredAt: after(9)})}, after(9), false},
		"nothing to send":              {[]OrderChange{snapshot(func(d *Detail) { d.NoShipping = true })}, after(3), true},
		"nothing to send, unpaid":      {[]OrderChange{snapshot(status("pending"), func(d *Detail) { d.NoShipping = true })}, 0, false},
		"Stripe reports no shipment":   {[]OrderChange{snapshot(func(d *Detail) { d.Platform = Stripe })}, after(3), true},
	} {
		at, assumed := merged(c.told...).Arrived(Settings{AssumedDeliveryDays: 3})
		require.Equal(t, c.want, at, name)
		require.Equal(t, c.assumed, assumed, name)
	}
	at, _ := merged(snapshot(func(d *Detail) { d.Platform = Stripe })).Arrived(Settings{})
	require.Equal(t, after(5), at, "five days where the shop says nothing")
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
