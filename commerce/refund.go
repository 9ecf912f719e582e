package commerce

import "cmp"

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
	// Platform is who told of it; Merge fills it in. Two platforms may tell of one refund under two ids.
	Platform Platform `json:"platform,omitempty"`
}

// yieldsTo prefers what is further on and says more; of equal tellings the
// first counts, and what is left to choose is settled alike everywhere.
func (r Refund) yieldsTo(n Refund) bool {
	return cmp.Or(
		cmp.Compare(n.Status, r.Status),
		cmp.Compare(n.Amount.Amount, r.Amount.Amount),
		cmp.Compare(len(n.Lines), len(r.Lines)),
		earlier(n.At, r.At),
		cmp.Compare(n.Amount.Currency, r.Amount.Currency),
		compareLines(n.Lines, r.Lines),
	) > 0
}

// earlier is positive where a was before b; never is after all others.
func earlier(a, b Instant) int {
	if a == 0 || b == 0 {
		return cmp.Compare(a, b)
	}
	return cmp.Compare(b, a)
}

// Refunded returns how much of what the customer paid went back. Of two
// platforms the one that knows of more counts, not the sum of both. At Stripe
// that is the charges' own sums where they are told, else, as at Shopify, the
// refunds that succeeded.
func (o *Order) Refunded() int64 {
	atStripe, atShopify, _ := o.refundRows()
	if len(o.Charge) > 0 {
		atStripe = o.charged(func(c Charge) int64 { return c.Refunded })
	}
	return max(atStripe, atShopify)
}

// refundRows sums the refunds that succeeded; told says whether Stripe has told of any.
func (o *Order) refundRows() (atStripe, atShopify int64, told bool) {
	for _, r := range o.Refunds {
		counts := r.Status == RefundSucceeded && o.paidIn(r.Amount.Currency)
		switch {
		case r.Platform == Shopify && counts:
			atShopify += r.Amount.Amount
		case r.Platform != Shopify:
			told = true
			if counts {
				atStripe += r.Amount.Amount
			}
		}
	}
	return atStripe, atShopify, told
}

// charged sums what part names of the charges.
func (o *Order) charged(part func(Charge) int64) (sum int64) {
	for _, c := range o.Charge {
		if o.paidIn(c.Amount.Currency) {
			sum += part(c)
		}
	}
	return sum
}

// paidIn reports whether amounts of currency may be compared with the order's total.
func (o *Order) paidIn(currency string) bool {
	total := o.Detail.Total.Currency
	return currency == total || currency == "" || total == ""
}

// RefundsDisagree reports whether the charges' sums and their refund rows tell
// different stories, so that the charge must be read again.
func (o *Order) RefundsDisagree() bool {
	rows, _, told := o.refundRows()
	return len(o.Charge) > 0 && told && rows != o.charged(func(c Charge) int64 { return c.Refunded })
}

// FullyRefunded reports whether nothing of the purchase is left: all the money
// went back, or every line did.
func (o *Order) FullyRefunded() bool {
	paid := cmp.Or(o.Detail.Total.Amount, o.charged(func(c Charge) int64 { return c.Amount.Amount }))
	if back := o.Refunded(); back > 0 && paid > 0 && back >= paid {
		return true
	}
	failed, others := o.refundsFailed()
	return o.Detail.FinancialStatus == "refunded" && !failed || others && o.allBack()
}

// refundsFailed reports whether some refund failed, and whether some did not.
func (o *Order) refundsFailed() (some, others bool) {
	for _, r := range o.Refunds {
		some = some || r.Status == RefundFailed
		others = others || r.Status != RefundFailed
	}
	return some, others
}
