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
	Lines          []struct {
		ID       number `json:"id"`
		GID      string `json:"admin_graphql_api_id"`
		Quantity int64  `json:"quantity"`
	} `json:"line_items"`
	deliveredAt string // told by GraphQL only
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
	for _, l := range b.Lines {
		if l.Quantity > 0 {
			f.Lines = append(f.Lines, commerce.RefundLine{Line: r.id("fulfillments.line_items.id", "LineItem", l.GID, l.ID), Quantity: l.Quantity})
		}
	}
	at := f.AsOf
	if b.deliveredAt != "" {
		at = r.instant("fulfillments.delivered_at", b.deliveredAt)
	}
	travelled(&f, b.ShipmentStatus, at)
	return f
}

// travelled notes what a carrier reports; false for what leaves the parcel on
// its way. attempted_delivery is no end: the carrier will come again. By
// carrier_picked_up it only left the shop, by picked_up its customer has it.
func travelled(f *commerce.Fulfilment, status string, at commerce.Instant) bool {
	switch status {
	case "delivered", "picked_up":
		f.DeliveredAt = at
	case "failure", "not_delivered":
		f.FailedAt = at
	case "delayed":
		f.DelayedAt = at
	case "ready_for_pickup":
		f.ReadyAt = at
	default:
		return false
	}
	return true
}

// carrierEventBody is fulfillment_events/create: what the carrier reports.
type carrierEventBody struct {
	FulfilmentID number `json:"fulfillment_id"`
	OrderID      number `json:"order_id"`
	Status       string `json:"status"`
	HappenedAt   string `json:"happened_at"`
	UpdatedAt    string `json:"updated_at"`
}

// carrierEvent keeps what changes a parcel's way: its ends, a delay, and that it can be fetched.
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
	if !travelled(&f, b.Status, at) {
		return commerce.Change{Ignored: "the parcel is still on its way: " + short(b.Status)}
	}
	return commerce.Change{Order: &commerce.OrderChange{Keys: keys, Fulfilments: []commerce.Fulfilment{f}}}
}
