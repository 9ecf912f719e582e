package stripe

import (
	"cmp"
	"encoding/json"

	"flywheel/commerce"
	"flywheel/fault"
)

// invoice is an Invoice, of a subscription, a session or by itself.
type invoice struct {
	ID              string    `json:"id"`
	Number          string    `json:"number"`
	Status          string    `json:"status"`
	BillingReason   string    `json:"billing_reason"`
	AmountPaid      *int64    `json:"amount_paid"`
	Total           *int64    `json:"total"`
	Currency        string    `json:"currency"`
	Created         int64     `json:"created"`
	Customer        ref       `json:"customer"`
	CustomerEmail   string    `json:"customer_email"`
	CustomerName    string    `json:"customer_name"`
	CustomerPhone   string    `json:"customer_phone"`
	CustomerAddress *address  `json:"customer_address"`
	Shipping        *shipping `json:"shipping_details"`
	CustomerShips   *shipping `json:"customer_shipping"`
	PaymentIntent   ref       `json:"payment_intent"` // until 2025-03-31
	Charge          ref       `json:"charge"`         // until 2025-03-31
	Subscription    ref       `json:"subscription"`   // until 2025-03-31
	Parent          struct {
		Subscription json.RawMessage `json:"subscription_details"`
	} `json:"parent"`
	Payments    list[invoicePayment] `json:"payments"` // since, only where expanded
	Transitions struct {
		FinalizedAt int64 `json:"finalized_at"`
		PaidAt      int64 `json:"paid_at"`
	} `json:"status_transitions"`
	TaxAmounts []struct {
		Amount    int64 `json:"amount"`
		Inclusive bool  `json:"inclusive"`
	} `json:"total_tax_amounts"` // until 2025-03-31
	Taxes []struct {
		Amount   int64  `json:"amount"`
		Behavior string `json:"tax_behavior"`
	} `json:"total_taxes"` // since
	ShippingCost *struct {
		Total int64 `json:"amount_total"`
	} `json:"shipping_cost"`
	Lines    list[invoiceLine] `json:"lines"`
	Metadata map[string]string `json:"metadata"`
}

type invoiceLine struct {
	ID          string `json:"id"`
	Description string `json:"description"`
	Quantity    int64  `json:"quantity"`
	Amount      *int64 `json:"amount"`
	Currency    string `json:"currency"`
	Price       struct {
		Product ref `json:"product"`
	} `json:"price"` // until 2025-03-31
	Pricing struct {
		Details struct {
			Product ref `json:"product"`
		} `json:"price_details"`
	} `json:"pricing"` // since
}

// invoicePayment ties an invoice to the payments made on it, since 2025-03-31.
type invoicePayment struct {
	ID      string `json:"id"`
	Invoice ref    `json:"invoice"`
	Status  string `json:"status"`
	Payment struct {
		PaymentIntent ref `json:"payment_intent"`
		Charge        ref `json:"charge"`
	} `json:"payment"`
}

func decodeInvoice(e envelope) (c commerce.Change, err error) {
	in, err := read[invoice]([]byte(e.object.Raw))
	if err != nil {
		return c, err
	}
	c.Order, err = in.change([]byte(e.object.Raw), e.at)
	if err == nil {
		c.Order.Payment = paidAt(e.at, in.paid())
	}
	return c, err
}

// decodeFailedInvoice reads an attempt to charge a running subscription that
// came to nothing. Stripe will try again, and invoice.paid of the same invoice
// is the end of it. It places no order: nobody bought anything just now. At the
// first invoice the customer is still there, and sees it fail.
func decodeFailedInvoice(e envelope) (c commerce.Change, err error) {
	in, err := read[invoice]([]byte(e.object.Raw))
	if err != nil {
		return c, err
	}
	if !in.recurring() || !in.renewal() {
		return commerce.Change{Ignored: "a payment failed before its customer's eyes, or of no subscription"}, nil
	}
	o, err := in.change([]byte(e.object.Raw), e.at)
	if err != nil {
		return c, err
	}
	o.PlacedAt, o.PaymentFailed, o.Payment = 0, e.at, paidAt(e.at, in.paid())
	return commerce.Change{Order: o}, nil
}

// decodeInvoicePayment joins the keys of invoice and payment; what was sold and
// that it was paid is the invoice's to tell.
func decodeInvoicePayment(e envelope) (c commerce.Change, err error) {
	p, err := read[invoicePayment]([]byte(e.object.Raw))
	if err != nil {
		return c, err
	}
	ids, err := keys(p.Payment.PaymentIntent.ID, p.Invoice.ID, "", p.Payment.Charge.ID)
	if len(ids) < 2 || err != nil {
		return commerce.Change{Ignored: "the invoice payment ties nothing together"}, err
	}
	return commerce.Change{Order: &commerce.OrderChange{Keys: ids}}, nil
}

