package events_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/mail/events"
	"flywheel/integrations/mail/events/eventsfake"
)

// The providers' own examples, from their documentation and as others have
// received them, with what they mean here; "" = nothing.
func TestShapes(t *testing.T) {
	ses := func(inner string) string {
		return `{"eventType":"Bounce","mail":{"source":"b-x@in.example","destination":["ada@example.com"]},"bounce":` + inner + `}`
	}
	bounce := func(kind, sub, status, words string) string {
		return ses(`{"bounceType":"` + kind + `","bounceSubType":"` + sub + `","bouncedRecipients":[{"emailAddress":"ada@example.com","status":"` + status +
			`","diagnosticCode":"` + words + `"}],"timestamp":"2026-11-02T11:59:38.237Z","feedbackId":"f1","unknown":{"x":[1]}}`)
	}
	postmark := func(kind, details string) string {
		return `{"RecordType":"Bounce","ID":4323372036854775807,"Type":"` + kind + `","Email":"ada@example.com","Details":"` + details + `","BouncedAt":"2026-11-02T12:00:00.9070259Z","Inactive":true}`
	}
	sendgrid := func(fields string) string { return `[{"email":"ada@example.com","sg_event_id":"e",` + fields + `}]` }
	mailgun := func(fields string) string {
		return `{"recipient":"ada@example.com","timestamp":1793620000.12,` + fields + `}`
	}
	resend := func(kind, fields string) string {
		return `{"type":"` + kind + `","created_at":"2026-11-02T12:00:00.126Z","data":{"to":["Ada <ada@example.com>"]` + fields + `}}`
	}
	for _, c := range []struct {
		provider, name, body string
		want                 events.Kind
	}{
		{events.SES, "no such user", bounce("Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown"), events.Hard},
		{events.SES, "permanent by policy", bounce("Permanent", "General", "5.7.1", "smtp; 550 5.7.1 blocked"), events.Block},
		{events.SES, "suppressed there", bounce("Permanent", "OnAccountSuppressionList", "5.1.1", "Amazon SES did not send the message to this address"), events.Hard},
		{events.SES, "full", bounce("Transient", "MailboxFull", "5.2.2", "smtp; 552 5.2.2 quota"), events.Soft},
		{events.SES, "transient is never hard", bounce("Transient", "General", "5.1.1", "smtp; 550 5.1.1"), events.Soft},
		{events.SES, "content", bounce("Transient", "ContentRejected", "5.6.1", ""), events.Block},
		{events.SES, "undetermined", bounce("Undetermined", "Undetermined", "", ""), events.Soft},
		{events.SES, "delay", `{"eventType":"DeliveryDelay","deliveryDelay":{"delayedRecipients":[{"emailAddress":"ada@example.com"}]},"mail":{}}`, ""},
		{events.SES, "not spam", `{"notificationType":"Complaint","mail":{},"complaint":{"complainedRecipients":[{"emailAddress":"ada@example.com"}],"complaintFeedbackType":"not-spam"}}`, ""},
		{events.SES, "no type of complaint", `{"notificationType":"Complaint","mail":{},"complaint":{"complainedRecipients":[{"emailAddress":"ada@example.com"}]}}`, events.Complaint},
		{events.SES, "an old complaint", `{"notificationType":"Complaint","mail":{},"complaint":{"complainedRecipients":[{"emailAddress":"ada@example.com"}],"complaintSubType":"OnAccountSuppressionList"}}`, events.Hard},
		{events.SES, "prose", `Successfully validated SNS topic for Amazon SES event publishing.`, ""},

		{events.Postmark, "hard", postmark("HardBounce", "smtp;550 5.1.1 The email account does not exist."), events.Hard},
		{events.Postmark, "hard without words", postmark("HardBounce", "action: failed"), events.Hard},
		{events.Postmark, "hard by name, but a block", postmark("HardBounce", "smtp;550 5.7.26 This mail is unauthenticated"), events.Block},
		{events.Postmark, "deferred", postmark("Transient", "smtp;421 try later"), ""},
		{events.Postmark, "holiday", postmark("AutoResponder", ""), ""},
		{events.Postmark, "soft", postmark("SoftBounce", "smtp;452 4.2.2 over quota"), events.Soft},
		{events.Postmark, "blocked", postmark("Blocked", ""), events.Block},
		{events.Postmark, "filter's notice", postmark("SpamNotification", ""), events.Block},
		{events.Postmark, "inactive", postmark("ManuallyDeactivated", ""), events.Hard},
		{events.Postmark, "open", `{"RecordType":"Open","Recipient":"ada@example.com"}`, ""},

		{events.SendGrid, "bounce", sendgrid(`"event":"bounce","type":"bounce","status":"5.1.1","reason":"550 5.1.1 no such user","bounce_classification":"Invalid Address"`), events.Hard},
		{events.SendGrid, "blocked", sendgrid(`"event":"bounce","type":"blocked","status":"5.7.1","reason":"550 5.7.1 spam","bounce_classification":"Reputation"`), events.Block},
		{events.SendGrid, "blocked for a full mailbox", sendgrid(`"event":"bounce","type":"blocked","reason":"452 4.2.2 full","bounce_classification":"Mailbox Unavailable"`), events.Soft},
		{events.SendGrid, "blocked without a word", sendgrid(`"event":"bounce","type":"blocked"`), events.Block},
		{events.SendGrid, "old bounce", sendgrid(`"event":"bounce","reason":"500 unknown recipient"`), events.Hard},
		{events.SendGrid, "deferred", sendgrid(`"event":"deferred","response":"400 try again later","attempt":"5"`), ""},
		{events.SendGrid, "dropped", sendgrid(`"event":"dropped","reason":"Bounced Address"`), events.Hard},
		{events.SendGrid, "dropped as invalid", sendgrid(`"event":"dropped","reason":"Invalid"`), events.Hard},
		{events.SendGrid, "dropped by our fault", sendgrid(`"event":"dropped","reason":"Invalid SMTPAPI header"`), ""},
		{events.SendGrid, "dropped as spam", sendgrid(`"event":"dropped","reason":"Spam Content"`), events.Block},
		{events.SendGrid, "numbers and lists in odd places", `[null,1,"x",[],{"email":5,"event":["bounce"]},{"email":"ada@example.com","event":"spamreport","timestamp":"soon","sg_event_id":9}]`, events.Complaint},

		{events.Mailgun, "permanent", mailgun(`"event":"failed","severity":"permanent","reason":"bounce","delivery-status":{"code":550,"message":"5.1.1 The email account does not exist"}`), events.Hard},
		{events.Mailgun, "temporary", mailgun(`"event":"failed","severity":"temporary","reason":"generic","delivery-status":{"code":450,"message":"Greylisted"}`), ""},
		{events.Mailgun, "tried too long", mailgun(`"event":"failed","severity":"permanent","reason":"old","delivery-status":{"code":602,"message":"Too old"}`), events.Soft},
		{events.Mailgun, "listed there", mailgun(`"event":"failed","severity":"permanent","reason":"suppress-bounce","delivery-status":{"code":605,"message":"Not delivering to previously bounced address"}`), events.Hard},
		{events.Mailgun, "unsubscribed there", mailgun(`"event":"failed","severity":"permanent","reason":"suppress-unsubscribe"`), events.Block},
		{events.Mailgun, "blocked", mailgun(`"event":"failed","severity":"permanent","reason":"generic","delivery-status":{"enhanced-code":"5.7.1","message":"blocked using Spamhaus"}`), events.Block},
		{events.Mailgun, "open", mailgun(`"event":"opened"`), ""},

		{events.Resend, "permanent", resend("email.bounced", `,"bounce":{"type":"Permanent","subType":"General","message":"hard bounce"}`), events.Hard},
		{events.Resend, "transient", resend("email.bounced", `,"bounce":{"type":"Transient","subType":"MailboxFull","message":"inbox full"}`), events.Soft},
		{events.Resend, "content", resend("email.bounced", `,"bounce":{"type":"Transient","subType":"ContentRejected","message":""}`), events.Block},
		{events.Resend, "of before 2025", resend("email.bounced", `,"bounce":{"message":"The recipient's email provider sent a hard bounce message, but didn't specify the reason"}`), events.Hard},
		{events.Resend, "of before 2025, soft", resend("email.bounced", `,"bounce":{"message":"The recipient's email provider sent a general bounce message. You might be able to retry"}`), events.Soft},
		{events.Resend, "suppressed", resend("email.suppressed", `,"suppressed":{"type":"OnAccountSuppressionList","message":"on the list"}`), events.Hard},
		{events.Resend, "delayed", resend("email.delivery_delayed", ``), ""},
		{events.Resend, "contact", `{"type":"contact.created","data":[]}`, ""},
	} {
		p, d := door(c.provider)
		got, err := read(t, d, p, p.Sign([]byte(c.body)))
		if c.want == "" {
			require.NoError(t, err, "%s: %s", c.provider, c.name)
			require.Empty(t, got, "%s: %s", c.provider, c.name)
			continue
		}
		require.NoError(t, err, "%s: %s", c.provider, c.name)
		require.Len(t, got, 1, "%s: %s", c.provider, c.name)
		require.Equal(t, c.want, got[0].Kind, "%s: %s", c.provider, c.name)
		require.Equal(t, "ada@example.com", got[0].Address, "%s: %s", c.provider, c.name)
	}
}

