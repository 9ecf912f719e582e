package jobs

import (
	"maps"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/store"
)

// askUnconfirmed has a campaign that went live ask those of these persons whose
// yes to news and offers waits for a second act, each once: whoever was asked
// since they said it is left alone. The event is that of the yes itself, which may
// still lie in the inbox; where it was told before, while nobody asked, it is this Go live's.
func (m *merge) askUnconfirmed(f store.Fanout, ids []commerce.PersonID) error {
	c := m.liveOne(f.Campaign)
	if c == nil || len(ids) == 0 {
		return nil
	}
	found, err := m.tx.LockPersons(m.shop.ID, ids)
	if err != nil {
		return err
	}
	waiting, err := m.unconfirmed(found)
	if err != nil || len(waiting) == 0 {
		return err
	}
	fresh, err := m.askEvents(waiting, func(y unconfirmedYes) commerce.Instant { return y.at })
	if err != nil {
		return err
	}
	told := map[commerce.PersonID]bool{}
	for _, e := range fresh {
		told[e.PersonID] = true
	}
	again, err := m.askEvents(slices.DeleteFunc(waiting, func(y unconfirmedYes) bool { return told[y.ID] }), func(unconfirmedYes) commerce.Instant { return f.AddedAt })
	if err != nil {
		return err
	}
	fresh = append(fresh, again...)
	if err := m.wakeWaiting(fresh); err != nil {
		return err
	}
	var asked []question
	for _, e := range fresh {
		asked = append(asked, question{live: *c, cause: e, person: e.PersonID})
	}
	entries, err := m.answer(asked, nil)
	if err != nil {
		return err
	}
	return m.addEntries(entries)
}

// unconfirmedYes is somebody with the moment of the yes that nobody has confirmed.
type unconfirmedYes struct {
	commerce.Person
	at commerce.Instant
}

// askEvents adds the event that asks each of these, under the moment that names it, and returns those that are new.
func (m *merge) askEvents(yeses []unconfirmedYes, named func(unconfirmedYes) commerce.Instant) ([]commerce.Event, error) {
	var events []commerce.Event
	for _, y := range yeses {
		h := store.ConsentAsk{Person: y.ID, SaidAt: named(y)}.Happening()
		h.At = m.tx.Now() // how long the mail is of use counts from here
		events = append(events, h.Event(m.shop, commerce.API, y.ID))
		m.persons[y.ID] = &personWork{Person: y.Person}
	}
	if len(events) == 0 {
		return nil, nil
	}
	return m.tx.AddEvents(m.shop.ID, events)
}

// unconfirmed picks those out who said yes once, live where that is not enough,
// could get news, and were not asked since. An address that several have is its owner's.
func (m *merge) unconfirmed(found map[commerce.PersonID]commerce.Person) ([]unconfirmedYes, error) {
	persons := map[commerce.PersonID]commerce.Person{}
	var emails []string
	for _, p := range found {
		if persons[p.ID] = p; !p.Erased && p.Email != "" {
			emails = append(emails, p.Email)
		}
	}
	known, err := m.tx.Addresses(m.shop.ID, unique(emails))
	if err != nil {
		return nil, err
	}
	said := map[commerce.PersonID]commerce.ConsentChange{}
	emails = nil
	for _, p := range persons {
		facts := known[p.Email]
		if facts == nil || p.Erased || stopped(facts.Suppressions, m.tx.Now()) {
			continue
		}
		if last := gate.LastWord(facts.Consents, commerce.ByMail, gate.Marketing); plainYes(last) {
			said[p.ID], emails = last, append(emails, p.Email)
		}
	}
	if len(said) == 0 {
		return nil, nil
	}
	ids := slices.Sorted(maps.Keys(said))
	orders, err := m.tx.OrdersOfPersons(m.shop.ID, ids, newestOrders)
	if err != nil {
		return nil, err
	}
	owners, err := m.tx.OwnersOf(m.shop.ID, unique(emails))
	if err != nil {
		return nil, err
	}
	asked, err := m.tx.AskedToConfirm(m.shop.ID, ids)
	if err != nil {
		return nil, err
	}
	var out []unconfirmedYes
	for _, id := range ids {
		p, last := persons[id], said[id]
		if owner, owned := owners[p.Email]; owned && owner != id || asked[id] >= last.At && asked[id] != 0 {
			continue
		}
		if mustConfirm(m.policy, &m.shop, p, lastOf(orders[id]), known[p.Email].Consents, last) {
			out = append(out, unconfirmedYes{p, last.At})
		}
	}
	return out, nil
}

// stopped reports whether an address gets no news whatever is said: nobody who
// turned all mails off, or wants a break, is asked whether they meant it.
func stopped(stops []gate.Suppression, now commerce.Instant) bool {
	return slices.ContainsFunc(stops, func(s gate.Suppression) bool { return !s.Over(now) && s.Scope.Stops(gate.Marketing, "") })
}
