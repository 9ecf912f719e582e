package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

type stopRow struct {
	Hash   string `db:"address_hash"`
	Scope  string `db:"scope"`
	Reason string `db:"reason"`
	At     int64  `db:"at"`
	Until  int64  `db:"until_at"`
	Sealed []byte `db:"sealed"`
}

func (r stopRow) suppression() gate.Suppression {
	return gate.Suppression{Scope: gate.Scope(r.Scope), Reason: r.Reason, At: commerce.Instant(r.At), Until: commerce.Instant(r.Until)}
}

// Suppress stops what scope names for an address.
func (tx *Tx) Suppress(shop commerce.ShopID, hash string, scope gate.Scope, reason string) error {
	return tx.SuppressBy(shop, hash, scope, reason, "")
}

// SuppressBy is Suppress for who used a link in a message: it counts among what
// that message's campaign led to. It takes the place of a stop that would have ended by itself.
func (tx *Tx) SuppressBy(shop commerce.ShopID, hash string, scope gate.Scope, reason string, effect EffectID) error {
	_, err := tx.exec(`INSERT INTO suppressions (shop_id, address_hash, scope, reason, at, effect_id) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (shop_id, address_hash, scope) DO UPDATE SET reason = excluded.reason, at = excluded.at, effect_id = excluded.effect_id, until_at = 0
		WHERE suppressions.until_at <> 0`, shop, hash, scope, reason, tx.store.Now(), effect)
	return err
}

// Pause stops all but order mails for an address until an instant, which takes
// the place of one named before. No campaign is blamed for it.
func (tx *Tx) Pause(shop commerce.ShopID, hash string, until commerce.Instant) error {
	_, err := tx.exec(`INSERT INTO suppressions (shop_id, address_hash, scope, reason, at, effect_id, until_at) VALUES ($1, $2, $3, 'asked', $4, '', $5)
		ON CONFLICT (shop_id, address_hash, scope) DO UPDATE SET reason = excluded.reason, at = excluded.at, until_at = excluded.until_at`,
		shop, hash, gate.ScopePause, tx.store.Now(), until)
	return err
}

// Unsuppress takes a stop back.
func (tx *Tx) Unsuppress(shop commerce.ShopID, hash string, scope gate.Scope) error {
	_, err := tx.exec(`DELETE FROM suppressions WHERE shop_id = $1 AND address_hash = $2 AND scope = $3`, shop, hash, scope)
	return err
}

// Suppressions lists what is stopped for an address, also what has ended by itself.
func (s *Store) Suppressions(ctx context.Context, shop commerce.ShopID, hash string) ([]gate.Suppression, error) {
	var rows []stopRow
	err := s.query(ctx).all(&rows, `SELECT scope, reason, at, until_at FROM suppressions WHERE shop_id = $1 AND address_hash = $2 ORDER BY scope`, shop, hash)
	out := make([]gate.Suppression, len(rows))
	for i, r := range rows {
		out[i] = r.suppression()
	}
	return out, err
}
