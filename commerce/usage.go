package commerce

import "time"

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
	Day  int64 // UTC day of its payment, in days since 1970; 0 where it does not count
	Paid bool  // it counts
	Back bool  // it went back whole, so it counts no more
}

// BilledOf says how an order counts as it stands. It is derived from the facts
// alone, so the sum over all orders does not depend on what was told when. A
// purchase counts once, whoever told of it; tests and what was paid before the
// platform was connected do not count.
func BilledOf(o *Order, s Shop) Billed {
	at := o.Payment.At()
	if at == 0 || o.SameAs != "" || o.Detail.Test || o.Historic(at, s) {
		return Billed{}
	}
	return Billed{Day: at.DayOf(), Paid: true, Back: o.FullyRefunded()}
}
