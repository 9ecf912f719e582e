package jobs

import (
	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
)

// reopen takes up again what ended for a reason that is gone, such as a refund
// that failed.
func (m *merge) reopen(orders []*orderWork) error {
	var again []commerce.OrderID
	for _, o := range orders {
		if o.ended && gate.Standing(&o.Order, m.shop.Settings).Answer != gate.Skip {
			again = append(again, o.ID)
		}
	}
	return m.tx.ReopenEnrollments(m.shop.ID, again)
}

// enroll asks every campaign about every changed order.
func (m *merge) enroll(orders []*orderWork) error {
	enrolled, err := m.tx.Enrolled(m.shop.ID, known(orders))
	if err != nil {
		return err
	}
	var entries []campaign.Enrollment
	for _, o := range orders {
		person := commerce.Person{ID: o.PersonID}
		if p := m.persons[o.PersonID]; p != nil {
			person = p.Person
		}
		for _, c := range m.campaigns {
			v := campaign.Enroll(c.Campaign, &o.Order, m.shop, func() (bool, error) {
				return c.matches(&o.Order, person, m.shop.Settings)
			})
			if v.Refusal.Reason != "" && !enrolled[o.ID][c.ID] { // who is in already is judged at the step
				m.decisions = append(m.decisions, store.Decided{
					Campaign: c.ID, EntryKey: campaign.EntryKey(o.ID), Person: o.PersonID, Decision: v.Refusal,
				})
			}
			if v.Entry == nil {
				continue
			}
			e := m.entry(c, o, *v.Entry)
			entries = append(entries, e)
			if until := o.HeldUntil; until > m.tx.Now() && until == e.DueAt {
				m.decisions = append(m.decisions, store.Decided{
					Campaign: c.ID, EntryKey: e.EntryKey, Person: o.PersonID,
					Decision: gate.Decision{Answer: gate.Defer, Reason: gate.AwaitingMore, Until: until},
				})
			}
		}
	}
	if err := m.tx.SaveDecisions(m.shop.ID, m.decisions); err != nil {
		return err
	}
	fresh, err := m.tx.AddEnrollments(m.shop.ID, entries, m.owner)
	now := m.tx.Now()
	for _, e := range entries {
		if fresh[e.ID] && e.DueAt <= now {
			m.due = append(m.due, e)
		}
	}
	return err
}

// known lists the orders that were there before the batch.
func known(orders []*orderWork) (ids []commerce.OrderID) {
	for _, o := range orders {
		if !o.fresh {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

func (m *merge) entry(c live, o *orderWork, e campaign.Entry) campaign.Enrollment {
	start := campaign.Position{Anchor: e.Anchor}
	next := campaign.NextStep(c.Campaign.Definition, start, &o.Order, m.shop)
	return campaign.Enrollment{
		ID: campaign.EnrollmentID(store.NewID()), Campaign: c.ID, EntryKey: e.Key, Version: c.Version,
		Person: o.PersonID, Order: o.ID, Anchor: e.Anchor, Position: start,
		DueAt: max(next.Due, o.HeldUntil), Dispatch: 1, Rev: 1,
	}
}
