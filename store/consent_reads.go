package store

import (
	"context"
	"maps"
	"slices"

	"flywheel/commerce"
)

// Customer is somebody as a platform knows them.
type Customer struct {
	ID string // the platform's
	// ReadAt is when it was last known there what they say about marketing; 0 = never.
	ReadAt commerce.Instant
}

// Customers returns whom a platform knows persons, and all who are merged with
// them, by. Somebody it does not know is missing from the answer.
func (s *Store) Customers(ctx context.Context, shop commerce.ShopID, p commerce.Platform, persons []commerce.PersonID) (map[commerce.PersonID][]Customer, error) {
	q := s.query(ctx)
	circles, err := q.circles(shop, persons)
	if err != nil || len(circles) == 0 {
		return nil, err
	}
	var rows []struct {
		Person string `db:"person_id"`
		ID     string `db:"value"`
		ReadAt int64  `db:"read_at"`
	}
	// An identity's kind is the platform's name. The scalar subquery is probed by its whole key on both engines.
	err = q.all(&rows, `SELECT i.person_id, i.value, COALESCE((SELECT r.read_at FROM consent_reads r
			WHERE r.shop_id = $1 AND r.platform = $3 AND r.customer_id = i.value), 0) AS read_at
		FROM identities i WHERE i.shop_id = $1 AND i.person_id `+q.in(2)+` AND i.kind = $3 ORDER BY i.value`,
		shop, list(q, members(circles)), p)
	if err != nil {
		return nil, err
	}
	byPerson := map[commerce.PersonID][]Customer{}
	for _, r := range rows {
		id := commerce.PersonID(r.Person)
		byPerson[id] = append(byPerson[id], Customer{ID: r.ID, ReadAt: commerce.Instant(r.ReadAt)})
	}
	out := gather(circles, byPerson)
	for id, known := range out {
		if len(known) == 0 {
			delete(out, id)
		}
	}
	return out, nil
}

var markConsentsRead = newBatch(`shop_id text, platform text, customer_id text, read_at bigint`,
	`INSERT INTO consent_reads (shop_id, platform, customer_id, read_at) {insert}
	ON CONFLICT (shop_id, platform, customer_id) DO UPDATE SET read_at = excluded.read_at WHERE consent_reads.read_at < excluded.read_at`)

// MarkConsentsRead notes when it was known at a platform what customers say
// about marketing, by customer. An older reading than the one that is known changes nothing.
func (tx *Tx) MarkConsentsRead(shop commerce.ShopID, p commerce.Platform, readAt map[string]commerce.Instant) error {
	rows := make([][]any, 0, len(readAt))
	for _, id := range slices.Sorted(maps.Keys(readAt)) { // two writers lock them in one order
		rows = append(rows, []any{shop, p, id, readAt[id]})
	}
	return tx.run(markConsentsRead, rows, nil)
}
