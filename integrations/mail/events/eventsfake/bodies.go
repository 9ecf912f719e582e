package eventsfake

import (
	"encoding/json"
	"fmt"
	"time"

	"flywheel/integrations/mail/events"
)

// What is a mail and what became of it.
type What struct {
	Kind events.Kind
	To   string
	Ref  string // our reference, as it travelled; "" = it did not
	// Sender is the envelope's, where the provider tells it; "" = one of its own.
	Sender string
	At     time.Time
	ID     string // the provider's own of the event; "" = another each time
}

// Tell makes the signed delivery by which the provider tells.
func (p *Provider) Tell(w What) Delivery {
	if w.ID == "" {
		w.ID = fmt.Sprintf("event-%d", p.next())
	}
	if w.At.IsZero() {
		w.At = p.Now()
	}
	if w.Sender == "" {
		w.Sender = "bounces@mail.example"
	}
	var body any
	switch p.Name {
	case events.SES:
		body = w.ses()
	case events.Postmark:
		body = w.postmark()
	case events.SendGrid:
		body = []any{map[string]any{"event": "processed", "email": w.To, "sg_event_id": "p" + w.ID}, w.sendgrid()}
	case events.Mailgun:
		body = w.mailgun()
	case events.Resend:
		body = w.resend()
	}
	raw, _ := json.Marshal(body) // strings and maps of them
	return p.Sign(raw)
}

const (
	gone   = "550 5.1.1 The email account that you tried to reach does not exist"
	full   = "452 4.2.2 The recipient's inbox is out of storage space, mailbox full"
	policy = "550 5.7.1 Message rejected due to local policy: looks like spam"
)

// words are a server's answer and its code.
func (w What) words() (text, code string) {
	switch w.Kind {
	case events.Hard:
		return gone, "5.1.1"
	case events.Block:
		return policy, "5.7.1"
	}
	return full, "4.2.2"
}

func (w What) ses() any {
	at := w.At.UTC().Format("2006-01-02T15:04:05.000Z")
	mail := map[string]any{
		"timestamp": at, "source": w.Sender, "messageId": "0100-" + w.ID, "destination": []string{w.To},
		"tags": map[string][]string{"ses:configuration-set": {"flywheel"}},
	}
	if w.Ref != "" {
		mail["tags"].(map[string][]string)["flywheel_ref"] = []string{w.Ref}
	}
	text, code := w.words()
	switch w.Kind {
	case events.Complaint:
		return map[string]any{"eventType": "Complaint", "mail": mail, "complaint": map[string]any{
			"complainedRecipients": []any{map[string]string{"emailAddress": w.To}}, "timestamp": at, "feedbackId": w.ID, "complaintFeedbackType": "abuse", "userAgent": "Yahoo!-Mail-Feedback/2.0",
		}}
	case events.Delivered:
		return map[string]any{"notificationType": "Delivery", "mail": mail, "delivery": map[string]any{"timestamp": at, "recipients": []string{w.To}, "smtpResponse": "250 2.0.0 OK"}}
	}
	kind, sub := "Transient", "General"
	switch w.Kind {
	case events.Hard:
		kind = "Permanent"
	case events.Block:
		sub = "ContentRejected"
	case events.Soft:
		sub = "MailboxFull"
	}
	return map[string]any{"eventType": "Bounce", "mail": mail, "bounce": map[string]any{
		"bounceType": kind, "bounceSubType": sub, "timestamp": at, "feedbackId": w.ID, "reportingMTA": "dns; e1.smtp-out.eu-central-1.amazonses.com",
		"bouncedRecipients": []any{map[string]string{"emailAddress": w.To, "action": "failed", "status": code, "diagnosticCode": "smtp; " + text}},
	}}
}