// One mail of Amazon's may tell of several recipients, each with a key of its own.
func TestSeveralRecipients(t *testing.T) {
	p, d := door(events.SES)
	body := `{"eventType":"Bounce","mail":{"headers":[{"name":"X-Flywheel-Ref","value":"h"}],"source":"b-s@in.example","tags":{"flywheel_ref":["t"]}},"bounce":{"bounceType":"Permanent",
		"bouncedRecipients":[{"emailAddress":"ada@example.com"},{"emailAddress":"\"Eve\" <eve@example.com>"}],"feedbackId":"f"}}`
	got, err := read(t, d, p, p.Sign([]byte(body)))
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.NotEqual(t, got[0].Key, got[1].Key)
	require.Equal(t, "eve@example.com", got[1].Address)
	require.Equal(t, []string{"t", "h", "b-s@in.example"}, got[0].Refs)
	again, err := read(t, d, p, p.Sign([]byte(body)))
	require.NoError(t, err)
	require.Equal(t, got[0].Key, again[0].Key, "a second topic that tells of it")
}

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		code, words string
		sure, want  events.Kind
	}{
		{"5.1.1", "", events.Soft, events.Hard},
		{"5.1.10", "null MX", events.Soft, events.Hard},
		{"5.2.1", "disabled", events.Soft, events.Hard},
		{"5.1.8", "bad sender", events.Hard, events.Block},
		{"5.2.2", "over quota", events.Hard, events.Soft},
		{"5.3.4", "too big", events.Hard, events.Soft},
		{"5.4.1", "no answer", events.Hard, events.Soft},
		{"5.6.0", "", events.Hard, events.Block},
		{"5.7.1", "user unknown", events.Hard, events.Block},
		{"4.7.1", "", events.Hard, events.Block},
		{"4.4.7", "expired", events.Hard, events.Soft},
		{"5.0.0", "550 No such user here", events.Soft, events.Hard},
		{"5.0.0", "554 rejected as spam: no such user", events.Soft, events.Block},
		{"5.0.0", "", events.Soft, events.Soft},
		{"", "Recipient address rejected: Greylisted", events.Soft, events.Soft},
		{"", "", events.Hard, events.Hard},
		{"9.9.9", "", events.Soft, events.Soft},
	} {
		require.Equal(t, c.want, events.Classify(c.code, c.words, c.sure), "%+v", c)
	}
}

