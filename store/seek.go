package store

import (
	"context"
	"fmt"

	"flywheel/commerce"
)

// seekRows are how many rows of a table are looked through in one read.
const seekRows = 20_000

// sought is what no index finds of somebody: the tables it stands in are too
// hot for one that only erasures would use.
type sought struct {
	done       bool
	persons    []commerce.PersonID // have one of the addresses, whoever is known by it
	deliveries []commerce.DeliveryID
}

// Seek looks for whom w names and for the deliveries of theirs that are done,
// outside of any transaction, since it reads all persons and deliveries of the
// shop; Erase and WhoIsMeant then go by what it found. The caller holds the
// shop's inbox from before it until after them, so that nothing is missed.
func (s *Store) Seek(ctx context.Context, shop commerce.ShopID, w Whom) (Whom, error) {
	reads := &Tx{query: *s.query(ctx), store: s} // no transaction: it can only read
	return reads.seek(shop, w)
}

func (tx *Tx) seek(shop commerce.ShopID, w Whom) (Whom, error) {
	if w.sought.done {
		return w, nil
	}
	w.sought = sought{done: true}
	if len(w.Emails) > 0 {
		found, err := tx.walk(shop, "persons", `email `+tx.in(2), list(&tx.query, w.Emails))
		if err != nil {
			return w, err
		}
		w.sought.persons = personIDs(found)
	}
	e, err := tx.erasing(shop, w)
	if err != nil {
		return w, err
	}
	for _, step := range []func() error{e.find, e.look, e.mark} {
		if err := step(); err != nil {
			return w, err
		}
	}
	found, err := tx.walk(shop, "inbox", `state <> 0 AND (email_hash `+tx.in(2)+` OR customer_ref `+tx.in(3)+` OR order_ref `+tx.in(4)+`)`,
		list(&tx.query, e.emails), list(&tx.query, append(texts(e.persons), e.customers...)), list(&tx.query, e.refs)) // what we told ourselves names the person
	for _, id := range found {
		w.deliveries = append(w.deliveries, commerce.DeliveryID(id))
	}
	return w, err
}

func texts(ids []commerce.PersonID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}

// look reads what they bought without a lock.
func (e *erasing) look() error {
	ids, err := e.ordersOf(e.shop, e.persons)
	if err != nil || len(ids) == 0 {
		return err
	}
	e.orders, err = e.Orders(e.shop, ids)
	return err
}

// walk returns the ids of a shop's rows that where holds for, whose values are
// $2 and on. It looks through them by the key, some at a time.
func (q *query) walk(shop commerce.ShopID, table, where string, values ...any) (found []string, err error) {
	args := append([]any{shop}, values...)
	page := fmt.Sprintf(`SELECT id FROM %s WHERE shop_id = $1 AND %s AND id > $%d`, table, where, len(args)+1)
	for from := ""; ; {
		ends, err := q.scalars(`SELECT id FROM `+table+` WHERE shop_id = $1 AND id > $2 ORDER BY id LIMIT 1 OFFSET $3`, shop, from, seekRows-1)
		if err != nil {
			return nil, err
		}
		text, bounds := page, []any{from}
		if len(ends) > 0 {
			text, bounds = fmt.Sprintf(`%s AND id <= $%d`, page, len(args)+2), []any{from, ends[0]}
		}
		some, err := q.scalars(text, append(args[:len(args):len(args)], bounds...)...)
		if found = append(found, some...); err != nil || len(ends) == 0 {
			return found, err
		}
		from = ends[0]
	}
}
