package commerce

// Delivery is one webhook as the door saved it: verified, not yet decoded.
type Delivery struct {
	ID           DeliveryID
	ShopID       ShopID
	ConnectionID ConnectionID
	Platform     Platform
	Topic        string  // orders/paid, charge.refunded
	ExternalID   string  // X-Shopify-Webhook-Id or evt_...
	TriggeredAt  Instant // X-Shopify-Triggered-At or the event's created; 0 = not told
	ReceivedAt   Instant // business time
	OrderRef     string  // the platform's order or payment id, "" = none
	CustomerRef  string  // the platform's customer id, "" = none
	Email        string  // normalised; stored only as a keyed hash
	Body         []byte  // raw
}