func TestCodesAndNotes(t *testing.T) {
	require.Equal(t, "5.1.1", events.CodeIn("5.0.0", "550 5.1.1 unknown"))
	require.Equal(t, "5.0.0", events.CodeIn("5.0.0 (permanent)", "mail from 10.0.0.1 refused"))
	require.Equal(t, "4.2.2", events.CodeIn("", "452-4.2.2 full\n452 4.2.2 x"))
	require.Empty(t, events.CodeIn("", "see 127.5.1.1 and 5.1.1.9"))
	require.Equal(t, "550 <…> does not exist at …", events.Note("550 <ada+tag@example.com> does\r\n not\x00 exist at\u202e b-1@in.example"))
	require.NotContains(t, events.Note("to ada@example.com; \"Eve\"@x.example"), "@")
	require.Len(t, []rune(events.Note(strings.Repeat("سلام ", 500))), 200)
	require.Equal(t, "ada@example.com", events.Address("rfc822; <Ada@Example.com>"))
	require.Equal(t, "ada@example.com", events.Address("utf-8;ada@example.com"))
	require.Empty(t, events.Address("rfc822; nobody"))
}

func FuzzRead(f *testing.F) {
	providers := map[string]*eventsfake.Provider{}
	for _, name := range events.Providers() {
		p, _ := door(name)
		providers[name] = p
		f.Add(name, []byte(`{"RecordType":"Bounce","type":"email.bounced","event":"failed","eventType":"Bounce","bounce":{"bouncedRecipients":[{}]}}`))
	}
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		p := providers[name]
		if p == nil || name == events.Mailgun && !strings.HasPrefix(string(body), "{") {
			return
		}
		d := &events.Door{Now: clock, Get: p.Get}
		given := p.Sign(body)
		got, _ := d.Read(t.Context(), name, p.Secret, given.Header, given.Body)
		for _, e := range got {
			if len([]rune(e.Note)) > 200 || strings.Contains(e.Note, "@") || len(e.Key) > 200 || len(e.Refs) > 6 || e.At.Year() > 9999 || e.Kind == "" {
				t.Fatalf("%+v", e)
			}
		}
	})
}
