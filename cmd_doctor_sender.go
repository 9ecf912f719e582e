package main

import (
	"fmt"
	"os"
	"strings"

	"flywheel/fault"
	"flywheel/integrations/mail"
	"flywheel/sender"
	"flywheel/store"
)

// checkSenders looks at the records of the shared domain.
func checkSenders(s *session) (string, error) {
	if s.config.MailDomain == "" {
		return "no shared domain (MAIL_DOMAIN): shops write as themselves", nil
	}
	if s.config.Keys == nil {
		return "", fault.New(fault.Invalid, "not looked at: SECRET_KEY is missing")
	}
	if path, lite := strings.CutPrefix(s.config.DatabaseURL, "sqlite:"); lite {
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return "no keys yet: they are made when the worker runs, or by flywheel sender platform", nil
		}
	}
	var wrong []string
	signing := 0
	err := s.senders(func(d *sender.Desk) error {
		found, err := d.CheckPlatform(s.ctx)
		if err != nil {
			return err
		}
		keys, err := d.PlatformKeys(s.ctx)
		for _, k := range keys {
			if k.State == store.KeyActive {
				signing++
			}
		}
		for _, r := range sender.Records(keys, &found) {
			if r.Condition != mail.Good && (r.Value != "" || r.Condition != mail.Missing) && r.Key != store.KeyNext {
				wrong = append(wrong, fmt.Sprintf("%s record %s: %s", r.Type, r.Name, r.Condition))
			}
		}
		return err
	})
	if err != nil {
		return "", err
	}
	if signing == 0 {
		wrong = append([]string{"its mails carry no signature of ours: publish the records that flywheel sender platform prints, unless the provider of SMTP_URL signs"}, wrong...)
	}
	if len(wrong) > 0 {
		return "", fault.New(fault.Invalid, "%s: %s", s.config.MailDomain, strings.Join(wrong, "\n"))
	}
	said := fmt.Sprintf("%s signs with %d keys", s.config.MailDomain, signing)
	if mail.Provider(s.config.MailProvider) == mail.SES {
		said += ", of which mails by Amazon SES carry the RSA one. Easy DKIM must be off there for this domain and for those of shops: Amazon refuses mails with two signatures (they wait). Or have Amazon sign, and take our records out of DNS"
	}
	return said, nil
}
