package stripe

import (
	"cmp"
	"strings"

	"flywheel/commerce"
)

// intent is a Payment Intent.
type intent struct {
	ID             string    `json:"id"`
	Status         string    `json:"status"`
	Amount         *int64    `json:"amount"`
	Currency       string    `json:"currency"`
	Created        int64     `json:"created"`
	Customer       ref       `json:"customer"`
	ReceiptEmail   string    `json:"receipt_email"`
	Description    string    `json:"description"`
	Shipping       *shipping `json:"shipping"`
	LatestCharge   ref       `json:"latest_charge"`
	Invoice        ref       `json:"invoice"` // until 2025-03-31
	PaymentDetails struct {
		OrderReference string `json:"order_reference"` // since: in_... or cs_..., else the merchant's own
	} `json:"payment_details"`
	Metadata map[string]string `json:"metadata"`
}

func decodeIntent(e envelope) (c commerce.Change, err error) {
	p, err := read[intent]([]byte(e.object.Raw))
	if err != nil {
		return c, err
	}
	o, err := p.change([]byte(e.object.Raw), e.at)
	if err == nil && o.Detail != nil {
		o.Payment = paidAt(e.at, p.paid())
	}
	return commerce.Change{Order: o}, err
}

func (p intent) paid() bool { return p.Status == "succeeded" }

// invoiceID names the invoice the intent pays, by the field of its API version.
func (p intent) invoiceID() string { return cmp.Or(p.Invoice.ID, p.reference("in_")) }

func (p intent) reference(prefix string) string {
	if id := p.PaymentDetails.OrderReference; strings.HasPrefix(id, prefix) && plain(id) {
		return id
	}
	return ""
}

// change is what a payment intent says as of at, but for the moment of its
// payment. One that pays an invoice describes nothing: only the invoice knows
// whether it is a renewal, and told too early it would be greeted as a first order.
func (p intent) change(raw []byte, at commerce.Instant) (*commerce.OrderChange, error) {
	o := &commerce.OrderChange{TwinHints: twinHints(p.Metadata)}
	err := cmp.Or(needID("payment intent", p.ID), needText("payment intent's status", p.Status))
	if err != nil {
		return nil, err
	}
	if o.Keys, err = keys(p.ID, p.invoiceID(), p.reference("cs_"), p.LatestCharge.ID); err != nil {
		return nil, err
	}
	who := contact{customer: p.Customer.ID, email: p.ReceiptEmail, country: p.Shipping.country()}
	if o.Person, err = who.facts(at); err != nil {
		return nil, err
	}
	if err := cmp.Or(p.addCharge(o, at), addCustomer(o, p.Customer, at)); err != nil {
		return nil, err
	}
	o.Reread = p.invoiceID() == "" && unsure(p.Invoice, p.Customer)
	if p.invoiceID() != "" || !p.Invoice.Told && ofInvoice(p.Description) {
		return o, nil
	}
	total, err := price(p.Amount, p.Currency)
	if err != nil {
		return nil, err
	}
	o.PlacedAt = cmp.Or(seconds(p.Created), at)
	o.Detail = description(rankIntent, at, raw, p.paid(), total)
	o.Detail.Country = p.Shipping.country()
	o.Detail.Region = regionOf(p.Shipping, nil, nil)
	return o, nil
}

// addCharge takes sums and billing details of a charge that came expanded.
func (p intent) addCharge(o *commerce.OrderChange, at commerce.Instant) error {
	if p.LatestCharge.Raw == nil {
		return nil
	}
	ch, err := read[charge](p.LatestCharge.Raw)
	if err != nil {
		return err
	}
	part, err := ch.change(at)
	if err != nil {
		return err
	}
	o.Charges, o.Refunds = part.Charges, part.Refunds
	o.Person = mergePerson(o.Person, part.Person)
	return nil
}

// unsure reports that a payment may be an invoice's, whatever its text: it is of
// a version that no longer says so, and of a customer, whom every invoice has.
// Read again at our version, it says so.
func unsure(invoice, customer ref) bool { return !invoice.Told && customer.ID != "" }

// ofInvoice knows the texts Stripe itself writes on the payments of invoices,
// for bodies of the versions that no longer name the invoice.
func ofInvoice(description string) bool {
	switch description {
	case "Subscription creation", "Subscription update", "Payment for Invoice":
		return true
	}
	return false
}
