package jobs

import (
	"flywheel/integrations/mail"
	"flywheel/message"
)

// letter is a rendered message as it is given to a mail server.
func letter(m message.Message) mail.Message {
	return mail.Message{
		To: m.To, ToName: m.ToName, Also: m.Also, From: m.From, FromName: m.FromName, ReplyTo: m.ReplyTo,
		Subject: m.Subject, HTML: m.HTML, Text: m.Text, Headers: m.Headers,
	}
}
