package campaign

import (
	"slices"
	"strconv"
	"time"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

// notDelivered comes when an order is shipped and no carrier has said for so
// long that it is there; that it may be assumed does not count.
func notDelivered(t Trigger, f Facts, _ string) moment {
	if f.Order.Detail.NoShipping || f.Order.Detail.Pickup {
		return moment{gone: gate.CauseGone}
	}
	shipped, waiting, known := f.Order.FulfilledAt(), false, false
	var earliest commerce.Instant
	for _, p := range f.Order.Fulfilments {
		if p.Status == commerce.FulfilmentCancelled {
			continue
		}
		known = true
		waiting = waiting || p.DeliveredAt == 0
		earliest = commerce.Earliest(earliest, p.ShippedAt)
	}
	if shipped == 0 {
		shipped = earliest
	}
	if known && !waiting {
		return moment{gone: gate.CauseGone}
	}
	return moment{at: shipped.Add(time.Duration(t.After)), since: shipped}
}

// lapsed counts from the last purchase: so long as the campaign says, or half
// as long again as is usual for the person.
func lapsed(t Trigger, f Facts, _ string) moment {
	last := f.History.Last()
	switch {
	case f.History.Index(f.Order.ID) < 0:
		return moment{}
	case last.Order != f.Order.ID:
		return moment{gone: gate.BoughtAgain}
	}
	gap := time.Duration(t.After)
	if t.Median {
		if own := f.History.MedianGap(); own > 0 {
			gap = own + own/2
		}
	}
	return moment{at: last.At.Add(gap), since: last.At}
}

// replenishment counts from the arrival of an order that holds one of the
// products, and is gone once the person bought such a product again.
func replenishment(t Trigger, f Facts, _ string) moment {
	wanted := productsOf(f.Order)
	if len(t.Products) > 0 {
		wanted = slices.DeleteFunc(wanted, func(id string) bool { return !slices.Contains(t.Products, id) })
	}
	if len(wanted) == 0 {
		return moment{gone: gate.CauseGone}
	}
	at, assumed := f.Order.Arrived(f.Shop)
	m := moment{at: at.Add(time.Duration(t.After)), since: at, assumed: assumed}
	if boughtAgain(t, f, wanted) {
		m.gone = gate.BoughtAgain
	}
	return m
}

// boughtAgain looks through the purchases behind this one. Of one whose lines
// were not loaded it is only known that it was something: that counts where any
// product does.
func boughtAgain(t Trigger, f Facts, wanted []string) bool {
	behind := false
	for _, p := range f.History {
		if p.Order == f.Order.ID {
			behind = true
			continue
		}
		if !behind || !p.Counts {
			continue
		}
		o, loaded := f.Orders[p.Order]
		if !loaded && len(t.Products) == 0 {
			return true
		}
		if loaded && slices.ContainsFunc(productsOf(o), func(id string) bool { return slices.Contains(wanted, id) }) {
			return true
		}
	}
	return false
}

// productsOf are the products of the lines the customer still has.
func productsOf(o *commerce.Order) []string {
	var ids []string
	for _, l := range o.Kept() {
		if l.Product != "" {
			ids = append(ids, l.Product)
		}
	}
	return ids
}

// anniversary is so many years behind the person's first purchase; the part
// is the number of years.
func anniversary(t Trigger, f Facts, part string) moment {
	first := f.History.First()
	years, err := strconv.Atoi(part)
	if err != nil {
		years = max(1, t.N)
	}
	switch {
	case f.History.Index(f.Order.ID) < 0:
		return moment{}
	case first.Order != f.Order.ID:
		return moment{gone: gate.CauseGone}
	}
	return moment{at: yearsAfter(first.At, years), since: first.At, part: strconv.Itoa(years)}
}

// yearsAfter returns the same moment of a later year, by UTC. The 29th of
// February has its anniversary on the 28th in other years: it stays in its month.
func yearsAfter(at commerce.Instant, years int) commerce.Instant {
	t := at.Time()
	later := t.AddDate(years, 0, 0)
	if later.Month() != t.Month() {
		later = later.AddDate(0, 0, -1)
	}
	return commerce.At(later)
}
