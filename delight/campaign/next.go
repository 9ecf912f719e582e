package campaign

import (
	"time"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

// Position is where an enrollment stands in its version.
type Position struct {
	StepID string           // the step to do next; "" = the first
	Anchor commerce.Instant // the moment the next wait counts from
}

// Next is what an enrollment has to do. Exactly one of Step and End is set.
type Next struct {
	// Step is the outward step to take, due at Due and useful until Latest.
	Step *Step
	Due  commerce.Instant
	// Latest is the last instant at which the step makes sense.
	Latest commerce.Instant
	// End says why the walk is over.
	End *gate.Decision
}

// After moves a position past step id: what follows counts from due, the
// moment the step was due, so that a late send moves nothing behind it.
func After(id string, due commerce.Instant) Position {
	return Position{StepID: "after:" + id, Anchor: due}
}

// notYet is a due time that no clock reaches before somebody looks again: the
// order's next change makes its enrollments due.
var notYet = commerce.At(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))

// NextStep says what to do from p, given the order's facts as they are. Waits
// add up from the cause's own time; a cause that no longer stands ends the walk.
func NextStep(d Definition, p Position, o *commerce.Order, s commerce.Shop) Next {
	due := p.Anchor
	if o != nil {
		if standing := gate.Standing(o, s.Settings); standing.Answer == gate.Skip {
			return Next{End: &standing}
		}
		if p.StepID == "" {
			due = d.begin(o, s.Settings)
		}
	}
	for i := d.index(p.StepID); i < len(d.Steps); i++ {
		step := &d.Steps[i]
		if step.Kind == Wait {
			due += step.For.Instants()
			continue
		}
		return Next{Step: step, Due: min(due, notYet), Latest: due + step.Useful.Instants()}
	}
	return Next{End: &gate.Decision{Answer: gate.Skip, Reason: gate.SequenceComplete}}
}

// begin is the cause's own time as the facts have it now. Until the first step
// is taken a better proof of it moves everything, so that it does not matter
// which proof came first; where it is not proven any more, as when a second
// platform knows that nothing was shipped, the walk waits for it.
func (d Definition) begin(o *commerce.Order, s commerce.Settings) commerce.Instant {
	if at, _ := moment(d.Trigger.Kind, o, s); at != 0 {
		return at
	}
	return notYet
}

// index finds where to go on; a step that is gone ends the walk.
func (d Definition) index(id string) int {
	if id == "" {
		return 0
	}
	for i, step := range d.Steps {
		switch id {
		case step.ID:
			return i
		case "after:" + step.ID:
			return i + 1
		}
	}
	return len(d.Steps)
}
