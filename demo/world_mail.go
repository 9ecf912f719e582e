package demo

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/emersion/go-smtp"

	"flywheel/app"
	"flywheel/fault"
	"flywheel/integrations/mail"
	"flywheel/integrations/mail/dnsfake"
	"flywheel/integrations/mail/events"
	"flywheel/integrations/mail/events/eventsfake"
	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/slack/slackfake"
)

// Outside are the parties around mail that a World with a shared sender has: the
// DNS that receivers ask, the provider that tells what became of mails, and the
// teams' channel at Slack.
type Outside struct {
	DNS      *dnsfake.Server
	Provider *eventsfake.Provider
	Slack    *slackfake.Channel
	SlackURL string // of the one incoming webhook
}

// startOutside runs them and tells the configuration where they are.
func (w *World) startOutside(c *app.Config, domain string) (err error) {
	if domain == "" {
		return nil
	}
	if w.DNS, err = dnsfake.Start(); err != nil {
		return err
	}
	w.stops = append(w.stops, w.DNS.Stop)
	w.Provider = eventsfake.New(events.SendGrid, w.Clock.Now)
	w.Slack = &slackfake.Channel{}
	channel := httptest.NewServer(w.Slack)
	w.stops = append(w.stops, channel.Close)
	w.SlackURL = channel.URL + slackfake.Path
	c.MailDomain, c.MailIn, c.Resolver = domain, "127.0.0.1:0", w.DNS.Addr()
	c.MailProvider, c.MailSecret = w.Provider.Name, w.Provider.Secret
	return nil
}

// publishShared is the operator putting what `flywheel sender platform` prints
// into DNS. From then on the shared sender signs.
func (w *World) publishShared(ctx context.Context) error {
	if w.DNS == nil {
		return nil
	}
	desk := w.App.Senders
	return w.await(ctx, "the shared sender's keys are made", func(ctx context.Context) (bool, error) {
		keys, err := desk.PlatformKeys(ctx) // none while the worker makes them at the same moment
		if err != nil || len(keys) == 0 {
			return false, err
		}
		for _, k := range keys {
			w.DNS.TXT(mail.RecordName(k.Selector, k.Domain), k.Public)
		}
		w.DNS.TXT(desk.Domain, "v=spf1 ip4:127.0.0.1 -all")
		w.DNS.TXT("_dmarc."+desk.Domain, "v=DMARC1; p=none")
		w.DNS.MX(desk.Domain, "mx."+desk.Domain)
		_, err = desk.CheckPlatform(ctx)
		return true, err
	})
}

// Report is a mail server's report about one of our mails, sent to its return
// path by SMTP as mail servers do, from nobody.
func (w *World) Report(m mailfake.Mail, report []byte) error {
	c, err := smtp.Dial(w.App.ReportsAddr())
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SendMail("", []string{m.From}, bytes.NewReader(report)); err != nil {
		return fmt.Errorf("report to %s: %w", m.From, err)
	}
	return c.Quit()
}

// FromProvider has the provider of our mail server tell, signed, what became of a
// mail, and returns the status of the answer.
func (w *World) FromProvider(ctx context.Context, kind events.Kind, m mailfake.Mail) (int, error) {
	c, err := m.Read()
	if err != nil {
		return 0, err
	}
	told := w.Provider.Tell(eventsfake.What{Kind: kind, To: m.To, Ref: c.Get(mail.RefHeader), At: w.Clock.Now()})
	resp, err := http.DefaultClient.Do(told.Request(w.URL + "/webhooks/mail/" + w.Provider.Name).WithContext(ctx))
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

// await waits for what goes on behind the doors.
func (w *World) await(ctx context.Context, what string, done func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	for {
		is, err := done(ctx)
		if is || err != nil {
			return err
		}
		w.App.Worker.Poke()
		select {
		case <-ctx.Done():
			return fault.New(fault.Temporary, "%s: not within %s", what, settleTime)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
