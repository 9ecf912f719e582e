package campaign

import (
	"cmp"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

// walk goes on from a place until there is something to do. Plain waits add up
// and are not kept; what branches is decided only when its moment has come.
func (f *Flow) walk(w *Walk, n *Next, place int, at commerce.Instant) {
	for place != done {
		here := &f.nodes[place]
		switch step := here.step; {
		case here.outward && step.ID == w.Enrollment.SkipStep:
			n.Passed = append(n.Passed, Pass{step.ID, BranchSkipped, w.Now})
			n.Position, place = Position{here.after, at}, here.next
		case here.outward:
			f.reach(w, n, step, at)
			return
		case step.Kind == End:
			n.End = over(gate.WalkEnded)
			return
		case step.Kind == Wait:
			at, place = at+step.For.Instants(), here.next
		case step.Kind == WaitUntil:
			at, place = here.until(at, &w.Facts), here.next
		default:
			if at > w.Now && w.Enrollment.GoNow != 0 && step.Kind != WaitForEvent {
				at = w.Now
			}
			if at > w.Now {
				n.Due = min(at, notYet)
				return
			}
			branch, to, since := f.decide(w, n, here, at)
			if branch == "" {
				return
			}
			n.Passed = append(n.Passed, Pass{step.ID, branch, since})
			n.Position, place, at = f.standAt(here, to, since), to, since
		}
	}
	n.End = over(gate.SequenceComplete)
}

// reach makes a step the next to take. Who said that it is to go now waits for
// nothing, and what follows counts from now.
func (f *Flow) reach(w *Walk, n *Next, step *Step, at commerce.Instant) {
	if w.Enrollment.GoNow != 0 {
		at = w.Enrollment.GoNow
	}
	n.Step, n.Due, n.Latest = step, min(at, notYet), at+step.Useful.Instants()
}

// decide takes a branch of the step here, which was reached at at: its name,
// where it leads, and since when. Without a name the walk stands still, and n
// says how long or that it is over.
func (f *Flow) decide(w *Walk, n *Next, here *node, at commerce.Instant) (branch string, to int, since commerce.Instant) {
	switch here.step.Kind {
	case Split:
		i := here.arm(f.def.Name, w.Enrollment.Person)
		if i < 0 {
			n.End = over(gate.StepGone)
			return "", 0, 0
		}
		return here.step.Arms[i].Name, here.arms[i], at
	case WaitForEvent:
		return f.await(w, n, here, at)
	}
	holds := here.condition == nil
	if !holds {
		var err error
		if holds, err = here.condition.Matches(VarsOf(w.Facts, w.Enrollment, w.Now)); err != nil {
			n.End = &gate.Decision{Answer: gate.Skip, Reason: gate.ConditionBroken, Detail: here.step.ID + ": " + err.Error()}
			return "", 0, 0
		}
	}
	if holds {
		return BranchThen, here.then, at
	}
	return BranchElse, here.els, at
}

// standAt is the position at a place behind a branch.
func (f *Flow) standAt(branched *node, place int, at commerce.Instant) Position {
	if place == done {
		return Position{branched.after, at}
	}
	return Position{f.nodes[place].step.ID, at}
}

// await looks for the event that a step waits for, from at on and within its
// timeout. Of several the earliest counts. One that lies ahead, as an arrival
// that is assumed, is waited for. Platforms name no finer time than seconds, and
// what became of the walk's own order counts also when it came before.
func (f *Flow) await(w *Walk, n *Next, here *node, at commerce.Instant) (branch string, to int, since commerce.Instant) {
	kind, until := commerce.EventKind(here.step.Event), at+here.step.Timeout.Instants()
	came := commerce.Instant(0)
	for i := range w.Facts.Events {
		e := &w.Facts.Events[i]
		if e.Kind == kind && e.OccurredAt <= until && f.meant(w, e, at) {
			came = commerce.Earliest(came, max(e.OccurredAt, at))
		}
	}
	switch {
	case came != 0 && came <= w.Now:
		return BranchThen, here.then, came
	case w.Now >= until:
		return BranchElse, here.els, until
	}
	n.Due, n.WaitsFor = cmp.Or(came, until), kind
	return "", 0, 0
}

// meant reports whether an event is of what the walk waits for since at. The way
// of an order is that of its own; that it was placed is no news of it; and to the
// question where a parcel is it is no answer that it may be assumed to be there.
func (f *Flow) meant(w *Walk, e *commerce.Event, at commerce.Instant) bool {
	own := w.Facts.Order != nil && e.OrderID == w.Facts.Order.ID
	since := e.OccurredAt.Seconds() >= at.Seconds()
	switch {
	case string(e.Kind)+"|"+e.Subject == w.Enrollment.Cause, own && e.Kind == commerce.OrderPlaced:
		return false
	case e.Assumed && f.spec.Kind == OnNotDelivered:
		return false
	case w.Facts.Order == nil || !waitable[e.Kind].course:
		return since
	}
	return own
}
