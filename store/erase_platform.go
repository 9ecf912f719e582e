package store

import (
	"context"
	"slices"

	"flywheel/commerce"
)

// ForgetPlatform destroys what is a platform's alone in a shop whose
// connections there that count are closed, as far as they are: tokens and secrets, raw deliveries that are
// done, and what was being read there. The shop stays with what was made of
// them. It returns how many rows it removed.
func (s *Store) ForgetPlatform(ctx context.Context, shop commerce.ShopID, p commerce.Platform) (int64, error) {
	var sum int64
	open := true
	err := s.Transact(ctx, func(tx *Tx) (err error) {
		sum = 0
		if open, err = tx.openAt(shop, p); err != nil || open {
			return err
		}
		err = tx.forgetTokens(shop, p)
		for _, text := range []string{
			`DELETE FROM backfills WHERE shop_id = $1 AND connection_id IN (SELECT id FROM connections WHERE shop_id = $1 AND platform = $2 AND closed_at > 0)`,
			`DELETE FROM reconciliations WHERE shop_id = $1 AND connection_id IN (SELECT id FROM connections WHERE shop_id = $1 AND platform = $2 AND closed_at > 0)`,
			`DELETE FROM consent_reads WHERE shop_id = $1 AND platform = $2`,
		} {
			if err != nil {
				return err
			}
			var n int64
			n, err = tx.exec(text, shop, p)
			sum += n
		}
		return err
	})
	if err != nil || open {
		return 0, err
	}
	bodies, err := s.forgetBodies(ctx, shop, p)
	return sum + bodies, err
}

// openAt reports, under the shop's lock, whether it is connected at a platform, by a connection that counts there.
func (tx *Tx) openAt(shop commerce.ShopID, p commerce.Platform) (bool, error) {
	var name string
	if _, err := tx.one([]any{&name}, `SELECT id FROM shops WHERE id = $1`+tx.forUpdate(), shop); err != nil {
		return false, err
	}
	var n int
	_, err := tx.one([]any{&n}, `SELECT COUNT(*) FROM connections WHERE shop_id = $1 AND platform = $2 AND closed_at = 0
		AND live = (SELECT MAX(live) FROM connections WHERE shop_id = $1 AND platform = $2)`, shop, p)
	return n > 0, err
}

// forgetTokens seals nothing in the place of what a platform's closed connections had.
func (tx *Tx) forgetTokens(shop commerce.ShopID, p commerce.Platform) error {
	k, err := tx.dataKey(shop)
	if err != nil {
		return err
	}
	ids, err := tx.scalars(`SELECT id FROM connections WHERE shop_id = $1 AND platform = $2 AND closed_at > 0 ORDER BY id`, shop, p)
	for _, id := range ids {
		if err == nil {
			err = tx.forgetGrant(k, shop, commerce.ConnectionID(id))
		}
	}
	return err
}

// forgetGrant seals nothing in the place of what a connection had.
func (tx *Tx) forgetGrant(k *dataKey, shop commerce.ShopID, id commerce.ConnectionID) error {
	secrets, err := sealSecrets(k, commerce.Connection{ID: id})
	if err != nil {
		return err
	}
	token, _, err := sealGrant(k, id, commerce.Grant{})
	if err != nil {
		return err
	}
	_, err = tx.exec(`UPDATE connections SET secrets = $3, token = $4, refresh_token = $5, refresh_expires_at = 0, token_state = $6
		WHERE shop_id = $1 AND id = $2`, shop, id, secrets, token, []byte{}, commerce.TokenRevoked)
	return err
}

// forgetBodies removes raw deliveries of a platform that are done, few in each transaction.
func (s *Store) forgetBodies(ctx context.Context, shop commerce.ShopID, p commerce.Platform) (int64, error) {
	q := s.query(ctx)
	ids, err := q.walk(shop, "inbox", `state <> 0 AND platform = $2`, p)
	var sum int64
	for step := range slices.Chunk(ids, retentionStep) {
		if err != nil {
			break
		}
		var n int64
		n, err = s.exec(ctx, `DELETE FROM inbox_bodies WHERE shop_id = $1 AND inbox_id `+q.in(2), shop, list(q, step))
		sum += n
	}
	return sum, err
}
