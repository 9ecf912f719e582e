package campaign

import (
	"slices"

	"flywheel/commerce"
)

// Reads says which facts a campaign's rules read beside its order and person.
type Reads struct {
	// History is the person's purchases.
	History bool
	// Anew says that a change of one order matters to the person's others, by the
	// trigger, a cooling-off or once ever: Enroll is asked anew for the events of all of
	// them, and their walks are looked at again.
	Anew bool
	// Orders is the person's other orders with their lines, Asked which of them
	// the campaign has asked about already.
	Orders, Asked bool
	// Products is what the catalogue knows of the order's, Consents what the person said.
	Products, Consents bool
	// Loyalty is what the person has in the shop's program.
	Loyalty bool
	// Events are the kinds of the person's events, sorted.
	Events []commerce.EventKind
}

// Reads says what the campaign's trigger, entry rule, steps and conditions
// read. It is not to be changed.
func (f *Flow) Reads() Reads { return f.reads }

func (f *Flow) readsWhat() Reads {
	cools := f.def.Entry.CoolingOff > 0
	once := f.def.mode(f.spec) == OnceEver
	r := Reads{Anew: f.spec.History || (cools || once) && f.spec.ByOrder, Orders: f.spec.Kind == OnReplenishment}
	r.History, r.Asked = r.Anew, cools && f.spec.ByOrder
	if cools && !f.spec.ByOrder {
		r.Events = append(r.Events, f.spec.readsBy(f.def.Trigger)...)
	}
	r.Events = append(r.Events, f.spec.ends...)
	r.Loyalty = f.spec.loyal
	conditions := []*Condition{f.entry}
	for _, n := range f.nodes {
		conditions = append(conditions, n.condition)
		if n.step.Kind == WaitForEvent {
			r.Events = append(r.Events, commerce.EventKind(n.step.Event))
		}
	}
	for _, c := range conditions {
		if c != nil {
			r.History = r.History || c.NeedsHistory()
			r.Products = r.Products || c.NeedsProducts()
			r.Consents = r.Consents || c.NeedsConsents()
			r.Loyalty = r.Loyalty || c.NeedsLoyalty()
		}
	}
	slices.Sort(r.Events)
	r.Events = slices.Compact(r.Events)
	return r
}

// eachStep visits every step of a tree, each before those within it, down to
// one level below the deepest that is allowed.
func eachStep(steps []Step, visit func(s *Step, depth int)) { visitSteps(steps, 1, visit) }

func visitSteps(steps []Step, depth int, visit func(s *Step, depth int)) {
	for i := range steps {
		s := &steps[i]
		visit(s, depth)
		if depth > maxDepth {
			continue
		}
		visitSteps(s.Then, depth+1, visit)
		visitSteps(s.Else, depth+1, visit)
		for _, arm := range s.Arms {
			visitSteps(arm.Steps, depth+1, visit)
		}
	}
}
