package jobs

import (
	"maps"
	"slices"

	"flywheel/commerce"
	"flywheel/store"
)

// bill works out how each changed order counts towards the shop's plan. From
// when on its payment counts is settled when it is first seen as paid, so that
// another install changes nothing. Only a platform that had not told of it
// before, or a row that is the same purchase, moves that, and only back: a
// purchase that counts goes on counting.
func (m *merge) bill(orders []*orderWork) {
	for _, o := range orders {
		switch {
		case o.Payment.At() == 0:
		case o.Billed.Since == 0:
			o.Billed.Since = m.shop.BillsFrom(o.Tellers())
		default:
			m.billTellers(o)
		}
	}
	for _, u := range m.united {
		u.into.Billed.Since = commerce.Earliest(u.into.Billed.Since, u.from.Billed.Since)
	}
	for _, o := range orders {
		o.Billed = commerce.BilledOf(&o.Order, o.Billed.Since)
	}
}

// billTellers takes account of platforms that tell of an order for the first time.
func (m *merge) billTellers(o *orderWork) {
	fresh := slices.DeleteFunc(o.Tellers(), func(p commerce.Platform) bool {
		return m.shop.Installed[p] == 0 || slices.Contains(o.told, p)
	})
	if len(fresh) > 0 {
		o.Billed.Since = min(o.Billed.Since, m.shop.BillsFrom(fresh))
	}
}

// countUsage posts how the batch changes what counts towards the shop's plan:
// for each order what counts now less what was posted of it, which the order
// keeps. Orders are locked and were read in this transaction, so a repeat
// changes nothing, and two rows that turn out to be one purchase count once.
func (m *merge) countUsage(orders []*orderWork) error {
	days := map[int64]store.UsageDay{}
	add := func(b commerce.Billed, sign int64) {
		if b.Day == 0 {
			return
		}
		d := days[b.Day]
		d.Day = b.Day
		d.Paid += sign
		if b.Back {
			d.Refunded += sign
		}
		days[b.Day] = d
	}
	for _, o := range orders {
		add(o.billed, -1)
		add(o.Billed, 1)
	}
	changes := slices.DeleteFunc(slices.Collect(maps.Values(days)), func(d store.UsageDay) bool { return d.Paid == 0 && d.Refunded == 0 })
	return m.tx.AddUsage(m.shop.ID, changes)
}
