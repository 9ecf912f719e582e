package shopifyfake

import "time"

// The methods of this file make an order one that was not simply bought in the
// online store.

// Counter makes it one of the point of sale: paid in cash and handed over at
// once, without addresses.
func (o *Order) Counter() *Order {
	o.SourceName, o.Gateways, o.Method, o.Shipping = "pos", []string{"cash"}, "", 0
	o.ToCounter, o.Withheld, o.NoCheckout = true, true, true
	o.Fulfil(o.PlacedAt)
	return o
}

// Draft makes it one that staff made from a draft: paid by the customer through
// its invoice, or marked as paid.
func (o *Order) Draft(invoiced bool) *Order {
	o.SourceName, o.NoCheckout = "shopify_draft_order", !invoiced
	return o
}

// B2B makes it one of a company.
func (o *Order) B2B(company int64) *Order {
	o.CompanyID = company
	return o
}

// Sold makes it one that an app brought from elsewhere, by its source_name:
// amazon, ebay, tiktok, 2329312 for Facebook & Instagram ...
func (o *Order) Sold(source string) *Order {
	o.SourceName, o.NoCheckout, o.Gateways = source, true, []string{source}
	return o
}

// Amazon makes it one of Amazon, whose buyer is known by a relay address only.
func (o *Order) Amazon() *Order {
	o.Sold("amazon").Customer.Email = "k3v9q2w7x1@marketplace.amazon.com"
	o.Customer.Unverified = true
	return o
}

// Gift says that somebody else gets the goods.
func (o *Order) Gift(message string) *Order {
	o.Attributes = append(o.Attributes, Attribute{"Gift message", message})
	return o
}

// ToPickUp lets the customer fetch the goods in a store; it is fulfilled when they did.
func (o *Order) ToPickUp(store string) *Order {
	o.Method, o.Shipping, o.ToCounter = store, 0, true
	return o
}

// By sets the shipping method.
func (o *Order) By(method string) *Order {
	o.Method = method
	return o
}

// Added puts a line onto the order at at, and returns the body of orders/edited.
func (o *Order) Added(at time.Time, l Line) []byte {
	l.ID = o.ID*100 + int64(len(o.Lines)) + 1
	l.Product, l.Current = l.ID+7_000_000_000_000, l.Quantity
	o.Lines = append(o.Lines, l)
	o.Touch(at)
	return o.edited(at, 91+int64(len(o.Lines)), []delta{{l.ID, l.Quantity}}, []delta{})
}
