package commerce

import "maps"

// AsOf returns an order as its facts stood at an instant: what happened later is
// left out, what happened before counts also where it was told later. Descriptive fields are as they are now, but for what a later refund
// or cancellation made of them. It serves to ask what would have been done then.
func (o *Order) AsOf(at Instant) *Order {
	then := *o
	if o.Payment.At() > at {
		then.Payment = Payment{UnpaidSeen: upTo(o.Payment.UnpaidSeen, at)}
	}
	if o.Cancel.Told > at {
		then.Cancel = Cancel{}
	}
	if o.FulfilledAt() > at {
		then.FulfilledSeen = 0
	}
	then.DeletedAt, then.PaymentFailed = upTo(o.DeletedAt, at), upTo(o.PaymentFailed, at)
	then.HeldUntil = 0 // what was to be told soon has been told
	then.Fulfilments = parcelsAsOf(o.Fulfilments, at)
	then.Disputes = disputesAsOf(o.Disputes, at)
	then.Refunds = keep(o.Refunds, func(r Refund) bool { return r.At <= at })
	then.Edits = keep(o.Edits, func(e Edit) bool { return e.At <= at })
	then.Returns = keep(o.Returns, func(r Return) bool { return r.At <= at })
	if len(then.Refunds) < len(o.Refunds) {
		then.takeBackRefunds()
	}
	if status := o.Detail.FinancialStatus; then.Payment.At() != 0 && o.Cancel.Told > at && status == "voided" {
		then.Detail.FinancialStatus = "paid"
	}
	return &then
}

// takeBackRefunds has the sums say what the refunds that are left say.
func (o *Order) takeBackRefunds() {
	atStripe, atShopify, _ := o.refundRows()
	charges := make(Charges, len(o.Charge))
	for id, c := range o.Charge {
		c.Refunded = min(c.Refunded, atStripe)
		atStripe -= c.Refunded
		charges[id] = c
	}
	if o.Charge != nil {
		o.Charge = charges
	}
	switch o.Detail.FinancialStatus {
	case "refunded", "partially_refunded":
		o.Detail.FinancialStatus = "paid"
		if atShopify > 0 {
			o.Detail.FinancialStatus = "partially_refunded"
		}
	}
	if len(o.Refunds) == 0 && len(o.Edits) == 0 {
		o.Detail.CurrentTotal = o.Detail.ShopTotal
	}
}

func upTo(i, at Instant) Instant {
	if i > at {
		return 0
	}
	return i
}

// keep returns the rows that stand, nil where there were none.
func keep[T any](rows map[string]T, stands func(T) bool) map[string]T {
	if rows == nil {
		return nil
	}
	out := maps.Clone(rows)
	maps.DeleteFunc(out, func(_ string, r T) bool { return !stands(r) })
	return out
}

func parcelsAsOf(rows map[string]Fulfilment, at Instant) map[string]Fulfilment {
	out := maps.Clone(rows)
	for id, f := range out {
		f.DeliveredAt, f.FailedAt, f.DelayedAt, f.ReadyAt = upTo(f.DeliveredAt, at), upTo(f.FailedAt, at), upTo(f.DelayedAt, at), upTo(f.ReadyAt, at)
		if f.ShippedAt = upTo(f.ShippedAt, at); f.ShippedAt == 0 && f.Status == FulfilmentShipped {
			f.Status = FulfilmentOpen
		}
		out[id] = f
	}
	return out
}

func disputesAsOf(rows map[string]Dispute, at Instant) map[string]Dispute {
	out := keep(rows, func(d Dispute) bool { return d.OpenedAt <= at })
	for id, d := range out {
		if d.ClosedAt > at {
			d.Status, d.ClosedAt, d.Read = DisputeOpen, 0, false
			out[id] = d
		}
	}
	return out
}

// Changes are the instants at which the order became what it is, in any order.
func (o *Order) Changes() []Instant {
	out := []Instant{o.PlacedAt, o.Payment.At(), o.Cancel.Told, o.DeletedAt, o.FulfilledAt(), o.PaymentFailed}
	for _, r := range o.Refunds {
		out = append(out, r.At)
	}
	for _, f := range o.Fulfilments {
		out = append(out, f.ShippedAt, f.DeliveredAt, f.FailedAt, f.DelayedAt, f.ReadyAt)
	}
	for _, d := range o.Disputes {
		out = append(out, d.OpenedAt, d.ClosedAt)
	}
	for _, e := range o.Edits {
		out = append(out, e.At)
	}
	for _, r := range o.Returns {
		out = append(out, r.At)
	}
	return out
}
