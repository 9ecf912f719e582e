package shopify

import "flywheel/commerce"

// fulfilmentBody is the fulfillment resource: one parcel.
type fulfilmentBody struct {
	ID             number `json:"id"`
	GID            string `json:"admin_graphql_api_id"`
	OrderID        number `json:"order_id"`
	Status         string `json:"status"`
	ShipmentStatus string `json:"shipment_status"`
	CreatedAt      string `json:"created_at"`
	UpdatedAt      string `json:"updated_at"`
	deliveredAt    string // told by GraphQL only
}

func fulfilment(r *reader, _ commerce.Delivery, b *fulfilmentBody) commerce.Change {
	return commerce.Change{Order: &commerce.OrderChange{
		Keys:        orderKey(r.id("order_id", "Order", "", b.OrderID)),
		Fulfilments: []commerce.Fulfilment{b.row(r)},
	}}
}

// row reads a parcel. error and failure are requests to a warehouse that may
// yet be repeated, so they count as open, not as the end.
func (b *fulfilmentBody) row(r *reader) commerce.Fulfilment {
	f := commerce.Fulfilment{
		ID:     r.id("fulfillments.id", "Fulfillment", b.GID, b.ID),
		Status: commerce.FulfilmentOpen,
		AsOf:   r.instant("fulfillments.updated_at", b.UpdatedAt),
	}
	switch b.Status {
	case "success":
		f.Status, f.ShippedAt = commerce.FulfilmentShipped, r.instant("fulfillments.created_at", b.CreatedAt)
	case "cancelled":
		f.Status = commerce.FulfilmentCancelled
	}
	switch b.ShipmentStatus {
	case "delivered":
		f.DeliveredAt = f.AsOf
		if b.deliveredAt != "" {
			f.DeliveredAt = r.instant("fulfillments.delivered_at", b.deliveredAt)
		}
	case "failure":
		f.FailedAt = f.AsOf
	}
	return f
}

// carrierEventBody is fulfillment_events/create: what the carrier reports.
type carrierEventBody struct {
	FulfilmentID number `json:"fulfillment_id"`
	OrderID      number `json:"order_id"`
	Status       string `json:"status"`
	HappenedAt   string `json:"happened_at"`
	UpdatedAt    string `json:"updated_at"`
}

// carrierEvent keeps the two ends of a parcel's way. attempted_delivery is not
// one: the carrier will come again.
func carrierEvent(r *reader, d commerce.Delivery, b *carrierEventBody) commerce.Change {
	f := commerce.Fulfilment{
		ID:     r.id("fulfillment_id", "Fulfillment", "", b.FulfilmentID),
		Status: commerce.FulfilmentShipped, // what a carrier holds has left the shop
		AsOf:   r.instant("updated_at", b.UpdatedAt),
	}
	keys := orderKey(r.id("order_id", "Order", "", b.OrderID))
	at := r.instant("happened_at", b.HappenedAt)
	if at == 0 {
		at = toldAt(d)
	}
	switch b.Status {
	case "delivered":
		f.DeliveredAt = at
	case "failure":
		f.FailedAt = at
	default:
		return commerce.Change{Ignored: "the parcel is still on its way: " + short(b.Status)}
	}
	return commerce.Change{Order: &commerce.OrderChange{Keys: keys, Fulfilments: []commerce.Fulfilment{f}}}
}
