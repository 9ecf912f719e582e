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

// AddressByHash returns what is known of one address by its keyed hash.
func (s *Store) AddressByHash(ctx context.Context, shop commerce.ShopID, hash string) (AddressFacts, error) {
	f := AddressFacts{Hash: hash}
	return f, s.query(ctx).fillAddresses(shop, []string{hash}, map[string]*AddressFacts{hash: &f})
}

// AddressByHash returns what is known of one address by its keyed hash.
func (tx *Tx) AddressByHash(shop commerce.ShopID, hash string) (AddressFacts, error) {
	f := AddressFacts{Hash: hash}
	return f, tx.fillAddresses(shop, []string{hash}, map[string]*AddressFacts{hash: &f})
}

func (q *query) fillAddresses(shop commerce.ShopID, hashes []string, byHash map[string]*AddressFacts) error {
	match, arg := q.in(2), list(q, hashes)
	var stops []stopRow
	if err := q.all(&stops, `SELECT address_hash, scope, reason, at, until_at FROM suppressions WHERE shop_id = $1 AND address_hash `+match+`
		ORDER BY address_hash, scope`, shop, arg); err != nil {
		return err
	}
	for _, r := range stops {
		f := byHash[r.Hash]
		f.Suppressions = append(f.Suppressions, r.suppression())
	}
	var said []struct {
		Hash      string `db:"address_hash"`
		Channel   string `db:"channel"`
		Class     string `db:"class"`
		State     string `db:"state"`
		Source    string `db:"source"`
		Wording   string `db:"wording"`
		SaidAt    int64  `db:"said_at"`
		Confirmed int64  `db:"confirmed"`
	}
	err := q.all(&said, `SELECT address_hash, channel, class, state, source, wording, said_at, confirmed FROM consents
		WHERE shop_id = $1 AND address_hash `+match+` ORDER BY said_at`, shop, arg)
	for _, r := range said {
		f := byHash[r.Hash]
		f.Consents = append(f.Consents, commerce.ConsentChange{
			Channel: commerce.Channel(r.Channel), Class: r.Class, State: commerce.ConsentState(r.State),
			Source: r.Source, Wording: r.Wording, At: commerce.Instant(r.SaidAt), Double: r.Confirmed == 1,
		})
	}
	return err
}

var addConsents = newBatch(`shop_id text, address_hash text, channel text, class text, said_at bigint, state text, source text, wording text, confirmed bigint`,
	`INSERT INTO consents (shop_id, address_hash, channel, class, said_at, state, source, wording, confirmed) {insert} ON CONFLICT DO NOTHING`)

// AddConsents keeps what persons said, each with its normalised address. Rows
// are only ever added: what was said stays said, until its person is erased.
func (tx *Tx) AddConsents(shop commerce.ShopID, said []commerce.ConsentChange) error {
	k, err := tx.dataKey(shop)
	if err != nil {
		return err
	}
	rows := make([][]any, 0, len(said))
	for _, c := range said {
		if c.Email != "" {
			rows = append(rows, consentRow(shop, k.hash(c.Email), c))
		}
	}
	return tx.run(addConsents, rows, nil)
}

// AddConsentOf keeps what was said for an address of which only the keyed hash is at hand.
func (tx *Tx) AddConsentOf(shop commerce.ShopID, hash string, said commerce.ConsentChange) error {
	return tx.run(addConsents, [][]any{consentRow(shop, hash, said)}, nil)
}

func consentRow(shop commerce.ShopID, hash string, c commerce.ConsentChange) []any {
	return []any{shop, hash, c.Channel, c.Class, c.At, c.State, c.Source, c.Wording, c.Double}
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
	return tx.touchOwners(shop, ids)
}

// touchOwners has everything looked at again of whoever is known by ids, and of
// those they are merged into.
func (tx *Tx) touchOwners(shop commerce.ShopID, ids []commerce.Identity) error {
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
