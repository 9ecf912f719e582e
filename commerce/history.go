package commerce

import (
	"cmp"
	"math/big"
	"slices"
	"time"
)

// Purchase is one of a person's orders as their history sees it.
type Purchase struct {
	Order  OrderID
	At     Instant // the sale: paid, or placed where the courier is paid; 0 = not yet
	Amount int64   // minor units of the shop's reporting currency, less what went back
	Known  bool    // whether a rate gave the amount
	Counts bool    // a real sale that stands
}

// History is a person's purchases by moment, then id.
type History []Purchase

// SortHistory puts purchases into their order.
func SortHistory(h History) {
	slices.SortFunc(h, func(a, b Purchase) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Order, b.Order)) })
}

// Counted are the purchases that count, oldest first.
func (h History) Counted() History {
	out := make(History, 0, len(h))
	for _, p := range h {
		if p.Counts {
			out = append(out, p)
		}
	}
	return out
}

// Count is how many purchases count.
func (h History) Count() (n int) {
	for _, p := range h {
		if p.Counts {
			n++
		}
	}
	return n
}

// Spent sums what the purchases that count brought, in minor units of the reporting currency.
func (h History) Spent() (sum int64) {
	for _, p := range h {
		if p.Counts {
			sum += p.Amount
		}
	}
	return sum
}

// Index is the place of an order among those that count, from 0; -1 = it does not count.
func (h History) Index(order OrderID) int {
	n := 0
	for _, p := range h {
		if !p.Counts {
			continue
		}
		if p.Order == order {
			return n
		}
		n++
	}
	return -1
}

// First is the earliest purchase that counts; the zero Purchase if none does.
func (h History) First() Purchase {
	for _, p := range h {
		if p.Counts {
			return p
		}
	}
	return Purchase{}
}

// Last is the latest purchase that counts; the zero Purchase if none does.
func (h History) Last() (last Purchase) {
	for _, p := range h {
		if p.Counts {
			last = p
		}
	}
	return last
}

// minPurchases is from how many purchases on a rhythm can be told.
const minPurchases = 3

// MedianGap is the person's own usual time from one purchase to the next; 0
// with fewer than three purchases, which show no rhythm.
func (h History) MedianGap() time.Duration {
	counted := h.Counted()
	if len(counted) < minPurchases {
		return 0
	}
	gaps := make([]Instant, len(counted)-1)
	for i := range gaps {
		gaps[i] = counted[i+1].At - counted[i].At
	}
	slices.Sort(gaps)
	middle := len(gaps) / 2
	gap := gaps[middle]
	if len(gaps)%2 == 0 {
		gap = (gaps[middle-1] + gap) / 2
	}
	return time.Duration(gap) * time.Millisecond
}

// PurchaseOf is how an order stands in its person's history. What went back is
// taken off by the rate that was frozen with the order.
func PurchaseOf(o *Order, s Shop) Purchase {
	p := Purchase{Order: o.ID, At: o.Sale(s.Settings), Known: o.Reporting.Rate != ""}
	p.Amount = o.net()
	if o.SameAs != "" || o.Detail.Test { // no sale of its own
		p.At = 0
	}
	p.Counts = p.At != 0 && o.SameAs == "" && !o.Detail.Test && o.DeletedAt == 0 && o.Cancel.At() == 0 &&
		o.Detail.FinancialStatus != "voided" && !o.Refused(s.Settings) && !o.FullyRefunded() && o.DisputeState() != DisputeLost
	return p
}

// net is the reporting amount less the part of it that was refunded, never below zero.
func (o *Order) net() int64 {
	amount, total, back := o.Reporting.Amount.Amount, o.Detail.Total.Amount, o.Refunded()
	switch {
	case amount <= 0 || total > 0 && back >= total:
		return 0
	case total <= 0 || back <= 0:
		return amount
	}
	// Twice an amount fits into 64 bits, their product does not.
	part := new(big.Int).Mul(big.NewInt(2*amount), big.NewInt(back))
	part.Add(part, big.NewInt(total)).Div(part, big.NewInt(2*total)) // to the nearest unit
	return max(0, amount-part.Int64())
}
