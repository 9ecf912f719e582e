package shopify

import (
	"cmp"
	"encoding/json"
	"hash/fnv"

	"flywheel/commerce"
	"flywheel/fault"
)

type decoder func(commerce.Delivery) (commerce.Change, error)

// decoders are the topics we act on, or knowingly not. All orders/* but edited
// and delete carry the whole order, so the topic itself hardly matters: events
// come from the change of state.
var decoders = map[string]decoder{
	"orders/create":                                order,
	"orders/paid":                                  order,
	"orders/updated":                               order,
	"orders/cancelled":                             order,
	"orders/fulfilled":                             order,
	"orders/partially_fulfilled":                   order,
	"orders/edited":                                into(edit),
	"orders/delete":                                into(deletedOrder),
	"returns/process":                              into(processedReturn),
	"products/create":                              into(product),
	"products/update":                              into(product),
	"products/delete":                              into(deletedProduct),
	"fulfillments/create":                          into(fulfilment),
	"fulfillments/update":                          into(fulfilment),
	"fulfillment_events/create":                    into(carrierEvent),
	"refunds/create":                               into(refund),
	"disputes/create":                              into(dispute),
	"disputes/update":                              into(dispute),
	"customers/create":                             into(createdCustomer),
	"customers/update":                             into(customer),
	"customers/merge":                              into(mergedCustomers),
	"customers/delete":                             ignore("a customer is erased by customers/redact, not by being deleted"),
	"customers_email_marketing_consent/update":     into(mailConsent),
	"customers_marketing_consent/update":           into(smsConsent),
	"customers_whats_app_marketing_consent/update": into(whatsAppConsent),
	"customers/data_request":                       into(dataRequest),
	"customers/redact":                             into(redactCustomer),
	"shop/redact":                                  into(redactShop),
	"shop/update":                                  into(shopUpdate),
	"app/uninstalled":                              into(uninstalled),
	"app/scopes_update":                            ignore("granted scopes are read when they are needed"),
	"app_subscriptions/update":                     into(subscription),
}

// Decode says what a saved delivery tells. A topic we have no use for gives
// Change.Ignored; a body that cannot be read gives fault.Permanent with a
// sentence naming the place, never a panic.
func Decode(d commerce.Delivery) (commerce.Change, error) {
	decode, known := decoders[d.Topic]
	if !known {
		return commerce.Change{Ignored: "nothing here depends on " + short(d.Topic)}, nil
	}
	ch, err := decode(d)
	if err != nil {
		return commerce.Change{}, fault.Wrap(fault.Permanent, cause(err), "%s: %s", d.Topic, fault.Sentence(err))
	}
	return ch, nil
}

// into makes a decoder of a body's type and the function that reads it.
func into[T any](read func(*reader, commerce.Delivery, *T) commerce.Change) decoder {
	return func(d commerce.Delivery) (commerce.Change, error) {
		var body T
		if err := json.Unmarshal(d.Body, &body); err != nil {
			return commerce.Change{}, unreadable(err)
		}
		var r reader
		ch := read(&r, d, &body)
		return ch, r.err
	}
}

func ignore(why string) decoder {
	return func(commerce.Delivery) (commerce.Change, error) { return commerce.Change{Ignored: why}, nil }
}

func cause(err error) error {
	if f, ok := err.(*fault.Error); ok {
		return f.Cause
	}
	return err
}

// toldAt is when a delivery's cause happened, for bodies that do not say.
func toldAt(d commerce.Delivery) commerce.Instant { return cmp.Or(d.TriggeredAt, d.ReceivedAt) }

// orderKey is the one id by which Shopify knows a purchase.
func orderKey(id string) []commerce.SourceKey {
	return []commerce.SourceKey{{Platform: commerce.Shopify, Kind: "order", ID: id}}
}

// hash tells bodies of one updated_at apart, alike in every process: two
// workers must agree which of them stands.
func hash(body []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(body)
	return h.Sum64()
}
