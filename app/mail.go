package app

import (
	"net/url"

	"flywheel/integrations/mail"
)

// OpenMail makes the sender of SMTP_URL.
func OpenMail(c Config) (*mail.Sender, error) {
	helo := "localhost"
	if u, err := url.Parse(c.BaseURL); err == nil && u.Hostname() != "" {
		helo = u.Hostname()
	}
	return mail.Open(c.SMTPURL, mail.Options{HeloName: helo, Connections: c.MailConnections, Now: c.Now})
}
