package commerce

import "slices"

// Status ranks rows that only move forward: a row of greater rank replaces a smaller one.
type Status int

// Statuses of refunds, fulfilments and disputes by rank.
const (
	RefundPending   Status = 1
	RefundSucceeded Status = 2
	RefundFailed    Status = 3 // gives the money back to the shop: the order deserves asks again

	FulfilmentOpen      Status = 1
	FulfilmentShipped   Status = 2
	FulfilmentCancelled Status = 3

	DisputeOpen Status = 1
	DisputeWon  Status = 2
	DisputeLost Status = 3
)

// Refund is one refund of an order. It may hold money, lines, or both.
type Refund struct {
	ID     string       `json:"id"`
	Status Status       `json:"status"`
	Amount Money        `json:"amount"` // in the currency the customer paid
	Lines  []RefundLine `json:"lines,omitempty"`
	At     Instant      `json:"at"`
}

// RefundLine is how many of an order line came back or were taken off.
type RefundLine struct {
	Line     string `json:"line"`
	Quantity int64  `json:"quantity"`
}

func (r Refund) yieldsTo(n Refund) bool {
	if n.Status != r.Status {
		return n.Status > r.Status
	}
	if n.Amount.Amount != r.Amount.Amount {
		return n.Amount.Amount > r.Amount.Amount
	}
	if len(n.Lines) != len(r.Lines) {
		return len(n.Lines) > len(r.Lines)
	}
	return n.At != 0 && (r.At == 0 || n.At < r.At) // the first to tell it, in whatever order it is heard
}

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

// Dispute is a customer's objection at the bank.
type Dispute struct {
	ID       string  `json:"id"`
	Status   Status  `json:"status"`
	OpenedAt Instant `json:"opened_at"`
	ClosedAt Instant `json:"closed_at,omitempty"`
}

func (d Dispute) yieldsTo(n Dispute) bool {
	if n.Status != d.Status {
		return n.Status > d.Status
	}
	return n.ClosedAt != 0 && (d.ClosedAt == 0 || n.ClosedAt < d.ClosedAt) // told again later, as when funds come back
}

// Refunded returns how much of what the customer paid went back: the charges'
// own sums where a source gives them, else the refunds that succeeded.
func (o *Order) Refunded() int64 {
	rows := o.refundRows()
	if len(o.Charge) == 0 {
		return rows
	}
	var sum int64
	for _, c := range o.Charge {
		sum += c.Refunded
	}
	return sum
}

func (o *Order) refundRows() (sum int64) {
	for _, r := range o.Refunds {
		if r.Status == RefundSucceeded {
			sum += r.Amount.Amount
		}
	}
	return sum
}

// RefundsDisagree reports whether the charges' sums and the refund rows tell
// different stories, so that the charge must be read again.
func (o *Order) RefundsDisagree() bool {
	return len(o.Charge) > 0 && len(o.Refunds) > 0 && o.Refunded() != o.refundRows()
}

// FullyRefunded reports whether nothing of the purchase is left: all the money
// went back, or every line did.
func (o *Order) FullyRefunded() bool {
	paid := o.Detail.Total.Amount
	if paid == 0 {
		for _, c := range o.Charge {
			paid += c.Amount.Amount
		}
	}
	if back := o.Refunded(); back > 0 && paid > 0 && back >= paid {
		return true
	}
	return o.Detail.FinancialStatus == "refunded" && !o.refundFailed() || o.allLinesBack()
}

func (o *Order) refundFailed() bool {
	for _, r := range o.Refunds {
		if r.Status == RefundFailed {
			return true
		}
	}
	return false
}

func (o *Order) allLinesBack() bool {
	return len(o.Refunds) > 0 && len(o.Detail.Lines) > 0 && len(o.Kept()) == 0
}

// DisputeState returns the state of the worst dispute: lost, open, won, or 0 for none.
func (o *Order) DisputeState() Status {
	worst := Status(0)
	for _, d := range o.Disputes {
		if d.Status == DisputeLost || worst == 0 || (d.Status == DisputeOpen && worst == DisputeWon) {
			worst = d.Status
		}
	}
	return worst
}

// Kept returns the lines the customer still has, each with its quantity in Current.
func (o *Order) Kept() []Line {
	back := map[string]int64{}
	for _, r := range o.Refunds {
		if r.Status != RefundFailed {
			for _, l := range r.Lines {
				back[l.Line] += l.Quantity
			}
		}
	}
	edited := map[string]int64{}
	for _, e := range o.Edits {
		if e.At > o.Detail.UpdatedAt {
			for _, l := range e.Removed {
				edited[l.Line] += l.Quantity
			}
		}
	}
	kept := slices.Clone(o.Detail.Lines)
	for i, l := range kept {
		kept[i].Current = min(l.Current, l.Quantity-back[l.ID]) - edited[l.ID]
	}
	return slices.DeleteFunc(kept, func(l Line) bool { return l.Current <= 0 })
}
