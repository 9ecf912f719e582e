package campaign

import (
	"iter"

	"flywheel/commerce"
)

// AllSteps are the steps of a definition, each before those within its branches.
func (d *Definition) AllSteps() iter.Seq[*Step] {
	return func(yield func(*Step) bool) {
		going := true
		eachStep(d.Steps, func(s *Step, _ int) { going = going && yield(s) })
	}
}

// Together returns the orders that are one ask with the walk's own, by the
// campaign's cooling-off; its own alone where there is none.
func (f *Flow) Together(facts Facts) []commerce.OrderID {
	switch window := f.def.Entry.CoolingOff; {
	case facts.Order == nil:
		return nil
	case window > 0 && f.spec.ByOrder && !f.spec.Answers:
		return Together(facts.History, window, facts.Order.ID)
	}
	return []commerce.OrderID{facts.Order.ID}
}
