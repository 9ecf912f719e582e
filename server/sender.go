package server

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/mail"
	"flywheel/sender"
	"flywheel/store"
	"flywheel/templates"
)

// providerNames are what merchants know providers by; "other" is any mail server.
var providerNames = map[mail.Provider]string{
	mail.SES: "Amazon SES", mail.Postmark: "Postmark", mail.SendGrid: "SendGrid", mail.Mailgun: "Mailgun", mail.Resend: "Resend", mail.Other: "SMTP",
}

// showSender is who the shop writes as, with what to publish for a domain of its own.
func (s *Server) showSender(c echo.Context, v visit) error {
	return s.senderPage(c, v, http.StatusOK, func(*templates.SenderPage) {})
}

// checkSender looks the shop's domain up at once.
func (s *Server) checkSender(c echo.Context, v visit) error {
	return s.senderAct(c, v, "checked", func(ctx context.Context, d *sender.Desk) error { return d.Check(ctx, v.Shop.ID) })
}

// rotateSender makes new keys for it.
func (s *Server) rotateSender(c echo.Context, v visit) error {
	return s.senderAct(c, v, "rotated", func(ctx context.Context, d *sender.Desk) error { return d.Rotate(ctx, v.Shop.ID) })
}

// shareSender has the shop write by the shared sender again.
func (s *Server) shareSender(c echo.Context, v visit) error {
	return s.senderAct(c, v, "shared", func(ctx context.Context, d *sender.Desk) error { return d.UseShared(ctx, v.Shop.ID, "") })
}

// testSender sends a mail to the team by the way the shop's mails go.
func (s *Server) testSender(c echo.Context, v visit) error {
	return s.senderAct(c, v, "test", func(ctx context.Context, d *sender.Desk) error {
		_, err := d.Try(ctx, v.Shop.ID)
		return err
	})
}

// domainSender has the shop write from its own domain, once that is published.
func (s *Server) domainSender(c echo.Context, v visit) error {
	err := s.senderAct(c, v, "domain", func(ctx context.Context, d *sender.Desk) error {
		if err := d.UseDomain(ctx, v.Shop.ID, writerOf(c)); err != nil {
			return err
		}
		return d.Check(ctx, v.Shop.ID)
	})
	return s.refusedSender(c, v, err, "domain", "address")
}

// accountSender has the shop write by its own account, once its server takes us.
func (s *Server) accountSender(c echo.Context, v visit) error {
	port, err := strconv.Atoi(strings.TrimSpace(templates.Western(c.FormValue("port"))))
	if err != nil && c.FormValue("port") != "" {
		return s.refusedSender(c, v, fault.New(fault.Invalid, "the port is a number, such as 587"), "smtp", "port")
	}
	err = s.senderAct(c, v, "account", func(ctx context.Context, d *sender.Desk) error {
		return d.UseAccount(ctx, v.Shop.ID, sender.Account{
			Writer: writerOf(c), Provider: mail.Provider(c.FormValue("provider")), Region: c.FormValue("region"), Host: c.FormValue("host"), Port: port,
			User: c.FormValue("user"), Password: c.FormValue("password"), Secret: strings.TrimSpace(c.FormValue("secret")),
		})
	})
	return s.refusedSender(c, v, err, "smtp", "")
}

// refusedSender shows the page with a form as it was typed, but for its secrets,
// and why it was not taken; nil and what no form can mend go on as they are.
func (s *Server) refusedSender(c echo.Context, v visit, err error, form, field string) error {
	refusal, ok := refusalOf(err, v.lang)
	if !ok || s.Senders == nil {
		return err
	}
	refusal.Form, refusal.Field = form, field
	return s.senderPage(c, v, http.StatusUnprocessableEntity, func(p *templates.SenderPage) {
		p.Wrong, p.Address, p.Name, p.ReplyTo = refusal, c.FormValue("address"), c.FormValue("name"), c.FormValue("reply_to")
		p.Provider, p.Region, p.Host, p.Port, p.User = cmp.Or(c.FormValue("provider"), p.Provider), c.FormValue("region"), c.FormValue("host"), c.FormValue("port"), c.FormValue("user")
	})
}

var errNoSenders = fault.New(fault.NotFound, "the page about the sender is switched off")

func writerOf(c echo.Context) sender.Writer {
	return sender.Writer{Address: c.FormValue("address"), Name: c.FormValue("name"), ReplyTo: c.FormValue("reply_to")}
}

func (s *Server) senderAct(c echo.Context, v visit, said string, do func(context.Context, *sender.Desk) error) error {
	if s.Senders == nil {
		return errNoSenders
	}
	if err := do(c.Request().Context(), s.Senders); err != nil {
		return err
	}
	s.Log.Info("sender changed", "shop", v.Shop.ID, "path", c.Path(), "user", v.Who.Name)
	return s.done(c, v, "/sender", "sender_"+said)
}

func (s *Server) senderPage(c echo.Context, v visit, code int, fill func(*templates.SenderPage)) error {
	if s.Senders == nil {
		return errNoSenders
	}
	view, err := s.Senders.Show(c.Request().Context(), v.Shop.ID)
	if err != nil {
		return err
	}
	page := senderView(view, v.Shop)
	page.Admin, page.Support = s.frameOf(c, v), s.Support
	page.Here = "settings"
	fill(&page)
	return s.adminPage(c, code, "sender", v.lang, page)
}

// senderView is a view as the page shows it.
func senderView(v sender.View, shop commerce.Shop) templates.SenderPage {
	page := templates.SenderPage{
		Kind: string(v.Way.Kind), From: v.From.Address, Reply: v.From.ReplyTo, Stopped: v.Way.Stopped,
		Taken: min(v.Taken, v.Way.DailyLimit), Limit: v.Way.DailyLimit, Events: v.Events,
		MayShare: v.Shared != "" && v.Row.Kind != store.SenderShared,
		Address:  v.Row.Address, Name: v.Row.Name, ReplyTo: v.Row.ReplyTo, Provider: v.Row.Provider,
	}
	if page.Address == "" && sender.Usable(shop.Email) {
		page.Address = shop.Email
	}
	for _, p := range mail.Providers {
		page.Providers = append(page.Providers, templates.SenderProvider{Value: string(p), Label: providerNames[p]})
	}
	if v.Row.Kind != store.SenderDomain {
		return page
	}
	page.Domain = &templates.SenderDomain{Name: v.Row.Domain, Ready: v.Row.State == store.SenderReady}
	if v.BrokenSince != 0 {
		page.Domain.BrokenSince = v.BrokenSince.Time()
	}
	if v.Row.LookedAt != 0 {
		page.Domain.LookedAt = v.Row.LookedAt.Time()
	}
	for _, r := range v.Records {
		record := templates.SenderRecord{Name: r.Name, Type: r.Type, Value: r.Value, Kind: r.Kind, Key: string(r.Key), Seen: string(r.Condition)}
		if r.Condition != mail.Good {
			record.Stands = r.Stands
		}
		page.Domain.Records = append(page.Domain.Records, record)
	}
	return page
}
