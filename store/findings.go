package store

import (
	"context"

	"flywheel/commerce"
)

// Finding is something a merchant or operator should look at. It names nobody.
type Finding struct {
	ID      string           `db:"id"`
	Kind    string           `db:"kind"`
	Subject string           `db:"subject"` // what it is about, mostly our id of an order
	Detail  string           `db:"detail"`
	FoundAt commerce.Instant `db:"found_at"`
}

// AddFinding notes something a merchant or operator should look at.
func (tx *Tx) AddFinding(shop commerce.ShopID, kind, subject, detail string) error {
	_, err := tx.exec(`INSERT INTO findings (shop_id, id, kind, subject, detail, found_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		shop, NewID(), kind, subject, detail, tx.store.Now())
	return err
}

// NoteFinding is AddFinding for what is worth one note however often it is
// found; false = it was noted before. Who calls it holds a lease for what it
// finds, so that nobody notes it meanwhile.
func (tx *Tx) NoteFinding(shop commerce.ShopID, kind, subject, detail string) (fresh bool, err error) {
	var n int
	noted, err := tx.one([]any{&n}, `SELECT 1 FROM findings WHERE shop_id = $1 AND kind = $2 AND subject = $3 LIMIT 1`, shop, kind, subject)
	if err != nil || noted {
		return false, err
	}
	return true, tx.AddFinding(shop, kind, subject, detail)
}

// FindingsAfter lists a shop's findings in the order in which they were made,
// after the id after, at most limit.
func (s *Store) FindingsAfter(ctx context.Context, shop commerce.ShopID, after string, limit int) ([]Finding, error) {
	var out []Finding
	err := s.query(ctx).all(&out, `SELECT id, kind, subject, detail, found_at FROM findings WHERE shop_id = $1 AND id > $2 ORDER BY id LIMIT $3`, shop, after, limit)
	return out, err
}
