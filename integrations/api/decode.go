package api

import (
	"strings"

	"flywheel/commerce"
	"flywheel/fault"
)

// connection is what stands in the inbox for the connection that a platform's
// delivery has: deliveries are unique within it, so it names the shop.
func connection(shop commerce.ShopID) commerce.ConnectionID {
	return commerce.ConnectionID("api:" + string(shop))
}

// Decode says what a saved event or product tells. Anything else gives
// fault.Permanent with a sentence naming the place, never a panic.
func Decode(d commerce.Delivery) (commerce.Change, error) {
	var w wrongs
	var ch commerce.Change
	switch {
	case strings.HasPrefix(d.Topic, topicEvents):
		for _, it := range items[Event](&w, d.Body, "", 0, true) {
			at := w.instant("at", it.value.At)
			if at == 0 {
				w.add("at", "is missing")
			}
			it.value.check(&w, it.at)
			if w.all == nil {
				ch = it.value.change(at)
			}
		}
	case d.Topic == topicProducts:
		for _, it := range items[Product](&w, d.Body, "", 0, true) {
			it.value.check(&w, it.at)
			ch = it.value.change(&w, d.ReceivedAt)
		}
	default:
		w.add("", "the topic is none of the API's")
	}
	if err := w.err(); err != nil {
		return commerce.Change{}, fault.New(fault.Permanent, "%s: %s", printable(d.Topic), err)
	}
	return ch, nil
}
