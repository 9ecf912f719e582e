package stripe

import (
	"cmp"
	"encoding/json"

	"flywheel/commerce"
	"flywheel/fault"
)

// refund is a Refund.
type refund struct {
	ID            string          `json:"id"`
	Status        json.RawMessage `json:"status"` // always there, if only as null
	Amount        *int64          `json:"amount"`
	Currency      string          `json:"currency"`
	Created       int64           `json:"created"`
	Charge        ref             `json:"charge"`
	PaymentIntent ref             `json:"payment_intent"`
}

func decodeRefund(e envelope) (c commerce.Change, err error) {
	r, err := read[refund]([]byte(e.object.Raw))
	if err != nil {
		return c, err
	}
	ids, err := keys(r.PaymentIntent.ID, "", "", r.Charge.ID)
	if err != nil {
		return c, err
	}
	if !r.Charge.Told && !r.PaymentIntent.Told {
		return c, fault.New(fault.Permanent, "the refund does not say of what charge it is")
	}
	if len(ids) == 0 { // money given back from a balance
		return commerce.Change{Ignored: "the refund belongs to no payment"}, nil
	}
	row, err := r.row(e.at)
	if err != nil {
		return c, err
	}
	return commerce.Change{Order: &commerce.OrderChange{Keys: ids, Refunds: []commerce.Refund{row}, Reread: true}}, nil
}

// row is the refund as of at. It happened when it was made; that it failed is
// known from at on.
func (r refund) row(at commerce.Instant) (commerce.Refund, error) {
	if err := cmp.Or(needID("refund", r.ID), needText("refund's status", string(r.Status))); err != nil {
		return commerce.Refund{}, err
	}
	amount, err := price(r.Amount, r.Currency)
	row := commerce.Refund{ID: r.ID, Status: r.status(), Amount: amount, At: cmp.Or(seconds(r.Created), at)}
	if row.Status == commerce.RefundFailed {
		row.At = at
	}
	return row, err
}

func (r refund) status() commerce.Status {
	switch string(r.Status) {
	case `"succeeded"`, "null": // none was told before refunds could wait
		return commerce.RefundSucceeded
	case `"failed"`, `"canceled"`:
		return commerce.RefundFailed
	}
	return commerce.RefundPending // pending, requires_action
}
