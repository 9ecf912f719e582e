package events

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/tidwall/gjson"
)

// svixTolerance is how old a signature may be; each repeat is signed anew.
const svixTolerance = 5 * time.Minute

func svixKey(secret string) (*standardwebhooks.Webhook, error) {
	if len(strings.TrimPrefix(secret, "whsec_")) < 24 {
		return nil, errors.New("too short")
	}
	return standardwebhooks.NewWebhook(secret)
}

// readResend reads one event, signed by Svix (docs.svix.com/receiving/verifying-payloads,
// resend.com/docs/webhooks): the scheme of standardwebhooks.com under other names of headers.
func (d *Door) readResend(keys []string, header http.Header, body []byte) ([]Event, error) {
	h := http.Header{}
	for _, name := range []string{"id", "timestamp", "signature"} {
		h.Set("webhook-"+name, firstOf(header.Get("svix-"+name), header.Get("webhook-"+name)))
	}
	seconds, err := strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64)
	if err != nil || !d.near(time.Unix(seconds, 0), svixTolerance) {
		return nil, denied()
	}
	good := false
	for _, secret := range keys {
		if k, err := svixKey(secret); err == nil && k.VerifyIgnoringTimestamp(body, h) == nil {
			good = true
		}
	}
	if !good {
		return nil, denied()
	}
	if !sound(body) {
		return nil, unreadable(Resend)
	}
	if ev, ours := resendEvent(gjson.ParseBytes(body), h.Get("webhook-id")); ours {
		return []Event{ev}, nil
	}
	return nil, nil
}

// resendEvent reads an event (resend.com/docs/webhooks/emails). Its bounces are
// those of Amazon SES, which it sends with.
func resendEvent(e gjson.Result, id string) (Event, bool) {
	data := e.Get("data")
	ev := Event{Source: Resend, Key: key(Resend, id, "")}
	ev.At, _ = time.Parse(time.RFC3339, e.Get("created_at").String())
	if to := data.Get("to"); !to.IsArray() {
		ev.Address = address(to.String())
	} else if all := to.Array(); len(all) == 1 { // of several it does not say who
		ev.Address = address(all[0].String())
	}
	switch e.Get("type").String() {
	case "email.delivered":
		ev.Kind = Delivered
	case "email.complained":
		ev.Kind = Complaint
	case "email.suppressed":
		ev.Kind, ev.Note = Hard, Note(data.Get("suppressed.message").String())
	case "email.bounced":
		bounce := data.Get("bounce")
		words := bounce.Get("message").String()
		ev.Code, ev.Note = CodeIn("", words), Note(words)
		ev.Kind = resendBounce(bounce.Get("type").String(), bounce.Get("subType").String(), ev.Code, words)
	}
	for _, list := range []gjson.Result{data.Get("headers"), data.Get("tags")} {
		list.ForEach(func(name, v gjson.Result) bool {
			value := v.String()
			if v.IsObject() { // [{name, value}], as headers are
				name, value = v.Get("name"), v.Get("value").String()
			}
			if refName(name.String()) {
				ev.Refs = append(ev.Refs, value)
			}
			return len(ev.Refs) < maxRefs
		})
	}
	ev.Refs = refs(ev.Refs...)
	return ev, ev.Kind != ""
}

// resendBounce: events of before 2025 carry a sentence only. It explains at length
// what may be wrong, so single words of it prove nothing.
func resendBounce(kind, sub, code, words string) Kind {
	if kind != "" {
		return sesBounce(kind, sub, code, "")
	}
	switch {
	case strings.Contains(words, "suppressed sending"), strings.Contains(words, "hard bounce"):
		return Hard
	}
	return Classify(code, "", Soft)
}
