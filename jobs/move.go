package jobs

import (
	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
)

// stay leaves an enrollment where it is until due.
func stay(e campaign.Enrollment, due commerce.Instant) store.Move {
	return store.Move{ID: e.ID, Dispatch: e.Dispatch, Rev: e.Rev, Position: e.Position, DueAt: due, WaitsFor: e.WaitsFor, Ask: e.Ask, Version: e.Version}
}

// again leaves a run at its step until due: where its branches have led it.
func (r *run) again(due commerce.Instant) store.Move {
	r.passed = false
	m := stay(r.Enrollment, due)
	m.Position, m.WaitsFor, m.Ask = r.next.Position, string(r.next.WaitsFor), r.version.Ask(r.next)
	return m
}

// listen has a walk looked at once more as soon as its row says what it waits
// for: an event that came between its last look and that found nobody waiting.
func (r *run) listen(m store.Move, now commerce.Instant) store.Move {
	if m.WaitsFor != "" && m.WaitsFor != r.WaitsFor {
		m.DueAt = now
	}
	return m
}

// end ends a run.
func (r *run) end(reason string) store.Move {
	m := stay(r.Enrollment, r.DueAt)
	m.Position, m.WaitsFor, m.Ask = r.next.Position, "", campaign.Ask{}
	m.Ended, m.Reason, m.Used = true, reason, true
	return m
}

// past moves a run behind its step, along the branches that follow at once.
// reason stands if nothing is left to do.
func (r *run) past(now commerce.Instant, reason string) store.Move {
	r.passed = true
	m := stay(r.Enrollment, r.behind.Due)
	m.Behind = campaign.After(r.next.Step.ID, r.next.Due)
	m.Position, m.WaitsFor, m.Ask, m.Used = r.behind.Position, string(r.behind.WaitsFor), r.version.Ask(r.behind), true
	switch end := r.behind.End; {
	case end == nil:
	case end.Reason != gate.SequenceComplete && end.Reason != gate.WalkEnded:
		m.DueAt, m.WaitsFor, m.Ask = now, "", campaign.Ask{} // the next run says why, and keeps it
	default:
		if reason == string(gate.SequenceComplete) {
			reason = string(end.Reason)
		}
		m.Ended, m.Reason, m.DueAt, m.WaitsFor, m.Ask = true, reason, now, "", campaign.Ask{}
	}
	return r.listen(m, now)
}

// leading are the branches a run took on its way to its step; trailing those
// behind it, once that is taken.
func (r *run) leading() []store.Pass { return r.passes(r.next.Passed) }

func (r *run) trailing() []store.Pass {
	if !r.passed {
		return nil
	}
	return r.passes(r.behind.Passed)
}

func (r *run) passes(taken []campaign.Pass) (out []store.Pass) {
	for _, p := range taken {
		out = append(out, store.Pass{
			Enrollment: r.ID, StepID: p.StepID, Campaign: r.Campaign, Version: r.Version, Branch: p.Branch,
			Person: r.Person, Order: r.Order, At: p.At, Rehearsal: r.Rehearsal,
		})
	}
	return out
}

// successor is the entry that comes after this one, such as the next anniversary.
func (r *run) successor() []campaign.Enrollment {
	a := r.next.Again
	if a == nil {
		return nil
	}
	return []campaign.Enrollment{{
		ID: campaign.EnrollmentID(store.NewID()), Campaign: r.Campaign, EntryKey: a.Key, Cause: a.Cause, Version: r.Version,
		Person: r.Person, Order: r.Order, Anchor: a.Anchor, Position: campaign.Position{Anchor: a.Anchor}, Rehearsal: r.Rehearsal,
		DueAt: a.Anchor, Dispatch: 1, Rev: 1,
	}}
}
