package stripe

import (
	"cmp"
	"encoding/json"

	"flywheel/commerce"
	"flywheel/fault"
)

// session is a Checkout Session.
type session struct {
	ID              string           `json:"id"`
	Mode            string           `json:"mode"`   // payment, subscription, setup
	Status          string           `json:"status"` // open, complete, expired
	PaymentStatus   string           `json:"payment_status"`
	AmountTotal     *int64           `json:"amount_total"`
	Currency        string           `json:"currency"`
	Locale          string           `json:"locale"`
	Customer        ref              `json:"customer"`
	CustomerEmail   string           `json:"customer_email"`
	CustomerDetails customerDetails  `json:"customer_details"`
	PaymentIntent   ref              `json:"payment_intent"`
	Invoice         ref              `json:"invoice"`
	Shipping        *shipping        `json:"shipping_details"` // until 2025-03-31
	ShippingCost    *json.RawMessage `json:"shipping_cost"`
	Totals          struct {
		Shipping int64 `json:"amount_shipping"`
		Tax      int64 `json:"amount_tax"`
	} `json:"total_details"`
	Collected struct {
		Shipping *shipping `json:"shipping_details"` // since
	} `json:"collected_information"`
	Discounts []struct { // since 2025-01-27
		Promotion ref `json:"promotion_code"`
	} `json:"discounts"`
	LineItems list[sessionLine] `json:"line_items"` // only where expanded
	Consent   struct {
		Promotions string `json:"promotions"`
	} `json:"consent"`
	Metadata map[string]string `json:"metadata"`
}

type customerDetails struct {
	Email   string   `json:"email"`
	Name    string   `json:"name"`
	Phone   string   `json:"phone"`
	Address *address `json:"address"`
}

type sessionLine struct {
	ID          string `json:"id"`
	Description string `json:"description"`
	Quantity    int64  `json:"quantity"`
	AmountTotal *int64 `json:"amount_total"`
	Currency    string `json:"currency"`
	Price       struct {
		Product ref `json:"product"`
	} `json:"price"`
}

func decodeSession(e envelope) (c commerce.Change, err error) {
	s, err := read[session]([]byte(e.object.Raw))
	if err != nil {
		return c, err
	}
	if s.Mode == "setup" {
		return commerce.Change{Ignored: "the session only stored a way to pay; nothing was bought"}, nil
	}
	if s.Status == "open" || s.Status == "expired" {
		return commerce.Change{Ignored: "the session was not completed; nothing was bought"}, nil
	}
	if err := cmp.Or(needID("session", s.ID), needText("session's payment status", s.PaymentStatus)); err != nil {
		return c, err
	}
	o := commerce.OrderChange{PlacedAt: e.at, TwinHints: twinHints(s.Metadata)}
	if o.Keys, err = keys(s.PaymentIntent.ID, s.Invoice.ID, s.ID, ""); err != nil {
		return c, err
	}
	paid := s.PaymentStatus == "paid" || s.PaymentStatus == "no_payment_required"
	o.Payment = paidAt(e.at, paid)
	if o.Detail, err = s.describe(e, paid); err != nil {
		return c, err
	}
	who := contact{
		customer: s.Customer.ID, email: cmp.Or(s.CustomerDetails.Email, s.CustomerEmail),
		name: s.CustomerDetails.Name, phone: s.CustomerDetails.Phone,
		language: o.Detail.Language, country: o.Detail.Country,
	}
	if o.Person, err = who.facts(e.at); err != nil {
		return c, err
	}
	c.Order = &o
	// Later events repeat the choice made at the checkout; taken again, days
	// after, it would undo an unsubscribe made in between.
	if e.topic == "checkout.session.completed" {
		c.Consents = s.consents(o.Person, e.at)
	}
	return c, nil
}

func (s session) describe(e envelope, paid bool) (*commerce.Detail, error) {
	total, err := price(s.AmountTotal, s.Currency)
	if err != nil {
		return nil, err
	}
	rank := rankSession
	if len(s.LineItems.Data) > 0 {
		rank = rankSessionLines
	}
	d := description(rank, e.at, []byte(e.object.Raw), paid, total)
	if d.Parts, err = s.parts(); err != nil {
		return nil, err
	}
	for _, used := range s.Discounts {
		if used.Promotion.ID != "" {
			d.Promotions = append(d.Promotions, used.Promotion.ID)
		}
	}
	ship := cmp.Or(s.Shipping, s.Collected.Shipping)
	d.Language = locale(s.Locale)
	d.Country = cmp.Or(ship.country(), s.CustomerDetails.Address.country())
	d.Region = regionOf(ship, nil, s.CustomerDetails.Address)
	d.NoShipping = !ship.told() && s.ShippingCost == nil
	for _, l := range s.LineItems.Data {
		line, err := line(l.ID, l.Price.Product.ID, l.Description, l.Quantity, l.AmountTotal, cmp.Or(l.Currency, s.Currency))
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

// parts is what the total has beside goods. A session's lines tell what was paid
// for them, with the tax, whichever way the prices were set.
func (s session) parts() (commerce.Parts, error) {
	p, err := partsOf(s.Totals.Tax, s.Totals.Shipping, s.Currency)
	p.TaxIncluded = s.Totals.Tax != 0
	return p, err
}

// partsOf leaves out a part of nothing.
func partsOf(tax, shipping int64, currency string) (p commerce.Parts, err error) {
	if tax != 0 {
		if p.Tax, err = price(&tax, currency); err != nil {
			return p, err
		}
	}
	if shipping != 0 {
		p.Shipping, err = price(&shipping, currency)
	}
	return p, err
}

func (s session) consents(p *commerce.PersonFacts, at commerce.Instant) []commerce.ConsentChange {
	state := map[string]commerce.ConsentState{
		"opt_in": commerce.Subscribed, "opt_out": commerce.Unsubscribed,
	}[s.Consent.Promotions]
	if state == "" || p == nil {
		return nil
	}
	return []commerce.ConsentChange{{
		Email: p.Email, CustomerID: p.CustomerID, Channel: commerce.ByMail, Class: "marketing",
		State: state, Source: "stripe checkout", At: at,
	}}
}

// line makes an order line from what all of it cost.
func line(id, product, title string, quantity int64, amount *int64, currency string) (commerce.Line, error) {
	if err := checkID("line", id); err != nil {
		return commerce.Line{}, err
	}
	if err := checkID("product", product); err != nil {
		return commerce.Line{}, err
	}
	if amount == nil {
		return commerce.Line{}, fault.New(fault.Permanent, "a line's amount is missing")
	}
	quantity = max(quantity, 1) // metered usage tells none
	each, err := money(*amount/quantity, currency)
	return commerce.Line{
		ID: id, Product: product, Title: clean(title), Quantity: quantity, Current: quantity, Price: each,
	}, err
}
