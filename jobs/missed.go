package jobs

import (
	"maps"
	"slices"

	"flywheel/commerce"
)

// glimpse is as much of an order as shows whether something was missed.
type glimpse struct {
	known   bool // more than a stub
	refunds []string
	status  string
	total   commerce.Money
}

func glimpseOf(o *commerce.Order) glimpse {
	return glimpse{o.Detail.Known(), slices.Sorted(maps.Keys(o.Refunds)), o.Detail.FinancialStatus, o.Detail.CurrentTotal}
}

// What no webhook had brought, as the kinds of findings.
const (
	orderMissed  = "order_missed"
	refundMissed = "refund_missed"
	changeMissed = "change_missed"
)

// missed says what an order that was read at its platform showed and no webhook
// had; "" = nothing that matters: a tag, or the moment of the last change. What
// was placed before installed is not a webhook's to bring.
func (m *merge) missed(o *orderWork, installed commerce.Instant) string {
	now := glimpseOf(&o.Order)
	switch {
	case !o.was.known && o.PlacedAt.Seconds() < installed.Seconds():
		return ""
	case !o.was.known && now.known:
		return orderMissed
	case !slices.Equal(now.refunds, o.was.refunds):
		return refundMissed
	case now.status != o.was.status, now.total != o.was.total, !sameKeys(eventsOf(&o.Order, m.shop), o.before):
		return changeMissed
	}
	return ""
}

func sameKeys(a, b map[eventKey]commerce.Event) bool {
	return maps.EqualFunc(a, b, func(_, _ commerce.Event) bool { return true })
}
