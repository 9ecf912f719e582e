package commerce

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// toPickUp is a paid order that its customer fetches.
func toPickUp(d *Detail) { d.Pickup, d.ShippingMethod = true, "Shop Vienna" }

func TestArrived(t *testing.T) {
	first := func(f Fulfilment) OrderChange { f.ID = "first"; return parcel(f) }
	other := func(f Fulfilment) OrderChange { f.ID = "other"; return parcel(f) }
	whole := func(at Instant, change func(*Detail)) OrderChange {
		c := snapshot(asOf(at), change)
		c.FulfilledSeen = at
		return c
	}
	nothingToSend := func(d *Detail) { d.NoShipping = true }
	onStripe := func(d *Detail) { d.Platform = Stripe }
	counter := func(d *Detail) { d.SourceName = "pos" }
	sentHome := func(d *Detail) { d.SourceName, d.ShippingMethod = "pos", "Standard" }
	digitalPot := func(d *Detail) { d.Lines[1].Digital = true }
	for name, c := range map[string]struct {
		told    []OrderChange
		want    Instant
		assumed bool
	}{
		"nothing sent":                 {[]OrderChange{snapshot()}, 0, false},
		"sent whole":                   {[]OrderChange{fulfilled(after(2)), first(Fulfilment{ShippedAt: after(1)})}, after(4), true},
		"sent whole, no parcel known":  {[]OrderChange{fulfilled(after(2))}, after(5), true},
		"sent in part":                 {[]OrderChange{snapshot(), first(Fulfilment{ShippedAt: after(1)})}, 0, false},
		"delivered":                    {[]OrderChange{fulfilled(after(2)), first(Fulfilment{ShippedAt: after(1)}), first(Fulfilment{DeliveredAt: after(9)})}, after(9), false},
		"delivered, never seen whole":  {[]OrderChange{snapshot(), first(Fulfilment{ShippedAt: after(1), DeliveredAt: after(4)})}, after(4), false},
		"one delivered, one to come":   {[]OrderChange{snapshot(), first(Fulfilment{DeliveredAt: after(4)}), other(Fulfilment{ShippedAt: after(3)})}, 0, false},
		"two delivered":                {[]OrderChange{snapshot(), first(Fulfilment{DeliveredAt: after(4)}), other(Fulfilment{DeliveredAt: after(6)})}, after(6), false},
		"one delivered, one untracked": {[]OrderChange{fulfilled(after(5)), first(Fulfilment{DeliveredAt: after(4)}), other(Fulfilment{ShippedAt: after(5)})}, after(8), true},
		"the late one is tracked":      {[]OrderChange{fulfilled(after(5)), first(Fulfilment{DeliveredAt: after(9)}), other(Fulfilment{ShippedAt: after(5)})}, after(9), true},
		"a parcel taken back":          {[]OrderChange{snapshot(), first(Fulfilment{DeliveredAt: after(4)}), other(Fulfilment{ShippedAt: after(3), Status: FulfilmentCancelled})}, after(4), false},
		"half of it delivered":         {[]OrderChange{snapshot(), first(Fulfilment{DeliveredAt: after(4), Lines: []RefundLine{cups(2)}})}, 0, false},
		"one cup of two delivered":     {[]OrderChange{snapshot(), first(Fulfilment{DeliveredAt: after(4), Lines: []RefundLine{cups(1), pots(1)}})}, 0, false},
		"the rest was given back":      {[]OrderChange{snapshot(), first(Fulfilment{DeliveredAt: after(4), Lines: []RefundLine{cups(2)}}), refund("r", 4000, RefundSucceeded, after(5), pots(1))}, after(4), false},
		"the rest is never sent":       {[]OrderChange{snapshot(digitalPot), first(Fulfilment{DeliveredAt: after(4), Lines: []RefundLine{cups(2)}})}, after(4), false},
		"both halves delivered":        {[]OrderChange{snapshot(), first(Fulfilment{DeliveredAt: after(4), Lines: []RefundLine{cups(2)}}), other(Fulfilment{DeliveredAt: after(7), Lines: []RefundLine{pots(1)}})}, after(7), false},
		"lost on its way":              {[]OrderChange{fulfilled(after(2)), first(Fulfilment{ShippedAt: after(1), FailedAt: after(6)})}, 0, false},
		"one there, the other lost":    {[]OrderChange{fulfilled(after(2)), first(Fulfilment{DeliveredAt: after(4)}), other(Fulfilment{ShippedAt: after(1), FailedAt: after(6)})}, 0, false},
		"lost, then found":             {[]OrderChange{fulfilled(after(2)), first(Fulfilment{FailedAt: after(6)}), first(Fulfilment{DeliveredAt: after(8)})}, after(8), false},
		"lost, then sent anew":         {[]OrderChange{fulfilled(after(2)), first(Fulfilment{FailedAt: after(6)}), other(Fulfilment{ShippedAt: after(7), DeliveredAt: after(9)})}, after(9), false},
		"lost, sent anew, untracked":   {[]OrderChange{fulfilled(after(2)), first(Fulfilment{FailedAt: after(6)}), other(Fulfilment{ShippedAt: after(7)})}, after(10), true},
		"only delayed":                 {[]OrderChange{fulfilled(after(2)), first(Fulfilment{ShippedAt: after(1), DelayedAt: after(3)})}, after(4), true},
		"at a pickup point":            {[]OrderChange{fulfilled(after(1)), first(Fulfilment{ShippedAt: after(1), ReadyAt: after(2)})}, after(2), true},
		"fetched there":                {[]OrderChange{fulfilled(after(1)), first(Fulfilment{ShippedAt: after(1), ReadyAt: after(2)}), first(Fulfilment{DeliveredAt: after(6)})}, after(6), false},
		"to be fetched":                {[]OrderChange{snapshot(toPickUp)}, 0, false},
		"ready in the shop":            {[]OrderChange{snapshot(toPickUp), first(Fulfilment{Status: FulfilmentOpen, ReadyAt: after(2)})}, after(2), true},
		"fetched in the shop":          {[]OrderChange{whole(after(3), toPickUp), first(Fulfilment{ReadyAt: after(2), ShippedAt: after(3)})}, after(3), false},
		"fetched, no parcel known":     {[]OrderChange{whole(after(3), toPickUp)}, after(3), false},
		"over the counter":             {[]OrderChange{whole(noon, counter), first(Fulfilment{ShippedAt: noon})}, noon, false},
		"sold there, sent home":        {[]OrderChange{whole(noon, sentHome), first(Fulfilment{ShippedAt: noon})}, after(3), true},
		"nothing to send":              {[]OrderChange{snapshot(nothingToSend)}, noon, false},
		"nothing to send, unpaid":      {[]OrderChange{snapshot(status("pending"), nothingToSend)}, 0, false},
		"Stripe reports no shipment":   {[]OrderChange{snapshot(onStripe)}, after(3), true},
		"Stripe, a subscription":       {[]OrderChange{snapshot(onStripe, nothingToSend)}, after(3), true},
		"Stripe, unpaid":               {[]OrderChange{snapshot(onStripe, status("pending"))}, 0, false},
	} {
		at, assumed := merged(c.told...).Arrived(Shop{Settings: Settings{AssumedDeliveryDays: 3}})
		require.Equal(t, c.want, at, name)
		require.Equal(t, c.assumed, assumed, name)
	}
	at, _ := merged(snapshot(onStripe)).Arrived(Shop{})
	require.Equal(t, after(5), at, "five days where the shop says nothing")
}

