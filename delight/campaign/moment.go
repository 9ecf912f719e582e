package campaign

import (
	"cmp"
	"slices"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

// moment is when a trigger's change happened, as the facts have it now.
type moment struct {
	at      commerce.Instant // 0 = not yet, or not proven any more
	since   commerce.Instant // what a clock counts from; 0 = at
	assumed bool
	part    string // which part of the order it is, such as a refund; "" = the order itself
	// gone says that what it began with is not so, or not so any more; "" = it
	// stands. Early ends only what has not begun.
	gone  gate.Reason
	early bool
	until commerce.Instant // the last instant at which what it starts makes sense; 0 = as long as its step says
}

// momentFunc finds the moment. Part is that of the cause; "" takes the first there is.
type momentFunc func(t Trigger, f Facts, part string) moment

func placed(_ Trigger, f Facts, _ string) moment { return moment{at: f.Order.PlacedAt} }

func paidFor(_ Trigger, f Facts, _ string) moment {
	return moment{at: f.Order.Sale(f.Shop.Settings)}
}

func fulfilled(_ Trigger, f Facts, _ string) moment { return moment{at: f.Order.FulfilledAt()} }

func arrived(_ Trigger, f Facts, _ string) moment {
	at, assumed := f.Order.Arrived(f.Shop)
	return moment{at: at, assumed: assumed}
}

func renewed(_ Trigger, f Facts, _ string) moment {
	if !f.Order.Detail.Renewal {
		return moment{gone: gate.CauseGone}
	}
	return moment{at: f.Order.Payment.At()}
}

func cancelled(_ Trigger, f Facts, _ string) moment { return unless(f.Order.Cancel.At()) }

// paymentFailed stands while nobody has paid and somebody still should.
func paymentFailed(_ Trigger, f Facts, _ string) moment {
	o := f.Order
	if o.Sale(f.Shop.Settings) != 0 || o.Cancel.At() != 0 || o.Detail.FinancialStatus == "voided" {
		return moment{gone: gate.CauseGone}
	}
	return unless(f.Order.PaymentFailed)
}

// happened is the moment of an event that hangs on no order.
func happened(_ Trigger, f Facts, _ string) moment { return moment{at: f.Cause.OccurredAt} }

// trialEnding stands until its trial ends, unless the platform tells meanwhile
// that it ends otherwise. Of what another system told no more is known.
func trialEnding(_ Trigger, f Facts, _ string) moment {
	m := moment{at: f.Cause.OccurredAt}
	if _, ends := f.Cause.Trial(); ends != 0 {
		m.until = ends
		if !f.Cause.TrialStands(f.Events) {
			m.gone = gate.CauseGone
		}
	}
	return m
}

// unless is a moment whose cause is gone where it is none.
func unless(at commerce.Instant) moment {
	if at == 0 {
		return moment{gone: gate.CauseGone}
	}
	return moment{at: at}
}

// part is one of several things that may happen to an order more than once.
type part struct {
	id string
	at commerce.Instant
}

// partsFunc finds what stands of them, by moment, then id.
type partsFunc func(*commerce.Order) []part

// picked is the moment of the part that the cause names.
func picked(parts partsFunc) momentFunc {
	return func(_ Trigger, f Facts, id string) moment { return pick(parts(f.Order), id) }
}

// pick returns the part of an id, for "" the earliest. One that is not among
// those that stand is gone.
func pick(parts []part, id string) moment {
	for _, p := range parts {
		if id == "" || p.id == id {
			return moment{at: p.at, part: p.id}
		}
	}
	return moment{gone: gate.CauseGone, part: id}
}

// partsOf collects of rows those that have a moment.
func partsOf[V any](rows map[string]V, at func(V) commerce.Instant) []part {
	var out []part
	for id, row := range rows {
		if when := at(row); when != 0 {
			out = append(out, part{id, when})
		}
	}
	slices.SortFunc(out, func(a, b part) int { return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.id, b.id)) })
	return out
}

func edits(o *commerce.Order) []part {
	return partsOf(o.Edits, func(e commerce.Edit) commerce.Instant { return e.At })
}

func returns(o *commerce.Order) []part {
	return partsOf(o.Returns, func(r commerce.Return) commerce.Instant { return r.At })
}

// delays are of parcels that have not come in the meantime.
func delays(o *commerce.Order) []part {
	return partsOf(o.Fulfilments, func(p commerce.Fulfilment) commerce.Instant {
		if p.DeliveredAt != 0 || p.Status == commerce.FulfilmentCancelled {
			return 0
		}
		return p.DelayedAt
	})
}

// failures are of parcels that did not come after all.
func failures(o *commerce.Order) []part {
	return partsOf(o.Fulfilments, func(p commerce.Fulfilment) commerce.Instant {
		if p.DeliveredAt != 0 {
			return 0
		}
		return p.FailedAt
	})
}

// openDisputes are those that nobody has settled.
func openDisputes(o *commerce.Order) []part {
	return partsOf(o.Disputes, func(d commerce.Dispute) commerce.Instant {
		if d.Status != commerce.DisputeOpen {
			return 0
		}
		return d.OpenedAt
	})
}

func wonDisputes(o *commerce.Order) []part { return settled(o, commerce.DisputeWon) }

func lostDisputes(o *commerce.Order) []part { return settled(o, commerce.DisputeLost) }

func settled(o *commerce.Order, as commerce.Status) []part {
	return partsOf(o.Disputes, func(d commerce.Dispute) commerce.Instant {
		if d.Status != as {
			return 0
		}
		return d.ClosedAt
	})
}
