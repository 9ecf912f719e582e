package jobs

import (
	"cmp"
	"slices"

	"flywheel/commerce"
)

// orderPerson settles whose order it is. An order without a customer gets a
// person of its own, so that what happens to it has a place on a timeline.
func (m *merge) orderPerson(o *orderWork, c commerce.OrderChange, d commerce.Delivery) *personWork {
	current, platform := m.persons[o.PersonID], d.Platform
	at := dated(d, commerce.Earliest(o.PlacedAt, c.PlacedAt))
	switch {
	case current == nil && m.buriedOrder(c) != nil:
		current = m.buriedOrder(c)
	case c.Person == nil && current == nil && (c.Detail != nil || o.Detail.Known()):
		current = m.newPerson()
	case c.Person == nil:
		return current
	case current == nil:
		current = m.findPerson(*c.Person, platform, at)
	case current.Erased:
		return current
	case current.Email != "" && m.isSame(current, *c.Person, platform):
		m.know(commerce.Identity{Kind: commerce.IdentityKind(cmp.Or(c.Person.Platform, platform)), Value: c.Person.CustomerID}, current)
		m.know(commerce.Identity{Kind: commerce.ByEmail, Value: c.Person.Email}, current)
		m.tell(current, *c.Person)
	case current.Email == "" || m.describes(o, c):
		if p := m.findPerson(*c.Person, platform, at); p != current {
			m.giveTo(o, p)
		}
		return m.persons[o.PersonID]
	}
	if o.PersonID != current.ID {
		o.PersonID, o.changed = current.ID, true
	}
	return current
}

// isSame reports whether facts about an order's buyer are about the person we
// have. The order itself ties a second platform's customer id to them.
func (m *merge) isSame(current *personWork, f commerce.PersonFacts, platform commerce.Platform) bool {
	if f.CustomerID != "" {
		if p := m.persons[m.byWho[commerce.Identity{Kind: commerce.IdentityKind(cmp.Or(f.Platform, platform)), Value: f.CustomerID}]]; p != nil {
			return p == current
		}
	}
	return f.Email == "" || f.Email == current.Email
}

// describes reports whether c describes the order better than what we have, so
// that the buyer it names is the right one: the leading platform's, or the one
// that the merchant corrected it to.
func (m *merge) describes(o *orderWork, c commerce.OrderChange) bool {
	switch {
	case c.Detail == nil:
		return false
	case c.Detail.Platform != o.Detail.Platform:
		return c.Detail.Platform == m.shop.Leading
	}
	return c.Detail.UpdatedAt >= o.Detail.UpdatedAt
}

// giveTo makes an order, and what hangs on it, somebody's.
func (m *merge) giveTo(o *orderWork, p *personWork) {
	from, order, into := o.PersonID, o.ID, p.ID
	o.PersonID, o.changed = into, true
	if from == "" {
		return
	}
	m.later = append(m.later, func() error {
		if err := m.tx.RepointPerson(m.shop.ID, order, from, into); err != nil {
			return err
		}
		return m.tx.DropNameless(m.shop.ID, from)
	})
}

// saidBy is a statement with whom it is of; nil where nobody is known by it yet.
type saidBy struct {
	commerce.ConsentChange
	person   *personWork
	platform commerce.Platform // that told of it
}

// keepConsents notes what the delivery says about consent, with the address it is for.
func (m *merge) keepConsents(d decoded, person *personWork) {
	platform := commerce.IdentityKind(d.delivery.Platform)
	for _, c := range d.change.Consents {
		if m.ofErased(c, platform, d.delivery) {
			continue
		}
		p := person
		if p == nil && c.CustomerID != "" {
			p = m.persons[m.byWho[commerce.Identity{Kind: platform, Value: c.CustomerID}]]
		}
		if p == nil && c.Email != "" {
			p = m.persons[m.byWho[commerce.Identity{Kind: commerce.ByEmail, Value: c.Email}]]
		}
		if c.Email == "" && p != nil {
			c.Email = p.Email
		}
		if c.Email != "" {
			m.consents = append(m.consents, saidBy{c, p, d.delivery.Platform})
			m.tellsConsent(d, c)
		}
	}
}

// tellsConsent notes that Shopify itself told what a customer says about mail:
// as good as asking it at that moment. What an order shows of it may be older
// than the order, and what is said about SMS says nothing about mail, which is
// all that is sent by now.
func (m *merge) tellsConsent(d decoded, c commerce.ConsentChange) {
	if d.delivery.Platform != commerce.Shopify || d.change.Order != nil || c.CustomerID == "" || c.Channel != commerce.ByMail {
		return
	}
	m.said[c.CustomerID] = max(m.said[c.CustomerID], min(d.delivery.TriggeredAt, m.tx.Now()))
}

// writeConsents keeps statements. A new one may release what waits for it;
// the same again, as with every order of one customer, disturbs nothing.
func (m *merge) writeConsents() error {
	if len(m.consents) == 0 {
		return nil
	}
	var emails []string
	var said []commerce.ConsentChange
	for _, c := range m.consents {
		emails, said = append(emails, c.Email), append(said, c.ConsentChange)
	}
	known, err := m.tx.Addresses(m.shop.ID, emails)
	if err != nil {
		return err
	}
	var fresh []saidBy
	for _, c := range m.consents {
		if c.person != nil && !slices.ContainsFunc(known[c.Email].Consents, c.repeats) {
			m.touched, fresh = append(m.touched, c.person.ID), append(fresh, c)
		}
	}
	if err := m.askToConfirm(fresh, known); err != nil {
		return err
	}
	if err := m.tx.AddConsents(m.shop.ID, said); err != nil {
		return err
	}
	return m.tx.MarkConsentsRead(m.shop.ID, commerce.Shopify, m.said)
}

// repeats reports whether the statement was there before.
func (c saidBy) repeats(old commerce.ConsentChange) bool {
	return old.Channel == c.Channel && old.Class == c.Class && old.State == c.State && old.At == c.At && old.Source == c.Source
}
