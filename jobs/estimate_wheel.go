package jobs

import (
	"context"
	"slices"
	"time"

	"flywheel/commerce"
	"flywheel/delight/measure"
	"flywheel/store"
)

// lostDays is over how many days messages are counted for the wheel.
const lostDays = 30

// wheelCount measures a shop's wheel. Its fields are the answer's.
type wheelCount struct {
	measure.Wheel

	w    *Worker
	shop commerce.Shop
}

func (w *Worker) newWheel(shop commerce.Shop, e store.Estimate) *wheelCount {
	return &wheelCount{Wheel: measure.Wheel{At: e.AskedAt}, w: w, shop: shop}
}

// count goes through orders and looks at each person with the first of theirs.
func (c *wheelCount) count(ctx context.Context, after string, rows int) (string, int, error) {
	if after == "" {
		if err := c.countMessages(ctx); err != nil {
			return after, 0, err
		}
	}
	orders, err := c.w.Store.OrdersAfter(ctx, c.shop.ID, commerce.OrderID(after), rows)
	if err != nil || len(orders) == 0 {
		return after, 0, err
	}
	var ids []commerce.PersonID
	for _, o := range orders {
		if o.PersonID != "" {
			ids = append(ids, o.PersonID)
		}
	}
	persons, err := c.w.Store.Persons(ctx, c.shop.ID, unique(ids))
	if err != nil {
		return after, 0, err
	}
	var present []commerce.PersonID
	for _, p := range persons {
		present = append(present, p.ID)
	}
	present = unique(present)
	var all map[commerce.PersonID][]*store.StoredOrder
	err = c.w.Store.Transact(ctx, func(tx *store.Tx) (err error) {
		all, err = tx.OrdersOfPersons(c.shop.ID, present, manyOrders)
		return err
	})
	if err != nil {
		return after, 0, err
	}
	told, err := c.w.Store.FirstMessages(ctx, c.shop.ID, present)
	if err != nil {
		return after, 0, err
	}
	seen := map[commerce.PersonID]bool{}
	for _, o := range orders {
		theirs := all[persons[o.PersonID].ID]
		if len(theirs) == 0 || seen[persons[o.PersonID].ID] {
			continue
		}
		seen[persons[o.PersonID].ID] = true
		if slices.MinFunc(theirs, compareOrders).ID == o.ID {
			c.Add(c.purchases(theirs, told))
		}
	}
	return string(orders[len(orders)-1].ID), len(orders), ctx.Err()
}

// countMessages counts what went out and what did not, once.
func (c *wheelCount) countMessages(ctx context.Context) error {
	sent, lost, err := c.w.Store.SentAndLost(ctx, c.shop.ID, c.At.Add(-lostDays*24*time.Hour))
	c.Sent, c.Lost = sent, nil
	for _, l := range lost {
		c.Lost = append(c.Lost, measure.Count{Reason: l.Reason, Count: l.Count})
	}
	return err
}

// purchases are somebody's orders as the wheel sees them.
func (c *wheelCount) purchases(orders []*store.StoredOrder, told map[commerce.OrderID]commerce.Instant) []measure.Purchase {
	out := make([]measure.Purchase, 0, len(orders))
	for _, o := range orders {
		out = append(out, measure.Purchase{Purchase: commerce.PurchaseOf(&o.Order, c.shop), DeliveredAt: arrivedAt(&o.Order), ToldAt: told[o.ID]})
	}
	return out
}

// arrivedAt is when the last parcel of an order was delivered; 0 = not all were, or nobody told.
func arrivedAt(o *commerce.Order) (last commerce.Instant) {
	for _, f := range o.Fulfilments {
		if f.Status == commerce.FulfilmentCancelled {
			continue
		}
		if f.DeliveredAt == 0 {
			return 0
		}
		last = max(last, f.DeliveredAt)
	}
	return last
}
