package stripe

import (
	"cmp"

	"flywheel/commerce"
	"flywheel/fault"
)

// charge is a Charge: one successful movement of money to the shop.
type charge struct {
	ID             string            `json:"id"`
	Status         string            `json:"status"` // succeeded, pending, failed
	Captured       *bool             `json:"captured"`
	Amount         *int64            `json:"amount"`
	AmountRefunded *int64            `json:"amount_refunded"` // cumulative; a failed refund lowers it again
	Currency       string            `json:"currency"`
	Created        int64             `json:"created"`
	Description    string            `json:"description"`
	Customer       ref               `json:"customer"`
	ReceiptEmail   string            `json:"receipt_email"`
	Billing        customerDetails   `json:"billing_details"`
	Shipping       *shipping         `json:"shipping"`
	PaymentIntent  ref               `json:"payment_intent"`
	Invoice        ref               `json:"invoice"` // until 2025-03-31
	Disputed       bool              `json:"disputed"`
	Refunds        list[refund]      `json:"refunds"` // only where expanded
	Metadata       map[string]string `json:"metadata"`
}

// decodeSale reads a charge as the sale it is.
func decodeSale(e envelope) (c commerce.Change, err error) {
	ch, err := read[charge]([]byte(e.object.Raw))
	if err != nil {
		return c, err
	}
	o, err := ch.sale([]byte(e.object.Raw), e.at)
	if err == nil && o.Detail != nil {
		o.Payment = paidAt(e.at, ch.paid())
	}
	return commerce.Change{Order: o}, err
}

// decodeCharge reads a charge's sums only: a refund does not tell of a sale.
func decodeCharge(e envelope) (c commerce.Change, err error) {
	ch, err := read[charge]([]byte(e.object.Raw))
	if err != nil {
		return c, err
	}
	c.Order, err = ch.change(e.at)
	return c, err
}

// decodeRefundedCharge is decodeCharge of a charge that is to be read again.
func decodeRefundedCharge(e envelope) (c commerce.Change, err error) {
	if c, err = decodeCharge(e); c.Order != nil {
		c.Order.Reread = true
	}
	return c, err
}

// paid is false for an authorization that is not captured yet.
func (ch charge) paid() bool { return ch.Captured != nil && *ch.Captured && ch.Status == "succeeded" }

// check refuses a charge without what every version tells of one.
func (ch charge) check() error {
	if ch.Captured == nil {
		return fault.New(fault.Permanent, "the charge does not say whether it was captured")
	}
	return cmp.Or(needID("charge", ch.ID), needText("charge's status", ch.Status))
}

// change is what a charge says of money as of at. The amount is the authorized
// one: where less is captured, Stripe itself counts the rest as refunded.
func (ch charge) change(at commerce.Instant) (*commerce.OrderChange, error) {
	o := &commerce.OrderChange{TwinHints: twinHints(ch.Metadata)}
	err := ch.check()
	if err != nil {
		return nil, err
	}
	if o.Keys, err = keys(ch.PaymentIntent.ID, ch.Invoice.ID, "", ch.ID); err != nil {
		return nil, err
	}
	amount, err := price(ch.Amount, ch.Currency)
	if err != nil {
		return nil, err
	}
	refunded, err := price(ch.AmountRefunded, ch.Currency)
	if err != nil {
		return nil, err
	}
	o.Charges = []commerce.Charge{{ID: ch.ID, Amount: amount, Refunded: refunded.Amount, AsOf: at}}
	for _, r := range ch.Refunds.Data {
		row, err := r.row(at)
		if err != nil {
			return nil, err
		}
		o.Refunds = append(o.Refunds, row)
	}
	who := contact{
		customer: ch.Customer.ID, email: cmp.Or(ch.ReceiptEmail, ch.Billing.Email), name: ch.Billing.Name,
		phone: ch.Billing.Phone, country: cmp.Or(ch.Shipping.country(), ch.Billing.Address.country()),
	}
	if o.Person, err = who.facts(at); err != nil {
		return nil, err
	}
	return o, addCustomer(o, ch.Customer, at)
}

// sale is change and, unless an invoice tells it better, the description.
func (ch charge) sale(raw []byte, at commerce.Instant) (*commerce.OrderChange, error) {
	o, err := ch.change(at)
	if err != nil {
		return nil, err
	}
	o.Reread = unsure(ch.Invoice, ch.Customer)
	if ch.Invoice.ID != "" || !ch.Invoice.Told && ofInvoice(ch.Description) {
		return o, nil
	}
	o.PlacedAt = cmp.Or(seconds(ch.Created), at)
	o.Detail = description(rankCharge, at, raw, ch.paid(), o.Charges[0].Amount)
	o.Detail.Country = cmp.Or(ch.Shipping.country(), ch.Billing.Address.country())
	o.Detail.Region = regionOf(ch.Shipping, nil, ch.Billing.Address)
	return o, nil
}
