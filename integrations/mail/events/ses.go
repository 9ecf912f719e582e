package events

import (
	"context"
	"time"

	"github.com/tidwall/gjson"

	"flywheel/fault"
)

// readSES reads a message of the topic that Amazon SES publishes to. Event
// publishing and identity notifications differ in the name of one field
// (docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html,
// .../notification-contents.html).
func (d *Door) readSES(ctx context.Context, topics []string, body []byte) ([]Event, error) {
	if !sound(body) {
		return nil, unreadable(SES)
	}
	m := gjson.ParseBytes(body)
	if err := d.verifySNS(ctx, topics, m); err != nil {
		return nil, err
	}
	switch m.Get("Type").String() {
	case "SubscriptionConfirmation":
		return nil, d.confirm(ctx, m)
	case "Notification":
		told := m.Get("Message").String()
		if !sound([]byte(told)) {
			return nil, nil // such as "Successfully validated SNS topic for Amazon SES event publishing."
		}
		return sesEvents(gjson.Parse(told), m.Get("MessageId").String()), nil
	case "UnsubscribeConfirmation":
		return nil, nil
	}
	return nil, fault.New(fault.Invalid, "this is no message of Amazon SNS")
}

func sesEvents(e gjson.Result, messageID string) (out []Event) {
	kind := e.Get("eventType").String()
	if kind == "" {
		kind = e.Get("notificationType").String()
	}
	var part, list gjson.Result
	switch kind {
	case "Bounce":
		part = e.Get("bounce")
		list = part.Get("bouncedRecipients")
	case "Complaint":
		part = e.Get("complaint")
		list = part.Get("complainedRecipients")
	case "Delivery":
		part = e.Get("delivery")
		list = part.Get("recipients")
	default: // Send, Open, Click, Reject, DeliveryDelay, Rendering Failure, Subscription
		return nil
	}
	id := part.Get("feedbackId").String() // the same where two topics tell of it
	if id == "" {
		id = messageID
	}
	for _, r := range list.Array() {
		who := r.String()
		if r.IsObject() {
			who = r.Get("emailAddress").String()
		}
		ev := Event{Source: SES, Refs: sesRefs(e.Get("mail")), Address: address(who), At: sesTime(part.Get("timestamp").String())}
		ev.Key = key(SES, id, ev.Address)
		switch kind {
		case "Delivery":
			ev.Kind = Delivered
		case "Complaint":
			ev.Kind, ev.Note = sesComplaint(part), Note(part.Get("complaintFeedbackType").String())
		default:
			words := r.Get("diagnosticCode").String()
			ev.Code, ev.Note = CodeIn(r.Get("status").String(), words), Note(words)
			ev.Kind = sesBounce(part.Get("bounceType").String(), part.Get("bounceSubType").String(), ev.Code, words)
		}
		if ev.Kind != "" {
			out = append(out, ev)
		}
	}
	return out
}

// sesBounce reads Amazon's own judgement, which it keeps apart from the server's
// code. Who is on one of its suppression lists gets nothing through it any more.
func sesBounce(kind, sub, code, words string) Kind {
	switch {
	case kind == "Permanent" && (sub == "Suppressed" || sub == "OnAccountSuppressionList" || sub == "NoEmail"):
		return Hard
	case kind == "Permanent" && sub == "UnsubscribedRecipient":
		return Block
	case kind == "Permanent":
		return Classify(code, words, Hard)
	case sub == "ContentRejected" || sub == "AttachmentRejected":
		return Block
	case kind == "Transient":
		if k := Classify(code, words, Soft); k != Hard {
			return k
		}
		return Soft
	}
	return Classify(code, words, Soft) // Undetermined
}

// sesComplaint leaves out reports that are no complaint (RFC 5965 and 6430). A
// complaint of the suppression list is an old one: the mail was not sent.
func sesComplaint(part gjson.Result) Kind {
	if part.Get("complaintSubType").String() == "OnAccountSuppressionList" {
		return Hard
	}
	switch part.Get("complaintFeedbackType").String() {
	case "not-spam", "auth-failure", "virus":
		return ""
	}
	return Complaint
}

// sesRefs are where our reference comes back: as a tag of the message, as a
// header, where they are included, and as the envelope's sender.
func sesRefs(mail gjson.Result) []string {
	var found []string
	mail.Get("tags").ForEach(func(name, values gjson.Result) bool {
		if refName(name.String()) {
			for _, v := range values.Array() {
				found = append(found, v.String())
			}
		}
		return len(found) < maxRefs
	})
	mail.Get("headers").ForEach(func(_, h gjson.Result) bool {
		if refName(h.Get("name").String()) {
			found = append(found, h.Get("value").String())
		}
		return len(found) < maxRefs
	})
	return refs(append(found, mail.Get("source").String())...)
}

func sesTime(text string) time.Time {
	at, _ := time.Parse(time.RFC3339, text) // zero where it is none: the instant of receiving counts
	return at
}
