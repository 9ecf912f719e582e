package store

import (
	"strings"

	"flywheel/commerce"
	"flywheel/delight/referral"
)

// whoOrders is how many of somebody's newest orders are looked through for where they went.
const whoOrders = 50

// Who gathers by what somebody, and all who are merged with them, can be told
// from others: until is the moment up to which their orders count, as what they
// do later says nothing about a friend of then.
func (tx *Tx) Who(shop commerce.ShopID, person commerce.PersonID, until commerce.Instant) (referral.Who, error) {
	circles, err := tx.circles(shop, []commerce.PersonID{person})
	if err != nil {
		return referral.Who{}, err
	}
	out := referral.Who{Persons: circles[person]}
	known, err := tx.knownBy(shop, out.Persons)
	if err != nil {
		return out, err
	}
	for _, id := range known {
		if id.Kind == commerce.ByEmail {
			out.Emails = append(out.Emails, id.Value)
		}
	}
	if out.Phones, err = tx.scalars(`SELECT phone FROM persons WHERE shop_id = $1 AND id `+tx.in(2)+` AND phone <> ''`, shop, list(&tx.query, out.Persons)); err != nil {
		return out, err
	}
	names, err := tx.scalars(`SELECT first_name || ' ' || last_name FROM persons WHERE shop_id = $1 AND id = $2`, shop, person)
	if err != nil {
		return out, err
	}
	out.Name = strings.TrimSpace(strings.Join(names, ""))
	orders, err := tx.OrdersOfPersons(shop, []commerce.PersonID{person}, whoOrders)
	for _, o := range orders[person] {
		if o.PlacedAt <= until {
			out.Addresses, out.Nets = append(out.Addresses, o.Origin.Door), append(out.Nets, o.Origin.Net)
		}
	}
	return out, err
}
