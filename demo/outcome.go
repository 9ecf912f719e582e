package demo

import (
	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/store"
)

// state is what one playbook has made of one order.
type state string

const (
	mailed   state = "sent"
	waiting  state = "waiting"   // its time has not come
	held     state = "held"      // something is in the way that may go away
	stopped  state = "stopped"   // for good
	notBegun state = "not begun" // what starts the playbook has not happened
)

// states are all of them, in the order of the table.
var states = []state{mailed, waiting, held, stopped, notBegun}

// stateWords opens the sentence about an order and a playbook.
var stateWords = map[state]string{
	mailed: "Sent", waiting: "Waits for its time", held: "Held", stopped: "Not sent", notBegun: "Not begun",
}

// outcome is a state with what explains it.
type outcome struct {
	State  state
	Reason gate.Reason      // of held and stopped
	Detail string           // completes the reason
	At     commerce.Instant // mailed or decided
	Until  commerce.Instant // of waiting and held: when it is due, or no longer of use
	Effect string           // of what was sent last, such as a mail's X-Flywheel-ID
	Step   string           // that sent it
}

// outcomeOf reads from a person's timeline what became of an order in a
// playbook. It is what the books add up and what the pages say on top.
func outcomeOf(timeline []store.Entry, order commerce.OrderID, playbook string) outcome {
	var enrolled, decided, effect *store.Entry
	for i := range timeline {
		e := &timeline[i]
		if e.Order != string(order) || e.Campaign != playbook {
			continue
		}
		switch e.Kind {
		case "enrollment":
			enrolled = e
		case "decision":
			decided = e // the newest, since a timeline runs forward
		case "effect":
			effect = e
		}
	}
	switch {
	case effect != nil && effect.What == string(store.Sent):
		return outcome{State: mailed, At: effect.At, Effect: effect.Effect, Step: effect.Step}
	case enrolled != nil && enrolled.What == "ended":
		o := outcome{State: stopped, Reason: gate.Reason(enrolled.Reason), At: enrolled.At}
		if decided != nil && decided.Reason == enrolled.Reason {
			o.Detail, o.At = decided.Detail, decided.At
		} else if effect != nil {
			o.Detail, o.At = effect.Detail, effect.At
		}
		return o
	case enrolled != nil:
		return open(*enrolled, decided, effect)
	case decided != nil && decided.What == string(gate.Hold):
		return outcome{State: held, Reason: gate.Reason(decided.Reason), Detail: decided.Detail, At: decided.At}
	case decided != nil:
		return outcome{State: stopped, Reason: gate.Reason(decided.Reason), Detail: decided.Detail, At: decided.At}
	}
	return outcome{State: notBegun}
}

// open is an enrollment under way: a decision holds it only while its due time
// is the one that decision gave it.
func open(enrolled store.Entry, decided, effect *store.Entry) outcome {
	if decided != nil && decided.Until != 0 && enrolled.Until-decided.Until <= 1 && enrolled.Until >= decided.Until {
		return outcome{State: held, Reason: gate.Reason(decided.Reason), Detail: decided.Detail, At: decided.At, Until: decided.Until}
	}
	if effect != nil && effect.What == string(store.Retry) {
		return outcome{State: held, Reason: gate.Retrying, Detail: effect.Detail, At: effect.At, Until: enrolled.Until}
	}
	return outcome{State: waiting, Until: enrolled.Until}
}
