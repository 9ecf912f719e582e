package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"strings"

	"flywheel/commerce"
)

// A mark is the keyed hash of what an erased person was known by: an address as
// it is suppressed, a platform's customer id behind c:, an order's behind o:.

// mark returns the mark of an identity; "" where there is none.
func (k *dataKey) mark(id commerce.Identity) string {
	switch {
	case id.Value == "":
		return ""
	case id.Kind == commerce.ByEmail:
		return k.hash(id.Value)
	}
	return "c:" + k.keyed("customer", string(id.Kind), id.Value)
}

func (k *dataKey) orderMark(key commerce.SourceKey) string {
	return "o:" + k.keyed("order", string(key.Platform), key.Kind, key.ID)
}

// keyed hashes words that no address is made of.
func (k *dataKey) keyed(words ...string) string {
	mac := hmac.New(sha256.New, k.address)
	mac.Write([]byte(strings.Join(words, "\x00")))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

func isAddress(mark string) bool { return !strings.Contains(mark, ":") }

// Tombstone says that somebody was erased.
type Tombstone struct {
	Person commerce.PersonID // the erased person; "" = none is known yet
	At     commerce.Instant
	mark   string
}

// Tombstones are those of the erased among what a batch names.
type Tombstones struct {
	By     map[commerce.Identity]Tombstone
	Orders map[commerce.SourceKey]Tombstone
	key    *dataKey // nil = nobody was ever erased here
}

// Has reports whether somebody known by id was erased.
func (t Tombstones) Has(id commerce.Identity) bool {
	_, erased := t.By[id]
	return erased
}

var findTombstones = newBatch(`shop_id text, mark text`,
	`SELECT t.mark, t.person_id, t.erased_at FROM {rows} tombstones t WHERE t.shop_id = v.shop_id AND t.mark = v.mark`)

// Tombstones returns who of these were erased. Orders need only be asked about where they are unknown.
func (tx *Tx) Tombstones(shop commerce.ShopID, who []commerce.Identity, orders []commerce.SourceKey) (Tombstones, error) {
	var out Tombstones
	var some string
	if found, err := tx.one([]any{&some}, `SELECT mark FROM tombstones WHERE shop_id = $1 LIMIT 1`, shop); err != nil || !found {
		return out, err // nobody ever was, as in nearly every shop
	}
	k, err := tx.dataKey(shop)
	if err != nil {
		return out, err
	}
	var rows [][]any
	for _, id := range who {
		rows = append(rows, []any{shop, k.mark(id)})
	}
	for _, key := range orders {
		rows = append(rows, []any{shop, k.orderMark(key)})
	}
	found := map[string]Tombstone{}
	if err := tx.run(findTombstones, rows, func(r *sql.Rows) error {
		var t Tombstone
		err := r.Scan(&t.mark, (*string)(&t.Person), (*int64)(&t.At))
		found[t.mark] = t
		return err
	}); err != nil {
		return out, err
	}
	out = Tombstones{map[commerce.Identity]Tombstone{}, map[commerce.SourceKey]Tombstone{}, k}
	for _, id := range who {
		if t, erased := found[k.mark(id)]; erased {
			out.By[id] = t
		}
	}
	for _, key := range orders {
		if t, erased := found[k.orderMark(key)]; erased {
			out.Orders[key] = t
		}
	}
	return out, nil
}

var saveTombstones = newBatch(`shop_id text, mark text, person_id text, erased_at bigint`,
	`INSERT INTO tombstones (shop_id, mark, person_id, erased_at) {insert} ON CONFLICT (shop_id, mark) DO UPDATE SET
	person_id = CASE WHEN excluded.person_id <> '' THEN excluded.person_id ELSE tombstones.person_id END,
	erased_at = CASE WHEN excluded.erased_at > tombstones.erased_at THEN excluded.erased_at ELSE tombstones.erased_at END`)

func (tx *Tx) saveTombstones(shop commerce.ShopID, marks map[string]commerce.PersonID, at commerce.Instant) error {
	rows := make([][]any, 0, len(marks))
	for mark, person := range marks {
		rows = append(rows, []any{shop, mark, person, at})
	}
	return tx.run(saveTombstones, rows, nil)
}

// BuryUnder gives tombstones that had nobody the erased person that was made for what came later.
func (tx *Tx) BuryUnder(shop commerce.ShopID, stones map[Tombstone]commerce.PersonID) error {
	rows := make([][]any, 0, len(stones))
	for t, person := range stones {
		rows = append(rows, []any{shop, t.mark, person, t.At})
	}
	return tx.run(saveTombstones, rows, nil)
}

// DropDeliveries forgets what deliveries that named somebody erased said, and
// keeps their keys, which hold uniqueness.
func (tx *Tx) DropDeliveries(shop commerce.ShopID, ids []commerce.DeliveryID) error {
	if len(ids) == 0 {
		return nil
	}
	if _, err := tx.exec(`DELETE FROM inbox_bodies WHERE shop_id = $1 AND inbox_id `+tx.in(2), shop, list(&tx.query, ids)); err != nil {
		return err
	}
	_, err := tx.exec(`UPDATE inbox SET email_hash = '', customer_ref = '', note = '' WHERE shop_id = $1 AND id `+tx.in(2), shop, list(&tx.query, ids))
	return err
}

// NamesErased returns those of these deliveries whose references name somebody
// erased, for what cannot be decoded.
func (tx *Tx) NamesErased(shop commerce.ShopID, ids []commerce.DeliveryID) ([]commerce.DeliveryID, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []struct {
		ID       string `db:"id"`
		Platform string `db:"platform"`
		Customer string `db:"customer_ref"`
		Hash     string `db:"email_hash"`
	}
	if err := tx.all(&rows, `SELECT id, platform, customer_ref, email_hash FROM inbox WHERE shop_id = $1 AND id `+tx.in(2), shop, list(&tx.query, ids)); err != nil {
		return nil, err
	}
	k, err := tx.dataKey(shop)
	if err != nil {
		return nil, err
	}
	var out []commerce.DeliveryID
	for _, r := range rows {
		marks := []string{r.Hash, k.mark(commerce.Identity{Kind: commerce.IdentityKind(r.Platform), Value: r.Customer})}
		var n int
		if _, err := tx.one([]any{&n}, `SELECT COUNT(*) FROM tombstones WHERE shop_id = $1 AND mark <> '' AND mark `+tx.in(2), shop, list(&tx.query, marks)); err != nil {
			return nil, err
		}
		if n > 0 {
			out = append(out, commerce.DeliveryID(r.ID))
		}
	}
	return out, nil
}

// ErasedAt returns when somebody with one of these identities was erased; 0 = never.
func (s *Store) ErasedAt(ctx context.Context, shop commerce.ShopID, ids []commerce.Identity) (at commerce.Instant, err error) {
	err = s.Transact(ctx, func(tx *Tx) error {
		found, err := tx.Tombstones(shop, ids, nil)
		at = 0
		for _, t := range found.By {
			at = max(at, t.At)
		}
		return err
	})
	return at, err
}
