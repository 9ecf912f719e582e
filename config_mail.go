package main

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/publicsuffix"

	"flywheel/app"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/integrations/mail"
	"flywheel/integrations/mail/events"
)

// loadMail reads what is set about mail beside SMTP_URL.
func loadMail(c *app.Config, get func(name, otherwise string) string) (problems []error) {
	c.MailDomain = strings.ToLower(strings.TrimSuffix(get("MAIL_DOMAIN", ""), "."))
	c.MailIn, c.Resolver = get("MAIL_IN_ADDR", ""), get("DNS_SERVER", "")
	c.MailProvider, c.MailSecret = strings.ToLower(get("MAIL_PROVIDER", "")), get("MAIL_EVENTS_SECRET", "")
	if c.MailDomain != "" {
		problems = append(problems, checkMailDomain(c.MailDomain))
	}
	for _, addr := range []struct{ name, value string }{{"MAIL_IN_ADDR", c.MailIn}, {"DNS_SERVER", c.Resolver}} {
		if addr.value != "" {
			problems = append(problems, checkAddr(addr.name, addr.value))
		}
	}
	if c.MailIn != "" && c.MailDomain == "" {
		problems = append(problems, fault.New(fault.Invalid, "MAIL_DOMAIN is missing: reports that MAIL_IN_ADDR listens for come to addresses of that domain"))
	}
	if p := mail.Provider(c.MailProvider); p != "" && !p.Known() {
		problems = append(problems, fault.New(fault.Invalid, "MAIL_PROVIDER: %q is not ses, postmark, sendgrid, mailgun, resend or other", c.MailProvider))
	}
	if c.MailSecret != "" && (c.MailProvider == "" || c.MailProvider == string(mail.Other)) {
		problems = append(problems, fault.New(fault.Invalid, "MAIL_PROVIDER is missing: MAIL_EVENTS_SECRET checks the events of ses, postmark, sendgrid, mailgun or resend"))
	} else if c.MailSecret != "" && c.MailProvider == string(mail.Resend) {
		problems = append(problems, fault.New(fault.Invalid, "MAIL_EVENTS_SECRET: the events of Resend do not say which mail they are about, so those of a common account cannot be told apart by shop; leave it out, or let shops use accounts of their own"))
	} else if c.MailSecret != "" && events.Known(c.MailProvider) {
		if err := events.CheckSecret(c.MailProvider, c.MailSecret); err != nil {
			problems = append(problems, fault.New(fault.Invalid, "MAIL_EVENTS_SECRET: %s", fault.Sentence(err)))
		}
	}
	if rate := get("MAIL_RATE", "0"); rate != "" {
		n, err := strconv.Atoi(rate)
		if err != nil || n < 0 || n > 100_000 {
			problems = append(problems, fault.New(fault.Invalid, "MAIL_RATE: %q is not a number of mails a second", rate))
		}
		c.MailRate = n
	}
	return problems
}

// checkMailDomain refuses what cannot be a domain of our own: the shared sender
// writes from it, and its records are to be published.
func checkMailDomain(domain string) error {
	suffix, _ := publicsuffix.PublicSuffix(domain)
	switch u, err := url.Parse("http://" + domain); {
	case err != nil || u.Host != domain || u.Port() != "" || !strings.Contains(domain, ".") || net.ParseIP(domain) != nil || len(domain) > 190:
		return fault.New(fault.Invalid, "MAIL_DOMAIN: %q is not a domain such as mail.flywheel.example", domain)
	case suffix == domain || gate.PublicMail(domain):
		return fault.New(fault.Invalid, "MAIL_DOMAIN: %q is nobody's own: its DNS records must be ours to publish", domain)
	}
	return nil
}
