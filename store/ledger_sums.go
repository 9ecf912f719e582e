package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
)

// LedgerSums are what the ledger moved within some time, in points to spend,
// each counted upwards. Points that wait are in none of them.
type LedgerSums struct {
	Given   int64 // by rules when they could be spent, and by hand
	Spent   int64 // on rewards, less what was given back
	Expired int64
	Taken   int64 // back: refunds, and by hand
}

// LedgerSums adds up a shop's rows from an instant on and before another.
func (s *Store) LedgerSums(ctx context.Context, shop commerce.ShopID, from, until commerce.Instant) (l LedgerSums, err error) {
	_, err = s.query(ctx).one([]any{&l.Given, &l.Spent, &l.Expired, &l.Taken}, `SELECT
		COALESCE(SUM(CASE WHEN points > 0 AND NOT (kind = 'adjust' AND cause_kind = 'reward') THEN points ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN kind = 'redeem' OR kind = 'adjust' AND cause_kind = 'reward' THEN -points ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN kind = 'expire' THEN -points ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN points < 0 AND (kind = 'clawback' OR kind = 'adjust' AND cause_kind <> 'reward') THEN -points ELSE 0 END), 0)
		FROM ledger WHERE shop_id = $1 AND at >= $2 AND at < $3`, shop, from, until)
	return l, err
}

// Posted tells which causes of a kind have rows, whosoever they are of.
func (tx *Tx) Posted(shop commerce.ShopID, kind loyalty.CauseKind, ids []string) (map[string]bool, error) {
	found, err := tx.scalars(`SELECT DISTINCT cause_id FROM ledger WHERE shop_id = $1 AND cause_kind = $2 AND cause_id `+tx.in(3), shop, kind, list(&tx.query, ids))
	out := map[string]bool{}
	for _, id := range found {
		out[id] = true
	}
	return out, err
}
