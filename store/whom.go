package store

import (
	"slices"

	"flywheel/commerce"
)

// WhoIsMeant returns everybody a request names, with all who are merged with
// them: known by customer id or address, also by one that nobody verified, or by
// an order. It goes by what Seek found.
func (tx *Tx) WhoIsMeant(shop commerce.ShopID, w Whom) ([]commerce.PersonID, error) {
	w, err := tx.seek(shop, w)
	if err != nil {
		return nil, err
	}
	return tx.whoIs(shop, w)
}

func (tx *Tx) whoIs(shop commerce.ShopID, w Whom) ([]commerce.PersonID, error) {
	ids := slices.Clone(w.Customers)
	for _, email := range w.Emails {
		ids = append(ids, commerce.Identity{Kind: commerce.ByEmail, Value: email})
	}
	known, err := tx.PersonsByIdentity(shop, ids)
	if err != nil {
		return nil, err
	}
	found := slices.Clone(w.Persons)
	for _, p := range known {
		found = append(found, p)
	}
	found = append(found, w.sought.persons...)
	orders, err := tx.OrdersByKey(shop, w.Orders)
	if err != nil {
		return nil, err
	}
	for _, id := range orders {
		buyers, err := tx.scalars(`SELECT person_id FROM orders WHERE shop_id = $1 AND id = $2 AND person_id <> ''`, shop, id)
		if err != nil {
			return nil, err
		}
		found = append(found, personIDs(buyers)...)
	}
	slices.Sort(found)
	circles, err := tx.circles(shop, slices.Compact(found))
	if err != nil {
		return nil, err
	}
	here, err := tx.scalars(`SELECT id FROM persons WHERE shop_id = $1 AND id `+tx.in(2)+` ORDER BY id`, shop, list(&tx.query, members(circles)))
	return personIDs(here), err
}

// ordersOf lists what persons bought, by id. It sorts them itself: asked to, the
// database goes through all orders of the shop.
func (q *query) ordersOf(shop commerce.ShopID, persons []commerce.PersonID) ([]commerce.OrderID, error) {
	ids, err := q.scalars(`SELECT id FROM orders WHERE shop_id = $1 AND person_id `+q.in(2), shop, list(q, persons))
	slices.Sort(ids)
	out := make([]commerce.OrderID, len(ids))
	for i, id := range ids {
		out[i] = commerce.OrderID(id)
	}
	return out, err
}

// knownAs is what somebody is known by.
type knownAs struct {
	commerce.Identity
	person commerce.PersonID
}

// knownBy lists what persons are known by, with addresses that are no identity since nobody verified them.
func (q *query) knownBy(shop commerce.ShopID, persons []commerce.PersonID) ([]knownAs, error) {
	var rows, addresses []struct {
		Kind   string `db:"kind"`
		Value  string `db:"value"`
		Person string `db:"person_id"`
	}
	// Two statements: joined in one, the first reads all identities of the shop.
	if err := q.all(&rows, `SELECT kind, value, person_id FROM identities WHERE shop_id = $1 AND person_id `+q.in(2), shop, list(q, persons)); err != nil {
		return nil, err
	}
	err := q.all(&addresses, `SELECT 'email' AS kind, email AS value, id AS person_id FROM persons WHERE shop_id = $1 AND id `+q.in(2)+` AND email <> ''`,
		shop, list(q, persons))
	var out []knownAs
	for _, r := range append(rows, addresses...) {
		out = append(out, knownAs{commerce.Identity{Kind: commerce.IdentityKind(r.Kind), Value: r.Value}, commerce.PersonID(r.Person)})
	}
	return out, err
}
