package commerce

import (
	"slices"
	"time"
)

// DayOf is the UTC day of an instant, in days since 1970.
func (i Instant) DayOf() int64 {
	const day = int64(24 * time.Hour / time.Millisecond)
	d := int64(i) / day
	if int64(i)%day < 0 {
		d--
	}
	return d
}

// Billed is how one order counts towards its shop's plan.
type Billed struct {
	// Since is from when on payments counted when the order was first seen as
	// paid; 0 = it has not been. A later install does not change it.
	Since Instant
	Day   int64 // UTC day of its payment, in days since 1970; 0 where it does not count
	Back  bool  // it went back whole, so it counts no more
}

// BilledOf says how an order counts as it stands, where payments count from
// since on, cut to whole seconds. A purchase counts once, whoever told of it;
// tests and what was paid before do not count.
func BilledOf(o *Order, since Instant) Billed {
	at := o.Payment.At()
	if at == 0 || o.SameAs != "" || o.Detail.Test || at.Seconds() < since.Seconds() {
		return Billed{Since: since}
	}
	return Billed{Since: since, Day: at.DayOf(), Back: o.FullyRefunded()}
}

// Tellers are the platforms that have told of the order.
func (o *Order) Tellers() []Platform {
	var out []Platform
	for _, k := range o.Keys {
		if !slices.Contains(out, k.Platform) {
			out = append(out, k.Platform)
		}
	}
	return out
}

// BillsFrom is from when on payments count that these platforms tell of: from
// when the first of them was connected. It is never 0: where none is connected, nothing was before.
func (s Shop) BillsFrom(tellers []Platform) Instant {
	var first Instant
	for _, p := range tellers {
		first = Earliest(first, s.Installed[p])
	}
	return max(first, 1)
}
