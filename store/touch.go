package store

import (
	"context"
	"math"

	"flywheel/commerce"
)

// TouchEnrollments makes everything that hangs on these orders due for
// re-evaluation. What runs at the moment notices by the raised rev.
func (tx *Tx) TouchEnrollments(shop commerce.ShopID, orders []commerce.OrderID) error {
	if len(orders) == 0 {
		return nil
	}
	_, err := tx.exec(`UPDATE enrollments SET due_at = $3, rev = rev + 1 WHERE shop_id = $1 AND state = 'active' AND order_id `+tx.in(2),
		shop, list(&tx.query, orders), tx.store.Now())
	return err
}

// TouchPersons makes everything that hangs on these persons, and on those merged
// into them, due for re-evaluation.
func (tx *Tx) TouchPersons(shop commerce.ShopID, persons []commerce.PersonID) error {
	if len(persons) == 0 {
		return nil
	}
	same, err := tx.sameAs(shop, persons...) // by itself: in one statement PostgreSQL expects hundreds and reads the whole table
	if err != nil {
		return err
	}
	_, err = tx.exec(`UPDATE enrollments SET due_at = $3, rev = rev + 1 WHERE shop_id = $1 AND state = 'active' AND person_id `+tx.in(2),
		shop, list(&tx.query, same), tx.store.Now())
	return err
}

// Waiting names a person and a kind of event that has come for them.
type Waiting struct {
	Person commerce.PersonID
	Kind   commerce.EventKind
}

var touchWaiting = newBatch(`shop_id text, person_id text, kind text, now bigint`,
	`UPDATE enrollments SET due_at = v.now, rev = enrollments.rev + 1 {from}
	WHERE enrollments.shop_id = v.shop_id AND enrollments.person_id = v.person_id AND enrollments.waits_for = v.kind
		AND enrollments.waits_for <> '' AND enrollments.state = 'active'`)

// TouchWaiting makes the walks due that wait for these events, whoever of a
// person's merged selves they began with.
func (tx *Tx) TouchWaiting(shop commerce.ShopID, came []Waiting) error {
	persons := make([]commerce.PersonID, len(came))
	for i, w := range came {
		persons[i] = w.Person
	}
	circles, err := tx.circles(shop, persons)
	if err != nil {
		return err
	}
	seen := map[Waiting]bool{}
	var rows [][]any
	now := tx.store.Now()
	for _, w := range came {
		for _, id := range circles[w.Person] {
			if k := (Waiting{id, w.Kind}); !seen[k] {
				seen[k] = true
				rows = append(rows, []any{shop, id, w.Kind, now})
			}
		}
	}
	return tx.run(touchWaiting, rows, nil)
}

// touchStep is how many enrollments of a shop one transaction touches.
const touchStep = 500

// TouchShop has everything of a shop re-evaluated. A shop may have a million
// enrollments, so this only notes it; TouchMore does it step by step. What is
// queued or running notices by the raised rev.
func (tx *Tx) TouchShop(shop commerce.ShopID) error {
	if _, err := tx.exec(`UPDATE shop_work SET touch_below = $2 WHERE shop_id = $1`, shop, int64(math.MaxInt64)); err != nil {
		return err
	}
	for _, where := range []string{`queue = 1`, `queue = 2`} { // few rows; || '' leaves only the index that holds just those
		if _, err := tx.exec(`UPDATE enrollments SET rev = rev + 1 WHERE `+where+` AND state = 'active' AND shop_id || '' = $1`, shop); err != nil {
			return err
		}
	}
	return nil
}

// TouchMore makes the next 500 enrollments due of a shop that TouchShop named,
// those first that are due last, and reports whether there was anything to do.
// What is looked at meanwhile and put back further on is not touched again.
func (s *Store) TouchMore(ctx context.Context) (bool, error) {
	var shop commerce.ShopID
	err := s.Transact(ctx, func(tx *Tx) error {
		shop = ""
		var below, bound commerce.Instant
		found, err := tx.one([]any{&shop, &below}, `SELECT shop_id, touch_below FROM shop_work WHERE touch_below > 0 ORDER BY shop_id LIMIT 1`+tx.forUpdate())
		if err != nil || !found {
			return err
		}
		now := s.Now()
		if _, err := tx.one([]any{&bound}, `SELECT due_at FROM enrollments WHERE shop_id = $1 AND state = 'active' AND queue = 0
			AND due_at > $2 AND due_at < $3 ORDER BY due_at DESC LIMIT 1 OFFSET $4`, shop, now, below, touchStep-1); err != nil {
			return err
		}
		if _, err := tx.exec(`UPDATE enrollments SET due_at = $2, rev = rev + 1 WHERE shop_id = $1 AND state = 'active' AND queue = 0
			AND due_at > $2 AND due_at >= $3 AND due_at < $4`, shop, now, bound, below); err != nil {
			return err
		}
		_, err = tx.exec(`UPDATE shop_work SET touch_below = $2 WHERE shop_id = $1`, shop, bound)
		return err
	})
	return shop != "", err
}