func (in invoice) paid() bool { return in.Status == "paid" }

// change is what an invoice says as of at, but for the moment of its payment.
func (in invoice) change(raw []byte, at commerce.Instant) (*commerce.OrderChange, error) {
	o := &commerce.OrderChange{
		PlacedAt:  cmp.Or(seconds(in.Transitions.FinalizedAt), seconds(in.Created), at),
		TwinHints: twinHints(in.Metadata),
	}
	err := cmp.Or(needID("invoice", in.ID), needText("invoice's status", in.Status))
	if err != nil {
		return nil, err
	}
	if o.Keys, err = in.keys(); err != nil {
		return nil, err
	}
	if o.Detail, err = in.describe(raw, at); err != nil {
		return nil, err
	}
	who := contact{
		customer: in.Customer.ID, email: in.CustomerEmail, name: in.CustomerName, phone: in.CustomerPhone,
		country: o.Detail.Country,
	}
	o.Person, err = who.facts(at)
	return o, err
}

func (in invoice) keys() ([]commerce.SourceKey, error) {
	all, err := keys(in.PaymentIntent.ID, in.ID, "", in.Charge.ID)
	if err != nil {
		return nil, err
	}
	for _, p := range in.Payments.Data {
		part, err := keys(p.Payment.PaymentIntent.ID, "", "", p.Payment.Charge.ID)
		if err != nil {
			return nil, err
		}
		all = append(part, all...)
	}
	return all, nil
}

func (in invoice) describe(raw []byte, at commerce.Instant) (*commerce.Detail, error) {
	// A customer's balance may have paid a part; what came through a payment is
	// what can go back through one.
	if in.AmountPaid == nil || in.Total == nil {
		return nil, fault.New(fault.Permanent, "the invoice does not say what was paid of what")
	}
	amount := cmp.Or(*in.AmountPaid, max(*in.Total, 0))
	total, err := price(&amount, in.Currency)
	if err != nil {
		return nil, err
	}
	d := description(rankInvoice, at, raw, in.paid(), total)
	if d.Parts, err = in.parts(); err != nil {
		return nil, err
	}
	d.Name = clean(in.Number)
	d.Renewal = in.renewal()
	d.Country = cmp.Or(in.Shipping.country(), in.CustomerShips.country(), in.CustomerAddress.country())
	d.Region = regionOf(in.Shipping, in.CustomerShips, in.CustomerAddress)
	d.NoShipping = in.recurring() && !in.Shipping.told() && !in.CustomerShips.told()
	for _, l := range in.Lines.Data {
		if l.Amount != nil && *l.Amount < 0 {
			continue // what an earlier invoice charged too much
		}
		line, err := line(l.ID, cmp.Or(l.Price.Product.ID, l.Pricing.Details.Product.ID), l.Description,
			l.Quantity, l.Amount, cmp.Or(l.Currency, in.Currency))
		if err != nil {
			return nil, err
		}
		d.Lines = append(d.Lines, line)
		if len(d.Lines) == maxLines {
			break
		}
	}
	return d, nil
}

// parts is what the total has beside goods. Where some prices hold their tax and
// others do not, it counts as held by none: nothing is taken off that was not in.
func (in invoice) parts() (commerce.Parts, error) {
	var tax, shipping int64
	included := true
	for _, t := range in.TaxAmounts {
		tax, included = tax+t.Amount, included && t.Inclusive
	}
	for _, t := range in.Taxes {
		tax, included = tax+t.Amount, included && t.Behavior == "inclusive"
	}
	if in.ShippingCost != nil {
		shipping = in.ShippingCost.Total
	}
	p, err := partsOf(tax, shipping, in.Currency)
	p.TaxIncluded = tax != 0 && included
	return p, err
}

// renewal reports an invoice of a subscription that already ran: its next
// period, a change of plan, a threshold reached. "subscription" is what Stripe
// said before it told these apart; without a doubt removed nobody is greeted
// as a first customer.
func (in invoice) renewal() bool {
	switch in.BillingReason {
	case "subscription_cycle", "subscription_update", "subscription_threshold", "subscription":
		return true
	}
	return false
}

func (in invoice) recurring() bool {
	return in.Subscription.ID != "" || (len(in.Parent.Subscription) > 0 && string(in.Parent.Subscription) != "null")
}
