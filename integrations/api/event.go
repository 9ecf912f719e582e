package api

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"flywheel/commerce"
)

// Event is something that happened to a customer, told by another system.
type Event struct {
	Name       string         `json:"name" pattern:"^[a-z0-9_.-]{1,64}$" example:"loyalty.joined" doc:"What happened, in the caller's own words. subscription_trial_ending, subscription_renewed, subscription_payment_failed and subscription_cancelled are the standard ones; the other names of this application are taken."`
	ID         string         `json:"id,omitempty" maxLength:"200" example:"evt-1" doc:"The caller's id of it, unique for its name: a repeat changes nothing, and one that tells of somebody or something else is refused (409). It is kept when a customer is erased, so put no personal data in it. A single event may have it in the header Idempotency-Key instead."`
	Email      string         `json:"email,omitempty" format:"email" example:"ada@example.com" doc:"Whom it happened to: an address, a customer_id or both."`
	CustomerID string         `json:"customer_id,omitempty" maxLength:"200" doc:"The platform's id of the customer."`
	Platform   string         `json:"platform,omitempty" enum:"shopify,stripe" doc:"Whose customer_id it is."`
	At         string         `json:"at,omitempty" format:"date-time" doc:"When it happened (RFC 3339), at most 25 months ago; without it, now."`
	Properties map[string]any `json:"properties,omitempty" doc:"What else is known: strings, numbers, true and false, at most 4 KB of JSON."`
}

// EventList is several events in one request.
type EventList struct {
	Events []Event `json:"events" nullable:"false" minItems:"1" maxItems:"100"`
}

const (
	maxEvents     = 100
	maxProperties = 4 << 10
	maxKey        = 64
	keepEvents    = 760 * 24 * time.Hour // as long as the store keeps events
	exact         = 1 << 53              // whole numbers up to here survive as a float64
)

// standard are the kinds that another system may tell of as well as a platform:
// on Shopify only another app knows of subscriptions.
var standard = []commerce.EventKind{
	commerce.SubscriptionTrialEnding, commerce.SubscriptionRenewed, commerce.SubscriptionPaymentFailed, commerce.SubscriptionCancelled,
}

// taken reports whether only the platforms tell of what is called name.
func taken(name string) bool {
	return commerce.Reserved(name) && !slices.Contains(standard, commerce.EventKind(name))
}

// ReadEvents reads the body of POST /api/v1/events: one event, or up to 100 as
// {"events": [...]}. key is the Idempotency-Key of a single one. What comes back
// says everything itself: At is filled in. Errors are a Refusal.
func ReadEvents(body []byte, key string, now commerce.Instant) ([]Event, error) {
	var w wrongs
	read := items[Event](&w, body, "events", maxEvents, true)
	out := make([]Event, len(read))
	for i, it := range read {
		e := it.value
		if e.ID == "" && it.at == "" {
			e.ID = key
		}
		e.At = moment(w.past(join(it.at, "at"), e.At, now, keepEvents, "25 months"))
		e.check(&w, it.at)
		out[i] = e
	}
	if err := w.err(); err != nil {
		return nil, err
	}
	return out, nil
}

// check holds an event to the rules that need no clock and brings it into its normal form.
func (e *Event) check(w *wrongs, at string) {
	w.name(join(at, "name"), e.Name)
	if taken(e.Name) {
		w.add(join(at, "name"), "is told by the platforms alone; give the event a name of its own")
	}
	if e.ID == "" {
		w.add(join(at, "id"), "is missing: it tells a repeat from another event")
	}
	w.id(join(at, "id"), e.ID)
	if e.Email == "" && e.CustomerID == "" {
		w.add(join(at, "email"), "is missing: say whom it happened to, by email or customer_id")
	}
	e.Email = w.email(join(at, "email"), e.Email)
	w.id(join(at, "customer_id"), e.CustomerID)
	e.CustomerID = strings.TrimPrefix(e.CustomerID, "gid://shopify/Customer/")
	switch platform := commerce.Platform(e.Platform); {
	case e.CustomerID == "" && e.Platform != "":
		w.add(join(at, "platform"), "says whose customer_id it is, and there is none")
	case e.CustomerID != "" && platform != commerce.Shopify && platform != commerce.Stripe:
		w.add(join(at, "platform"), "must be shopify or stripe, whoever gave out the customer_id")
	case platform == commerce.Shopify && strings.Trim(e.CustomerID, "0123456789") != "":
		w.add(join(at, "customer_id"), "is not a customer id of Shopify")
	case platform == commerce.Stripe && !strings.HasPrefix(e.CustomerID, "cus_"):
		w.add(join(at, "customer_id"), "is not a customer id of Stripe, such as cus_...")
	}
	e.properties(w, join(at, "properties"))
}

