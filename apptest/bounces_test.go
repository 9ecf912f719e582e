package apptest_test

import (
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"flywheel/app"
	"flywheel/apptest"
	"flywheel/demo"
	"flywheel/integrations/mail/events"
	"flywheel/integrations/mail/events/eventsfake"
)

// listening runs the shared sender, whose return paths lead back to us, and a
// provider that tells of its mails.
func listening(provider *eventsfake.Provider) apptest.Option {
	return func(o *demo.WorldOptions) {
		before := o.Change
		o.Change = func(c *app.Config) {
			before(c)
			c.MailDomain, c.MailIn = "mail.flywheel.example", "127.0.0.1:0"
			c.MailProvider, c.MailSecret = provider.Name, provider.Secret
		}
	}
}

// A mail goes out, its recipient's server reports that there is nobody, and
// nothing more goes to that address: over SMTP, from the first byte to the last.
func TestABounceComesBackByMail(t *testing.T) {
	provider := eventsfake.New(events.Postmark, nil)
	apptest.Each(t, func(t *testing.T, a *apptest.App) {
		a.Send("orders/paid", a.Order(1).Body())
		a.Wait()
		mails := a.Mail.Mails()
		require.Len(t, mails, 1)
		returnPath := mails[0].From
		require.True(t, strings.HasPrefix(returnPath, "b-") && strings.HasSuffix(returnPath, "@mail.flywheel.example"), returnPath)

		c, err := smtp.Dial(a.App.ReportsAddr())
		require.NoError(t, err)
		defer c.Close()
		require.NoError(t, c.SendMail("", []string{returnPath}, strings.NewReader(strings.ReplaceAll(`From: MAILER-DAEMON@example.com
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; `+mails[0].To+`
Action: failed
Status: 5.1.1

--x--
`, "\n", "\r\n"))))
		hash, err := a.App.Store.AddressHash(a.Ctx, a.Shop.ID, mails[0].To)
		require.NoError(t, err)
		stops, err := a.App.Store.Suppressions(a.Ctx, a.Shop.ID, hash)
		require.NoError(t, err)
		require.Len(t, stops, 1)
		require.Equal(t, "bounced", stops[0].Reason)
		a.Send("orders/paid", a.Order(2).Body())
		a.Wait()
		require.Len(t, a.Mail.Mails(), 1)
	}, listening(provider))
}
