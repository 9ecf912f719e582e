package shopifyfake

import "time"

// Return is goods that came back, in the body of returns/process and in the
// refund that is made for them.
type Return struct {
	ID    int64
	At    time.Time
	Lines []RefundLine

	order *Order
}

// Return takes lines back at at; the money goes back with Refund, if at all.
func (o *Order) Return(at time.Time, lines ...RefundLine) *Return {
	r := &Return{ID: o.ID*100 + 31 + int64(len(o.Returns)), At: at, Lines: lines, order: o}
	o.Returns = append(o.Returns, r)
	o.Touch(at)
	return r
}

// Refund gives amount back for the return at at.
func (r *Return) Refund(at time.Time, amount int64) *Refund {
	refund := r.order.Refund(at, amount, r.Lines...)
	refund.Return = r
	return refund
}

// Body is the body of returns/process with the members of the other returns/*
// topics; that of the documentation's sample is ReturnWithoutBody.
func (r *Return) Body() []byte {
	type lineItem struct {
		Line gid `json:"line_item"`
	}
	type returnLine struct {
		gid
		Quantity int64    `json:"quantity"`
		Item     lineItem `json:"fulfillment_line_item"`
	}
	body := struct {
		gid
		Status string       `json:"status"`
		Order  gid          `json:"order"`
		Total  int64        `json:"total_return_line_items"`
		Name   *string      `json:"name"`
		Lines  []returnLine `json:"return_line_items"`
	}{gid: id("Return", r.ID), Status: "open", Order: id("Order", r.order.ID), Lines: []returnLine{}}
	for i, l := range r.Lines {
		body.Total += l.Quantity
		body.Lines = append(body.Lines, returnLine{id("ReturnLineItem", r.ID*10+int64(i)), l.Quantity, lineItem{id("LineItem", r.order.Lines[l.Line].ID)}})
	}
	return write(body)
}

// ReturnWithoutBody is what returns/process may hold instead: nothing.
func ReturnWithoutBody() []byte { return []byte("{}") }
