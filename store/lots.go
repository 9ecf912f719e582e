package store

import (
	"context"
	"fmt"

	"flywheel/commerce"
)

// lotAmong bounds how many of a shop's newest rows a lot is drawn from, so that
// it takes as long in a shop of a million.
const lotAmong = 10_000

// Lot is a number of rows drawn at random, always the same while no rows come.
type Lot struct {
	Orders  []*StoredOrder
	Persons []commerce.Person
	Of      int64 // among so many
	Newest  bool  // of the newest alone: there are more
}

// DrawOrders draws at most n of a shop's orders of somebody who is known.
func (s *Store) DrawOrders(ctx context.Context, shop commerce.ShopID, n int) (Lot, error) {
	q := s.query(ctx)
	ids, lot, err := q.draw("orders", "person_id <> '' AND stub = 0", shop, n)
	if err != nil || len(ids) == 0 {
		return lot, err
	}
	var rows []orderRow
	if err := q.all(&rows, `SELECT `+orderColumns+` FROM orders WHERE shop_id = $1 AND id `+q.in(2), shop, list(q, ids)); err != nil {
		return lot, err
	}
	lot.Orders, err = ordersOf(rows)
	return lot, err
}

// DrawPersons draws at most n of a shop's persons who are nobody else and were not forgotten.
func (s *Store) DrawPersons(ctx context.Context, shop commerce.ShopID, n int) (Lot, error) {
	q := s.query(ctx)
	ids, lot, err := q.draw("persons", "merged_into = '' AND erased = 0", shop, n)
	if err != nil || len(ids) == 0 {
		return lot, err
	}
	found, err := q.persons(shop, personIDs(ids), "")
	for _, id := range ids {
		if p, ok := found[commerce.PersonID(id)]; ok {
			lot.Persons = append(lot.Persons, p)
		}
	}
	return lot, err
}

// draw takes the rows with the least tails of their ids: all behind the
// fourteenth letter is chance (UUID version 7, RFC 9562), so any row is as likely.
func (q *query) draw(table, which string, shop commerce.ShopID, n int) (ids []string, lot Lot, err error) {
	var rows []struct {
		ID string `db:"id"`
		Of int64  `db:"of_all"`
	}
	err = q.all(&rows, fmt.Sprintf(`SELECT id, of_all FROM (
			SELECT id, COUNT(*) OVER () AS of_all FROM (SELECT id FROM %s WHERE shop_id = $1 AND %s ORDER BY id DESC LIMIT $2) newest) drawn
		ORDER BY substr(id, 15), id LIMIT $3`, table, which), shop, lotAmong+1, n)
	for _, r := range rows {
		ids, lot.Of = append(ids, r.ID), min(r.Of, lotAmong)
		lot.Newest = r.Of > lotAmong
	}
	return ids, lot, err
}
