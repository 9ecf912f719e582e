package jobs

import (
	"maps"
	"slices"

	"flywheel/commerce"
	"flywheel/store"
)

// countUsage notes how the batch changes what counts towards the shop's plan:
// for each order what counts now less what did before. Orders are locked and
// were read in this transaction, so a repeat changes nothing, and two rows that
// turn out to be one purchase count once.
func (m *merge) countUsage(orders []*orderWork) error {
	days := map[int64]store.UsageDay{}
	add := func(b commerce.Billed, sign int64) {
		if !b.Paid {
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
		add(commerce.BilledOf(&o.Order, m.shop), 1)
	}
	changes := slices.DeleteFunc(slices.Collect(maps.Values(days)), func(d store.UsageDay) bool { return d.Paid == 0 && d.Refunded == 0 })
	return m.tx.AddUsage(m.shop.ID, changes)
}
