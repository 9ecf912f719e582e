package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// Mailed is a mail that something was told of.
type Mailed struct {
	Effect      EffectID
	Person      commerce.PersonID
	Campaign    campaign.CampaignID
	AddressHash string // "" = its person was erased
}

// Mailed returns the mail to a customer that an effect is. false = there is none
// in this shop, or it went to the team, whose addresses are no customer's.
func (tx *Tx) Mailed(shop commerce.ShopID, id EffectID) (Mailed, bool, error) {
	m := Mailed{Effect: id}
	found, err := tx.one([]any{&m.Person, &m.Campaign, &m.AddressHash}, `SELECT person_id, campaign_id, address_hash FROM effects
		WHERE shop_id = $1 AND id = $2 AND kind = 'send_email' AND rehearsal = 0`, shop, id)
	return m, found, err
}

// Bounce is what was told of a mail after a server had taken it.
type Bounce struct {
	Key         string // the teller's own id
	Kind        gate.BounceKind
	Effect      EffectID // "" = not known
	AddressHash string
	Source      string           // ses, postmark, sendgrid, mailgun, resend, dsn, arf
	Code        string           // RFC 3463
	Note        string           // the server's words, without addresses
	At          commerce.Instant // when it happened
}

// AddBounce keeps a bounce; false = it was told before.
func (tx *Tx) AddBounce(shop commerce.ShopID, b Bounce) (bool, error) {
	n, err := tx.exec(`INSERT INTO bounces (shop_id, id, event_key, kind, effect_id, address_hash, source, code, note, at, received_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (shop_id, event_key) DO NOTHING`,
		shop, NewID(), b.Key, b.Kind, b.Effect, b.AddressHash, b.Source, b.Code, b.Note, b.At, tx.store.Now())
	return n == 1, err
}

// BouncedBefore reports whether a mail to an address has bounced softly before,
// as the bounce of key told. A mail that is not known has not.
func (tx *Tx) BouncedBefore(shop commerce.ShopID, hash string, id EffectID, key string) (bool, error) {
	if id == "" {
		return false, nil
	}
	var n int
	_, err := tx.one([]any{&n}, `SELECT COUNT(*) FROM bounces WHERE shop_id = $1 AND address_hash = $2 AND effect_id = $3 AND event_key <> $4
		AND kind IN ('soft', 'block')`, shop, hash, id, key)
	return n > 0, err
}

// Bounces lists what was told of mails to an address, the newest first.
func (s *Store) Bounces(ctx context.Context, shop commerce.ShopID, hash string, limit int) ([]Bounce, error) {
	var rows []struct {
		Key    string           `db:"event_key"`
		Kind   string           `db:"kind"`
		Effect string           `db:"effect_id"`
		Source string           `db:"source"`
		Code   string           `db:"code"`
		Note   string           `db:"note"`
		At     commerce.Instant `db:"at"`
	}
	err := s.query(ctx).all(&rows, `SELECT event_key, kind, effect_id, source, code, note, at FROM bounces
		WHERE shop_id = $1 AND address_hash = $2 ORDER BY at DESC, id DESC LIMIT $3`, shop, hash, limit)
	out := make([]Bounce, len(rows))
	for i, r := range rows {
		out[i] = Bounce{r.Key, gate.BounceKind(r.Kind), EffectID(r.Effect), hash, r.Source, r.Code, r.Note, r.At}
	}
	return out, err
}

// BounceRun returns the soft bounces in a row of an address and locks them: of
// two that are told at once each counts.
func (tx *Tx) BounceRun(shop commerce.ShopID, hash string) (gate.BounceRun, error) {
	if _, err := tx.exec(`INSERT INTO soft_runs (shop_id, address_hash, run, last_at) VALUES ($1, $2, 0, 0) ON CONFLICT DO NOTHING`, shop, hash); err != nil {
		return gate.BounceRun{}, err
	}
	var run gate.BounceRun
	_, err := tx.one([]any{&run.Length, &run.LastAt}, `SELECT run, last_at FROM soft_runs WHERE shop_id = $1 AND address_hash = $2`+tx.forUpdate(), shop, hash)
	return run, err
}

// SaveBounceRun writes what BounceRun returned as it is now; a run of none is no row.
func (tx *Tx) SaveBounceRun(shop commerce.ShopID, hash string, run gate.BounceRun) error {
	if run.Length == 0 {
		_, err := tx.exec(`DELETE FROM soft_runs WHERE shop_id = $1 AND address_hash = $2`, shop, hash)
		return err
	}
	_, err := tx.exec(`UPDATE soft_runs SET run = $3, last_at = $4 WHERE shop_id = $1 AND address_hash = $2`, shop, hash, run.Length, run.LastAt)
	return err
}

// EndBounceRun is for a mail that has arrived: what bounced until then is over.
func (tx *Tx) EndBounceRun(shop commerce.ShopID, hash string, at commerce.Instant) error {
	_, err := tx.exec(`DELETE FROM soft_runs WHERE shop_id = $1 AND address_hash = $2 AND last_at <= $3`, shop, hash, at)
	return err
}

// TakenSince returns when a server took the newest mail to a person's address that
// was taken after one instant and not after another, and has not bounced; 0 = none.
func (tx *Tx) TakenSince(shop commerce.ShopID, person commerce.PersonID, hash string, after, until commerce.Instant) (commerce.Instant, error) {
	var at commerce.Instant
	_, err := tx.one([]any{&at}, `SELECT COALESCE(MAX(e.done_at), 0) FROM effects e WHERE e.shop_id = $1 AND e.person_id = $2 AND e.address_hash = $3
		AND e.kind = 'send_email' AND e.rehearsal = 0 AND e.state = 'sent' AND e.done_at > $4 AND e.done_at <= $5
		AND NOT EXISTS (SELECT 1 FROM bounces b WHERE b.shop_id = e.shop_id AND b.address_hash = e.address_hash AND b.effect_id = e.id)`,
		shop, person, hash, after, until)
	return at, err
}

// PersonAt returns whose a normalised address is; "" = nobody's.
func (tx *Tx) PersonAt(shop commerce.ShopID, email string) (commerce.PersonID, error) {
	id := commerce.Identity{Kind: commerce.ByEmail, Value: email}
	known, err := tx.PersonsByIdentity(shop, []commerce.Identity{id})
	return known[id], err
}

// TellUnsubscribed has the shop's platforms told that a person wants no marketing
// at all any more, with the choice itself. Only Shopify keeps such a choice.
func (tx *Tx) TellUnsubscribed(shop commerce.ShopID, person commerce.PersonID) error {
	var n int
	connected, err := tx.one([]any{&n}, `SELECT 1 FROM connections WHERE shop_id = $1 AND platform = $2 AND closed_at = 0 LIMIT 1`, shop, commerce.Shopify)
	if err != nil || !connected || person == "" {
		return err
	}
	return tx.AskUnsubscribe(shop, commerce.Shopify, person, tx.store.Now())
}
