package stripe

import (
	"encoding/json"
	"hash/fnv"

	"github.com/tidwall/gjson"

	"flywheel/commerce"
	"flywheel/fault"
)

// decoders says who reads which event; every other type is ignored.
var decoders = map[string]func(envelope) (commerce.Change, error){
	"checkout.session.completed":               decodeSession,
	"checkout.session.async_payment_succeeded": decodeSession,
	"checkout.session.async_payment_failed":    decodeSession,

	"payment_intent.succeeded":      decodeIntent,
	"payment_intent.payment_failed": ignore("a payment attempt failed; the customer may try again"),
	"invoice.paid":                  decodeInvoice,
	"invoice.payment_failed":        decodeFailedInvoice,
	"invoice_payment.paid":          decodeInvoicePayment,
	"charge.succeeded":              decodeSale,
	"charge.captured":               decodeSale,

	"charge.refunded":       decodeRefundedCharge,
	"charge.updated":        decodeCharge,
	"refund.created":        decodeRefund,
	"refund.updated":        decodeRefund,
	"refund.failed":         decodeRefund,
	"charge.refund.updated": decodeRefund,

	"charge.dispute.created":          decodeDispute,
	"charge.dispute.updated":          decodeDispute,
	"charge.dispute.closed":           decodeDispute,
	"charge.dispute.funds_withdrawn":  decodeDispute,
	"charge.dispute.funds_reinstated": decodeDispute,

	"customer.created": decodeCreatedCustomer,
	"customer.updated": decodeCustomer,
	// A merchant tidying up customers is no request of the person to be erased.
	"customer.deleted": func(envelope) (commerce.Change, error) {
		return commerce.Change{Ignored: "a customer deleted at Stripe keeps the history of their orders"}, nil
	},

	"customer.subscription.deleted":        decodeEndedSubscription,
	"customer.subscription.trial_will_end": decodeTrialEnding,
	"customer.subscription.updated":        decodeChangedSubscription,

	"account.application.authorized": ignore("the merchant's own return from the install page connects the account"),
	"account.application.deauthorized": func(e envelope) (commerce.Change, error) {
		return commerce.Change{Uninstall: &commerce.Uninstall{At: e.at}}, nil
	},
}

// idle are the types of decoders that are there for their reason alone: nobody
// needs to be asked about them.
var idle = map[string]bool{"payment_intent.payment_failed": true, "customer.deleted": true}

// Decode turns a stored delivery into what happened. Times are the event's own,
// so that a delivery says the same however late it is decoded. Errors are
// fault.Permanent: the same body never gets better.
func Decode(d commerce.Delivery) (commerce.Change, error) {
	e, err := readEnvelope(d.Body)
	if err != nil {
		return commerce.Change{}, fault.Wrap(fault.Permanent, err, "the delivery is not an event of Stripe")
	}
	decode, known := decoders[e.topic]
	if !known {
		return commerce.Change{Ignored: "Flywheel has no use for " + clean(e.topic)}, nil
	}
	c, err := decode(e)
	if err != nil {
		return commerce.Change{}, fault.Wrap(fault.Permanent, err, "the body of %s cannot be read", e.topic)
	}
	if !e.live {
		return tried(c), nil
	}
	return c, nil
}

// tried leaves of what happened in the test mode what shows that it works: its
// purchases, each marked as a test and nobody's. Nobody agreed to anything there.
func tried(c commerce.Change) commerce.Change {
	if c.Order == nil && c.Uninstall == nil && c.Ignored == "" {
		return commerce.Change{Ignored: "it happened in the account's test mode, to nobody"}
	}
	return commerce.Change{Order: ofNobody(c.Order), Uninstall: c.Uninstall, Ignored: c.Ignored}
}

// ofNobody leaves a purchase of the test mode without a buyer and without what
// the other platform may know it by: whoever tries a checkout types any name and
// address, a customer's own among them, and nothing of it may reach theirs.
func ofNobody(o *commerce.OrderChange) *commerce.OrderChange {
	if o == nil {
		return nil
	}
	o.Person, o.TwinHints = nil, nil
	if o.Detail != nil {
		o.Detail.Test = true
	}
	return o
}

// ofTest reports whether an object is of the test mode.
func ofTest(raw []byte) bool { return gjson.GetBytes(raw, "livemode").Type == gjson.False }

func ignore(why string) func(envelope) (commerce.Change, error) {
	return func(envelope) (commerce.Change, error) { return commerce.Change{Ignored: why}, nil }
}

// read fills one of our slim structs from an event's object or an API answer.
func read[T any](raw []byte) (object T, err error) {
	err = json.Unmarshal(raw, &object)
	return object, err
}

// Ranks of the objects that may describe one purchase, see commerce.Detail. The
// last bit says paid, so that of one object the paid state stands.
const (
	rankIntent       = 10 // an amount, perhaps a receipt address
	rankCharge       = 20 // and who was billed
	rankSession      = 30 // and language, shipping
	rankInvoice      = 40 // number, lines
	rankSessionLines = 50 // with line_items expanded
)

// description is a Detail of an object as of at, with what all objects tell alike.
func description(rank int, at commerce.Instant, raw []byte, paid bool, total commerce.Money) *commerce.Detail {
	d := &commerce.Detail{
		Platform: commerce.Stripe, Rank: rank, UpdatedAt: at, Hash: hash(raw),
		FinancialStatus: "unpaid", Total: total, ShopTotal: total, CurrentTotal: total,
		Test: ofTest(raw),
	}
	if paid {
		d.Rank++
		d.FinancialStatus = "paid"
	}
	return d
}

// hash is over the object, its id among it, not over the event: Stripe counts
// pending_webhooks there, so two deliveries of one event differ.
func hash(raw []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(raw) // a hash never fails
	return h.Sum64()
}

// paidAt is the evidence of a payment that the platform told at at.
func paidAt(at commerce.Instant, paid bool) commerce.Payment {
	if paid {
		return commerce.Payment{Told: at}
	}
	return commerce.Payment{UnpaidSeen: at}
}

// keys lists the ids of a purchase, the strongest first, without the empty ones.
func keys(intent, invoice, session, charge string) ([]commerce.SourceKey, error) {
	out := make([]commerce.SourceKey, 0, 4)
	for _, k := range []struct{ kind, id string }{
		{"payment_intent", intent}, {"invoice", invoice}, {"session", session}, {"charge", charge},
	} {
		if err := checkID(k.kind, k.id); err != nil {
			return nil, err
		}
		if k.id != "" {
			out = append(out, commerce.SourceKey{Platform: commerce.Stripe, Kind: k.kind, ID: k.id})
		}
	}
	return out, nil
}

// needID is checkID for an object's own id.
func needID(what, id string) error {
	if id == "" {
		return fault.New(fault.Permanent, "the %s has no id", what)
	}
	return checkID(what, id)
}

// needText refuses an object without a text that its kind always has, such as
// the status that says whether money moved at all.
func needText(what, text string) error {
	if text == "" {
		return fault.New(fault.Permanent, "the %s is missing", what)
	}
	return nil
}

func checkID(what, id string) error {
	if !plain(id) {
		return fault.New(fault.Permanent, "the %s id is not plain text of at most %d characters", what, maxID)
	}
	return nil
}
