package store

import (
	"context"
	"encoding/json"
	"fmt"

	"flywheel/commerce"
)

// Histories returns the purchases of persons and of all who are merged with
// them. Those that were saved by an older binary are worked out and kept.
func (s *Store) Histories(ctx context.Context, shop commerce.ShopID, persons []commerce.PersonID) (map[commerce.PersonID]commerce.History, error) {
	out, late, err := s.query(ctx).histories(shop, persons)
	if err != nil || len(late) == 0 {
		return out, err
	}
	return out, s.Transact(ctx, func(tx *Tx) error { return tx.run(keepPurchases, late, nil) })
}

// Histories is Store.Histories inside a transaction. It keeps nothing: the
// orders of somebody's past are not locked here.
func (tx *Tx) Histories(shop commerce.ShopID, persons []commerce.PersonID) (map[commerce.PersonID]commerce.History, error) {
	out, _, err := tx.histories(shop, persons)
	return out, err
}

var keepPurchases = newBatch(`shop_id text, id text, rev bigint, sale_at bigint, counts bigint, net bigint, net_known bigint`,
	`UPDATE orders SET sale_at = v.sale_at, counts = v.counts, net = v.net, net_known = v.net_known, purchase_rev = v.rev {from}
	WHERE orders.shop_id = v.shop_id AND orders.id = v.id AND orders.rev = v.rev`)

type purchaseRow struct {
	ID     string `db:"id"`
	Person string `db:"person_id"`
	SaleAt int64  `db:"sale_at"`
	Counts int64  `db:"counts"`
	Net    int64  `db:"net"`
	Known  int64  `db:"net_known"`
	Rev    int64  `db:"rev"`
	Facts  string `db:"facts"` // '' where the columns speak of this rev
}

func (r purchaseRow) purchase() commerce.Purchase {
	return commerce.Purchase{
		Order: commerce.OrderID(r.ID), At: commerce.Instant(r.SaleAt), Amount: r.Net, Known: r.Known == 1, Counts: r.Counts == 1,
	}
}

// histories also returns the rows of keepPurchases for what it had to work out.
func (q *query) histories(shop commerce.ShopID, persons []commerce.PersonID) (map[commerce.PersonID]commerce.History, [][]any, error) {
	circles, err := q.circles(shop, persons)
	if err != nil || len(circles) == 0 {
		return nil, nil, err
	}
	var rows []purchaseRow
	if err := q.all(&rows, `SELECT id, person_id, sale_at, counts, net, net_known, rev, CASE WHEN purchase_rev = rev THEN '' ELSE facts END AS facts
		FROM orders WHERE shop_id = $1 AND person_id `+q.in(2), shop, list(q, members(circles))); err != nil {
		return nil, nil, err
	}
	var settings *commerce.Shop
	var late [][]any
	byPerson := map[commerce.PersonID][]commerce.Purchase{}
	for _, r := range rows {
		p := r.purchase()
		if r.Facts != "" {
			if settings == nil {
				found, err := q.shop(shop)
				if err != nil {
					return nil, nil, err
				}
				settings = &found
			}
			var o commerce.Order
			if err := json.Unmarshal([]byte(r.Facts), &o); err != nil {
				return nil, nil, fmt.Errorf("facts of order %s: %w", r.ID, err)
			}
			p = commerce.PurchaseOf(&o, *settings)
			late = append(late, []any{shop, r.ID, r.Rev, p.At, p.Counts, p.Amount, p.Known})
		}
		byPerson[commerce.PersonID(r.Person)] = append(byPerson[commerce.PersonID(r.Person)], p)
	}
	out := make(map[commerce.PersonID]commerce.History, len(circles))
	for id, h := range gather(circles, byPerson) {
		out[id] = h
		commerce.SortHistory(out[id])
	}
	return out, late, nil
}

// OrdersOf returns the orders of a person and of those merged into them, oldest first.
func (s *Store) OrdersOf(ctx context.Context, shop commerce.ShopID, person commerce.PersonID) ([]*StoredOrder, error) {
	q := s.query(ctx)
	same, err := q.sameAs(shop, person)
	if err != nil {
		return nil, err
	}
	var rows []orderRow
	if err := q.all(&rows, `SELECT `+orderColumns+` FROM orders WHERE shop_id = $1 AND person_id `+q.in(2)+` ORDER BY id || ''`, shop, list(q, same)); err != nil {
		return nil, err
	}
	return ordersOf(rows)
}

// OrdersOfPersons returns each person's newest orders, and those of all who are
// merged with them, at most limit of each id, the newest first.
func (tx *Tx) OrdersOfPersons(shop commerce.ShopID, persons []commerce.PersonID, limit int) (map[commerce.PersonID][]*StoredOrder, error) {
	circles, err := tx.circles(shop, persons)
	if err != nil || len(circles) == 0 {
		return nil, err
	}
	var rows []orderRow
	if err := tx.all(&rows, `SELECT `+orderColumns+` FROM (
			SELECT `+orderColumns+`, id, ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY id DESC) AS place
			FROM orders WHERE shop_id = $1 AND person_id `+tx.in(2)+`) newest
		WHERE place <= $3 ORDER BY id DESC`, shop, list(&tx.query, members(circles)), limit); err != nil {
		return nil, err
	}
	orders, err := ordersOf(rows)
	if err != nil {
		return nil, err
	}
	byPerson := map[commerce.PersonID][]*StoredOrder{}
	for _, o := range orders {
		byPerson[o.PersonID] = append(byPerson[o.PersonID], o)
	}
	return gather(circles, byPerson), nil
}

// OrdersAfter walks a shop's orders by id after the id after, at most limit.
func (s *Store) OrdersAfter(ctx context.Context, shop commerce.ShopID, after commerce.OrderID, limit int) ([]*StoredOrder, error) {
	var rows []orderRow
	if err := s.query(ctx).all(&rows, `SELECT `+orderColumns+` FROM orders WHERE shop_id = $1 AND id > $2 ORDER BY id LIMIT $3`, shop, after, limit); err != nil {
		return nil, err
	}
	return ordersOf(rows)
}

func ordersOf(rows []orderRow) ([]*StoredOrder, error) {
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
