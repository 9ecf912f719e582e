package events

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/tidwall/gjson"
)

// readMailgun reads one event. Its signature covers a timestamp and a token and
// not the event, so the token is the event's key: a signature that is used again
// tells nothing new (documentation.mailgun.com, "Securing Webhooks").
func (d *Door) readMailgun(keys []string, body []byte) ([]Event, error) {
	if !sound(body) {
		return nil, unreadable(Mailgun)
	}
	all := gjson.ParseBytes(body)
	s := all.Get("signature")
	stamp, token := s.Get("timestamp").String(), s.Get("token").String()
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	signature, bad := hex.DecodeString(s.Get("signature").String())
	if err != nil || bad != nil || len(token) < 20 || !d.near(time.Unix(seconds, 0), replayed) {
		return nil, denied()
	}
	good := false
	for _, k := range keys {
		mac := hmac.New(sha256.New, []byte(k))
		mac.Write([]byte(stamp + token))
		good = hmac.Equal(mac.Sum(nil), signature) || good
	}
	if !good {
		return nil, denied()
	}
	if ev, ours := mailgunEvent(all.Get("event-data"), token); ours {
		return []Event{ev}, nil
	}
	return nil, nil
}

// mailgunEvent reads event-data (documentation.mailgun.com, "Event Structure"). A
// temporary failure is tried again by Mailgun, which tells of the end.
func mailgunEvent(e gjson.Result, token string) (Event, bool) {
	status := e.Get("delivery-status")
	words := firstOf(status.Get("message").String(), status.Get("description").String())
	ev := Event{Source: Mailgun, Key: key(Mailgun, token, ""), Address: address(e.Get("recipient").String()), At: unix(e.Get("timestamp").Float())}
	switch e.Get("event").String() {
	case "delivered":
		ev.Kind = Delivered
	case "complained":
		ev.Kind = Complaint
	case "failed":
		if e.Get("severity").String() != "permanent" {
			return ev, false
		}
		ev.Code, ev.Note = CodeIn(status.Get("enhanced-code").String(), words), Note(words)
		ev.Kind = mailgunFailure(e.Get("reason").String(), ev.Code, words)
	}
	e.Get("user-variables").ForEach(func(name, value gjson.Result) bool {
		if refName(name.String()) {
			ev.Refs = append(ev.Refs, value.String())
		}
		return len(ev.Refs) < maxRefs
	})
	ev.Refs = refs(append(ev.Refs, e.Get("envelope.sender").String())...)
	return ev, ev.Kind != ""
}

// mailgunFailure: "old" was tried for hours in vain, "suppress-..." stands on one
// of Mailgun's lists.
func mailgunFailure(reason, code, words string) Kind {
	switch reason {
	case "suppress-bounce", "suppress-complaint":
		return Hard
	case "suppress-unsubscribe", "espblock":
		return Block
	case "old":
		if k := Classify(code, words, Soft); k != Hard {
			return k
		}
		return Soft
	}
	return Classify(code, words, Hard)
}
