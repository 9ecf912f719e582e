package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

// StopLine is one line of a shop's suppression list as it is shown. The address
// is kept by its hash: it is known where it stands sealed beside the line, and
// whose it is where something was sent to it.
type StopLine struct {
	Hash    string
	Address string // "" = not known
	Person  commerce.PersonID
	gate.Suppression
}

// StopPlace is where a page of the list begins.
type StopPlace struct {
	At    commerce.Instant
	Hash  string
	Scope gate.Scope
}

type stopLineRow struct {
	stopRow
	ByLink   string `db:"by_link"`
	BySend   string `db:"by_send"`
	ByBounce string `db:"by_bounce"`
}

// stopOwner names who was sent something at the address of a line, by what an index finds.
const stopOwner = `COALESCE((SELECT e.person_id FROM effects e WHERE e.shop_id = $1 AND e.id = s.effect_id AND s.effect_id <> ''), '') AS by_link,
	COALESCE((SELECT e.person_id FROM effects e WHERE e.shop_id = $1 AND e.address_hash = s.address_hash AND e.class <> 'transactional' AND e.rehearsal = 0 LIMIT 1), '') AS by_send,
	COALESCE((SELECT e.person_id FROM bounces b JOIN effects e ON e.shop_id = $1 AND e.id = b.effect_id WHERE b.shop_id = $1 AND b.address_hash = s.address_hash LIMIT 1), '') AS by_bounce`

// StopLines lists a shop's suppressions, the last first, behind after where that
// is not zero, or those of one address by its hash; at most limit. Who was
// erased is on no list.
func (s *Store) StopLines(ctx context.Context, shop commerce.ShopID, hash string, after StopPlace, limit int) (out []StopLine, more bool, err error) {
	q := s.query(ctx)
	where, order := ` AND (s.at, s.address_hash, s.scope) < ($3, $4, $5)`, `s.at DESC, s.address_hash DESC, s.scope DESC`
	args := []any{shop, limit + 1, after.At, after.Hash, after.Scope}
	switch {
	case hash != "":
		where, order, args = ` AND s.address_hash = $3`, `s.scope`, []any{shop, limit + 1, hash}
	case after == StopPlace{}:
		where, args = "", []any{shop, limit + 1}
	}
	var rows []stopLineRow
	if err := q.all(&rows, `SELECT s.address_hash, s.scope, s.reason, s.at, s.until_at, s.sealed, `+stopOwner+`
		FROM suppressions s WHERE s.shop_id = $1 AND s.reason <> '`+erasedReason+`'`+where+` ORDER BY `+order+` LIMIT $2`, args...); err != nil {
		return nil, false, err
	}
	if more = len(rows) > limit; more {
		rows = rows[:limit]
	}
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return nil, false, err
	}
	for _, r := range rows {
		line := StopLine{Hash: r.Hash, Suppression: r.suppression(), Person: r.owner()}
		if address, err := k.open(r.Sealed, "suppression "+r.Hash); err == nil {
			line.Address = string(address)
		}
		out = append(out, line)
	}
	return out, more, nil
}

func (r stopLineRow) owner() commerce.PersonID {
	for _, id := range []string{r.ByLink, r.BySend, r.ByBounce} {
		if id != "" {
			return commerce.PersonID(id)
		}
	}
	return ""
}

// LiftStop takes a line off a shop's list by the hash of its address; one that
// is missing, or stands for somebody erased, is fault.NotFound. Whoever it is
// known to be about is looked at again.
func (s *Store) LiftStop(ctx context.Context, shop commerce.ShopID, hash string, scope gate.Scope) error {
	return s.Transact(ctx, func(tx *Tx) error {
		var r stopLineRow
		found, err := tx.one([]any{&r.ByLink, &r.BySend, &r.ByBounce}, `SELECT `+stopOwner+` FROM suppressions s
			WHERE s.shop_id = $1 AND s.address_hash = $2 AND s.scope = $3 AND s.reason <> $4`, shop, hash, scope, erasedReason)
		if err == nil && !found {
			err = errNoStop
		}
		if err != nil {
			return err
		}
		if err := tx.Unsuppress(shop, hash, scope); err != nil {
			return err
		}
		if owner := r.owner(); owner != "" {
			return tx.TouchPersons(shop, []commerce.PersonID{owner})
		}
		return nil
	})
}
