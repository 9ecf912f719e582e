package jobs

import (
	"context"
	"slices"
	"strings"

	"flywheel/commerce"
	"flywheel/store"
)

// shopper is somebody with all of their orders, also those of who is merged with them.
type shopper struct {
	commerce.Person
	orders []*store.StoredOrder
}

// nextShoppers goes through a shop's orders behind a cursor, at most rows of them,
// and returns who placed them, each with the first of theirs: however the orders
// are portioned, everybody comes once. n < rows is the end.
func (w *Worker) nextShoppers(ctx context.Context, shop commerce.ShopID, after string, rows int) (out []shopper, last string, n int, err error) {
	orders, err := w.Store.OrdersAfter(ctx, shop, commerce.OrderID(after), rows)
	if err != nil || len(orders) == 0 {
		return nil, after, 0, err
	}
	var ids, present []commerce.PersonID
	for _, o := range orders {
		if o.PersonID != "" {
			ids = append(ids, o.PersonID)
		}
	}
	persons, err := w.Store.Persons(ctx, shop, unique(ids))
	if err != nil {
		return nil, after, 0, err
	}
	for _, p := range persons {
		present = append(present, p.ID)
	}
	var all map[commerce.PersonID][]*store.StoredOrder
	err = w.Store.Transact(ctx, func(tx *store.Tx) (err error) {
		all, err = tx.OrdersOfPersons(shop, unique(present), manyOrders)
		return err
	})
	if err != nil {
		return nil, after, 0, err
	}
	for _, o := range orders {
		p := persons[o.PersonID]
		if theirs := all[p.ID]; len(theirs) > 0 && slices.MinFunc(theirs, compareOrders).ID == o.ID {
			out = append(out, shopper{p, theirs})
		}
	}
	return out, string(orders[len(orders)-1].ID), len(orders), ctx.Err()
}

func compareOrders(a, b *store.StoredOrder) int { return strings.Compare(string(a.ID), string(b.ID)) }
