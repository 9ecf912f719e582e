package jobs

import (
	"cmp"

	"flywheel/commerce"
	"flywheel/store"
)

// graves are what a batch must know of those who were erased, so that nothing
// that comes late brings them back.
type graves struct {
	stones  store.Tombstones
	buried  map[store.Tombstone]commerce.PersonID // erased persons that were made for what came of a stranger
	dropped []commerce.DeliveryID                 // name somebody erased: their bodies go
	whom    store.Whom                            // of the one request about a customer
}

// loadGraves looks who of those a batch names was erased. Orders we have know it themselves.
func (m *merge) loadGraves(who []commerce.Identity, keys []commerce.SourceKey) error {
	var strange []commerce.SourceKey
	for _, k := range keys {
		if _, known := m.byKey[k]; !known {
			strange = append(strange, k)
		}
	}
	var err error
	m.buried = map[store.Tombstone]commerce.PersonID{}
	m.stones, err = m.tx.Tombstones(m.shop.ID, who, unique(strange))
	return err
}

func (m *merge) buriedIDs() (ids []commerce.PersonID) {
	for _, t := range m.stones.By {
		if t.Person != "" {
			ids = append(ids, t.Person)
		}
	}
	for _, t := range m.stones.Orders {
		if t.Person != "" {
			ids = append(ids, t.Person)
		}
	}
	return ids
}

// dated is when what a delivery tells was done: what is told, else when it was sent.
func dated(d commerce.Delivery, told commerce.Instant) commerce.Instant {
	return cmp.Or(told, d.TriggeredAt, d.ReceivedAt)
}

// buriedAs returns the erased person that facts are about; nil = nobody erased
// is meant. A customer id is theirs for ever; an address only in what was done
// before the erasure: afterwards it is somebody new.
func (m *merge) buriedAs(f commerce.PersonFacts, platform commerce.Platform, at commerce.Instant) *personWork {
	customer := commerce.Identity{Kind: commerce.IdentityKind(cmp.Or(f.Platform, platform)), Value: f.CustomerID}
	if t, erased := m.stones.By[customer]; erased {
		return m.grave(t)
	}
	if t, erased := m.stones.By[commerce.Identity{Kind: commerce.ByEmail, Value: f.Email}]; erased && at <= t.At {
		return m.grave(t)
	}
	return nil
}

// buriedOrder returns the erased person who bought an order we did not have; nil = nobody erased did.
func (m *merge) buriedOrder(c commerce.OrderChange) *personWork {
	for _, k := range c.Keys {
		if t, erased := m.stones.Orders[k]; erased {
			return m.grave(t)
		}
	}
	return nil
}

// grave returns the person a tombstone stands for, who is made where somebody
// was erased before we knew them.
func (m *merge) grave(t store.Tombstone) *personWork {
	if p := m.persons[cmp.Or(m.buried[t], t.Person)]; p != nil {
		return p
	}
	p := m.newPerson()
	p.Erased = true
	m.buried[t] = p.ID
	return p
}

// ofErased reports whether a statement is of somebody who was erased before it:
// their address is stopped anyway.
func (m *merge) ofErased(c commerce.ConsentChange, platform commerce.IdentityKind, d commerce.Delivery) bool {
	if m.stones.Has(commerce.Identity{Kind: platform, Value: c.CustomerID}) {
		return true
	}
	t, erased := m.stones.By[commerce.Identity{Kind: commerce.ByEmail, Value: c.Email}]
	return erased && dated(d, c.At) <= t.At
}

// forgetWords takes from an order of somebody erased what a delivery has told anew.
func (m *merge) forgetWords(o *orderWork, p *personWork) {
	if p == nil || !p.Erased {
		return
	}
	o.changed = o.Forget() || o.changed || o.TwinKey != ""
	o.TwinKey = ""
}

// dropErased notes a delivery whose body names somebody erased.
func (m *merge) dropErased(d decoded, p *personWork) {
	named := p != nil && p.Erased
	for _, c := range d.change.Consents {
		named = named || m.ofErased(c, commerce.IdentityKind(d.delivery.Platform), d.delivery)
	}
	if named {
		m.dropped = append(m.dropped, d.delivery.ID)
	}
}

// dropDeliveries forgets what was noted, and what cannot be read but is of somebody erased.
func (m *merge) dropDeliveries() error {
	var unread []commerce.DeliveryID
	for _, r := range m.results {
		if r.Quarantined {
			unread = append(unread, r.ID)
		}
	}
	if err := dropIfErased(m.tx, m.shop.ID, unread); err != nil {
		return err
	}
	return m.tx.DropDeliveries(m.shop.ID, m.dropped)
}

func dropIfErased(tx *store.Tx, shop commerce.ShopID, ids []commerce.DeliveryID) error {
	named, err := tx.NamesErased(shop, ids)
	if err != nil {
		return err
	}
	return tx.DropDeliveries(shop, named)
}
