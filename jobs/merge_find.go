package jobs

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/store"
)

// twinTime is how far apart two platforms may tell of one purchase, and how
// long a purchase of the platform that does not lead waits for the other.
const twinTime = 15 * time.Minute

// findOrder returns the order that any of the keys names, its twin from the
// other platform, or a new one. Rows that turn out to be one purchase become one.
func (m *merge) findOrder(c commerce.OrderChange) (*orderWork, error) {
	keys := append(hintedKeys(c), c.Keys...)
	var found *orderWork
	for _, k := range keys {
		if o := m.orders[m.byKey[k]]; o != nil {
			found = m.unite(found, o)
		}
	}
	twin, err := m.findTwin(found, c)
	if err != nil {
		return nil, err
	}
	if twin != nil {
		found = m.unite(found, twin)
	}
	if found == nil {
		o := &store.StoredOrder{Order: commerce.Order{ID: commerce.OrderID(store.NewID())}, CreatedAt: m.tx.Now()}
		found = &orderWork{StoredOrder: o, fresh: true}
		m.orders[o.ID] = found
	}
	for _, k := range keys {
		if _, known := m.byKey[k]; !known {
			m.byKey[k], m.newKeys[k] = found.ID, found.ID
		}
	}
	return found, m.markTwin(found, c)
}

// hintedKeys are ids of the other platform that a payment names; under them
// the other platform's order will find this one.
func hintedKeys(c commerce.OrderChange) []commerce.SourceKey {
	var keys []commerce.SourceKey
	for _, hint := range c.TwinHints {
		if len(hint) >= 12 && strings.Trim(hint, "0123456789") == "" { // the length of a Shopify order id
			keys = append(keys, commerce.SourceKey{Platform: commerce.Shopify, Kind: "order", ID: hint})
		}
	}
	return keys
}

// union says that from turned out to be the same purchase as into.
type union struct{ from, into *orderWork }

// unite joins two rows of one purchase into the older: the younger's facts and
// keys move, and what hangs on it follows when everything is written.
func (m *merge) unite(a, b *orderWork) *orderWork {
	switch {
	case a == nil || a == b:
		return b
	case b.ID < a.ID:
		a, b = b, a
	}
	a.Merge(b.Facts(), m.shop.Leading)
	a.changed, b.changed = true, true
	if pa, pb := m.persons[a.PersonID], m.persons[b.PersonID]; pb != nil && (pa == nil || pa.Email == "" && pb.Email != "") {
		m.giveTo(a, pb)
	}
	if a.TwinKey == "" && b.TwinKey != "" {
		a.TwinKey = b.TwinKey
		m.twins[a.TwinKey] = append(m.twins[a.TwinKey], a)
	}
	if b.FetchAt != 0 && (b.FetchAt <= m.tx.Now() || b.FetchTries > 0) { // its charge is to be read again
		a.FetchAt, a.FetchTries = commerce.Earliest(a.FetchAt, b.FetchAt), 0
	}
	b.SameAs, b.TwinKey, b.FetchAt = a.ID, "", 0
	for k, id := range m.byKey {
		if id == b.ID {
			m.byKey[k] = a.ID
		}
	}
	for k, id := range m.newKeys {
		if id == b.ID {
			m.newKeys[k] = a.ID
		}
	}
	m.united = append(m.united, union{b, a})
	return a
}

// writeUnions moves what hangs on rows that are another's purchase.
func (m *merge) writeUnions() error {
	for _, u := range m.united {
		if err := m.tx.RepointOrderKeys(m.shop.ID, u.from.Keys, u.into.ID); err != nil {
			return err
		}
		if err := m.tx.JoinEnrollments(m.shop.ID, u.from.ID, u.into.ID); err != nil {
			return err
		}
		for key := range u.from.before {
			if err := m.tx.DeleteEvent(m.shop.ID, key.kind, key.subject); err != nil {
				return err
			}
		}
	}
	return nil
}

// twinKey is under what the other platform's word of the same purchase would be
// found. A test has no twin: its money never moved anywhere.
func (m *merge) twinKey(c *commerce.OrderChange) (string, error) {
	if !m.shop.TwoPlatforms() || c.Detail == nil || c.Detail.Test || c.Person == nil || c.Person.Email == "" {
		return "", nil
	}
	hash, err := m.tx.AddressHash(m.shop.ID, c.Person.Email)
	return fmt.Sprintf("%s %s %d", hash, c.Detail.Total.Currency, c.Detail.Total.Amount), err
}

// findTwin looks for the same purchase told by the other platform: same
// address, currency and amount paid within 15 minutes, one to one.
func (m *merge) findTwin(found *orderWork, c commerce.OrderChange) (*orderWork, error) {
	key, err := m.twinKey(&c)
	if err != nil || key == "" || found.toldByOther(c) {
		return nil, err
	}
	paid := c.Payment.At()
	if paid == 0 && found != nil {
		paid = found.Payment.At()
	}
	for _, o := range m.twins[key] {
		apart := o.Payment.At() - paid
		near := max(apart, -apart) <= commerce.Instant(twinTime.Milliseconds())
		if o.TwinKey != "" && near && !o.toldBy(c.Keys[0].Platform) {
			return o, nil
		}
	}
	return nil, nil
}

// toldBy reports whether platform has told of the order already.
func (o *orderWork) toldBy(platform commerce.Platform) bool {
	return slices.ContainsFunc(o.Keys, func(k commerce.SourceKey) bool { return k.Platform == platform })
}

// toldByOther reports whether another platform than that of c has told of the order.
func (o *orderWork) toldByOther(c commerce.OrderChange) bool {
	return o != nil && slices.ContainsFunc(o.Keys, func(k commerce.SourceKey) bool { return k.Platform != c.Keys[0].Platform })
}

// markTwin lets a purchase be found by the other platform, until that has told of it.
func (m *merge) markTwin(o *orderWork, c commerce.OrderChange) error {
	if o.toldByOther(c) {
		o.TwinKey = ""
		return nil
	}
	if o.TwinKey != "" {
		return nil
	}
	key, err := m.twinKey(&c)
	if err != nil || key == "" {
		return err
	}
	o.TwinKey, o.changed = key, true
	m.twins[key] = append(m.twins[key], o)
	return nil
}
