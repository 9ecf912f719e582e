package store

import (
	"context"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/campaign"
)

// Contact is an address of somebody with what counts for it.
type Contact struct {
	Email string
	AddressFacts
}

// ContactsOf returns the addresses of a person and of all who are merged with
// them, the one they are written to first.
func (s *Store) ContactsOf(ctx context.Context, shop commerce.ShopID, person commerce.Person) ([]Contact, error) {
	q := s.query(ctx)
	circles, err := q.circles(shop, []commerce.PersonID{person.ID})
	if err != nil {
		return nil, err
	}
	emails, err := q.emailsOf(shop, circles[person.ID])
	if err != nil {
		return nil, err
	}
	facts, err := s.Addresses(ctx, shop, emails)
	var out []Contact
	for _, first := range []bool{true, false} {
		for _, email := range emails {
			if (email == person.Email) == first && facts[email] != nil {
				out = append(out, Contact{email, *facts[email]})
			}
		}
	}
	return out, err
}

// Addresses returns what is known of normalised addresses, by address.
func (s *Store) Addresses(ctx context.Context, shop commerce.ShopID, emails []string) (map[string]*AddressFacts, error) {
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return nil, err
	}
	out, byHash, hashes := map[string]*AddressFacts{}, map[string]*AddressFacts{}, []string{}
	for _, email := range emails {
		if email != "" && out[email] == nil {
			f := &AddressFacts{Hash: k.hash(email)}
			out[email], byHash[f.Hash] = f, f
			hashes = append(hashes, f.Hash)
		}
	}
	if len(hashes) == 0 {
		return out, nil
	}
	return out, s.query(ctx).fillAddresses(shop, hashes, byHash)
}

// MergedInto returns who was joined to a person, by id. What they did is read as that person's.
func (s *Store) MergedInto(ctx context.Context, shop commerce.ShopID, person commerce.PersonID) ([]commerce.Person, error) {
	var rows []personRow
	err := s.query(ctx).all(&rows, `SELECT `+personColumns+` FROM persons WHERE shop_id = $1 AND merged_into = $2 AND merged_into <> '' ORDER BY id || ''`, shop, person)
	out := make([]commerce.Person, len(rows))
	for i, r := range rows {
		out[i] = r.person()
	}
	return out, err
}

// UnderWay returns the walks of a person that go on, and of all who are merged
// with them, the first due first, at most limit.
func (s *Store) UnderWay(ctx context.Context, shop commerce.ShopID, person commerce.PersonID, limit int) ([]campaign.Enrollment, error) {
	q := s.query(ctx)
	circles, err := q.circles(shop, []commerce.PersonID{person})
	if err != nil {
		return nil, err
	}
	var rows []enrollmentRow
	err = q.all(&rows, `SELECT `+enrollmentColumns+` FROM enrollments WHERE shop_id = $1 AND person_id `+q.in(2)+` AND state = 'active'
		ORDER BY due_at, id LIMIT $3`, shop, list(q, circles[person]), limit)
	out := make([]campaign.Enrollment, len(rows))
	for i, r := range rows {
		out[i] = r.enrollment()
	}
	return out, err
}

// SameAs returns the ids of a person and of all who are merged with them.
func (s *Store) SameAs(ctx context.Context, shop commerce.ShopID, person commerce.PersonID) ([]commerce.PersonID, error) {
	circles, err := s.query(ctx).circles(shop, []commerce.PersonID{person})
	return circles[person], err
}

// OrderRef is where an order is found.
type OrderRef struct {
	ID     commerce.OrderID  `db:"id"`
	Person commerce.PersonID `db:"person_id"`
	Name   string            `db:"name"`
}

// LastOfOrder is when the last event of an order of somebody's occurred; false =
// they have no such order.
func (s *Store) LastOfOrder(ctx context.Context, shop commerce.ShopID, person commerce.PersonID, id commerce.OrderID) (at commerce.Instant, found bool, err error) {
	q := s.query(ctx)
	circles, err := q.circles(shop, []commerce.PersonID{person})
	if err != nil {
		return 0, false, err
	}
	found, err = q.one([]any{&at}, `SELECT occurred_at FROM events WHERE shop_id = $1 AND person_id `+q.in(2)+` AND order_id = $3 ORDER BY occurred_at DESC LIMIT 1`, shop, list(q, circles[person]), id)
	return at, found, err
}

// orderKinds are what platforms call that by which they know a purchase.
var orderKinds = []string{"order", "payment_intent", "invoice", "checkout_session", "session", "charge"}

// OrdersCalled returns the orders of somebody who is known that have a name such
// as #1001, also asked for without the #, or are known by it to a platform; the
// newest first, at most limit.
func (s *Store) OrdersCalled(ctx context.Context, shop commerce.ShopID, name string, limit int) ([]OrderRef, error) {
	bare := strings.TrimLeft(strings.TrimSpace(name), "#")
	if bare == "" {
		return nil, nil
	}
	q := s.query(ctx)
	names := []string{bare, "#" + bare}
	if upper := strings.ToUpper(bare); upper != bare {
		names = append(names, upper, "#"+upper)
	}
	var out []OrderRef
	if err := q.all(&out, `SELECT id, person_id, name FROM orders WHERE shop_id = $1 AND name `+q.in(2)+` AND person_id <> '' ORDER BY id || '' DESC LIMIT $3`,
		shop, list(q, names), limit); err != nil || len(out) > 0 {
		return out, err
	}
	err := q.all(&out, `SELECT DISTINCT o.id, o.person_id, o.name FROM order_keys k JOIN orders o ON o.shop_id = $1 AND o.id = k.order_id
		WHERE k.shop_id = $1 AND k.platform `+q.in(2)+` AND k.kind `+q.in(3)+` AND k.external_id = $4 AND o.person_id <> '' LIMIT $5`,
		shop, list(q, []commerce.Platform{commerce.Shopify, commerce.Stripe}), list(q, orderKinds), bare, limit)
	return out, err
}
