package jobs

import (
	"errors"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
)

// entry is a question that was answered with yes.
type entry struct {
	question
	campaign.Entry
	facts campaign.Facts
}

// enrollment is the walk that an entry begins.
func (e entry) enrollment(now commerce.Instant) campaign.Enrollment {
	out := campaign.Enrollment{
		ID: campaign.EnrollmentID(store.NewID()), Campaign: e.ID, EntryKey: e.Entry.Key, Cause: e.Cause, Version: e.Version, Person: e.person,
		Anchor: e.Anchor, Position: campaign.Position{Anchor: e.Anchor}, Rehearsal: e.State == campaign.Rehearsal, Dispatch: 1, Rev: 1,
	}
	held := commerce.Instant(0)
	if e.order != nil {
		out.Order, held = e.order.ID, e.order.HeldUntil
	}
	next := e.Next(campaign.Walk{Enrollment: out, Facts: e.facts, Now: now})
	out.DueAt, out.Ask, out.WaitsFor = max(next.Due, held), e.Ask(next), string(next.WaitsFor)
	switch {
	case next.End != nil:
		out.DueAt = now // the step says why
	case len(next.Passed) > 0:
		out.DueAt = max(now, held) // the step keeps the branch that is taken here
	}
	return out
}

// addEntries enrolls. Who is in already goes on, with two exceptions: of several
// causes of one key the earliest that stands is followed, in whatever order they
// were heard of, as long as the walk has not begun; and a walk that ended
// because its cause was gone is taken up again now that it stands.
func (m *merge) addEntries(entries []entry) error {
	now := m.tx.Now()
	present, err := m.present(entries)
	if err != nil {
		return err
	}
	var fresh, instead []campaign.Enrollment
	var again []campaign.EnrollmentID
	for _, e := range entries {
		row := e.enrollment(now)
		old, there := present[e.name()]
		over := old.Ended && gate.Reason(old.Reason).Reversible()
		switch {
		case !there:
			m.noteHeld(e, row)
			fresh = append(fresh, row)
		case over || !old.Ended:
			if old.YieldsTo(e.Entry, !over && m.stands(old)) {
				row.ID = old.ID
				instead = append(instead, row)
			}
			if over {
				again = append(again, old.ID)
			}
		}
	}
	if err := errors.Join(m.tx.SaveDecisions(m.shop.ID, m.decisions), m.tx.Reopen(m.shop.ID, again), m.tx.RecauseEnrollments(m.shop.ID, instead)); err != nil {
		return err
	}
	added, err := m.tx.AddEnrollments(m.shop.ID, fresh, m.owner)
	for _, e := range fresh {
		if added[e.ID] && e.DueAt <= now {
			m.due = append(m.due, e)
		}
	}
	return err
}

// stands reports whether the order that a walk began with deserves one still,
// as far as the batch has it at hand.
func (m *merge) stands(e campaign.Enrollment) bool {
	o := m.asked[e.Order]
	return o == nil || gate.Standing(&o.Order, m.shop.Settings).Answer != gate.Skip
}

func (e entry) name() store.EntryName { return store.EntryName{Campaign: e.ID, Key: e.Entry.Key} }

// present looks up who of these is in already. An order that came with this
// batch is in nothing.
func (m *merge) present(entries []entry) (map[store.EntryName]campaign.Enrollment, error) {
	var names []store.EntryName
	for _, e := range entries {
		if e.order != nil && m.orders[e.order.ID] != nil && m.orders[e.order.ID].fresh && e.Entry.Key == campaign.EntryKey(e.order.ID) {
			continue
		}
		names = append(names, e.name())
	}
	if len(names) == 0 {
		return nil, nil
	}
	return m.tx.EnrollmentsByKey(m.shop.ID, names)
}

// noteHeld notes that an entry waits for a fuller description of its order.
func (m *merge) noteHeld(e entry, row campaign.Enrollment) {
	if e.order == nil || e.order.HeldUntil <= m.tx.Now() || e.order.HeldUntil != row.DueAt {
		return
	}
	m.decisions = append(m.decisions, store.Decided{
		Campaign: e.ID, EntryKey: row.EntryKey, Person: e.person,
		Decision: gate.Decision{Answer: gate.Defer, Reason: gate.AwaitingMore, Until: e.order.HeldUntil},
	})
}
