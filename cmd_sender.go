package main

import (
	"cmp"
	"fmt"
	"log/slog"
	"time"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/mail"
	"flywheel/sender"
	"flywheel/store"
)

type senderCommand struct {
	Show     senderShowCommand     `cmd:"" help:"Who a shop writes as, and the DNS records to publish."`
	Shared   senderSharedCommand   `cmd:"" help:"Write by the shared sender."`
	Domain   senderDomainCommand   `cmd:"" help:"Write from the shop's own domain, once DNS shows its records."`
	SMTP     senderSMTPCommand     `cmd:"" help:"Write by the shop's own account, once its server takes us."`
	Check    senderCheckCommand    `cmd:"" help:"Look a domain up at once: the shop's, or without a shop the shared one."`
	Rotate   senderRotateCommand   `cmd:"" help:"Make new signing keys, which sign once DNS shows them: the shop's, or without a shop those of the shared domain."`
	Resume   senderResumeCommand   `cmd:"" help:"Let the shared sender take mails again of a shop that complaints have stopped."`
	Platform senderPlatformCommand `cmd:"" help:"The DNS records of the shared domain."`
}

// anyShop names a shop, or with nothing the shared domain.
type anyShop struct {
	Shop string `help:"Id of the shop; none for the shared domain." placeholder:"ID"`
}

// senders opens the desk that knows who shops write as. Nothing is sent from here.
func (s *session) senders(do func(*sender.Desk) error) error {
	return s.withStore(func(st *store.Store) error {
		d := app.NewSenders(s.config, st, nil, slog.New(slog.DiscardHandler))
		defer d.Close()
		return do(d)
	})
}

type senderShowCommand struct{ ofShop }

// Run prints who a shop writes as.
func (c senderShowCommand) Run(s *session) error {
	return s.senders(func(d *sender.Desk) error { return showSender(s, d, c.id()) })
}

func showSender(s *session, d *sender.Desk, shop commerce.ShopID) error {
	v, err := d.Show(s.ctx, shop)
	if err != nil {
		return err
	}
	fmt.Printf("writes as  %s <%s>, by %s\nanswers    %s\n", v.From.Name, v.From.Address, map[sender.Kind]string{
		sender.Own: "SMTP_URL, as itself", sender.Shared: "the shared sender", sender.Domain: "its own domain, signed by us", sender.SMTP: "its own account",
	}[v.Way.Kind], v.From.ReplyTo)
	if v.Way.Stopped {
		fmt.Printf("stopped    %s; flywheel sender resume --shop %s lets it go on\n", v.Row.StoppedReason, shop)
	}
	if v.Way.DailyLimit > 0 {
		fmt.Printf("today      %d of %d mails\n", min(v.Taken, v.Way.DailyLimit), v.Way.DailyLimit)
	}
	switch v.Row.Kind {
	case store.SenderDomain:
		fmt.Printf("domain     %s, %s\n", v.Row.Domain, v.Row.State)
	case store.SenderSMTP:
		fmt.Printf("account    %s at %s:%d (%s)\n", v.Row.Account.User, v.Row.Account.Host, v.Row.Account.Port, v.Row.Provider)
	case store.SenderShared:
	}
	if v.BrokenSince != 0 {
		fmt.Printf("broken     since %s: after three days the shared sender takes over\n", v.BrokenSince.Time().UTC().Format(time.RFC3339))
	}
	if v.Events != "" {
		fmt.Printf("events     %s\n", v.Events)
	}
	printRecords(v.Records)
	return nil
}

// printRecords prints DNS records so that they can be copied, with what was seen of each.
func printRecords(records []sender.Record) {
	for _, r := range records {
		need := ""
		if r.Needed {
			need = ", needed"
		}
		fmt.Printf("\n%s (%s%s)\n  name   %s\n", cmp.Or(string(r.Condition), "not looked at"), r.Kind, need, r.Name)
		if r.Value != "" {
			fmt.Printf("  type   %s\n  value  %s\n", r.Type, r.Value)
		}
		if r.Condition != mail.Good {
			for _, stands := range r.Stands {
				fmt.Printf("  there stands  %s\n", stands)
			}
		}
		if r.Failure != "" {
			fmt.Printf("  DNS gave no answer: %s\n", r.Failure)
		}
	}
}

type senderSharedCommand struct {
	ofShop
	ReplyTo string `help:"Where answers go; none: the shop's address."`
}

