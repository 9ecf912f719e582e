package store

import (
	"context"
	"encoding/json"
	"fmt"

	"flywheel/commerce"
)

// ErasedKind says what an erasure was of.
type ErasedKind string

// The two kinds of erasure.
const (
	ErasedCustomer ErasedKind = "customer"
	ErasedShop     ErasedKind = "shop"
)

// Erasure is the proof of one erasure. It outlives the shop and holds nobody's
// data: marks are keyed hashes of what a customer was known by, or plain ones of
// a shop's accounts. Its JSON is a line of the file beside the backup.
type Erasure struct {
	ID     string           `json:"id"`
	Shop   commerce.ShopID  `json:"shop"`
	Kind   ErasedKind       `json:"kind"`
	Marks  []string         `json:"marks"`
	Report Report           `json:"report"`
	At     commerce.Instant `json:"erased_at"` // milliseconds UTC
}

func (tx *Tx) saveErasure(e Erasure) error {
	marks, err := json.Marshal(e.Marks)
	if err != nil {
		return err
	}
	report, err := json.Marshal(e.Report)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO erasures (id, shop_id, kind, marks, report, erased_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO UPDATE SET report = excluded.report`, e.ID, e.Shop, e.Kind, string(marks), string(report), e.At)
	return err
}

// begunErasure returns the proof that was begun for a shop, else fresh.
func (tx *Tx) begunErasure(shop commerce.ShopID, fresh Erasure) (Erasure, error) {
	var rows []erasureRow
	err := tx.all(&rows, `SELECT `+erasureColumns+` FROM erasures WHERE shop_id = $1 AND kind = 'shop' ORDER BY erased_at DESC, id DESC LIMIT 1`, shop)
	if err != nil || len(rows) == 0 {
		return fresh, err
	}
	return rows[0].erasure()
}

type erasureRow struct {
	ID     string `db:"id"`
	Shop   string `db:"shop_id"`
	Kind   string `db:"kind"`
	Marks  string `db:"marks"`
	Report string `db:"report"`
	At     int64  `db:"erased_at"`
}

const erasureColumns = `id, shop_id, kind, marks, report, erased_at`

func (r erasureRow) erasure() (Erasure, error) {
	e := Erasure{ID: r.ID, Shop: commerce.ShopID(r.Shop), Kind: ErasedKind(r.Kind), At: commerce.Instant(r.At)}
	if err := json.Unmarshal([]byte(r.Marks), &e.Marks); err != nil {
		return e, fmt.Errorf("marks of erasure %s: %w", r.ID, err)
	}
	if err := json.Unmarshal([]byte(r.Report), &e.Report); err != nil {
		return e, fmt.Errorf("report of erasure %s: %w", r.ID, err)
	}
	return e, nil
}

// Erasures returns erasures after the id after, by id, at most limit: of every
// shop, or of one.
func (s *Store) Erasures(ctx context.Context, shop commerce.ShopID, after string, limit int) ([]Erasure, error) {
	var rows []erasureRow
	err := s.query(ctx).all(&rows, `SELECT `+erasureColumns+` FROM erasures WHERE id > $1 AND ($2 = '' OR shop_id = $2) ORDER BY id LIMIT $3`, after, shop, limit)
	if err != nil {
		return nil, err
	}
	out := make([]Erasure, len(rows))
	for i, r := range rows {
		if out[i], err = r.erasure(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
