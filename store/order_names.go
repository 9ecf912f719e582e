package store

import (
	"context"

	"flywheel/commerce"
)

// OrderNames returns what orders are called, such as #1001.
func (s *Store) OrderNames(ctx context.Context, shop commerce.ShopID, ids []commerce.OrderID) (map[commerce.OrderID]string, error) {
	out := map[commerce.OrderID]string{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []struct {
		ID   commerce.OrderID `db:"id"`
		Name string           `db:"name"`
	}
	q := s.query(ctx)
	err := q.all(&rows, `SELECT id, name FROM orders WHERE shop_id = $1 AND id `+q.in(2), shop, list(q, ids))
	for _, r := range rows {
		out[r.ID] = r.Name
	}
	return out, err
}