func (e *Event) properties(w *wrongs, at string) {
	if text, err := json.Marshal(e.Properties); err != nil || len(text) > maxProperties {
		w.add(at, "is larger than %d bytes of JSON", maxProperties)
		return
	}
	for _, key := range slices.Sorted(maps.Keys(e.Properties)) { // a map has no order, an answer should
		where := join(at, printable(key))
		if key == "" || len(key) > maxKey || strings.ContainsFunc(key, unicode.IsControl) {
			w.add(where, "needs a name of 1 to %d bytes without control characters", maxKey)
		}
		w.upright(where, key)
		w.property(where, e.Properties[key])
	}
}

func (w *wrongs) property(where string, value any) {
	switch v := value.(type) {
	case bool:
	case string:
		if strings.ContainsFunc(v, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r) }) {
			w.add(where, "holds a control character")
		}
		w.upright(where, v)
	case json.Number:
		f, err := strconv.ParseFloat(string(v), 64)
		if err != nil || math.Abs(f) > exact && !strings.ContainsAny(string(v), ".eE") {
			w.add(where, "is a number too large to keep exactly; send it as a string")
		}
	default:
		w.add(where, "must be a string, a number, true or false")
	}
}

// topicEvents stands before an event's name in the inbox.
const topicEvents = "events/"

// Delivery is the event as the inbox keeps it: a repeat is known by its name and
// id, and whom it names finds the body when a customer is erased.
func (e Event) Delivery(shop commerce.ShopID, now commerce.Instant) (commerce.Delivery, error) {
	body, err := json.Marshal(e)
	var w wrongs
	return commerce.Delivery{
		ShopID: shop, ConnectionID: connection(shop), Platform: commerce.API, Topic: topicEvents + e.Name, ExternalID: e.ID,
		TriggeredAt: w.instant("at", e.At), ReceivedAt: now, CustomerRef: e.CustomerID, Email: e.Email, Body: body,
	}, err
}

// change says what an event tells. The person's own fields come from the
// platforms, so nothing told here is newer than theirs.
func (e Event) change(at commerce.Instant) commerce.Change {
	h := commerce.Happening{Kind: commerce.CustomEvent, Subject: e.ID, At: at, Name: e.Name, Props: numbers(e.Properties)}
	if kind := commerce.EventKind(e.Name); slices.Contains(standard, kind) {
		// The kind is shared with the platforms, whose subjects are ids of theirs.
		h.Kind, h.Name, h.Subject = kind, "", "api:"+e.ID
	}
	return commerce.Change{
		Person:   &commerce.PersonFacts{CustomerID: e.CustomerID, Platform: commerce.Platform(e.Platform), Email: e.Email},
		Happened: []commerce.Happening{h},
	}
}

// Same reports whether the kept body of an event of this name and id tells the
// same: of the same person, with the same properties. When it happened may
// differ, since a repeat without at names another moment.
func (e Event) Same(kept []byte) bool {
	var was Event
	d := json.NewDecoder(bytes.NewReader(kept))
	d.UseNumber()
	if err := d.Decode(&was); err != nil {
		return true // it was kept, so it was once read: there is nothing to compare with
	}
	return e.Email == was.Email && e.CustomerID == was.CustomerID && e.Platform == was.Platform &&
		(len(e.Properties)+len(was.Properties) == 0 || reflect.DeepEqual(numbers(maps.Clone(e.Properties)), numbers(was.Properties)))
}

// numbers turns the numbers of a body, which are kept as they were written, into Go's.
func numbers(properties map[string]any) map[string]any {
	for key, value := range properties {
		if n, ok := value.(json.Number); ok {
			properties[key], _ = n.Float64() // checked: it has one
		}
	}
	return properties
}
