package club

import (
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
)

// Window is what a person's tier goes by: by spend what counts of each of their
// orders now, history too, at its original date; by points what each cause has
// given. Whoever changes an order waits for its person and has the tier looked at
// again, so no order is locked here.
func Window(tx *store.Tx, shop commerce.Shop, p loyalty.Program, person commerce.PersonID) ([]loyalty.Point, error) {
	if p.Tiers.By == loyalty.ByPoints {
		return tx.EarnedSince(shop.ID, person, commerce.At(tx.Now().Time().AddDate(0, -p.Tiers.Months-1, 0)))
	}
	orders, err := tx.OrdersOfPersons(shop.ID, []commerce.PersonID{person}, windowOrders)
	if err != nil {
		return nil, err
	}
	var points []loyalty.Point
	for _, o := range orders[person] {
		if o.SameAs != "" {
			continue
		}
		if sale := loyalty.SaleOf(&o.Order, shop, p.Counts, p.Policy, 1); sale.At != 0 {
			points = append(points, loyalty.Point{At: sale.At, Amount: sale.Counts.Amount})
		}
	}
	return points, nil
}

// windowOrders is more than anybody buys within the months of a tier.
const windowOrders = 200
