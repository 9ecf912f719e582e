package store

import (
	"context"

	"flywheel/commerce"
)

// Liability is what a shop owes its customers in points.
type Liability struct {
	Members         int64 // guests, and who left, are none; their points are owed
	Pending, Points int64 // of balances above zero
	Owed            int64 // what customers owe, of those below
}

// Liability sums a shop's outstanding points.
func (s *Store) Liability(ctx context.Context, shop commerce.ShopID) (l Liability, err error) {
	_, err = s.query(ctx).one([]any{&l.Members, &l.Pending, &l.Points, &l.Owed}, `SELECT COALESCE(SUM(CASE WHEN state = 'member'`+whole+` THEN 1 ELSE 0 END), 0), COALESCE(SUM(pending), 0), COALESCE(SUM(CASE WHEN points > 0 THEN points ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN points < 0 THEN -points ELSE 0 END), 0) FROM loyalty_members WHERE shop_id = $1`, shop)
	return l, err
}
