package events

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// sendgridKey reads the verification key: base64 of a PKIX key, without the lines of PEM.
func sendgridKey(text string) (*ecdsa.PublicKey, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKIXPublicKey(raw)
	if err != nil {
		return nil, err
	}
	if k, ok := key.(*ecdsa.PublicKey); ok {
		return k, nil
	}
	return nil, errors.New("not an ECDSA key")
}

// readSendGrid reads a list of events. Its signature is ECDSA over timestamp and
// body (twilio.com/docs/sendgrid/for-developers/tracking-events/
// getting-started-event-webhook-security-features and github.com/sendgrid/sendgrid-go,
// helpers/eventwebhook).
func (d *Door) readSendGrid(keys []string, header http.Header, body []byte) ([]Event, error) {
	stamp := header.Get("X-Twilio-Email-Event-Webhook-Timestamp")
	signature, err := base64.StdEncoding.DecodeString(header.Get("X-Twilio-Email-Event-Webhook-Signature"))
	seconds, bad := strconv.ParseInt(stamp, 10, 64)
	if err != nil || bad != nil || !d.near(time.Unix(seconds, 0), replayed) {
		return nil, denied()
	}
	sum := sha256.Sum256(append([]byte(stamp), body...))
	good := false
	for _, text := range keys {
		if k, err := sendgridKey(text); err == nil && ecdsa.VerifyASN1(k, sum[:], signature) {
			good = true
		}
	}
	if !good {
		return nil, denied()
	}
	if !sound(body) {
		return nil, unreadable(SendGrid)
	}
	var out []Event
	gjson.ParseBytes(body).ForEach(func(_, e gjson.Result) bool {
		if ev, ours := sendgridEvent(e); ours {
			out = append(out, ev)
		}
		return len(out) <= maxEvents
	})
	return out, nil
}

// sendgridEvent reads one event (twilio.com/docs/sendgrid/for-developers/tracking-events/event).
// Unique arguments lie among its fields.
func sendgridEvent(e gjson.Result) (Event, bool) {
	words := firstOf(e.Get("reason").String(), e.Get("response").String())
	ev := Event{
		Source: SendGrid, Address: address(e.Get("email").String()), At: unix(e.Get("timestamp").Float()),
		Code: CodeIn(e.Get("status").String(), words), Note: Note(words),
	}
	switch e.Get("event").String() {
	case "delivered":
		ev.Kind, ev.Code, ev.Note = Delivered, "", ""
	case "spamreport":
		ev.Kind = Complaint
	case "bounce":
		ev.Kind = sendgridBounce(e.Get("type").String(), e.Get("bounce_classification").String(), ev.Code, words)
	case "dropped":
		ev.Kind = sendgridDrop(words)
	}
	e.ForEach(func(name, value gjson.Result) bool {
		if refName(name.String()) {
			ev.Refs = append(ev.Refs, value.String())
		}
		return len(ev.Refs) < maxRefs
	})
	ev.Refs = refs(ev.Refs...)
	ev.Key = key(SendGrid, e.Get("sg_event_id").String(), "")
	return ev, ev.Kind != ""
}

// sendgridBounce: type "blocked" is a refusal that may pass, "bounce" one that
// stays; the classification is SendGrid's reading of the server's words.
func sendgridBounce(kind, classification, code, words string) Kind {
	switch classification {
	case "Invalid Address":
		return Hard
	case "Content", "Reputation":
		return Block
	case "Technical", "Mailbox Unavailable", "Frequency or Volume Too High", "Unclassified":
		if k := Classify(code, words, Soft); kind == "blocked" && k == Hard {
			return Soft
		} else if kind == "blocked" {
			return k
		}
	}
	if kind == "blocked" {
		if k := Classify(code, words, Block); k != Hard {
			return k
		}
		return Block
	}
	return Classify(code, words, Hard)
}

// sendgridDrop reads why SendGrid did not even try (docs: Glossary, drops). What
// it lists, it mails no more; a header that is wrong is our fault, not the address's.
func sendgridDrop(reason string) Kind {
	reason = strings.ToLower(reason)
	switch {
	case strings.Contains(reason, "bounced address"), strings.HasPrefix(reason, "invalid") && !strings.Contains(reason, "smtpapi"),
		strings.Contains(reason, "spam reporting address"):
		return Hard
	case strings.Contains(reason, "unsubscribed"), strings.Contains(reason, "spam content"):
		return Block
	}
	return ""
}

// unix turns seconds since 1970 into an instant; nonsense is zero.
func unix(seconds float64) time.Time {
	if seconds <= 0 || seconds > 1e11 {
		return time.Time{}
	}
	return time.UnixMilli(int64(seconds * 1000))
}
