package stripefake

import (
	"cmp"
	"encoding/json"
	"maps"
	"strings"
	"time"
)

// Object is one Stripe object as JSON. Builders return a fresh one each time;
// change it with With before it is put or sent.
type Object map[string]any

// With returns a copy of o with pairs of field and value set; a value of nil is null.
func (o Object) With(pairs ...any) Object {
	o = maps.Clone(o)
	for i := 0; i+1 < len(pairs); i += 2 {
		o[pairs[i].(string)] = pairs[i+1]
	}
	return o
}

// Without returns a copy of o that lacks fields.
func (o Object) Without(fields ...string) Object {
	o = maps.Clone(o)
	for _, f := range fields {
		delete(o, f)
	}
	return o
}

func (o Object) text(field string) string { s, _ := o[field].(string); return s }

func (o Object) number(field string) int64 {
	switch n := o[field].(type) {
	case int64:
		return n
	case int:
		return int64(n)
	case json.Number:
		whole, _ := n.Int64() // a test may put what is none
		return whole
	}
	return 0
}

// Purchase is what the objects of one purchase share. A test names what matters;
// an empty field takes its default from N or as written beside it.
type Purchase struct {
	N         string    // "1": tells purchases apart, part of every default id
	At        time.Time // of the payment; 2026-03-01 12:00 UTC
	Amount    int64     // as Stripe counts it; 4200
	Currency  string    // usd
	Items     []Item    // one of the whole amount
	Email     string    // customer<N>@example.com; "-" for none
	Name      string    // Ada Lovelace; "-" for none
	Phone     string    // none
	Locale    string    // none: null
	Country   string    // US, where it is shipped to; "-" for nothing to ship
	Region    string    // the state; none: null
	Customer  string    // a guest: null
	Number    string    // of the invoice; INV-<N>
	Promotion string    // consent.promotions: opt_in, opt_out; none: null
	Test      bool      // livemode false
	Metadata  map[string]string

	SubscriptionID string // set: an invoice is in the play, and the session has no payment intent
}

// Item is one position.
type Item struct {
	Title    string
	Quantity int64
	Amount   int64 // of all pieces
}

// Ids of the purchase's objects.
func (p Purchase) IntentID() string  { return "pi_" + p.n() }
func (p Purchase) ChargeID() string  { return "ch_" + p.n() }
func (p Purchase) SessionID() string { return "cs_live_" + p.n() }
func (p Purchase) InvoiceID() string { return "in_" + p.n() }

func (p Purchase) n() string        { return cmp.Or(p.N, "1") }
func (p Purchase) amount() int64    { return cmp.Or(p.Amount, 4200) }
func (p Purchase) currency() string { return strings.ToLower(cmp.Or(p.Currency, "usd")) }

func (p Purchase) at() time.Time {
	if p.At.IsZero() {
		return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	}
	return p.At
}

func (p Purchase) items() []Item {
	if len(p.Items) > 0 {
		return p.Items
	}
	return []Item{{Title: "Coffee beans", Quantity: 1, Amount: p.amount()}}
}

func (p Purchase) email() any { return given(p.Email, "customer"+p.n()+"@example.com") }
func (p Purchase) name() any  { return given(p.Name, "Ada Lovelace") }

func (p Purchase) invoice() any {
	if p.SubscriptionID != "" {
		return p.InvoiceID()
	}
	return nil
}

func (p Purchase) address() Object {
	return Object{"city": nil, "country": given(p.Country, "US"), "line1": nil, "line2": nil, "postal_code": nil, "state": orNull(p.Region)}
}

func (p Purchase) shipping() any {
	if p.Country == "-" {
		return nil
	}
	return Object{"address": p.address(), "name": p.name()}
}

func (p Purchase) metadata() map[string]string {
	if p.Metadata == nil {
		return map[string]string{}
	}
	return p.Metadata
}

// given is a text or its default, null for "-".
func given(text, otherwise string) any {
	switch text {
	case "-":
		return nil
	case "":
		return otherwise
	}
	return text
}

func orNull(text string) any { return given(cmp.Or(text, "-"), "") }