func TestTransitDays(t *testing.T) {
	set := func(rows ...Transit) Shop { return Shop{Settings: Settings{Transit: rows, AssumedDeliveryDays: 9}} }
	learned := func(days map[string]int, rows ...Transit) Shop {
		s := set(rows...)
		s.Learned = days
		return s
	}
	both, country, method, all := Transit{"DE", "Express", 1}, Transit{"DE", "", 2}, Transit{"", "Express", 3}, Transit{"", "", 4}
	for name, c := range map[string]struct {
		shop Shop
		want int
	}{
		"nothing known":               {Shop{}, 5},
		"the shop's own default":      {set(), 9},
		"country and method":          {set(all, method, country, both), 1},
		"the country alone":           {set(all, method, country, Transit{"DE", "Standard", 7}), 2},
		"the method alone":            {set(all, method, Transit{"AT", "Express", 7}), 3},
		"any":                         {set(all, Transit{"AT", "", 7}), 4},
		"however it is written":       {set(Transit{"de", " EXPRESS ", 1}), 1},
		"none at all is a choice":     {set(Transit{"DE", "Express", 0}), 0},
		"learned":                     {learned(map[string]int{"DE/express": 6, "DE/": 7, "/": 8}), 6},
		"learned of the country":      {learned(map[string]int{"DE/": 7, "/express": 6, "/": 8}), 7},
		"learned of the method":       {learned(map[string]int{"/express": 6, "/": 8}), 6},
		"learned anywhere":            {learned(map[string]int{"/": 8, "AT/": 1}), 8},
		"a setting beats experience":  {learned(map[string]int{"DE/express": 6}, all), 4},
		"experience beats a default":  {learned(map[string]int{"/": 6}), 6},
		"experience of another place": {learned(map[string]int{"AT/express": 6}), 9},
	} {
		require.Equal(t, c.want, c.shop.TransitDays("DE", "Express"), name)
	}
	o := merged(fulfilled(after(1)), snapshot(asOf(after(2)), func(d *Detail) { d.ShippingMethod = "Express" }))
	at, _ := o.Arrived(set(both))
	require.Equal(t, after(2), at, "one day behind the shipment")
}

