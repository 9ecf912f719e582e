package main

import (
	"regexp"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/mail/dnsfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// atSender is a session over a database with one shop and a DNS server.
func atSender(t *testing.T) (*session, *dnsfake.Server, commerce.ShopID) {
	t.Helper()
	dns, err := dnsfake.Start()
	require.NoError(t, err)
	t.Cleanup(dns.Stop)
	address := storetest.Prepared(t, "sqlite")
	st := storetest.OpenURL(t, address)
	shop := storetest.Shop(t, st)
	require.NoError(t, st.Close())
	keys, err := store.ParseKeyring(storetest.SecretKey)
	require.NoError(t, err)
	return &session{ctx: t.Context(), config: app.Config{
		DatabaseURL: address, Keys: keys, BaseURL: "https://flywheel.example", MailDomain: "mail.flywheel.example", Resolver: dns.Addr(),
	}}, dns, shop
}

var printedRecord = regexp.MustCompile(`name   (\S+_domainkey\S+)\n  type   TXT\n  value  (.+)\n`)

// publish puts what a command printed into DNS.
func publish(dns *dnsfake.Server, said string) (n int) {
	for _, r := range printedRecord.FindAllStringSubmatch(said, -1) {
		dns.TXT(r[1], r[2])
		n++
	}
	return n
}

// From the shared sender to an own domain and back, at the command line.
func TestSenderCommands(t *testing.T) {
	s, dns, shop := atSender(t)
	of := ofShop{Shop: string(shop)}
	said := printed(t, func() { require.NoError(t, senderShowCommand{of}.Run(s)) })
	require.Contains(t, said, "shops@mail.flywheel.example>, by the shared sender")
	require.Contains(t, said, "0 of 100 mails")

	own := senderDomainCommand{of, senderWriter{Address: "hello@nour.example"}}
	said = printed(t, func() { require.NoError(t, own.Run(s)) })
	require.Contains(t, said, "nour.example, checking")
	require.Contains(t, said, "missing (rsa, needed)")
	require.Equal(t, 2, publish(dns, said))
	said = printed(t, func() { require.NoError(t, senderCheckCommand{anyShop{string(shop)}}.Run(s)) })
	require.Contains(t, said, "hello@nour.example>, by its own domain")
	said = printed(t, func() { require.NoError(t, senderRotateCommand{anyShop{string(shop)}}.Run(s)) })
	require.Len(t, printedRecord.FindAllString(said, -1), 4)
	said = printed(t, func() { require.NoError(t, senderSharedCommand{of, "team@nour.example"}.Run(s)) })
	require.Contains(t, said, "by the shared sender\nanswers    team@nour.example")
	printed(t, func() { require.NoError(t, senderResumeCommand{of}.Run(s)) })

	own.Address = "nour@gmail.com"
	require.True(t, fault.Is(own.Run(s), fault.Invalid))
	err := senderSMTPCommand{ofShop: of, senderWriter: senderWriter{Address: "hello@nour.example"}, Provider: "other", Host: "127.0.0.1", User: "u", Password: "s3cret"}.Run(s)
	require.Error(t, err, "no account lies on our own machine")
	require.NotContains(t, err.Error(), "s3cret")
}

// The shared domain's records are printed, and the doctor says whether they stand.
func TestTheSharedDomainAtTheCommandLine(t *testing.T) {
	s, dns, _ := atSender(t)
	_, err := checkSenders(s)
	require.ErrorContains(t, err, "no signature of ours")
	said := printed(t, func() { require.NoError(t, senderPlatformCommand{}.Run(s)) })
	require.Equal(t, 2, publish(dns, said))
	dns.MX("mail.flywheel.example", "mx.flywheel.example")
	dns.TXT("_dmarc.mail.flywheel.example", "v=DMARC1; p=reject")
	printed(t, func() { require.NoError(t, senderCheckCommand{}.Run(s)) })
	saw, err := checkSenders(s)
	require.NoError(t, err)
	require.Contains(t, saw, "signs with 2 keys")
	printed(t, func() { require.NoError(t, senderRotateCommand{}.Run(s)) })
	_, err = checkSenders(s)
	require.NoError(t, err, "new keys need not be there yet")

	s.config.MailDomain = ""
	require.True(t, fault.Is(senderPlatformCommand{}.Run(s), fault.Invalid))
	saw, err = checkSenders(s)
	require.NoError(t, err)
	require.Contains(t, saw, "as themselves")
}

func TestSenderReadsItsFlags(t *testing.T) {
	var cli struct {
		Sender senderCommand `cmd:""`
	}
	parser, err := kong.New(&cli)
	require.NoError(t, err)
	t.Setenv("SENDER_PASSWORD", "told")
	_, err = parser.Parse([]string{"sender", "smtp", "--shop", "s", "--address", "a@nour.example", "--provider", "ses", "--region", "eu-central-1", "--user", "u"})
	require.NoError(t, err)
	require.Equal(t, "told", cli.Sender.SMTP.Password)
	_, err = parser.Parse([]string{"sender", "smtp", "--shop", "s", "--address", "a@nour.example", "--provider", "pigeon"})
	require.ErrorContains(t, err, "provider")
}
