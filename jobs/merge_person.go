package jobs

import (
	"cmp"

	"flywheel/commerce"
	"flywheel/store"
)

func identities(p *commerce.PersonFacts, platform commerce.Platform) []commerce.Identity {
	if p == nil {
		return nil
	}
	return p.Identities(platform)
}

// namedPersons lists whom a delivery names without describing them.
func namedPersons(d decoded) []commerce.Identity {
	var out []commerce.Identity
	add := func(kind commerce.IdentityKind, value string) {
		if value != "" {
			out = append(out, commerce.Identity{Kind: kind, Value: value})
		}
	}
	platform := commerce.IdentityKind(d.delivery.Platform)
	if g := d.change.Merge; g != nil {
		add(platform, g.FromCustomer)
		add(platform, g.IntoCustomer)
	}
	for _, c := range d.change.Consents {
		add(platform, c.CustomerID)
		add(commerce.ByEmail, c.Email)
	}
	return out
}

// findPerson returns whom the facts describe: known by customer id, else by
// address where the platform vouches for it or names no customer, else new. at is
// when they did what is told: it says whether somebody erased is meant.
func (m *merge) findPerson(f commerce.PersonFacts, platform commerce.Platform, at commerce.Instant) *personWork {
	if p := m.buriedAs(f, platform, at); p != nil {
		return p
	}
	customer := commerce.Identity{Kind: commerce.IdentityKind(cmp.Or(f.Platform, platform)), Value: f.CustomerID}
	address := commerce.Identity{Kind: commerce.ByEmail, Value: f.Email}
	var p *personWork
	if f.CustomerID != "" {
		p = m.persons[m.byWho[customer]]
	}
	var owner *personWork
	if f.Email != "" {
		owner = m.persons[m.byWho[address]]
	}
	switch {
	case p == nil && owner != nil && (f.EmailVerified || f.CustomerID == "" || platform == commerce.API): // the shop's own word ties the two
		p = owner
	case p != nil && owner != nil && p != owner && f.EmailVerified:
		p = m.join(owner, p, "the same verified address")
	case p == nil:
		p = m.newPerson()
	}
	m.know(customer, p)
	m.know(address, p)
	m.tell(p, f)
	return p
}

// tell lets a person take over facts and has everything of theirs looked at again.
func (m *merge) tell(p *personWork, f commerce.PersonFacts) {
	if p.Merge(f) {
		if !p.changed {
			m.touched = append(m.touched, p.ID)
		}
		p.changed = true
	}
}

func (m *merge) newPerson() *personWork {
	p := &personWork{Person: commerce.Person{ID: commerce.PersonID(store.NewID())}, changed: true, fresh: true}
	m.persons[p.ID] = p
	return p
}

// know makes p found under an identity that nobody has yet.
func (m *merge) know(id commerce.Identity, p *personWork) {
	if id.Value == "" || p.Erased || id.Kind != commerce.ByEmail && m.stones.Has(id) {
		return
	}
	if _, taken := m.byWho[id]; !taken {
		m.byWho[id], m.newWho[id] = p.ID, p.ID
	}
}

// join merges the younger of two persons into the older and returns that one,
// with what either is known by; of two values the newer stands.
func (m *merge) join(a, b *personWork, reason string) *personWork {
	if b.ID < a.ID {
		a, b = b, a
	}
	from, into := b.ID, a.ID
	if b.changed { // it may be new in this batch and must exist before it is merged
		younger := b.Person
		m.later = append(m.later, func() error { return m.tx.SavePersons(m.shop.ID, []commerce.Person{younger}) })
	}
	m.later = append(m.later, func() error { return m.tx.MergePersons(m.shop.ID, from, into, reason) })
	m.joined = append(m.joined, into)
	for id, p := range m.persons {
		if p == b {
			m.persons[id] = a
		}
	}
	if a.Merge(commerce.PersonFacts{
		Email: b.Email, Phone: b.Phone, FirstName: b.FirstName, LastName: b.LastName,
		Language: b.Language, Country: b.Country, UpdatedAt: b.UpdatedAt,
	}) {
		a.changed = true
	}
	if a.Choice == "" && b.Choice != "" { // they chose it on their page, whichever of the two they were then
		a.Choice, a.changed = b.Choice, true
	}
	m.touched = append(m.touched, from, into)
	return a
}

// joinCustomers follows the platform, which keeps one of two customers: the
// kept one's address is theirs.
func (m *merge) joinCustomers(g commerce.PersonMerge, platform commerce.IdentityKind) {
	from := m.persons[m.byWho[commerce.Identity{Kind: platform, Value: g.FromCustomer}]]
	into := m.persons[m.byWho[commerce.Identity{Kind: platform, Value: g.IntoCustomer}]]
	if from == nil || into == nil || from == into || from.Erased || into.Erased {
		return
	}
	kept := into.Email
	if p := m.join(from, into, "merged at the platform"); kept != "" && p.Email != kept {
		p.Email, p.changed = kept, true
	}
}

// applyRest does what concerns no order: merged customers, compliance, uninstall, shop settings.
func (m *merge) applyRest(d decoded) error {
	platform := commerce.IdentityKind(d.delivery.Platform)
	if g := d.change.Merge; g != nil {
		m.joinCustomers(*g, platform)
	}
	if e := d.change.Erase; e != nil {
		m.obey(d, *e)
	}
	if u := d.change.Uninstall; u != nil {
		m.later = append(m.later, func() error {
			closed, err := m.tx.CloseConnection(m.shop.ID, d.delivery.ConnectionID, u.At)
			if err == nil && !closed {
				_, err = m.tx.OutliveUninstall(m.shop.ID, d.delivery.ConnectionID, u.At)
			}
			if err == nil {
				err = m.tx.TouchShop(m.shop.ID)
			}
			return err
		})
	}
	if p := d.change.Plan; p != nil {
		m.later = append(m.later, func() error { return m.hearPlan(*p) })
	}
	if u := d.change.ShopUpdate; u != nil {
		m.later = append(m.later, func() error { return m.tx.UpdateShop(m.shop.ID, *u) })
	}
	return nil
}
