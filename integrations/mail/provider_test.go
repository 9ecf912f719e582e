package mail_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/fault"
	"flywheel/integrations/mail"
	"flywheel/integrations/mail/mailfake"
)

func TestPresets(t *testing.T) {
	for _, tt := range []struct {
		provider     mail.Provider
		region, host string
		user         string
		signs        bool
	}{
		{mail.SES, "eu-central-1", "email-smtp.eu-central-1.amazonaws.com", "", true},
		{mail.SES, " US-GOV-West-1 ", "email-smtp.us-gov-west-1.amazonaws.com", "", true},
		{mail.Postmark, "", "smtp.postmarkapp.com", "", true},
		{mail.SendGrid, "", "smtp.sendgrid.net", "apikey", true},
		{mail.SendGrid, "eu", "smtp.eu.sendgrid.net", "apikey", true},
		{mail.Mailgun, "", "smtp.mailgun.org", "", true},
		{mail.Mailgun, "EU", "smtp.eu.mailgun.org", "", true},
		{mail.Resend, "", "smtp.resend.com", "resend", true},
		{mail.Other, "", "", "", false},
	} {
		got, err := mail.Preset(tt.provider, tt.region)
		require.NoError(t, err, tt.provider)
		require.Equal(t, []any{tt.host, 587, tt.user, tt.signs}, []any{got.Host, got.Port, got.User, got.Signs}, tt.provider)
		require.NotEqual(t, got.User == "", got.UserHint == "", "a user, or what to look for")
		require.NotEmpty(t, got.PasswordHint)
		require.True(t, tt.provider.Known())
		require.Equal(t, tt.provider != mail.Other, tt.provider.Rate() > 0)
	}
	require.Len(t, mail.Providers, 6)
	require.False(t, mail.Provider("sparkpost").Known())
}

// A region becomes a host name: nothing else may come of it.
func TestPresetRefusesWhatIsNoRegion(t *testing.T) {
	for _, region := range []string{"", "frankfurt", "eu-central", "evil.example/-1", "eu-central-1.evil.example", "eu--1", "-a-1", "a-b-", "eu-central-1\r\n"} {
		got, err := mail.Preset(mail.SES, region)
		if region == "eu-central-1\r\n" { // only blank space around it
			require.Equal(t, "email-smtp.eu-central-1.amazonaws.com", got.Host)
			continue
		}
		require.True(t, fault.Is(err, fault.Invalid), "%q", region)
	}
	_, err := mail.Preset("sparkpost", "")
	require.True(t, fault.Is(err, fault.Invalid))
}

// Providers read their headers in one piece, so that is how they leave.
func TestReferenceLeavesWhole(t *testing.T) {
	ref := refs("key").Encode(ours)
	to := sink(t, mailfake.Options{})
	s := open(t, to.URL(), mail.Options{})
	for provider, want := range map[mail.Provider]string{
		mail.SES:      "X-SES-MESSAGE-TAGS: flywheel_ref=" + ref,
		mail.Postmark: "X-PM-Metadata-flywheel_ref: " + ref,
		mail.SendGrid: `X-SMTPAPI: {"unique_args":{"flywheel_ref":"` + ref + `"}}`,
		mail.Mailgun:  `X-Mailgun-Variables: {"flywheel_ref":"` + ref + `"}`,
		mail.Resend:   "Resend-Idempotency-Key: " + ref,
		mail.Other:    "X-Flywheel-Ref: " + ref,
	} {
		to.Clear()
		m := thanks("0effect1", "sara@example.com")
		m.Headers = append(m.Headers, mail.ProviderHeaders(provider, ref)...)
		m.Headers = append(m.Headers, mail.StreamHeaders(provider, "broadcasts")...)
		require.Equal(t, mail.Sent, one(t, s, m).State, provider)
		raw := to.Mails()[0].Raw
		require.True(t, bytes.Contains(raw, []byte("\r\n"+want+"\r\n")), "%s:\n%s", want, raw[:1200])
		require.True(t, bytes.Contains(raw, []byte("\r\nX-Flywheel-Ref: "+ref+"\r\n")), "reports quote it")
	}
	for provider := range map[mail.Provider]bool{mail.SES: true, mail.Postmark: true, mail.SendGrid: true, mail.Other: true, "": true} {
		require.Empty(t, mail.ProviderHeaders(provider, ""))
		require.Empty(t, mail.StreamHeaders(provider, ""))
	}
}

func TestStreams(t *testing.T) {
	require.Equal(t, [][2]string{{"X-PM-Message-Stream", "broadcasts"}}, mail.StreamHeaders(mail.Postmark, "broadcasts"))
	require.Equal(t, [][2]string{{"X-SES-CONFIGURATION-SET", "events"}}, mail.StreamHeaders(mail.SES, "events"))
	require.Empty(t, mail.StreamHeaders(mail.Mailgun, "events"))
}

func TestJSONHeadersAreJSON(t *testing.T) {
	for _, h := range mail.ProviderHeaders(mail.SendGrid, "a\"b") {
		if h[0] == "X-SMTPAPI" {
			var got struct {
				Args map[string]string `json:"unique_args"`
			}
			require.NoError(t, json.Unmarshal([]byte(h[1]), &got))
			require.Equal(t, "a\"b", got.Args[mail.RefName])
		}
	}
}
