package events_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/fault"
	"flywheel/integrations/mail/events"
	"flywheel/integrations/mail/events/eventsfake"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

// door is a provider and a door that believes it.
func door(name string) (*eventsfake.Provider, *events.Door) {
	p := eventsfake.New(name, clock)
	return p, &events.Door{Now: clock, Get: p.Get}
}

func read(t *testing.T, d *events.Door, p *eventsfake.Provider, given eventsfake.Delivery) ([]events.Event, error) {
	t.Helper()
	return d.Read(t.Context(), p.Name, p.Secret, given.Header, given.Body)
}

// Each provider's five answers come out alike, with our reference and the address.
func TestEveryProviderTellsTheSame(t *testing.T) {
	for _, name := range events.Providers() {
		p, d := door(name)
		require.NoError(t, events.CheckSecret(name, p.Secret))
		for _, kind := range []events.Kind{events.Delivered, events.Soft, events.Block, events.Hard, events.Complaint} {
			got, err := read(t, d, p, p.Tell(eventsfake.What{Kind: kind, To: "Ada@Example.com", Ref: "the-ref", At: noon.Add(-time.Minute), ID: "e1"}))
			require.NoError(t, err, "%s %s", name, kind)
			require.Len(t, got, 1, "%s %s", name, kind)
			e := got[0]
			require.Equal(t, kind, e.Kind, "%s", name)
			require.Equal(t, name, e.Source)
			require.Equal(t, "ada@example.com", e.Address, name)
			if name == events.Resend {
				require.Empty(t, e.Refs, "it names none")
			} else {
				require.Contains(t, e.Refs, "the-ref", name)
			}
			require.WithinDuration(t, noon.Add(-time.Minute), e.At, time.Second, name)
			require.True(t, strings.HasPrefix(e.Key, name+":"), "%q", e.Key)
			require.NotContains(t, e.Note, "@")
			if kind == events.Hard && name != events.Resend {
				require.Equal(t, "5.1.1", e.Code, name)
			}
		}
	}
}

// Nothing that is not signed by the right key, whole and lately, tells anything.
func TestStrangersTellNothing(t *testing.T) {
	for _, name := range events.Providers() {
		p, d := door(name)
		what := eventsfake.What{Kind: events.Hard, To: "ada@example.com", Ref: "r"}
		good := p.Tell(what)
		other, _ := door(name)
		change := func(edit func(*eventsfake.Delivery)) eventsfake.Delivery {
			c := eventsfake.Delivery{Header: good.Header.Clone(), Body: bytes.Clone(good.Body)}
			edit(&c)
			return c
		}
		cases := map[string]eventsfake.Delivery{
			"another's key": other.Tell(what),
			"no headers":    change(func(c *eventsfake.Delivery) { c.Header = http.Header{} }),
			"empty":         change(func(c *eventsfake.Delivery) { c.Body = nil }),
		}
		switch name {
		case events.SES, events.SendGrid, events.Resend: // the signature covers the body
			cases["changed"] = change(func(c *eventsfake.Delivery) { c.Body = bytes.Replace(c.Body, []byte("ada@"), []byte("eve@"), 1) })
		}
		if name == events.SES || name == events.Mailgun { // all is in the body
			delete(cases, "no headers")
		}
		for what, c := range cases {
			got, err := read(t, d, p, c)
			require.Error(t, err, "%s: %s", name, what)
			require.True(t, fault.Is(err, fault.Denied) || fault.Is(err, fault.Invalid), "%s: %s: %v", name, what, err)
			require.Empty(t, got)
			require.NotContains(t, err.Error(), p.Secret, "no secret in errors")
		}
		_, err := d.Read(t.Context(), name, "", good.Header, good.Body)
		require.Error(t, err, "without a secret nobody is believed")
		if name != events.Postmark && name != events.SES {
			late := &events.Door{Now: func() time.Time { return noon.Add(73 * time.Hour) }, Get: p.Get}
			_, err = read(t, late, p, good)
			require.True(t, fault.Is(err, fault.Denied), "%s: an old signature: %v", name, err)
		}
	}
}

// Mailgun's signature does not cover what it tells, so that one used again must
// be the same event.
func TestMailgunsTokenIsTheKey(t *testing.T) {
	p, d := door(events.Mailgun)
	given := p.Tell(eventsfake.What{Kind: events.Soft, To: "ada@example.com"})
	first, err := read(t, d, p, given)
	require.NoError(t, err)
	given.Body = bytes.Replace(given.Body, []byte("ada@"), []byte("eve@"), 2)
	again, err := read(t, d, p, given)
	require.NoError(t, err)
	require.Equal(t, first[0].Key, again[0].Key)
}

