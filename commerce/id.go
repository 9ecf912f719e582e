// Package commerce is what happened in a shop: shops and their connections,
// persons, orders with their payments, refunds, fulfilments and disputes, and
// the events that follow from a change of state. It holds facts and the rules
// by which facts from several sources merge. It does no I/O and reads no clock;
// what we do about the facts is package delight's matter.
package commerce

// Identifiers have types so that two of them cannot change places. All are
// made by the store, time-ordered, 26 characters of base32hex.
type (
	AccountID    string
	UserID       string
	ShopID       string
	ConnectionID string
	PersonID     string
	OrderID      string
	EventID      string
	DeliveryID   string
)

// Platform names where facts come from.
type Platform string

// The platforms with a door of their own, and our own API. A shop has no
// connection to the last, and nobody is a customer of it.
const (
	Shopify Platform = "shopify"
	Stripe  Platform = "stripe"
	API     Platform = "api"
)