func (w What) postmark() any {
	at := w.At.Format("2006-01-02T15:04:05.0000000Z07:00")
	m := map[string]any{"MessageID": "883953f4-6105-42a2-a16a-77a8eac79483", "MessageStream": "outbound", "ServerID": 23, "Tag": "", "Metadata": map[string]string{}}
	if w.Ref != "" {
		m["Metadata"] = map[string]string{"flywheel_ref": w.Ref}
	}
	text, _ := w.words()
	if w.Kind == events.Delivered {
		m["RecordType"], m["Recipient"], m["DeliveredAt"], m["Details"] = "Delivery", w.To, at, "smtp;250 2.0.0 OK"
		return m
	}
	m["RecordType"], m["ID"], m["Email"], m["BouncedAt"], m["Details"], m["Subject"] = "Bounce", w.ID, w.To, at, "smtp;"+text, "Thank you"
	switch w.Kind {
	case events.Hard:
		m["Type"], m["TypeCode"] = "HardBounce", 1
	case events.Soft:
		m["Type"], m["TypeCode"] = "SoftBounce", 4096
	case events.Block:
		m["Type"], m["TypeCode"] = "Blocked", 100006
	case events.Complaint:
		m["RecordType"], m["Type"], m["TypeCode"], m["Details"] = "SpamComplaint", "SpamComplaint", 512, "Test spam complaint details"
	}
	return m
}

func (w What) sendgrid() any {
	m := map[string]any{
		"email": w.To, "timestamp": w.At.Unix(), "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>", "sg_event_id": w.ID, "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001",
	}
	if w.Ref != "" {
		m["flywheel_ref"] = w.Ref
	}
	text, code := w.words()
	switch w.Kind {
	case events.Delivered:
		m["event"], m["response"] = "delivered", "250 OK"
	case events.Complaint:
		m["event"] = "spamreport"
	default:
		m["event"], m["reason"], m["status"], m["type"] = "bounce", text, code, "blocked"
		if w.Kind == events.Hard {
			m["type"], m["bounce_classification"] = "bounce", "Invalid Address"
		}
	}
	return m
}

func (w What) mailgun() any {
	m := map[string]any{
		"id": w.ID, "timestamp": float64(w.At.UnixMilli()) / 1000, "recipient": w.To, "log-level": "error", "tags": []string{},
		"envelope": map[string]string{"sender": w.Sender, "transport": "smtp", "targets": w.To}, "user-variables": map[string]string{},
		"message": map[string]any{"headers": map[string]string{"to": w.To, "message-id": "20260812214658.1@example.org"}},
	}
	if w.Ref != "" {
		m["user-variables"] = map[string]string{"flywheel_ref": w.Ref}
	}
	text, _ := w.words()
	switch w.Kind {
	case events.Delivered:
		m["event"] = "delivered"
	case events.Complaint:
		m["event"] = "complained"
	default:
		m["event"], m["severity"], m["reason"] = "failed", "permanent", "generic"
		m["delivery-status"] = map[string]any{"attempt-no": 1, "code": 550, "message": text, "description": ""}
		if w.Kind == events.Soft {
			m["reason"] = "old"
		}
	}
	return m
}

func (w What) resend() any {
	data := map[string]any{
		"created_at": w.At.Format(time.RFC3339Nano), "email_id": "56761188-7520-42d8-8898-ff6fc54ce618", "from": "Shop <hello@shop.example>", "to": []string{w.To}, "subject": "Thank you",
	}
	// What it tells names no header and no tag of a mail sent by SMTP, so no reference of ours
	// (resend.com/docs/dashboard/webhooks/body-parameters).
	kind := map[events.Kind]string{events.Delivered: "email.delivered", events.Complaint: "email.complained"}[w.Kind]
	if kind == "" {
		kind = "email.bounced"
		b := map[string]string{"type": "Transient", "subType": "MailboxFull", "message": "The recipient's inbox was full."}
		switch w.Kind {
		case events.Hard:
			b = map[string]string{"type": "Permanent", "subType": "General", "message": "The recipient's email provider sent a hard bounce message, but didn't specify the reason."}
		case events.Block:
			b["subType"], b["message"] = "ContentRejected", "The provider refused what the mail contains."
		}
		data["bounce"] = b
	}
	return map[string]any{"type": kind, "created_at": w.At.Format(time.RFC3339Nano), "data": data}
}
