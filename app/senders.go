package app

import (
	"log/slog"

	"flywheel/integrations/mail"
	"flywheel/sender"
	"flywheel/store"
)

// refsPurpose is for which keys are derived that sign references to mails.
const refsPurpose = "mail references"

// Refs write and read the references by which what becomes of mails is told.
func (c Config) Refs() *mail.Refs {
	if c.Keys == nil {
		return nil
	}
	return mail.NewRefs(c.Keys.Derive(refsPurpose))
}

// NewSenders makes the desk that knows who shops write as. m is the server of
// SMTP_URL, nil where nothing is sent.
func NewSenders(c Config, st *store.Store, m *mail.Sender, log *slog.Logger) *sender.Desk {
	var pepper []byte
	if c.Keys != nil {
		pepper = c.Keys.Derive("mail accounts")[0]
	}
	return sender.New(sender.Options{
		Store: st, Domain: c.MailDomain, Mail: m, Provider: mail.Provider(c.MailProvider), Refs: c.Refs(), Resolver: mail.ResolverAt(c.Resolver),
		BaseURL: c.BaseURL, Rate: c.MailRate, Pepper: pepper, Account: mail.Options{HeloName: c.helo(), Now: c.Now, AllowPrivate: c.PrivateHooks}, Log: log,
	})
}

// openSenders opens the mail server, where one is set, and the desk over it. Web
// and workers share both.
func (a *App) openSenders() (err error) {
	if a.Config.SMTPURL != "" {
		if a.Mail, err = OpenMail(a.Config); err != nil {
			return err
		}
	}
	a.Senders = NewSenders(a.Config, a.Store, a.Mail, a.Log)
	a.Senders.Rates = sender.NewRates(a.Queue.Redis())
	return nil
}
