package app

import (
	"net/url"

	"flywheel/integrations/mail"
)

// OpenMail makes the sender of SMTP_URL.
func OpenMail(c Config) (*mail.Sender, error) {
	return mail.Open(c.SMTPURL, mail.Options{HeloName: c.helo(), Connections: c.MailConnections, Now: c.Now})
}

// helo is how we introduce ourselves to mail servers.
func (c Config) helo() string {
	if u, err := url.Parse(c.BaseURL); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return "localhost"
}
