package shopifyfake

import (
	"encoding/json"
	"time"
)

// Refund is a refund of an order, in the body of refunds/create and in the
// order's own.
type Refund struct {
	ID     int64
	At     time.Time
	Amount int64  // minor units of the order's currency; 0 = lines only, no transaction
	Status string // of the transaction: success, pending, failure
	Lines  []RefundLine
	Return *Return // the return it is made for, if any

	order *Order
}

// RefundLine is how many of the line with that index came back.
type RefundLine struct {
	Line     int
	Quantity int64
}

// Refund gives amount and lines back at at and moves the order's status along.
func (o *Order) Refund(at time.Time, amount int64, lines ...RefundLine) *Refund {
	r := &Refund{ID: o.ID*100 + 51 + int64(len(o.Refunds)), At: at, Amount: amount, Status: "success", Lines: lines, order: o}
	o.Refunds = append(o.Refunds, r)
	for _, l := range lines {
		o.Lines[l.Line].Current -= l.Quantity
	}
	o.settle(at)
	return r
}

// Settle gives the refund's transaction another status at at.
func (r *Refund) Settle(at time.Time, status string) *Refund {
	r.Status = status
	r.order.settle(at)
	return r
}

func (o *Order) settle(at time.Time) {
	var back int64
	for _, r := range o.Refunds {
		if r.Status == "success" {
			back += r.Amount
		}
	}
	switch {
	case back >= o.Total():
		o.FinancialStatus = "refunded"
	case back > 0:
		o.FinancialStatus = "partially_refunded"
	case o.FinancialStatus == "refunded" || o.FinancialStatus == "partially_refunded":
		o.FinancialStatus = "paid" // the money did not leave after all
	}
	o.Touch(at)
}

type refundJSON struct {
	gid
	OrderID          int64             `json:"order_id"`
	CreatedAt        string            `json:"created_at"`
	Note             *string           `json:"note"`
	UserID           *int64            `json:"user_id"`
	ProcessedAt      string            `json:"processed_at"`
	Duties           []string          `json:"duties"`
	TotalDuties      moneySet          `json:"total_duties_set"`
	Return           *gid              `json:"return"`
	ShippingLines    []string          `json:"refund_shipping_lines"`
	Restock          bool              `json:"restock"`
	OrderAdjustments []string          `json:"order_adjustments"`
	RefundLineItems  []refundLineJSON  `json:"refund_line_items"`
	Transactions     []transactionJSON `json:"transactions"`
}

type refundLineJSON struct {
	ID          int64       `json:"id"`
	Quantity    int64       `json:"quantity"`
	LineItemID  int64       `json:"line_item_id"`
	LocationID  *int64      `json:"location_id"`
	RestockType string      `json:"restock_type"`
	Subtotal    json.Number `json:"subtotal"` // a JSON number, unlike all other money
	SubtotalSet moneySet    `json:"subtotal_set"`
	LineItem    lineJSON    `json:"line_item"`
}

type transactionJSON struct {
	gid
	OrderID     int64    `json:"order_id"`
	Kind        string   `json:"kind"`
	Gateway     string   `json:"gateway"`
	Status      string   `json:"status"`
	Message     *string  `json:"message"`
	CreatedAt   string   `json:"created_at"`
	Test        bool     `json:"test"`
	ParentID    int64    `json:"parent_id"`
	ProcessedAt string   `json:"processed_at"`
	Receipt     struct{} `json:"receipt"`
	Amount      string   `json:"amount"`
	Currency    string   `json:"currency"`
	PaymentID   string   `json:"payment_id"`
}

// Body is the body of refunds/create.
func (r *Refund) Body() []byte {
	o := r.order
	body := refundJSON{
		gid: id("Refund", r.ID), OrderID: o.ID, CreatedAt: *stamp(r.At), ProcessedAt: *stamp(r.At), TotalDuties: o.set(0),
		Restock: len(r.Lines) > 0, Duties: []string{}, ShippingLines: []string{}, OrderAdjustments: []string{},
		RefundLineItems: []refundLineJSON{}, Transactions: []transactionJSON{},
	}
	if r.Return != nil {
		of := id("Return", r.Return.ID)
		body.Return = &of
	}
	for i, l := range r.Lines {
		line := o.Lines[l.Line]
		body.RefundLineItems = append(body.RefundLineItems, refundLineJSON{
			ID: r.ID*10 + int64(i), Quantity: l.Quantity, LineItemID: line.ID, RestockType: "return",
			Subtotal:    json.Number(o.shop(line.Price * l.Quantity)),
			SubtotalSet: o.set(line.Price * l.Quantity), LineItem: o.line(line),
		})
	}
	if r.Amount != 0 {
		body.Transactions = append(body.Transactions, transactionJSON{
			gid: id("OrderTransaction", r.transaction()), OrderID: o.ID, Kind: "refund", Gateway: o.gateway(), Status: r.Status,
			CreatedAt: *stamp(r.At), Test: o.Test, ParentID: o.ID*100 + 40, ProcessedAt: *stamp(r.At),
			Amount: o.paid(r.Amount), Currency: o.Currency, PaymentID: o.Name + ".1",
		})
	}
	return write(body)
}

func (r *Refund) transaction() int64 { return r.ID + 1_000_000_000_000 }

func (o *Order) gateway() string {
	if len(o.Gateways) == 0 {
		return "manual"
	}
	return o.Gateways[0]
}
