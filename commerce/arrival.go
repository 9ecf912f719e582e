package commerce

import (
	"strings"
	"time"
)

// transitDays is how long a parcel travels where nobody knows better.
const transitDays = 5

// Arrived returns when the goods are with the customer as far as is known; 0 =
// not yet. What is never sent has arrived once paid, what is fetched or sold
// over the counter once it was handed over, and a parcel when its carrier says
// so. Else it is assumed: shipped, plus the days that parcels take. An order of
// several parcels is there when the last one is; of one that was lost on its
// way nothing has arrived, unless another followed it.
func (o *Order) Arrived(s Shop) (at Instant, assumed bool) {
	travels := time.Duration(s.TransitDays(o.Detail.Country, o.Detail.ShippingMethod)) * 24 * time.Hour
	p := o.parcels(travels)
	switch {
	case p.lost > max(p.there, p.shipped):
		return 0, false
	case o.FulfilledSeen != 0 && p.known:
		return p.there, p.assumed
	case o.FulfilledSeen != 0 && o.handedOver():
		return o.FulfilledSeen, false
	case o.FulfilledSeen != 0:
		return o.FulfilledSeen.Add(travels), true
	case p.known && !p.underWay && o.packed():
		return p.there, p.assumed
	case p.known || o.Payment.At() == 0:
		return 0, false
	case o.Detail.Platform == Stripe:
		return o.Payment.At().Add(travels), true
	case o.Detail.NoShipping:
		return o.Payment.At(), false
	}
	return 0, false
}

// handedOver reports whether the goods change hands in the shop, so that what
// is fulfilled is with the customer.
func (o *Order) handedOver() bool {
	return o.Detail.Pickup || o.Detail.POS() && o.Detail.ShippingMethod == ""
}

// POS reports whether the purchase was made over a counter.
func (d Detail) POS() bool { return d.SourceName == "pos" }

// parcels sums up an order's parcels.
type parcels struct {
	known    bool    // there is one that was not taken back or lost
	there    Instant // when the last of them is with the customer
	assumed  bool    // for at least one of them nobody said so
	underWay bool    // at least one of them is, or waits to be fetched
	shipped  Instant // when the last of them left
	lost     Instant // when the last was given up, of those that did not come after all
}

func (o *Order) parcels(travels time.Duration) (p parcels) {
	for _, f := range o.Fulfilments {
		switch {
		case f.DeliveredAt != 0:
			p.known, p.there = true, max(p.there, f.DeliveredAt)
		case f.Status == FulfilmentCancelled:
		case f.FailedAt != 0:
			p.lost = max(p.lost, f.FailedAt)
		default:
			p.known, p.shipped = true, max(p.shipped, f.ShippedAt)
			at, assumed := o.there(f, travels)
			p.there, p.assumed = max(p.there, at), p.assumed || assumed
			p.underWay = p.underWay || f.ReadyAt == 0
		}
	}
	return p
}

// there is when a parcel that nobody reported delivered is with the customer.
// One that is ready to be fetched will be soon.
func (o *Order) there(f Fulfilment, travels time.Duration) (at Instant, assumed bool) {
	left := f.ShippedAt
	if left == 0 {
		left = o.FulfilledSeen
	}
	switch {
	case o.handedOver() && f.ShippedAt != 0:
		return f.ShippedAt, false
	case f.ReadyAt != 0:
		return f.ReadyAt, true
	}
	return left.Add(travels), true
}

// packed reports whether the parcels hold all there is to send. One whose
// content nobody told is taken to hold the rest.
func (o *Order) packed() bool {
	sent := map[string]int64{}
	for _, f := range o.Fulfilments {
		if f.Status == FulfilmentCancelled {
			continue
		}
		if len(f.Lines) == 0 {
			return true
		}
		for _, l := range f.Lines {
			sent[l.Line] += l.Quantity
		}
	}
	for _, l := range o.Kept() {
		if !l.Digital && !l.GiftCard && sent[l.ID] < l.Current {
			return false
		}
	}
	return true
}

// TransitKey is the key of Shop.Learned for a country and a shipping method as
// the platform names it; "" stands for any.
func TransitKey(country, method string) string {
	return strings.ToUpper(country) + "/" + strings.ToLower(strings.TrimSpace(method))
}

// TransitDays is how many days a parcel travels to a country by a method: what
// the shop set for both, for the country, for the method; else what experience
// shows, in the same order; else AssumedDeliveryDays, else 5.
func (s Shop) TransitDays(country, method string) int {
	keys := []string{TransitKey(country, method), TransitKey(country, ""), TransitKey("", method), TransitKey("", "")}
	set := map[string]int{}
	for _, t := range s.Settings.Transit {
		set[TransitKey(t.Country, t.Method)] = t.Days
	}
	for _, known := range []map[string]int{set, s.Learned} {
		for _, key := range keys {
			if days, ok := known[key]; ok {
				return days
			}
		}
	}
	if s.Settings.AssumedDeliveryDays > 0 {
		return s.Settings.AssumedDeliveryDays
	}
	return transitDays
}

// TravelDays is how long a parcel took from the shop to the customer, in days
// rounded to the nearest; known only where both ends were told.
func (f Fulfilment) TravelDays() (days int, known bool) {
	if f.ShippedAt == 0 || f.DeliveredAt < f.ShippedAt {
		return 0, false
	}
	const day = Instant(24 * time.Hour / time.Millisecond)
	return int((f.DeliveredAt - f.ShippedAt + day/2) / day), true
}
