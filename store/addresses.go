package store

import (
	"context"
	"maps"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

// AddressFacts are what counts for an address whoever it belongs to.
type AddressFacts struct {
	Hash         string // keyed, 32 hexadecimal digits
	Suppressions []gate.Suppression
	Consents     []commerce.ConsentChange
}

// Addresses returns what is known of normalised addresses, by address.
func (tx *Tx) Addresses(shop commerce.ShopID, emails []string) (map[string]*AddressFacts, error) {
	k, err := tx.dataKey(shop)
	if err != nil {
		return nil, err
	}
	out, byHash := map[string]*AddressFacts{}, map[string]*AddressFacts{}
	var hashes []string
	for _, email := range emails {
		if email == "" || out[email] != nil {
			continue
		}
		f := &AddressFacts{Hash: k.hash(email)}
		out[email], byHash[f.Hash] = f, f
		hashes = append(hashes, f.Hash)
	}
	if len(hashes) == 0 {
		return out, nil
	}
	return out, tx.fillAddresses(shop, hashes, byHash)
}

func (tx *Tx) fillAddresses(shop commerce.ShopID, hashes []string, byHash map[string]*AddressFacts) error {
	var stops []struct {
		Hash   string `db:"address_hash"`
		Scope  string `db:"scope"`
		Reason string `db:"reason"`
		At     int64  `db:"at"`
	}
	match, arg := tx.in(2), list(&tx.query, hashes)
	if err := tx.all(&stops, `SELECT address_hash, scope, reason, at FROM suppressions WHERE shop_id = $1 AND address_hash `+match, shop, arg); err != nil {
		return err
	}
	for _, r := range stops {
		f := byHash[r.Hash]
		f.Suppressions = append(f.Suppressions, gate.Suppression{Scope: gate.Scope(r.Scope), Reason: r.Reason, At: commerce.Instant(r.At)})
	}
	var said []struct {
		Hash      string `db:"address_hash"`
		Channel   string `db:"channel"`
		Class     string `db:"class"`
		State     string `db:"state"`
		Source    string `db:"source"`
		SaidAt    int64  `db:"said_at"`
		Confirmed int64  `db:"confirmed"`
	}
	err := tx.all(&said, `SELECT address_hash, channel, class, state, source, said_at, confirmed FROM consents
		WHERE shop_id = $1 AND address_hash `+match+` ORDER BY said_at`, shop, arg)
	for _, r := range said {
		f := byHash[r.Hash]
		f.Consents = append(f.Consents, commerce.ConsentChange{
			Channel: commerce.Channel(r.Channel), Class: r.Class, State: commerce.ConsentState(r.State),
			Source: r.Source, At: commerce.Instant(r.SaidAt), Double: r.Confirmed == 1,
		})
	}
	return err
}

var addConsents = newBatch(`shop_id text, address_hash text, channel text, class text, said_at bigint, state text, source text, confirmed bigint`,
	`INSERT INTO consents (shop_id, address_hash, channel, class, said_at, state, source, confirmed) {insert} ON CONFLICT DO NOTHING`)

// AddConsents keeps what persons said, each with its normalised address. They are never changed.
func (tx *Tx) AddConsents(shop commerce.ShopID, said []commerce.ConsentChange) error {
	k, err := tx.dataKey(shop)
	if err != nil {
		return err
	}
	rows := make([][]any, 0, len(said))
	for _, c := range said {
		if c.Email != "" {
			rows = append(rows, []any{shop, k.hash(c.Email), c.Channel, c.Class, c.At, c.State, c.Source, c.Double})
		}
	}
	return tx.run(addConsents, rows, nil)
}

// Suppress stops what scope names for an address.
func (tx *Tx) Suppress(shop commerce.ShopID, hash string, scope gate.Scope, reason string) error {
	return tx.SuppressBy(shop, hash, scope, reason, "")
}

// SuppressBy is Suppress for who used a link in a message: it counts among what that message's campaign led to.
func (tx *Tx) SuppressBy(shop commerce.ShopID, hash string, scope gate.Scope, reason string, effect EffectID) error {
	_, err := tx.exec(`INSERT INTO suppressions (shop_id, address_hash, scope, reason, at, effect_id) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
		shop, hash, scope, reason, tx.store.Now(), effect)
	return err
}

// Unsuppress takes a stop back.
func (tx *Tx) Unsuppress(shop commerce.ShopID, hash string, scope gate.Scope) error {
	_, err := tx.exec(`DELETE FROM suppressions WHERE shop_id = $1 AND address_hash = $2 AND scope = $3`, shop, hash, scope)
	return err
}

// Suppressions lists what is stopped for an address.
func (s *Store) Suppressions(ctx context.Context, shop commerce.ShopID, hash string) ([]gate.Suppression, error) {
	var rows []struct {
		Scope  string `db:"scope"`
		Reason string `db:"reason"`
		At     int64  `db:"at"`
	}
	err := s.query(ctx).all(&rows, `SELECT scope, reason, at FROM suppressions WHERE shop_id = $1 AND address_hash = $2 ORDER BY scope`, shop, hash)
	out := make([]gate.Suppression, len(rows))
	for i, r := range rows {
		out[i] = gate.Suppression{Scope: gate.Scope(r.Scope), Reason: r.Reason, At: commerce.Instant(r.At)}
	}
	return out, err
}

// KeepConsents is AddConsents with the persons of those addresses looked at again.
func (tx *Tx) KeepConsents(shop commerce.ShopID, said []commerce.ConsentChange) error {
	if err := tx.AddConsents(shop, said); err != nil {
		return err
	}
	ids := make([]commerce.Identity, len(said))
	for i, c := range said {
		ids[i] = commerce.Identity{Kind: commerce.ByEmail, Value: c.Email}
	}
	known, err := tx.PersonsByIdentity(shop, ids)
	if err != nil {
		return err
	}
	owners := slices.Collect(maps.Values(known))
	present, err := tx.persons(shop, owners, "")
	if err != nil {
		return err
	}
	for _, p := range present { // whom an owner is merged into
		owners = append(owners, p.ID)
	}
	return tx.TouchPersons(shop, owners)
}
