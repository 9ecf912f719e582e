package sender

import (
	"context"
	"time"

	"flywheel/fault"
	"flywheel/integrations/mail"
)

// accountsBox is the left part of the address that our own mails are from, where there is a shared domain.
const accountsBox = "accounts"

// oursPauses are waited before another try.
var oursPauses = []time.Duration{time.Second, 4 * time.Second}

// PostOurs sends a mail of ours, to somebody who works for a shop: over SMTP_URL,
// from the shared domain and signed by it where there is one, else from the
// address other. It tries three times within the context's time.
func (d *Desk) PostOurs(ctx context.Context, m mail.Message, other string) error {
	if d.Mail == nil {
		return errNoServer
	}
	m.From = other
	if d.Domain != "" {
		m.From = accountsBox + "@" + d.Domain
		var err error
		if m.Signer, err = d.platformSigner(ctx); err != nil {
			return err
		}
	}
	way := d.own()
	var last mail.Outcome
	for try := range len(oursPauses) + 1 {
		if way.Take(ctx, 1, tryPatience) == 0 {
			return errBusy
		}
		last = way.Mail.Send(ctx, []mail.Message{m}, nil)[0]
		if last.State != mail.Retry || try == len(oursPauses) {
			break
		}
		select {
		case <-ctx.Done():
			return errBusy
		case <-time.After(oursPauses[try]):
		}
	}
	switch last.State {
	case mail.Sent:
		return nil
	case mail.Unknown:
		return fault.New(fault.Temporary, "the mail server did not say whether it took the mail: look into the mailbox before it is sent again")
	}
	return fault.New(fault.Temporary, "the mail server did not take the mail: %d %s %s", last.Code, last.Enhanced, last.Detail)
}
