package campaign

import (
	"strconv"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

// Position is where an enrollment stands in its version.
type Position struct {
	StepID string           // the step to go on with; "" = it has not begun; "after:" and an id = behind that step
	Anchor commerce.Instant // the moment the next wait counts from
}

// Walk is what Next decides by.
type Walk struct {
	Enrollment Enrollment
	Facts      Facts
	Now        commerce.Instant
}

// Next is what an enrollment has to do. At most one of Step and End is set;
// with neither there is nothing to do but to look again at Due.
type Next struct {
	// Step is the outward step to take, due at Due and useful until Latest.
	Step *Step
	Due  commerce.Instant
	// Latest is the last instant at which the step makes sense.
	Latest commerce.Instant
	// End says why the walk is over.
	End *gate.Decision
	// Position is where it stands now, to be kept: a branch is taken once.
	Position Position
	// Passed are the branches just taken, to be kept with it.
	Passed []Pass
	// WaitsFor is the kind of event that moves it before Due; "" = none.
	WaitsFor commerce.EventKind
	// Again is the entry that follows this one, to be added when it is not there yet: each anniversary names the next.
	Again *Entry
}

// Pass is a branch that a walk took at a step.
type Pass struct {
	StepID string
	Branch string // then, else, the name of an arm, or skipped
	At     commerce.Instant
}

// Branches that are not an arm's name.
const (
	BranchThen    = "then"
	BranchElse    = "else"
	BranchSkipped = "skipped" // by hand
)

// After moves a position past step id: what follows counts from due, the
// moment the step was due, so that a late send moves nothing behind it.
func After(id string, due commerce.Instant) Position {
	return Position{StepID: "after:" + id, Anchor: due}
}

// notYet is a due time that no clock reaches before somebody looks again: the
// order's next change makes its enrollments due.
var notYet = commerce.At(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))

// Next says what to do, given the facts as they are. Waits add up from the
// cause's own time; a cause that no longer stands ends the walk. It is a
// function of w alone: the same walk has the same next.
func (f *Flow) Next(w Walk) Next {
	n := Next{Position: w.Enrollment.Position}
	place, known := f.places[n.Position.StepID]
	m, end := f.cause(&w)
	switch {
	case end != nil:
		n.End = end
	case !known:
		n.End = over(gate.StepGone)
	case n.Position.StepID != "":
		f.walk(&w, &n, place, n.Position.Anchor)
	case f.spec.Clock:
		f.beginAt(&w, &n, m)
	default:
		f.walk(&w, &n, place, m.at)
	}
	if n.Step != nil && m.until != 0 {
		n.Latest = min(n.Latest, m.until)
	}
	return n
}

// cause finds the moment of what the walk began with as the facts have it now,
// and whether that still stands. Until the first step is taken a better proof of
// the moment moves everything, so that it does not matter which proof came
// first; where it is not proven any more, as when a second platform knows that
// nothing was shipped, the walk waits for it.
func (f *Flow) cause(w *Walk) (moment, *gate.Decision) {
	facts, e := w.Facts, &w.Enrollment
	if facts.Order == nil && (f.spec.ByOrder || facts.Cause.OccurredAt == 0) {
		return moment{at: e.Anchor}, nil // not loaded: the anchor stands
	}
	if d := standing(f.spec, facts); d.Answer == gate.Skip {
		return moment{}, &d
	}
	_, subject, _ := strings.Cut(e.Cause, "|")
	part := partOf(subject)
	if f.spec.parts != nil && f.def.mode(f.spec) == PerOrder {
		part = "" // whichever is the earliest that stands
	}
	m := f.spec.moment(f.def.Trigger, facts, part)
	switch begun := e.Position.StepID != ""; {
	case m.gone != "" && !(begun && m.early):
		return m, over(m.gone)
	case !f.def.leads(f.spec, facts, m):
		return m, over(gate.JoinedOther)
	case !begun && f.def.askedAlready(facts):
		return m, over(gate.CoolingOff)
	case m.at == 0:
		m.at = notYet
	}
	return m, nil
}

// beginAt starts what a clock starts: nothing before its moment, and when that
// has come the condition decides, once.
func (f *Flow) beginAt(w *Walk, n *Next, m moment) {
	at := m.at
	if at > w.Now && w.Enrollment.GoNow == 0 {
		n.Due = min(at, notYet)
		return
	}
	at = min(at, w.Now)
	n.Again = f.again(w.Facts, m)
	if d := f.Judge(w.Facts, w.Enrollment, w.Now); d.Reason != gate.OK {
		n.End = &d
		return
	}
	if f.first != done {
		n.Position = Position{StepID: f.nodes[f.first].step.ID, Anchor: at}
	}
	f.walk(w, n, f.first, at)
}

// again is the entry of the year that follows an anniversary, where each counts.
func (f *Flow) again(facts Facts, m moment) *Entry {
	if f.spec.Kind != OnAnniversary || f.def.Trigger.N > 0 || facts.Order == nil {
		return nil
	}
	years, err := strconv.Atoi(m.part)
	if err != nil {
		return nil
	}
	return f.def.entry(f.spec, facts, f.spec.moment(f.def.Trigger, facts, strconv.Itoa(years+1)))
}

func over(r gate.Reason) *gate.Decision { return &gate.Decision{Answer: gate.Skip, Reason: r} }