// Run has a shop write by the shared sender, or as itself where there is none.
func (c senderSharedCommand) Run(s *session) error {
	return s.senders(func(d *sender.Desk) error {
		if err := d.UseShared(s.ctx, c.id(), c.ReplyTo); err != nil {
			return err
		}
		return showSender(s, d, c.id())
	})
}

// senderWriter are the flags of who a shop wants to write as.
type senderWriter struct {
	Address string `required:"" help:"From, at a domain of the shop's own."`
	Name    string `help:"From name; none: the shop's."`
	ReplyTo string `help:"Where answers go; none: the shop's address."`
}

func (w senderWriter) writer() sender.Writer { return sender.Writer(w) }

type senderDomainCommand struct {
	ofShop
	senderWriter
}

// Run has a shop write from its own domain and prints what is to be published.
func (c senderDomainCommand) Run(s *session) error {
	return s.senders(func(d *sender.Desk) error {
		if err := d.UseDomain(s.ctx, c.id(), c.writer()); err != nil {
			return err
		}
		if err := d.Check(s.ctx, c.id()); err != nil {
			return err
		}
		return showSender(s, d, c.id())
	})
}

type senderSMTPCommand struct {
	ofShop
	senderWriter
	Provider     string `required:"" enum:"ses,postmark,sendgrid,mailgun,resend,other" help:"Whose account it is (${enum})."`
	Region       string `help:"Amazon's, such as eu-central-1, or eu for Mailgun and SendGrid."`
	Host         string `help:"The server, of another provider."`
	Port         int    `help:"Its port; none: 587."`
	User         string `help:"The user, where the provider does not call everybody's the same."`
	Password     string `required:"" env:"SENDER_PASSWORD" help:"The password or API key; better told by SENDER_PASSWORD, since others on this machine see arguments."`
	EventsSecret string `env:"SENDER_EVENTS_SECRET" help:"What the provider's events are checked by; none: they are not taken."`
	Stream       string `help:"Postmark's message stream or Amazon's configuration set."`
}

// Run tries an account and has a shop write by it.
func (c senderSMTPCommand) Run(s *session) error {
	return s.senders(func(d *sender.Desk) error {
		err := d.UseAccount(s.ctx, c.id(), sender.Account{
			Writer: c.writer(), Provider: mail.Provider(c.Provider), Region: c.Region, Host: c.Host, Port: c.Port, User: c.User, Password: c.Password,
			Secret: c.EventsSecret, Stream: c.Stream,
		})
		if err != nil {
			return err
		}
		return showSender(s, d, c.id())
	})
}

type senderCheckCommand struct{ anyShop }

// Run looks a domain up and prints what was seen.
func (c senderCheckCommand) Run(s *session) error {
	return s.senders(func(d *sender.Desk) error {
		shop := commerce.ShopID(c.Shop)
		if shop == "" {
			return showPlatform(s, d)
		}
		if err := d.Check(s.ctx, shop); err != nil {
			return err
		}
		return showSender(s, d, shop)
	})
}

type senderRotateCommand struct{ anyShop }

// Run makes new keys and prints what is to be published.
func (c senderRotateCommand) Run(s *session) error {
	return s.senders(func(d *sender.Desk) error {
		shop := commerce.ShopID(c.Shop)
		if shop == "" {
			if err := d.RotatePlatform(s.ctx); err != nil {
				return err
			}
			return showPlatform(s, d)
		}
		if err := d.Rotate(s.ctx, shop); err != nil {
			return err
		}
		return showSender(s, d, shop)
	})
}

type senderResumeCommand struct{ ofShop }

// Run lets the shared sender take a shop's mails again.
func (c senderResumeCommand) Run(s *session) error {
	return s.senders(func(d *sender.Desk) error {
		if err := d.Resume(s.ctx, c.id()); err != nil {
			return err
		}
		return showSender(s, d, c.id())
	})
}

type senderPlatformCommand struct{}

// Run prints the records of the shared domain.
func (c senderPlatformCommand) Run(s *session) error {
	return s.senders(func(d *sender.Desk) error { return showPlatform(s, d) })
}

func showPlatform(s *session, d *sender.Desk) error {
	if d.Domain == "" {
		return fault.New(fault.Invalid, "MAIL_DOMAIN is not set, so there is no shared sender: name a shop with --shop")
	}
	found, err := d.CheckPlatform(s.ctx)
	if err != nil {
		return err
	}
	keys, err := d.PlatformKeys(s.ctx)
	if err == nil {
		fmt.Printf("shared domain  %s\n", d.Domain)
		printRecords(sender.Records(keys, &found))
	}
	return err
}