func TestTravelDays(t *testing.T) {
	for name, c := range map[string]struct {
		parcel Fulfilment
		days   int
		known  bool
	}{
		"two days":          {Fulfilment{ShippedAt: noon, DeliveredAt: after(2)}, 2, true},
		"nearly two":        {Fulfilment{ShippedAt: noon, DeliveredAt: after(2) - 1000}, 2, true},
		"the same day":      {Fulfilment{ShippedAt: noon, DeliveredAt: noon + 1000}, 0, true},
		"nobody delivered":  {Fulfilment{ShippedAt: noon}, 0, false},
		"nobody shipped":    {Fulfilment{DeliveredAt: noon}, 0, false},
		"before it was out": {Fulfilment{ShippedAt: after(1), DeliveredAt: noon}, 0, false},
	} {
		days, known := c.parcel.TravelDays()
		require.Equal(t, c.days, days, name)
		require.Equal(t, c.known, known, name)
	}
}

// A carrier's word on every parcel is never an assumption, and nothing arrives
// before the last thing that was said to arrive.
func TestArrivalIsTheLastParcels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, last := merged(fulfilled(after(1))), Instant(0)
		for i := range rapid.IntRange(1, 4).Draw(t, "parcels") {
			at := after(rapid.IntRange(1, 20).Draw(t, "day"))
			o.Merge(parcel(Fulfilment{ID: string(rune('a' + i)), ShippedAt: after(1), DeliveredAt: at}), Shopify)
			last = max(last, at)
		}
		at, assumed := o.Arrived(Shop{})
		require.Equal(t, last, at)
		require.False(t, assumed)
		o.Merge(parcel(Fulfilment{ID: "untracked", ShippedAt: after(1)}), Shopify)
		at, assumed = o.Arrived(Shop{})
		require.GreaterOrEqual(t, at, last)
		require.True(t, assumed)
	})
}
