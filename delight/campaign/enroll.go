package campaign

import (
	"flywheel/commerce"
	"flywheel/delight/gate"
)

// Entry is why and since when somebody is in a campaign. Key is unique within
// the campaign, without its version.
type Entry struct {
	Key     string
	Anchor  commerce.Instant // the cause's own time; due times count from it
	Assumed bool
}

// Verdict is what a campaign makes of an order as it is now.
type Verdict struct {
	// Entry is set when the order enrolls its person.
	Entry *Entry
	// Refusal says why not, where somebody will ask; its Answer is Skip or Hold.
	Refusal gate.Decision
}

// Enroll judges an order against a campaign. It may be asked again after every
// change of the order: the entry key makes a repeat harmless.
func Enroll(c Campaign, o *commerce.Order, s commerce.Shop, matches func() (bool, error)) Verdict {
	if c.State != Live {
		return Verdict{}
	}
	standing := gate.Standing(o, s.Settings)
	// An open dispute only delays: it must not matter whether it was heard of before the payment or after.
	stands := standing.Answer == gate.Send || standing.Reason == gate.DisputeOpen
	at, assumed := moment(c.Trigger.Kind, o, s.Settings)
	switch {
	case !stands && (at != 0 || c.Trigger.Kind == OnOrderPaid):
		return Verdict{Refusal: standing}
	case !stands || at == 0:
		return Verdict{} // its moment has not come
	case o.Historic(at, s):
		return refuse(gate.Historic)
	case at.Seconds() < c.LiveAt.Seconds(): // platforms name no finer time
		return refuse(gate.BeforeLive)
	}
	ok, err := matches()
	switch {
	case err != nil:
		v := refuse(gate.ConditionBroken)
		v.Refusal.Detail = err.Error()
		return v
	case !ok:
		return refuse(gate.ConditionNotMet)
	}
	return Verdict{Entry: &Entry{Key: EntryKey(o.ID), Anchor: at, Assumed: assumed}}
}

// EntryKey is the key of an enrollment that hangs on one order.
func EntryKey(id commerce.OrderID) string { return "order:" + string(id) }

// moment returns when the trigger's change happened to the order; 0 = not yet.
func moment(kind TriggerKind, o *commerce.Order, s commerce.Settings) (at commerce.Instant, assumed bool) {
	switch kind {
	case OnOrderPaid:
		return o.Sale(s), false
	case OnOrderArrived:
		return o.Arrived(s)
	}
	return 0, false
}

func refuse(r gate.Reason) Verdict {
	return Verdict{Refusal: gate.Decision{Answer: gate.Skip, Reason: r}}
}