func TestAmazonsCertificates(t *testing.T) {
	p, d := door(events.SES)
	note := func(fields map[string]string, version string) error {
		m := map[string]string{"Type": "Notification", "MessageId": "m", "Message": "Successfully validated SNS topic for Amazon SES event publishing."}
		for k, v := range fields {
			m[k] = v
		}
		_, err := read(t, d, p, p.SNS(m, version))
		return err
	}
	require.NoError(t, note(nil, "1"))
	require.NoError(t, note(nil, "2"))
	require.NoError(t, note(map[string]string{"Subject": "Amazon SES"}, "2"))
	require.Equal(t, []string{eventsfake.CertURL}, p.Read(), "the certificate is read once")
	require.True(t, fault.Is(note(nil, "3"), fault.Denied))

	for _, address := range []string{
		"http://sns.eu-central-1.amazonaws.com/x.pem", "https://sns.eu-central-1.amazonaws.com.evil.example/x.pem", "https://evil.example/x.pem",
		"https://my-bucket.s3.amazonaws.com/x.pem", "https://sns.eu-central-1.amazonaws.com@evil.example/x.pem", "https://sns.eu-central-1.amazonaws.com:8443/x.pem",
		"https://sns.eu-central-1.amazonaws.com/x.txt", "https://sns.eu-central-1.amazonaws.com/x.pem?y", "file:///etc/passwd", "https://169.254.169.254/x.pem", "",
	} {
		require.True(t, fault.Is(note(map[string]string{"SigningCertURL": address}, "1"), fault.Denied), address)
	}
	require.True(t, fault.Is(note(map[string]string{"TopicArn": "arn:aws:sns:eu-central-1:999999999999:theirs"}, "1"), fault.Denied), "anybody has topics")
	require.Len(t, p.Read(), 1, "and strangers cause no look-up")

	old := &events.Door{Now: func() time.Time { return noon.Add(500 * 24 * time.Hour) }, Get: p.Get}
	_, err := read(t, old, p, p.SNS(map[string]string{"Type": "Notification", "Message": "x", "MessageId": "m"}, "1"))
	require.True(t, fault.Is(err, fault.Denied), "an expired certificate")

	away := &events.Door{Now: clock, Get: func(context.Context, string) ([]byte, error) { return nil, context.DeadlineExceeded }}
	_, err = read(t, away, p, p.SNS(map[string]string{"Type": "Notification", "Message": "x", "MessageId": "m"}, "1"))
	require.True(t, fault.Is(err, fault.Temporary), "it is told again later: %v", err)
}

// A subscription is confirmed for the topic that is expected, at Amazon alone.
func TestSubscription(t *testing.T) {
	const yes = "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=" + eventsfake.Topic + "&Token=t"
	for name, c := range map[string]struct {
		url, topic string
		confirmed  bool
	}{
		"ours":              {yes, eventsfake.Topic, true},
		"another's topic":   {yes, "arn:aws:sns:eu-central-1:999999999999:theirs", false},
		"another's address": {"https://evil.example/?Action=ConfirmSubscription&TopicArn=" + eventsfake.Topic, eventsfake.Topic, false},
		"inside":            {"https://127.0.0.1/?Action=ConfirmSubscription&TopicArn=" + eventsfake.Topic, eventsfake.Topic, false},
		"another deed":      {"https://sns.eu-central-1.amazonaws.com/?Action=DeleteTopic&TopicArn=" + eventsfake.Topic, eventsfake.Topic, false},
	} {
		p, d := door(events.SES)
		got, err := read(t, d, p, p.SNS(map[string]string{
			"Type": "SubscriptionConfirmation", "MessageId": "m", "Token": "t", "Message": "You have chosen to subscribe", "SubscribeURL": c.url, "TopicArn": c.topic,
		}, "1"))
		require.Empty(t, got)
		if c.confirmed {
			require.NoError(t, err, name)
			require.Contains(t, p.Read(), yes)
			continue
		}
		require.True(t, fault.Is(err, fault.Denied), "%s: %v", name, err)
		require.NotContains(t, p.Read(), c.url)
	}
}

// The guard is real: a name that leads inside is not followed.
func TestNothingInsideIsRead(t *testing.T) {
	for _, address := range []string{"https://127.0.0.1/x.pem", "https://169.254.169.254/x.pem", "https://[::1]/x.pem", "https://10.0.0.1/x.pem"} {
		_, err := events.GuardedGet(t.Context(), address)
		require.ErrorContains(t, err, "prohibited", address)
	}
}

func TestSecrets(t *testing.T) {
	for _, name := range events.Providers() {
		p, _ := door(name)
		require.NoError(t, events.CheckSecret(name, p.Secret))
		if name != events.Postmark {
			another, d := door(name)
			both := p.Secret + "," + another.Secret
			require.NoError(t, events.CheckSecret(name, both))
			given := p.Tell(eventsfake.What{Kind: events.Hard, To: "ada@example.com"})
			if name == events.SES {
				d.Get = p.Get
			}
			_, err := d.Read(t.Context(), name, both, given.Header, given.Body)
			require.NoError(t, err, "%s: while a key is exchanged both count", name)
		}
		for _, bad := range []string{"", " ", ",,"} {
			require.Error(t, events.CheckSecret(name, bad))
		}
		if name != events.Mailgun {
			err := events.CheckSecret(name, "whatever")
			require.True(t, fault.Is(err, fault.Invalid))
			require.NotContains(t, err.Error(), "whatever")
		}
	}
	require.Error(t, events.CheckSecret("gmail", "x"))
}

func TestTooMuch(t *testing.T) {
	p, d := door(events.SendGrid)
	one := `{"event":"delivered","email":"a@b.example"}`
	_, err := read(t, d, p, p.Sign([]byte("["+strings.Repeat(one+",", 4001)+one+"]")))
	require.True(t, fault.Is(err, fault.TooLarge), "%v", err)
	got, err := read(t, d, p, p.Sign([]byte("["+strings.Repeat(`{"event":"open"},`, 4100)+one+"]")))
	require.NoError(t, err, "what is none of ours does not count")
	require.Len(t, got, 1)
	deep := strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000)
	_, err = read(t, d, p, p.Sign([]byte(deep)))
	require.Error(t, err)
}
