package stripe

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flywheel/commerce"
	"flywheel/fault"
)

// Read takes the few ids the door stores from a verified body, without decoding
// it. account is "" for the account that owns the endpoint; live tells a live
// event from a test one. Errors are fault.Invalid.
func Read(body []byte) (d commerce.Delivery, account string, live bool, err error) {
	e, err := readEnvelope(body)
	if err != nil {
		return d, "", false, err
	}
	g := glance(e.object)
	d = commerce.Delivery{
		Platform: commerce.Stripe, Topic: e.topic, ExternalID: e.id, TriggeredAt: e.at,
		OrderRef: g.orderRef(), CustomerRef: g.customer, Email: g.email, Body: body,
	}
	for _, f := range []struct{ name, value string }{
		{"id", d.ExternalID},
		{"type", d.Topic},
		{"account", e.account},
		{"payment", d.OrderRef},
		{"customer", d.CustomerRef},
	} {
		if !plain(f.value) {
			return commerce.Delivery{}, "", false, fault.New(fault.Invalid, "the event's %s is not plain text of at most %d characters", f.name, maxID)
		}
	}
	return d, e.account, e.live, nil
}

// envelope is an event without its object's meaning.
type envelope struct {
	id, topic, account string
	live               bool
	at                 commerce.Instant // created
	object             gjson.Result     // data.object
	before             gjson.Result     // data.previous_attributes: what an update changed, as it was
}

func readEnvelope(body []byte) (e envelope, err error) {
	if !validJSON(body) {
		return e, fault.New(fault.Invalid, "the body is not JSON")
	}
	var kind, created string
	gjson.ParseBytes(body).ForEach(func(key, v gjson.Result) bool {
		switch key.Str {
		case "id":
			e.id = v.Str
		case "object":
			kind = v.Str
		case "type":
			e.topic = v.Str
		case "account":
			e.account = v.Str
		case "livemode":
			e.live = v.Type == gjson.True
		case "created":
			created = v.Raw
		case "data":
			e.object, e.before = v.Get("object"), v.Get("previous_attributes")
		}
		return true
	})
	if kind == "v2.core.event" || strings.HasPrefix(e.topic, "v1.") || strings.HasPrefix(e.topic, "v2.") {
		return e, fault.New(fault.Invalid, "this is a thin event; the endpoint must be set to send snapshot events")
	}
	if kind != "event" || !e.object.IsObject() || e.id == "" || e.topic == "" {
		return e, fault.New(fault.Invalid, "the body is not a Stripe event with its id, type and object")
	}
	at, err := strconv.ParseInt(created, 10, 64)
	if err != nil || at <= 0 || at > maxSeconds {
		return e, fault.New(fault.Invalid, "the event does not say when it was created")
	}
	e.at = seconds(at)
	return e, nil
}

// validJSON is gjson's check, which is faster than encoding/json's but
// recurses as deep as the body goes: 8 MiB of "[" overflow the stack and end the
// process, which no recover can stop. encoding/json refuses 10,000 levels.
func validJSON(body []byte) bool {
	const depth = 10_000
	if bytes.Count(body, []byte("["))+bytes.Count(body, []byte("{")) > depth {
		return json.Valid(body)
	}
	return gjson.ValidBytes(body)
}

// glimpse is what the door wants to know of an event's object, taken in one pass.
type glimpse struct {
	kind, id, intent, invoice, charge, customer, email string
}

func glance(object gjson.Result) (g glimpse) {
	var receipt, details, customer, billing, own string
	object.ForEach(func(key, v gjson.Result) bool {
		switch key.Str {
		case "object":
			g.kind = v.Str
		case "id":
			g.id = v.Str
		case "payment_intent":
			g.intent = idOf(v)
		case "payments": // an invoice since 2025-03-31
			g.intent = cmp.Or(g.intent, idOf(v.Get("data.0.payment.payment_intent")))
		case "payment": // an invoice payment
			g.intent = cmp.Or(g.intent, idOf(v.Get("payment_intent")))
		case "invoice":
			g.invoice = idOf(v)
		case "charge":
			g.charge = idOf(v)
		case "customer":
			g.customer = idOf(v)
		case "receipt_email":
			receipt = commerce.NormalEmail(v.Str)
		case "customer_details":
			details = commerce.NormalEmail(v.Get("email").Str)
		case "customer_email":
			customer = commerce.NormalEmail(v.Str)
		case "billing_details":
			billing = commerce.NormalEmail(v.Get("email").Str)
		case "email":
			own = commerce.NormalEmail(v.Str)
		}
		return true
	})
	if g.kind == "customer" {
		g.customer, g.email = g.id, own
		return g
	}
	g.email = cmp.Or(receipt, details, customer, billing)
	return g
}

// orderRef names the purchase an object belongs to: payment intent, else
// invoice, else session or charge.
func (g glimpse) orderRef() string {
	switch g.kind {
	case "payment_intent":
		return g.id
	case "checkout.session", "invoice", "charge":
		return cmp.Or(g.intent, g.invoice, g.id)
	}
	return cmp.Or(g.intent, g.invoice, g.charge)
}

// idOf reads a field that holds an id or, expanded, the object itself.
func idOf(v gjson.Result) string {
	if v.IsObject() {
		v = v.Get("id")
	}
	return v.Str
}
