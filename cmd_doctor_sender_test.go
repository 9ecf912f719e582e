package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/app"
	"flywheel/integrations/mail"
	"flywheel/integrations/mail/dnsfake"
	"flywheel/sender"
	"flywheel/store"
	"flywheel/store/storetest"
)

// Whoever sends by Amazon SES is told that one of two signs, and not both.
func TestDoctorKnowsAmazon(t *testing.T) {
	dns, err := dnsfake.Start()
	require.NoError(t, err)
	t.Cleanup(dns.Stop)
	keys, err := store.ParseKeyring(storetest.SecretKey)
	require.NoError(t, err)
	s := &session{ctx: t.Context(), config: app.Config{DatabaseURL: storetest.Prepared(t, "sqlite"), Keys: keys, MailDomain: "mail.flywheel.example", Resolver: dns.Addr()}}
	_, err = checkSenders(s)
	require.ErrorContains(t, err, "no signature of ours")
	require.NoError(t, s.senders(func(d *sender.Desk) error {
		found, err := d.CheckPlatform(s.ctx)
		require.NoError(t, err)
		made, err := d.PlatformKeys(s.ctx)
		for _, r := range sender.Records(made, &found) {
			switch r.Type {
			case "TXT":
				dns.TXT(r.Name, r.Value)
			case "MX":
				dns.MX(r.Name, "mx.flywheel.example")
			}
		}
		return err
	}))
	for provider, told := range map[mail.Provider]bool{"": false, mail.Postmark: false, mail.SES: true} {
		s.config.MailProvider = string(provider)
		said, err := checkSenders(s)
		require.NoError(t, err, provider)
		require.Contains(t, said, "signs with 2 keys")
		if told {
			require.Contains(t, said, "Easy DKIM must be off")
		} else {
			require.NotContains(t, said, "Easy DKIM")
		}
	}
}
