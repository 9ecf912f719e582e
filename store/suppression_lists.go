package store

import (
	"context"
	"maps"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
)

// Stop is one line of a shop's suppression list.
type Stop struct {
	Address string // normalised
	gate.Suppression
}

// stopsPage is how many addresses or rows are read at once.
const stopsPage = 500

// erasedReason is why nothing goes to somebody who was erased: no list tells of them.
const erasedReason = "erased"

// AddStops adds lines to a shop's list and returns how many of them say something
// new. A line that was there stays as it is, unless the new one lasts longer. The
// address itself is kept, sealed, only where no person of the shop has it. Of who
// was erased nothing is kept. Whoever has one of the addresses is looked at again.
func (tx *Tx) AddStops(shop commerce.ShopID, stops []Stop) (added int64, err error) {
	k, err := tx.dataKey(shop)
	if err != nil || len(stops) == 0 {
		return 0, err
	}
	ids, hashes := make([]commerce.Identity, len(stops)), make([]string, len(stops))
	for i, s := range stops {
		ids[i], hashes[i] = commerce.Identity{Kind: commerce.ByEmail, Value: s.Address}, k.hash(s.Address)
	}
	known, err := tx.PersonsByIdentity(shop, ids)
	if err != nil {
		return 0, err
	}
	gone, err := tx.Tombstones(shop, ids, nil)
	if err != nil {
		return 0, err
	}
	for i, s := range stops {
		if gone.Has(ids[i]) {
			continue
		}
		var sealed []byte
		if _, has := known[ids[i]]; !has {
			if sealed, err = k.seal([]byte(s.Address), "suppression "+hashes[i]); err != nil {
				return added, err
			}
		}
		n, err := tx.addStop(shop, hashes[i], sealed, s.Suppression)
		if err != nil {
			return added, err
		}
		added += n
	}
	return added, tx.touchOwners(shop, ids)
}

func (tx *Tx) addStop(shop commerce.ShopID, hash string, sealed []byte, s gate.Suppression) (int64, error) {
	var address any // NULL where a person has it
	if sealed != nil {
		address = sealed
	}
	return tx.exec(`INSERT INTO suppressions (shop_id, address_hash, scope, reason, at, until_at, sealed, effect_id) VALUES ($1, $2, $3, $4, $5, $6, $7, '')
		ON CONFLICT (shop_id, address_hash, scope) DO UPDATE SET reason = excluded.reason, at = excluded.at, until_at = excluded.until_at
		WHERE suppressions.until_at <> 0 AND (excluded.until_at = 0 OR excluded.until_at > suppressions.until_at)`,
		shop, hash, s.Scope, s.Reason, s.At, s.Until, address)
}

// RemoveStop takes a line off a shop's list and reports whether it was there.
// What stands for somebody erased stays.
func (tx *Tx) RemoveStop(shop commerce.ShopID, address string, scope gate.Scope) (bool, error) {
	hash, err := tx.AddressHash(shop, address)
	if err != nil {
		return false, err
	}
	n, err := tx.exec(`DELETE FROM suppressions WHERE shop_id = $1 AND address_hash = $2 AND scope = $3 AND reason <> $4`, shop, hash, scope, erasedReason)
	if err != nil || n == 0 {
		return false, err
	}
	return true, tx.touchOwners(shop, []commerce.Identity{{Kind: commerce.ByEmail, Value: address}})
}

// EachStop hands every line of a shop's list to do, a page at a time and in no
// transaction: first those of addresses that somebody has, by address, then the
// others. A line whose address nobody knows is left out. It ends at do's first error.
func (s *Store) EachStop(ctx context.Context, shop commerce.ShopID, do func(Stop) error) error {
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return err
	}
	q := s.query(ctx)
	for after := ""; ; {
		emails, err := q.scalars(`SELECT value FROM identities WHERE shop_id = $1 AND kind = 'email' AND value > $2 ORDER BY value LIMIT $3`, shop, after, stopsPage)
		if err != nil {
			return err
		}
		if err := q.stopsOf(shop, k, emails, do); err != nil {
			return err
		}
		if len(emails) < stopsPage {
			return q.stopsOfNobody(shop, k, do)
		}
		after = emails[len(emails)-1]
	}
}

// stopsOf tells of addresses that are at hand.
func (q *query) stopsOf(shop commerce.ShopID, k *dataKey, emails []string, do func(Stop) error) error {
	if len(emails) == 0 {
		return nil
	}
	byHash := make(map[string]*AddressFacts, len(emails))
	facts := make([]AddressFacts, len(emails))
	for i, email := range emails {
		facts[i].Hash = k.hash(email)
		byHash[facts[i].Hash] = &facts[i]
	}
	if err := q.fillAddresses(shop, slices.Collect(maps.Keys(byHash)), byHash); err != nil {
		return err
	}
	for i, email := range emails {
		for _, stop := range facts[i].Suppressions {
			if stop.Reason == erasedReason {
				continue
			}
			if err := do(Stop{email, stop}); err != nil {
				return err
			}
		}
	}
	return nil
}

// stopsOfNobody tells of addresses that stand sealed beside their stop, and that
// no person has meanwhile.
func (q *query) stopsOfNobody(shop commerce.ShopID, k *dataKey, do func(Stop) error) error {
	for hash, scope := "", ""; ; {
		var rows []stopRow
		if err := q.all(&rows, `SELECT address_hash, scope, reason, at, until_at, sealed FROM suppressions
			WHERE shop_id = $1 AND sealed IS NOT NULL AND (address_hash, scope) > ($2, $3) ORDER BY address_hash, scope LIMIT $4`,
			shop, hash, scope, stopsPage); err != nil {
			return err
		}
		for _, r := range rows {
			address, err := k.open(r.Sealed, "suppression "+r.Hash)
			if err != nil {
				return fault.Wrap(fault.Permanent, err, "an address on the list cannot be read")
			}
			found, err := q.scalars(`SELECT value FROM identities WHERE shop_id = $1 AND kind = 'email' AND value = $2`, shop, string(address))
			if err != nil {
				return err
			}
			if len(found) > 0 {
				continue
			}
			if err := do(Stop{string(address), r.suppression()}); err != nil {
				return err
			}
		}
		if len(rows) < stopsPage {
			return nil
		}
		hash, scope = rows[len(rows)-1].Hash, rows[len(rows)-1].Scope
	}
}
