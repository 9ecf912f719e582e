package campaign

import (
	"flywheel/commerce"
	"flywheel/delight/gate"
)

// refundedWhole is the moment of the refund after which nothing is left of the
// order; of restocked lines or a platform's word alone, that of the last refund.
func refundedWhole(_ Trigger, f Facts, _ string) moment {
	refunds := refundsOf(f.Order)
	if len(refunds) == 0 || !f.Order.FullyRefunded() {
		return moment{gone: gate.CauseGone}
	}
	back := map[commerce.Platform]int64{}
	for _, p := range refunds {
		r := f.Order.Refunds[p.id]
		back[r.Platform] += r.Amount.Amount
		if back[r.Platform] >= f.Order.Detail.Total.Amount {
			return moment{at: p.at}
		}
	}
	return moment{at: refunds[len(refunds)-1].at}
}

// refundedPart is the moment of one refund of an order of which something is
// left. Where all went back in the end, who has not been written to about a
// part of it is not any more.
func refundedPart(_ Trigger, f Facts, id string) moment {
	m := pick(ownRefunds(f.Order), id)
	if m.gone == "" && f.Order.FullyRefunded() {
		m.gone, m.early = gate.CauseGone, true
	}
	return m
}

// refundsOf are the refunds that were made, by moment.
func refundsOf(o *commerce.Order) []part {
	return partsOf(o.Refunds, func(r commerce.Refund) commerce.Instant {
		if r.Status != commerce.RefundSucceeded {
			return 0
		}
		return r.At
	})
}

// ownRefunds leaves out what a second platform tells again: its nth refund is
// the nth of the platform that describes the order.
func ownRefunds(o *commerce.Order) []part {
	all := refundsOf(o)
	count := map[commerce.Platform]int{}
	for _, p := range all {
		count[o.Refunds[p.id].Platform]++
	}
	if len(count) < 2 {
		return all
	}
	var out []part
	seen := map[commerce.Platform]int{}
	for _, p := range all {
		platform := o.Refunds[p.id].Platform
		seen[platform]++
		if platform == o.Detail.Platform || seen[platform] > count[o.Detail.Platform] {
			out = append(out, p)
		}
	}
	return out
}
