package campaign

import (
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

// NextStep says what to do from p, given the order's facts as they are. Waits
// add up from the cause's own time; a cause that no longer stands ends the walk.
func NextStep(d Definition, p Position, o *commerce.Order, s commerce.Shop) Next {
	if o != nil {
		if standing := gate.Standing(o, s.Settings); standing.Answer == gate.Skip {
			return Next{End: &standing}
		}
	}
	due := p.Anchor
	for i := d.index(p.StepID); i < len(d.Steps); i++ {
		step := &d.Steps[i]
		if step.Kind == Wait {
			due += step.For.Instants()
			continue
		}
		return Next{Step: step, Due: due, Latest: due + step.Useful.Instants()}
	}
	return Next{End: &gate.Decision{Answer: gate.Skip, Reason: gate.SequenceComplete}}
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
