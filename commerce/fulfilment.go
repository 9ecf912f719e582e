package commerce

import (
	"cmp"
	"time"
)

// Fulfilment is one parcel.
type Fulfilment struct {
	ID          string  `json:"id"`
	Status      Status  `json:"status"`
	ShippedAt   Instant `json:"shipped_at,omitempty"`
	DeliveredAt Instant `json:"delivered_at,omitempty"`
	FailedAt    Instant `json:"failed_at,omitempty"` // the carrier gave up
	AsOf        Instant `json:"as_of"`
}

// with adds what n says, field by field: a carrier's event does not know when
// the parcel left, and the shop's own row does not know how its way ended.
func (f Fulfilment) with(n Fulfilment) Fulfilment {
	return Fulfilment{
		ID: n.ID, Status: max(f.Status, n.Status), AsOf: max(f.AsOf, n.AsOf),
		ShippedAt:   Earliest(f.ShippedAt, n.ShippedAt),
		DeliveredAt: Earliest(f.DeliveredAt, n.DeliveredAt),
		FailedAt:    Earliest(f.FailedAt, n.FailedAt),
	}
}

// FulfilledAt returns when the last part was shipped, once every line is; 0 before.
func (o *Order) FulfilledAt() Instant {
	if o.FulfilledSeen == 0 {
		return 0
	}
	var last Instant
	for _, f := range o.Fulfilments {
		if f.Status == FulfilmentShipped {
			last = max(last, f.ShippedAt)
		}
	}
	return cmp.Or(last, o.FulfilledSeen)
}

// Arrived returns when the goods are with the customer as far as is known: the
// carrier's word on all parcels, else the shipment, else payment plus the
// shop's assumed days where no shipment will be reported. Assumed marks the
// last. Of a parcel that was lost on its way nothing has arrived.
func (o *Order) Arrived(s Settings) (at Instant, assumed bool) {
	p := o.parcels()
	switch {
	case p.lost > max(p.delivered, p.shipped):
		return 0, false
	case p.delivered != 0 && !p.underWay:
		return p.delivered, false
	case o.FulfilledSeen != 0:
		return max(o.FulfilledAt(), p.delivered), false
	case p.underWay || o.Payment.At() == 0:
		return 0, false
	case o.Detail.Platform == Stripe || o.Detail.NoShipping:
		days := cmp.Or(s.AssumedDeliveryDays, 5)
		return o.Payment.At().Add(time.Duration(days) * 24 * time.Hour), true
	}
	return 0, false
}

// parcels sums up an order's parcels: the last of each kind of news, 0 for none.
type parcels struct {
	shipped, delivered, lost Instant
	underWay                 bool // some parcel has not come yet
}

func (o *Order) parcels() (p parcels) {
	for _, f := range o.Fulfilments {
		p.delivered = max(p.delivered, f.DeliveredAt)
		if f.Status == FulfilmentCancelled || f.DeliveredAt != 0 {
			continue
		}
		p.underWay = true
		p.lost = max(p.lost, f.FailedAt)
		p.shipped = max(p.shipped, f.ShippedAt)
	}
	return p
}

// Refused reports whether a parcel that was to be paid on delivery came back:
// cancelled, restocked whole, or given up by the carrier before it was paid.
func (o *Order) Refused(s Settings) bool {
	if !o.PayOnDelivery(s) || o.Payment.At() != 0 {
		return false
	}
	for _, f := range o.Fulfilments {
		if f.FailedAt != 0 && f.DeliveredAt == 0 {
			return true
		}
	}
	return o.Cancel.At() != 0 || o.allBack()
}
