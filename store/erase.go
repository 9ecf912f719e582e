package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

// shopTables are all tables with rows of one shop, for erasing it whole.
var shopTables = []string{
	"inbox_bodies", "inbox", "link_tokens", "api_tokens", "hooks", "fanouts", "passes", "tasks", "touches", "products", "transit",
	"decisions", "effects", "enrollments", "campaign_versions", "campaigns",
	"events", "order_keys", "orders", "suppressions", "consents", "person_merges", "identities", "persons", "findings",
	"backfills", "reconciliations", "writebacks", "consent_reads", "exports", "tombstones", "entitlements", "usage_days",
	"privacy_requests", "account_shops", "connections", "shop_work",
}

// AddPrivacyRequest records a compliance request; due is when it must be done.
func (tx *Tx) AddPrivacyRequest(shop commerce.ShopID, e commerce.Erasure, due commerce.Instant, done bool) error {
	doneAt := commerce.Instant(0)
	if done {
		doneAt = tx.store.Now()
	}
	_, err := tx.exec(`INSERT INTO privacy_requests (shop_id, id, kind, subject, received_at, due_at, done_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		shop, NewID(), e.Kind, e.CustomerID, tx.store.Now(), due, doneAt)
	return err
}

// ErasePerson removes what tells who a person, and everybody merged into them,
// is: fields, identities, links and the raw deliveries that name them. What
// happened stays, without a name; the address stays suppressed by its keyed
// hash so that nothing is sent again.
func (tx *Tx) ErasePerson(shop commerce.ShopID, person commerce.PersonID) error {
	present, err := tx.persons(shop, []commerce.PersonID{person}, "")
	if err != nil {
		return err
	}
	same, err := tx.sameAs(shop, present[person].ID)
	if err != nil {
		return err
	}
	for _, id := range same {
		if err := tx.eraseOne(shop, id); err != nil {
			return err
		}
	}
	return tx.TouchPersons(shop, same)
}

// EraseAddress stops an address and erases everybody who has it, also those
// who are not known by it: an address that nobody verified joins no persons.
func (tx *Tx) EraseAddress(shop commerce.ShopID, email string) error {
	hash, err := tx.AddressHash(shop, email)
	if err != nil {
		return err
	}
	if err := tx.stopErased(shop, hash); err != nil {
		return err
	}
	ids, err := tx.scalars(`SELECT id FROM persons WHERE shop_id = $1 AND email = $2 ORDER BY id`, shop, email)
	if err != nil {
		return err
	}
	for _, id := range personIDs(ids) {
		if err := tx.ErasePerson(shop, id); err != nil {
			return err
		}
	}
	return nil
}

// stopErased stops an address for ever and forgets what was told of it: deliveries, and other tools' messages with their ids.
func (tx *Tx) stopErased(shop commerce.ShopID, hash string) error {
	if err := tx.Suppress(shop, hash, gate.ScopeAll, "erased"); err != nil {
		return err
	}
	if _, err := tx.exec(`DELETE FROM touches WHERE shop_id = $1 AND address_hash = $2`, shop, hash); err != nil {
		return err
	}
	return tx.eraseDeliveries(shop, `email_hash = $2`, hash)
}

func (tx *Tx) eraseOne(shop commerce.ShopID, person commerce.PersonID) error {
	k, err := tx.dataKey(shop)
	if err != nil {
		return err
	}
	known, err := tx.identitiesOf(shop, person)
	if err != nil {
		return err
	}
	for _, id := range known {
		switch id.Kind {
		case commerce.ByEmail:
			err = tx.stopErased(shop, k.hash(id.Value))
		case commerce.ByShopify, commerce.ByStripe:
			err = tx.eraseDeliveries(shop, `customer_ref = $2`, id.Value)
		}
		if err != nil {
			return err
		}
	}
	if err := tx.eraseOrdersDeliveries(shop, person); err != nil {
		return err
	}
	for _, text := range []string{
		`UPDATE persons SET email = '', phone = '', first_name = '', last_name = '', timezone = '', erased = 1, rev = rev + 1 WHERE shop_id = $1 AND id = $2`,
		`DELETE FROM identities WHERE shop_id = $1 AND person_id = $2`,
		`DELETE FROM link_tokens WHERE shop_id = $1 AND person_id = $2`,
		`UPDATE events SET props = '' WHERE shop_id = $1 AND person_id = $2 AND props <> ''`, // another system may have named them
		`UPDATE tasks SET title = '', script = '', note = '', outcome = '', state = CASE state WHEN 'open' THEN 'dropped' ELSE state END WHERE shop_id = $1 AND person_id = $2`,
	} {
		if _, err := tx.exec(text, shop, person); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) identitiesOf(shop commerce.ShopID, person commerce.PersonID) ([]commerce.Identity, error) {
	var rows []struct {
		Kind  string `db:"kind"`
		Value string `db:"value"`
	}
	err := tx.all(&rows, `SELECT kind, value FROM identities WHERE shop_id = $1 AND person_id = $2`, shop, person)
	out := make([]commerce.Identity, len(rows))
	for i, r := range rows {
		out[i] = commerce.Identity{Kind: commerce.IdentityKind(r.Kind), Value: r.Value}
	}
	return out, err
}

// eraseDeliveries removes bodies, references and notes, which may quote a body, but keeps the keys, which hold uniqueness.
func (tx *Tx) eraseDeliveries(shop commerce.ShopID, where string, value any) error {
	if _, err := tx.exec(`DELETE FROM inbox_bodies WHERE shop_id = $1 AND inbox_id IN
		(SELECT id FROM inbox WHERE shop_id = $1 AND state <> 0 AND `+where+`)`, shop, value); err != nil {
		return err
	}
	_, err := tx.exec(`UPDATE inbox SET email_hash = '', customer_ref = '', note = '' WHERE shop_id = $1 AND state <> 0 AND `+where, shop, value)
	return err
}

func (tx *Tx) eraseOrdersDeliveries(shop commerce.ShopID, person commerce.PersonID) error {
	refs, err := tx.scalars(`SELECT k.external_id FROM orders o JOIN order_keys k ON k.shop_id = o.shop_id AND k.order_id = o.id
		WHERE o.shop_id = $1 AND o.person_id = $2`, shop, person)
	if err != nil || len(refs) == 0 {
		return err
	}
	return tx.eraseDeliveries(shop, `order_ref `+tx.in(2), list(&tx.query, refs))
}

// EraseShop removes every row of a shop whose connections are all closed, in
// steps, and destroys its data key first so that nothing sealed can be read. A
// shop that came back meanwhile stays: it gives false.
func (s *Store) EraseShop(ctx context.Context, shop commerce.ShopID) (bool, error) {
	n, err := s.exec(ctx, `UPDATE shops SET data_key = $2, name = '', email = '', state = 'closed' WHERE id = $1
		AND NOT EXISTS (SELECT 1 FROM connections WHERE shop_id = $1 AND closed_at = 0)`, shop, []byte{})
	if err != nil || n == 0 {
		return false, err
	}
	s.dataKeys.Delete(shop)
	if _, err := s.exec(ctx, `UPDATE accounts SET name = '' WHERE id IN (SELECT account_id FROM account_shops WHERE shop_id = $1)
		AND NOT EXISTS (SELECT 1 FROM account_shops o WHERE o.account_id = accounts.id AND o.shop_id <> $1)`, shop); err != nil {
		return false, err
	}
	for _, table := range shopTables {
		if _, err := s.deleteInSteps(ctx, table, "shop_id = $1", shop); err != nil {
			return false, err
		}
	}
	_, err = s.exec(ctx, `DELETE FROM shops WHERE id = $1`, shop)
	return err == nil, err
}

// AddFinding notes something a merchant or operator should look at.
func (tx *Tx) AddFinding(shop commerce.ShopID, kind, subject, detail string) error {
	_, err := tx.exec(`INSERT INTO findings (shop_id, id, kind, subject, detail, found_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		shop, NewID(), kind, subject, detail, tx.store.Now())
	return err
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
