package store

import (
	"context"

	"flywheel/commerce"
)

// KeyState is how far a signing key has come.
type KeyState string

// The states of a signing key.
const (
	KeyNext   KeyState = "next"   // published or to be published, not seen in DNS yet
	KeyActive KeyState = "active" // mails are signed with it
	KeyOld    KeyState = "old"    // mails under way may still be checked by it
)

// SenderKey is a DKIM key of a domain.
type SenderKey struct {
	Domain   string
	Selector string
	Kind     string // rsa, ed25519
	State    KeyState
	Public   string // what the DNS record says
	Private  []byte // opened, as package mail writes it
	MadeAt   commerce.Instant
	Since    commerce.Instant // of the state
}

type senderKeyRow struct {
	Domain   string           `db:"domain"`
	Selector string           `db:"selector"`
	Kind     string           `db:"kind"`
	State    KeyState         `db:"state"`
	Public   string           `db:"public"`
	Sealed   []byte           `db:"sealed"`
	MadeAt   commerce.Instant `db:"made_at"`
	Since    commerce.Instant `db:"since"`
}

func (r senderKeyRow) key(private []byte) SenderKey {
	return SenderKey{r.Domain, r.Selector, r.Kind, r.State, r.Public, private, r.MadeAt, r.Since}
}

const senderKeyColumns = `domain, selector, kind, state, public, sealed, made_at, since`

func senderKeySeal(shop commerce.ShopID, domain, selector string) string {
	return "sender key " + string(shop) + " " + domain + " " + selector
}

// SenderKeys lists a shop's keys of a domain, by selector.
func (s *Store) SenderKeys(ctx context.Context, shop commerce.ShopID, domain string) ([]SenderKey, error) {
	var rows []senderKeyRow
	q := s.query(ctx)
	if err := q.all(&rows, `SELECT `+senderKeyColumns+` FROM sender_keys WHERE shop_id = $1 AND domain = $2 ORDER BY selector`, shop, domain); err != nil || len(rows) == 0 {
		return nil, err
	}
	k, err := s.keyOf(q, shop)
	if err != nil {
		return nil, err
	}
	out := make([]SenderKey, len(rows))
	for i, r := range rows {
		private, err := k.open(r.Sealed, senderKeySeal(shop, r.Domain, r.Selector))
		if err != nil {
			return nil, err
		}
		out[i] = r.key(private)
	}
	return out, nil
}

// SaveSenderKeys adds keys, or moves those that are there to their state.
func (tx *Tx) SaveSenderKeys(shop commerce.ShopID, keys []SenderKey) error {
	if len(keys) == 0 {
		return nil
	}
	k, err := tx.dataKey(shop)
	if err != nil {
		return err
	}
	for _, key := range keys {
		sealed, err := k.seal(key.Private, senderKeySeal(shop, key.Domain, key.Selector))
		if err != nil {
			return err
		}
		if _, err := tx.exec(`INSERT INTO sender_keys (shop_id, domain, selector, kind, state, public, sealed, made_at, since) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (shop_id, domain, selector) DO UPDATE SET state = excluded.state, since = excluded.since`,
			shop, key.Domain, key.Selector, key.Kind, key.State, key.Public, sealed, key.MadeAt, key.Since); err != nil {
			return err
		}
	}
	return nil
}

// DropSenderKeys forgets keys of a domain.
func (tx *Tx) DropSenderKeys(shop commerce.ShopID, domain string, selectors []string) error {
	if len(selectors) == 0 {
		return nil
	}
	_, err := tx.exec(`DELETE FROM sender_keys WHERE shop_id = $1 AND domain = $2 AND selector `+tx.in(3), shop, domain, list(&tx.query, selectors))
	return err
}

// DropOtherKeys forgets a shop's keys of all domains but one; "" = of all.
func (tx *Tx) DropOtherKeys(shop commerce.ShopID, domain string) error {
	_, err := tx.exec(`DELETE FROM sender_keys WHERE shop_id = $1 AND domain <> $2`, shop, domain)
	return err
}
