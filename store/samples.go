package store

import (
	"context"
	"strings"

	"flywheel/commerce"
	"flywheel/fault"
)

// samplesAmong is how many of a shop's last orders are looked through by name:
// names are in no index, and nobody looks at a message for an order of long ago.
const samplesAmong = 20_000

// LastOrders returns a shop's last orders of somebody who is known, the newest first.
func (s *Store) LastOrders(ctx context.Context, shop commerce.ShopID, limit int) ([]*StoredOrder, error) {
	var rows []orderRow
	if err := s.query(ctx).all(&rows, `SELECT `+orderColumns+` FROM orders WHERE shop_id = $1 AND person_id <> '' AND stub = 0 AND name <> '' ORDER BY id DESC LIMIT $2`, shop, limit); err != nil {
		return nil, err
	}
	out := make([]*StoredOrder, len(rows))
	for i, r := range rows {
		o, err := r.order()
		if err != nil {
			return nil, err
		}
		out[i] = o
	}
	return out, nil
}

// OrderNamed finds one of a shop's last orders by the name its customer knows
// it by, such as #1001, also without the #; a missing one is fault.NotFound.
func (s *Store) OrderNamed(ctx context.Context, shop commerce.ShopID, name string) (*StoredOrder, error) {
	bare := strings.TrimPrefix(strings.TrimSpace(name), "#")
	r, err := first[orderRow](s.query(ctx), "there is no order "+name+" in this shop", `SELECT `+orderColumns+` FROM (
		SELECT name, id AS order_id, person_id, `+orderColumns+` FROM orders WHERE shop_id = $1 ORDER BY id DESC LIMIT $4) o
		WHERE o.name IN ($2, $3) AND o.person_id <> '' ORDER BY o.order_id DESC LIMIT 1`, shop, bare, "#"+bare, samplesAmong)
	if err != nil {
		return nil, err
	}
	if bare == "" {
		return nil, fault.New(fault.NotFound, "an order's name is missing")
	}
	return r.order()
}
