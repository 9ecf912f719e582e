package campaign

import (
	"fmt"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
)

// Flow is a definition made ready to walk: nested steps laid flat, every
// condition compiled once. It is safe for concurrent use.
type Flow struct {
	def   Definition
	spec  *TriggerSpec
	entry *Condition // nil = everybody
	nodes []node
	first int
	reads Reads
	// places finds the node to go on with: "", a step's id, or "after:" and an id.
	places map[string]int
}

// node is one step with where it leads to, as places in Flow.nodes.
type node struct {
	step      *Step
	after     string // the position behind it
	outward   bool
	next      int // the step behind it, also behind the branch it ends
	then, els int
	arms      []int
	weight    uint64 // of all arms
	condition *Condition
	at        commerce.TimeOfDay
}

// done is the place behind the last step.
const done = -1

// NewFlow compiles a definition. Errors are fault.Invalid: those of Check, but
// for what is wrong with texts, which no walk reads.
func NewFlow(d Definition) (*Flow, error) {
	f := &Flow{def: d, spec: TriggerOf(d.Trigger.Kind), places: map[string]int{}}
	if f.spec == nil {
		return nil, fault.New(fault.Invalid, "campaign %s: there is no trigger %q", d.Name, d.Trigger.Kind)
	}
	var err error
	if f.entry, err = compile(d.Condition, d.Rows); err != nil {
		return nil, err
	}
	if f.first, err = f.add(d.Steps, done, 1); err != nil {
		return nil, err
	}
	f.places[""] = f.first
	f.reads = f.readsWhat()
	return f, nil
}

// add lays steps flat, the last first, so that each knows what follows it. It
// returns the place of the first of them; behind them it goes on at next.
func (f *Flow) add(steps []Step, next, depth int) (first int, err error) {
	if depth > maxDepth {
		return 0, fault.New(fault.Invalid, "campaign %s: steps lie more than %d deep", f.def.Name, maxDepth)
	}
	for i := len(steps) - 1; i >= 0; i-- {
		s := &steps[i]
		n := node{step: s, after: After(s.ID, 0).StepID, next: next}
		if n.outward, err = isOutward(s); err != nil {
			return 0, err
		}
		if n.condition, err = compile(s.Condition, s.Rows); err != nil {
			return 0, fmt.Errorf("step %s: %w", s.ID, err)
		}
		if n.then, err = f.add(s.Then, next, depth+1); err != nil {
			return 0, err
		}
		if n.els, err = f.add(s.Else, next, depth+1); err != nil {
			return 0, err
		}
		for _, arm := range s.Arms {
			at, err := f.add(arm.Steps, next, depth+1)
			if err != nil {
				return 0, err
			}
			n.arms = append(n.arms, at)
			n.weight += uint64(max(0, arm.Weight))
		}
		n.at = timeOfDay(s.At)
		f.places[s.ID], f.places[n.after] = len(f.nodes), next
		next = len(f.nodes)
		f.nodes = append(f.nodes, n)
	}
	return next, nil
}

func isOutward(s *Step) (bool, error) {
	spec := StepOf(s.Kind)
	if spec == nil {
		return false, fault.New(fault.Invalid, "step %s: there is no kind %q", s.ID, s.Kind)
	}
	return spec.Outward, nil
}

// compile makes a condition of rows where there are some, else of CEL; nil of nothing.
func compile(expression string, rows []Row) (*Condition, error) {
	if len(rows) > 0 {
		var err error
		if expression, err = CompileRows(rows); err != nil {
			return nil, err
		}
	}
	if expression == "" {
		return nil, nil
	}
	return Compile(expression)
}

// Matches asks the campaign's own condition. At Enroll there is no enrollment yet.
func (f *Flow) Matches(facts Facts, e Enrollment, now commerce.Instant) (bool, error) {
	if f.entry == nil {
		return true, nil
	}
	return f.entry.Matches(VarsOf(facts, e, now))
}

// Judge puts the campaign's own condition as a decision; where it does not hold,
// Detail has the part that does not and the values it reads.
func (f *Flow) Judge(facts Facts, e Enrollment, now commerce.Instant) gate.Decision {
	if f.entry == nil {
		return gate.Decision{Answer: gate.Send, Reason: gate.OK}
	}
	return f.entry.judge(VarsOf(facts, e, now))
}

// Trigger is what the registry knows of the campaign's trigger.
func (f *Flow) Trigger() *TriggerSpec { return f.spec }

// Definition is what it was made of. It is not to be changed.
func (f *Flow) Definition() *Definition { return &f.def }

// Ask is what other walks of the person compare themselves with, for a Next of
// this flow. Of what is no message only the times are told: until when a webhook
// is tried.
func (f *Flow) Ask(n Next) Ask {
	if n.Step == nil {
		return Ask{}
	}
	if !StepOf(n.Step.Kind).Message {
		return Ask{Due: n.Due, Latest: n.Latest}
	}
	return Ask{
		Class: f.def.Class, Topic: f.def.Topic, Priority: f.def.Priority,
		Due: n.Due, Latest: n.Latest, Answers: f.spec.Answers,
	}
}
