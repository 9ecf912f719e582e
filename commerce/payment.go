package commerce

import (
	"cmp"
	"math/big"
	"reflect"
	"strings"
)

// Payment gathers the evidence of when an order was paid. Each field is the
// earliest of what was seen, so the order of arrival does not matter.
type Payment struct {
	// Told is the moment the platform itself named: X-Shopify-Triggered-At of
	// orders/paid, or a succeeded Stripe payment.
	Told Instant `json:"told,omitempty"`
	// UnpaidSeen is the earliest updated_at of a snapshot that showed the order unpaid.
	UnpaidSeen Instant `json:"unpaid_seen,omitempty"`
	// PaidSeen is the earliest updated_at of a snapshot that showed it paid.
	PaidSeen Instant `json:"paid_seen,omitempty"`
	// Processed is the earliest processed_at of a paid snapshot.
	Processed Instant `json:"processed,omitempty"`
}

func (p *Payment) merge(n Payment) {
	p.Told = Earliest(p.Told, n.Told)
	p.UnpaidSeen = Earliest(p.UnpaidSeen, n.UnpaidSeen)
	p.PaidSeen = Earliest(p.PaidSeen, n.PaidSeen)
	p.Processed = Earliest(p.Processed, n.Processed)
}

// At returns when the order was paid by the best evidence there is: told, else
// first seen paid after it was seen unpaid, else when it was processed. 0 = not
// paid. One that was seen unpaid only later, as when an edit added to it, had
// been paid before we knew it.
func (p Payment) At() Instant {
	switch {
	case p.Told != 0:
		return p.Told
	case p.PaidSeen == 0:
		return 0
	case p.Processed == 0 || (p.UnpaidSeen != 0 && p.UnpaidSeen <= p.PaidSeen):
		return p.PaidSeen
	}
	return p.Processed
}

// Charge is what a Stripe charge says in sum. Among several snapshots the one
// with the later event stands; of one second the greater refund, then the greater amount.
type Charge struct {
	ID       string  `json:"id"`
	Amount   Money   `json:"amount"`
	Refunded int64   `json:"refunded"` // minor units, cumulative
	AsOf     Instant `json:"as_of"`
}

// Charges are the charges of one purchase by id.
type Charges map[string]Charge

func (c Charge) yieldsTo(n Charge) bool {
	return cmp.Or(
		cmp.Compare(n.AsOf, c.AsOf),
		cmp.Compare(n.Refunded, c.Refunded),
		cmp.Compare(n.Amount.Amount, c.Amount.Amount),
		cmp.Compare(n.Amount.Currency, c.Amount.Currency),
	) > 0
}

// rate returns a / b in major units. Twelve decimals leave six digits even of a
// rial in dinars.
func rate(a, b Money) string {
	scale := func(m Money) *big.Rat {
		unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(Exponent(m.Currency))), nil)
		return new(big.Rat).SetFrac(big.NewInt(m.Amount), unit)
	}
	return strings.TrimRight(strings.TrimRight(new(big.Rat).Quo(scale(a), scale(b)).FloatString(12), "0"), ".")
}

func (o *Order) equal(n *Order) bool { return reflect.DeepEqual(o, n) }
