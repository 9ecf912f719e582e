package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMailSettings(t *testing.T) {
	c, err := loadConfig(environment("MAIL_DOMAIN", "Mail.Flywheel.example.", "MAIL_IN_ADDR", ":2525", "MAIL_PROVIDER", "SES", "MAIL_EVENTS_SECRET", "arn:aws:sns:eu-central-1:123456789012:mails",
		"MAIL_RATE", "14", "DNS_SERVER", "127.0.0.1:53"))
	require.NoError(t, err)
	require.Equal(t, "mail.flywheel.example", c.MailDomain)
	require.Equal(t, ":2525", c.MailIn)
	require.Equal(t, "ses", c.MailProvider)
	require.Equal(t, "arn:aws:sns:eu-central-1:123456789012:mails", c.MailSecret)
	require.Equal(t, 14, c.MailRate)
	require.Equal(t, "127.0.0.1:53", c.Resolver)
	c, err = loadConfig(environment())
	require.NoError(t, err)
	require.Zero(t, c.MailRate)
	require.Empty(t, c.MailDomain, "shops write as themselves, as ever")
}

func TestWrongMailSettingsAreNamed(t *testing.T) {
	for _, pairs := range [][]string{
		{"MAIL_DOMAIN", "localhost"},
		{"MAIL_DOMAIN", "co.uk"},
		{"MAIL_DOMAIN", "gmail.com"},
		{"MAIL_DOMAIN", "https://x.example"},
		{"MAIL_DOMAIN", "127.0.0.1"},
		{"MAIL_DOMAIN", "x.example:25"},
		{"MAIL_DOMAIN", "a@x.example"},
		{"MAIL_IN_ADDR", "2525"},
		{"DNS_SERVER", "1.1.1.1"},
		{"MAIL_PROVIDER", "pigeon"},
		{"MAIL_RATE", "fast"},
		{"MAIL_RATE", "-1"},
	} {
		_, err := loadConfig(environment(pairs...))
		require.ErrorContains(t, err, pairs[0], "%v", pairs)
	}
	_, err := loadConfig(environment("MAIL_IN_ADDR", ":2525"))
	require.ErrorContains(t, err, "MAIL_DOMAIN is missing")
	_, err = loadConfig(environment("MAIL_EVENTS_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MAIL_PROVIDER", "resend"))
	require.ErrorContains(t, err, "do not say which mail")
	_, err = loadConfig(environment("MAIL_EVENTS_SECRET", "s", "MAIL_PROVIDER", "other"))
	require.ErrorContains(t, err, "MAIL_PROVIDER is missing")
}
