package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"flywheel/commerce"
)

// shopTables are all tables with rows of one shop, for erasing it whole.
var shopTables = []string{
	"inbox_bodies", "inbox", "link_tokens", "api_tokens", "hooks", "fanouts", "passes", "tasks", "touches", "products", "transit",
	"decisions", "effects", "enrollments", "campaign_versions", "campaigns",
	"events", "order_keys", "orders", "suppressions", "consents", "person_merges", "identities", "persons", "findings",
	"backfills", "reconciliations", "writebacks", "consent_reads", "exports", "tombstones", "entitlements", "usage_days", "promotions",
	"senders", "sender_keys", "sender_days", "bounces", "soft_runs", "message_acts", "notices", "team_channels",
	"person_words", "referral_looks", "referrals", "referral_touches", "advocates", "rewards", "reward_budgets", "loyalty_awards", "ledger", "loyalty_members", "loyalty_programs", "loyalty", "audit", "drafts", "draft_heads", "setups", "estimates", "day_figures", "invitations",
	"privacy_requests", "account_shops", "connections", "shop_work",
}

// ShopFate is what became of the wish that a shop be erased.
type ShopFate string

// The fates of a shop.
const (
	ShopGone     ShopFate = ""         // there is none, or not any more
	ShopErased   ShopFate = "erased"   // just now
	ShopReturned ShopFate = "returned" // it is connected at the platform that asked, or was again since
	ShopWaits    ShopFate = "waits"    // another platform is connected
)

// EraseShop removes every row of a shop in steps, having destroyed its data key
// first so that nothing sealed can be read, and keeps a proof in figures. p asked
// for it, at asked. A shop that is connected there, or was connected there again
// after that, stays, and so does one as long as it is connected elsewhere.
func (s *Store) EraseShop(ctx context.Context, shop commerce.ShopID, p commerce.Platform, asked commerce.Instant) (ShopFate, error) {
	fate := ShopErased
	begun, err := s.eraseShop(ctx, shop, Erasure{ID: NewID(), At: s.Now()}, func(tx *Tx) (stays bool, err error) {
		fate, err = tx.shopFate(shop, p, asked)
		return fate != ShopErased, err
	})
	if !begun && fate == ShopErased {
		fate = ShopGone
	}
	return fate, err
}

func (tx *Tx) shopFate(shop commerce.ShopID, p commerce.Platform, asked commerce.Instant) (ShopFate, error) {
	var ties []struct {
		Platform string `db:"platform"`
		Granted  int64  `db:"granted_at"`
		Closed   int64  `db:"closed_at"`
		Counts   int64  `db:"counts"`
		There    int64  `db:"counts_there"` // among those of its platform
	}
	if err := tx.all(&ties, `SELECT platform, granted_at, closed_at,
		CASE WHEN live = MAX(live) OVER () THEN 1 ELSE 0 END AS counts, CASE WHEN live = MAX(live) OVER (PARTITION BY platform) THEN 1 ELSE 0 END AS counts_there
		FROM connections WHERE shop_id = $1`, shop); err != nil {
		return "", err
	}
	fate := ShopErased
	for _, t := range ties {
		switch {
		case t.There == 1 && commerce.Platform(t.Platform) == p && (t.Closed == 0 || commerce.Instant(t.Granted) > asked):
			return ShopReturned, nil
		case t.Counts == 1 && t.Closed == 0:
			fate = ShopWaits
		}
	}
	return fate, nil
}

// eraseShop erases unless it stays. That is asked under the lock of the shop's
// row, which whoever connects it takes as well.
func (s *Store) eraseShop(ctx context.Context, shop commerce.ShopID, e Erasure, stays func(*Tx) (bool, error)) (bool, error) {
	e.Shop, e.Kind = shop, ErasedShop
	begun := false
	err := s.Transact(ctx, func(tx *Tx) error {
		begun = false
		var key []byte
		found, err := tx.one([]any{&key}, `SELECT data_key FROM shops WHERE id = $1`+tx.forUpdate(), shop)
		if err != nil || !found {
			return err
		}
		if len(key) == 0 { // somebody began and was interrupted
			begun = true
			e, err = tx.begunErasure(shop, e)
			return err
		}
		if stay, err := stays(tx); err != nil || stay {
			return err
		}
		begun = true
		return tx.destroyKey(shop, &e)
	})
	if err != nil || !begun {
		return false, err
	}
	s.dataKeys.Delete(shop)
	return true, s.emptyShop(ctx, e)
}

// destroyKey makes everything sealed unreadable and notes the accounts by plain
// hash, as they are about to be forgotten. It stops the connections, too.
func (tx *Tx) destroyKey(shop commerce.ShopID, e *Erasure) error {
	var accounts []struct {
		Platform string `db:"platform"`
		Account  string `db:"external_id"`
		Live     int64  `db:"live"`
	}
	if err := tx.all(&accounts, `SELECT platform, external_id, live FROM connections WHERE shop_id = $1 ORDER BY platform, external_id`, shop); err != nil {
		return err
	}
	e.Marks = nil
	for _, a := range accounts {
		sum := sha256.Sum256([]byte(a.Platform + " " + a.Account))
		e.Marks = append(e.Marks, hex.EncodeToString(sum[:]))
		if _, err := tx.exec(`DELETE FROM pending_deliveries WHERE platform = $1 AND account = $2 AND live = $3`, a.Platform, a.Account, a.Live); err != nil {
			return err
		}
	}
	for _, text := range []string{
		`UPDATE shops SET data_key = $2, name = '', email = '', settings = '{}', state = 'closed' WHERE id = $1`,
		`UPDATE connections SET closed_at = CASE WHEN closed_at = 0 THEN 1 ELSE closed_at END, token = $2, secrets = $2, refresh_token = $2 WHERE shop_id = $1`,
	} {
		if _, err := tx.exec(text, shop, []byte{}); err != nil {
			return err
		}
	}
	if _, err := tx.exec(`UPDATE accounts SET name = '' WHERE id IN (SELECT account_id FROM account_shops WHERE shop_id = $1)
		AND NOT EXISTS (SELECT 1 FROM account_shops o WHERE o.account_id = accounts.id AND o.shop_id <> $1)`, shop); err != nil {
		return err
	}
	return tx.saveErasure(*e)
}

// emptyShop deletes the rows and last the shop itself. It goes over the tables
// twice: what was under way may have written behind it.
func (s *Store) emptyShop(ctx context.Context, e Erasure) error {
	for range 2 {
		for _, table := range shopTables {
			n, err := s.deleteInSteps(ctx, table, "shop_id = $1", e.Shop)
			e.Report.add(table, n)
			if n > 0 && err == nil { // an interruption loses no figures
				err = s.Transact(ctx, func(tx *Tx) error { return tx.saveErasure(e) })
			}
			if err != nil {
				return err
			}
		}
	}
	return s.Transact(ctx, func(tx *Tx) error {
		if _, err := tx.exec(`DELETE FROM shops WHERE id = $1`, e.Shop); err != nil {
			return err
		}
		e.Report.Finished = true
		return tx.saveErasure(e)
	})
}

// HalfErased lists shops whose key is destroyed but whose rows may remain.
func (s *Store) HalfErased(ctx context.Context) ([]commerce.ShopID, error) {
	ids, err := s.query(ctx).scalars(`SELECT id FROM shops WHERE length(data_key) = 0`)
	out := make([]commerce.ShopID, len(ids))
	for i, id := range ids {
		out[i] = commerce.ShopID(id)
	}
	return out, err
}
