package campaign

import "flywheel/commerce"

// Facts are what a campaign's rules read about one person and cause; with now
// they settle every answer. The caller loads only what the definition asks for
// (Flow.Reads says what): what is not loaded is as if it had never happened.
type Facts struct {
	Shop     commerce.Shop
	Person   commerce.Person
	Consents []commerce.ConsentChange
	Order    *commerce.Order  // nil where the cause is no order
	Cause    commerce.Event   // what enrolled, or is about to
	History  commerce.History // the person's purchases, this order among them as it is now
	Events   []commerce.Event // the person's, of the kinds the definition waits for, oldest first
	// Products are those of the order's lines that the catalogue knows, by platform id.
	Products map[string]commerce.Product
	// Asked are the orders that this campaign has asked the person about, where it has a cooling-off.
	Asked []commerce.OrderID
	// Loyalty is what the person has in the shop's program; nil = not loaded.
	Loyalty *Loyalty
	// Orders are the person's other orders, where they were loaded: replenishment.
	Orders map[commerce.OrderID]*commerce.Order
}
