package shopifyfake

import "time"

// Fulfilment is one parcel, in the body of fulfillments/* and in the order's own.
type Fulfilment struct {
	ID             int64
	At             time.Time
	UpdatedAt      time.Time
	DeliveredAt    time.Time
	Status         string       // success, pending, cancelled ...
	ShipmentStatus string       // "" until the carrier reports
	Lines          []RefundLine // what is in it; Fulfil puts everything that is left in

	order *Order
}

// Fulfil ships everything at at.
func (o *Order) Fulfil(at time.Time) *Fulfilment {
	return o.FulfilPart(at, o.unsent()...)
}

// FulfilPart ships some lines at at; with the last of them the order is fulfilled.
func (o *Order) FulfilPart(at time.Time, lines ...RefundLine) *Fulfilment {
	f := &Fulfilment{ID: o.ID*100 + 71 + int64(len(o.Fulfilments)), At: at, UpdatedAt: at, Status: "success", Lines: lines, order: o}
	o.Fulfilments = append(o.Fulfilments, f)
	o.FulfilmentStatus = "fulfilled"
	if len(o.unsent()) > 0 {
		o.FulfilmentStatus = "partial"
	}
	o.Touch(at)
	return f
}

// unsent is what no parcel holds yet.
func (o *Order) unsent() (left []RefundLine) {
	for i, l := range o.Lines {
		n := l.Current
		for _, f := range o.Fulfilments {
			for _, part := range f.Lines {
				if part.Line == i && f.Status != "cancelled" {
					n -= part.Quantity
				}
			}
		}
		if n > 0 {
			left = append(left, RefundLine{i, n})
		}
	}
	return left
}

// Deliver says that the parcel arrived at at, and returns the body of fulfillment_events/create.
func (f *Fulfilment) Deliver(at time.Time) []byte {
	f.DeliveredAt = at
	return f.event("delivered", at)
}

// Fail says that the carrier gave up at at, and returns the body of fulfillment_events/create.
func (f *Fulfilment) Fail(at time.Time) []byte { return f.event("failure", at) }

// InTransit says that the parcel is on its way, and returns the body of fulfillment_events/create.
func (f *Fulfilment) InTransit(at time.Time) []byte { return f.event("in_transit", at) }

// Delay says that the parcel comes late, and returns the body of fulfillment_events/create.
func (f *Fulfilment) Delay(at time.Time) []byte { return f.event("delayed", at) }

// Ready says that the parcel can be fetched, and returns the body of fulfillment_events/create.
func (f *Fulfilment) Ready(at time.Time) []byte { return f.event("ready_for_pickup", at) }

// PickUp says that its customer fetched the parcel, and returns the body of fulfillment_events/create.
func (f *Fulfilment) PickUp(at time.Time) []byte { return f.event("picked_up", at) }

func (f *Fulfilment) event(status string, at time.Time) []byte {
	f.ShipmentStatus, f.UpdatedAt = status, at
	f.order.Touch(at)
	return write(struct {
		gid
		FulfillmentID int64   `json:"fulfillment_id"`
		Status        string  `json:"status"`
		Message       *string `json:"message"`
		HappenedAt    string  `json:"happened_at"`
		Country       string  `json:"country"`
		ShopID        int64   `json:"shop_id"`
		CreatedAt     string  `json:"created_at"`
		UpdatedAt     string  `json:"updated_at"`
		OrderID       int64   `json:"order_id"`
	}{
		gid: id("FulfillmentEvent", f.ID*100+at.Unix()%100), FulfillmentID: f.ID, Status: status, HappenedAt: *stamp(at),
		Country: f.order.ShipTo.CountryCode, ShopID: shopID, CreatedAt: *stamp(at), UpdatedAt: *stamp(at), OrderID: f.order.ID,
	})
}

type fulfilmentJSON struct {
	gid
	OrderID         int64        `json:"order_id"`
	Status          string       `json:"status"`
	CreatedAt       string       `json:"created_at"`
	Service         string       `json:"service"`
	UpdatedAt       string       `json:"updated_at"`
	TrackingCompany string       `json:"tracking_company"`
	ShipmentStatus  *string      `json:"shipment_status"`
	Email           *string      `json:"email"`
	Destination     *addressJSON `json:"destination"`
	LineItems       []lineJSON   `json:"line_items"`
	TrackingNumber  string       `json:"tracking_number"`
	Name            string       `json:"name"`
}

// Body is the body of fulfillments/create and fulfillments/update.
func (f *Fulfilment) Body() []byte {
	o := f.order
	body := fulfilmentJSON{
		gid: id("Fulfillment", f.ID), OrderID: o.ID, Status: f.Status, CreatedAt: *stamp(f.At), Service: "manual",
		UpdatedAt: *stamp(f.UpdatedAt), TrackingCompany: "UPS", ShipmentStatus: null(f.ShipmentStatus),
		Email: null(o.email()), Destination: o.address(), TrackingNumber: "1Z" + o.token("t")[:16], Name: o.Name + ".1",
	}
	for _, part := range f.Lines {
		line := o.line(o.Lines[part.Line])
		line.Quantity = part.Quantity
		body.LineItems = append(body.LineItems, line)
	}
	return write(body)
}
