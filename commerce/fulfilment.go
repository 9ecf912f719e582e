package commerce

import "cmp"

// Fulfilment is one parcel.
type Fulfilment struct {
	ID          string  `json:"id"`
	Status      Status  `json:"status"`
	ShippedAt   Instant `json:"shipped_at,omitempty"`
	DeliveredAt Instant `json:"delivered_at,omitempty"`
	FailedAt    Instant `json:"failed_at,omitempty"`  // the carrier gave up
	DelayedAt   Instant `json:"delayed_at,omitempty"` // the carrier first said that it comes late
	ReadyAt     Instant `json:"ready_at,omitempty"`   // it can be fetched
	// Lines are what lies in it, sorted; empty where nobody told.
	Lines []RefundLine `json:"lines,omitempty"`
	AsOf  Instant      `json:"as_of"`
}

// with adds what n says, field by field: a carrier's event does not know when
// the parcel left, and the shop's own row does not know how its way ended.
func (f Fulfilment) with(n Fulfilment) Fulfilment {
	return Fulfilment{
		ID: n.ID, Status: max(f.Status, n.Status), AsOf: max(f.AsOf, n.AsOf),
		ShippedAt:   Earliest(f.ShippedAt, n.ShippedAt),
		DeliveredAt: Earliest(f.DeliveredAt, n.DeliveredAt),
		FailedAt:    Earliest(f.FailedAt, n.FailedAt),
		DelayedAt:   Earliest(f.DelayedAt, n.DelayedAt),
		ReadyAt:     Earliest(f.ReadyAt, n.ReadyAt),
		Lines:       fuller(f.Lines, n.Lines),
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
