package events

import (
	"net/http"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"flywheel/fault"
)

// readPostmark reads one event. Postmark signs nothing: the endpoint's address
// carries a user and a password, which come as basic auth
// (postmarkapp.com/developer/webhooks/webhooks-overview, bounce-webhook,
// spam-complaint-webhook, delivery-webhook).
func readPostmark(logins []string, header http.Header, body []byte) ([]Event, error) {
	user, password, ok := (&http.Request{Header: header}).BasicAuth()
	if !ok || !same(user+":"+password, logins[0]) {
		return nil, fault.New(fault.Denied, "the user or the password is missing or wrong")
	}
	if !sound(body) {
		return nil, unreadable(Postmark)
	}
	e := gjson.ParseBytes(body)
	ev := Event{Source: Postmark, Refs: postmarkRefs(e.Get("Metadata"))}
	when, who := "BouncedAt", "Email"
	words := e.Get("Details").String()
	switch e.Get("RecordType").String() {
	case "Delivery":
		ev.Kind, when, who = Delivered, "DeliveredAt", "Recipient"
	case "SpamComplaint":
		ev.Kind = Complaint
	case "Bounce":
		ev.Code = CodeIn("", words)
		ev.Kind, ev.Note = postmarkBounce(e.Get("Type").String(), ev.Code, words), Note(words)
	}
	if ev.Kind == "" {
		return nil, nil
	}
	ev.Address = address(e.Get(who).String())
	ev.At, _ = time.Parse(time.RFC3339, e.Get(when).String())
	// A server's bounces and complaints are numbered; the same mail may have one of each.
	ev.Key = key(Postmark, strings.ToLower(e.Get("RecordType").String())+":"+firstOf(e.Get("ID").String(), e.Get("MessageID").String()), "")
	return []Event{ev}, nil
}

// postmarkBounce reads the Type (postmarkapp.com/developer/api/bounce-api, types).
// "" = it says nothing about the address: an answer by a machine, a test, or a
// message that Postmark tries again by itself.
func postmarkBounce(kind, code, words string) Kind {
	switch kind {
	case "HardBounce":
		return Classify(code, words, Hard)
	case "BadEmailAddress", "ManuallyDeactivated", "InactiveRecipient":
		return Hard
	case "SpamComplaint":
		return Complaint
	case "SpamNotification", "Blocked", "DMARCPolicy", "VirusNotification", "Unconfirmed":
		return Block
	case "SoftBounce", "DnsError", "Undeliverable", "Unknown":
		if k := Classify(code, words, Soft); k != Hard {
			return k
		}
		return Soft
	}
	return ""
}

func postmarkRefs(metadata gjson.Result) (out []string) {
	metadata.ForEach(func(name, value gjson.Result) bool {
		if refName(name.String()) {
			out = append(out, value.String())
		}
		return len(out) < maxRefs
	})
	return refs(out...)
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
