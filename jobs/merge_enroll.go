package jobs

import (
	"cmp"
	"maps"
	"slices"

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

// question is one campaign asked about one cause.
type question struct {
	live
	cause  commerce.Event
	order  *store.StoredOrder // nil where the cause is no order
	person commerce.PersonID
}

// enroll asks the campaigns that a batch concerns: those whose trigger reads an
// event of a changed order or something that happened, and for those that read
// a person's history every order of theirs.
func (m *merge) enroll(orders []*orderWork) error {
	var asked []question
	for _, o := range orders {
		asked = m.questions(asked, o.StoredOrder, func(live) bool { return true })
	}
	asked, err := m.askAnew(asked, orders)
	if err != nil {
		return err
	}
	for _, e := range m.happened {
		for _, c := range m.campaigns.asked(e) {
			if e.PersonID != "" { // what is nobody's concerns many: a fan-out
				asked = append(asked, question{live: c, cause: e, person: e.PersonID})
			}
		}
	}
	entries, err := m.answer(asked, known(orders))
	if err != nil {
		return err
	}
	return m.addEntries(entries)
}

// questions adds those that an order's events raise, in an order that does not
// depend on arrival.
func (m *merge) questions(asked []question, o *store.StoredOrder, of func(live) bool) []question {
	m.asked[o.ID] = o
	events := slices.SortedFunc(maps.Values(eventsOf(&o.Order, m.shop)), func(a, b commerce.Event) int {
		return cmp.Or(cmp.Compare(a.OccurredAt, b.OccurredAt), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Subject, b.Subject))
	})
	for _, e := range events {
		for _, c := range m.campaigns.asked(e) {
			if of(c) {
				asked = append(asked, question{live: c, cause: e, order: o, person: o.PersonID})
			}
		}
	}
	return asked
}

// manyOrders is how many orders of one person are asked about when their
// history changes: who has more is no customer but a test.
const manyOrders = 200

// askAnew adds questions about a person's other orders where the place of those
// in their history may have changed: an order that is told late makes another
// one the second.
func (m *merge) askAnew(asked []question, orders []*orderWork) ([]question, error) {
	if !m.campaigns.anew {
		return asked, nil
	}
	var persons []commerce.PersonID
	changed := map[commerce.OrderID]bool{}
	for _, o := range orders {
		changed[o.ID] = true
		p := m.persons[o.PersonID]
		if p != nil && !p.fresh && o.bought != commerce.PurchaseOf(&o.Order, m.shop) {
			persons = append(persons, p.ID)
		}
	}
	if persons = unique(persons); len(persons) == 0 {
		return asked, nil
	}
	if err := m.tx.TouchPersons(m.shop.ID, persons); err != nil {
		return nil, err
	}
	others, err := m.tx.OrdersOfPersons(m.shop.ID, persons, manyOrders)
	for _, id := range persons {
		for _, o := range others[id] {
			if !changed[o.ID] {
				asked = m.questions(asked, o, func(c live) bool { return c.Reads().Anew })
			}
		}
	}
	return asked, err
}

// answer puts the questions to their campaigns and keeps the refusals.
func (m *merge) answer(asked []question, before []commerce.OrderID) ([]entry, error) {
	if len(asked) == 0 {
		return nil, nil
	}
	enrolled, err := m.tx.Enrolled(m.shop.ID, before)
	if err != nil {
		return nil, err
	}
	var want wants
	for _, q := range asked {
		want.add(q.Reads(), m.personOf(q.person), q.person, q.order, "")
	}
	facts, err := readRulesIn(m.tx, m.shop, want)
	if err != nil {
		return nil, err
	}
	var entries []entry
	places := map[store.EntryName]int{} // of entries, by what makes them unique
	for _, q := range asked {
		f := facts.of(m.personOf(q.person), q.person, q.order, q.cause)
		asking := campaign.Enrollment{Campaign: q.ID, Person: q.person, EntryKey: q.key()}
		v := campaign.Enroll(q.Campaign, q.cause, f, func() gate.Decision { return q.Judge(f, asking, m.tx.Now()) })
		if v.Refusal.Reason != "" && !(q.order != nil && enrolled[q.order.ID][q.ID]) { // who is in already is judged at the step
			m.decisions = append(m.decisions, store.Decided{Campaign: q.ID, EntryKey: asking.EntryKey, Person: q.person, Decision: v.Refusal})
		}
		if v.Entry == nil {
			continue
		}
		e := entry{q, *v.Entry, f}
		switch i, there := places[e.name()]; {
		case !there:
			places[e.name()] = len(entries)
			entries = append(entries, e)
		case e.Anchor < entries[i].Anchor: // the earliest cause of a key is the one
			entries[i] = e
		}
	}
	return entries, nil
}

// key is under which name a refusal is kept.
func (q question) key() string {
	if q.order != nil {
		return campaign.EntryKey(q.order.ID)
	}
	return "event:" + string(q.cause.Kind) + ":" + q.cause.Subject
}

func (m *merge) personOf(id commerce.PersonID) commerce.Person {
	if p := m.persons[id]; p != nil {
		return p.Person
	}
	return commerce.Person{ID: id}
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
