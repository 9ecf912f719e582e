package jobs

import (
	"context"
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

// count goes through shoppers.
func (c *wheelCount) count(ctx context.Context, after string, rows int) (string, int, error) {
	if after == "" {
		if err := c.countMessages(ctx); err != nil {
			return after, 0, err
		}
	}
	shoppers, last, n, err := c.w.nextShoppers(ctx, c.shop.ID, after, rows)
	if err != nil {
		return after, 0, err
	}
	var ids []commerce.PersonID
	for _, b := range shoppers {
		ids = append(ids, b.ID)
	}
	told, err := c.w.Store.FirstMessages(ctx, c.shop.ID, ids)
	if err != nil {
		return after, 0, err
	}
	for _, b := range shoppers {
		c.Add(c.purchases(b.orders, told))
	}
	return last, n, nil
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
