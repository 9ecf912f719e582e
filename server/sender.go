package server

import (
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
func (s *Server) showSender(c echo.Context, v visit) error { return s.senderPage(c, v, false, "") }

// checkSender looks the shop's domain up at once.
func (s *Server) checkSender(c echo.Context, v visit) error {
	return s.senderAct(c, v, func(ctx context.Context, d *sender.Desk) error { return d.Check(ctx, v.Shop.ID) })
}

// rotateSender makes new keys for it.
func (s *Server) rotateSender(c echo.Context, v visit) error {
	return s.senderAct(c, v, func(ctx context.Context, d *sender.Desk) error { return d.Rotate(ctx, v.Shop.ID) })
}

// shareSender has the shop write by the shared sender again.
func (s *Server) shareSender(c echo.Context, v visit) error {
	return s.senderAct(c, v, func(ctx context.Context, d *sender.Desk) error { return d.UseShared(ctx, v.Shop.ID, "") })
}

// domainSender has the shop write from its own domain, once that is published.
func (s *Server) domainSender(c echo.Context, v visit) error {
	return s.senderAct(c, v, func(ctx context.Context, d *sender.Desk) error {
		if err := d.UseDomain(ctx, v.Shop.ID, writerOf(c)); err != nil {
			return err
		}
		return d.Check(ctx, v.Shop.ID)
	})
}

// accountSender has the shop write by its own account, once its server takes us.
func (s *Server) accountSender(c echo.Context, v visit) error {
	return s.senderAct(c, v, func(ctx context.Context, d *sender.Desk) error {
		port, err := strconv.Atoi(strings.TrimSpace(c.FormValue("port")))
		if err != nil && c.FormValue("port") != "" {
			return fault.New(fault.Invalid, "the port is a number, such as 587")
		}
		return d.UseAccount(ctx, v.Shop.ID, sender.Account{
			Writer: writerOf(c), Provider: mail.Provider(c.FormValue("provider")), Region: c.FormValue("region"), Host: c.FormValue("host"), Port: port,
			User: c.FormValue("user"), Password: c.FormValue("password"), Secret: strings.TrimSpace(c.FormValue("secret")),
		})
	})
}

// testSender sends a mail to the team by the way the shop's mails go.
func (s *Server) testSender(c echo.Context, v visit) error {
	if s.Senders == nil {
		return errNoSenders
	}
	to, err := s.Senders.Try(c.Request().Context(), v.Shop.ID)
	if err != nil {
		return err
	}
	return s.senderPage(c, v, true, to)
}

var errNoSenders = fault.New(fault.NotFound, "the page about the sender is switched off")

func writerOf(c echo.Context) sender.Writer {
	return sender.Writer{Address: c.FormValue("address"), Name: c.FormValue("name"), ReplyTo: c.FormValue("reply_to")}
}

func (s *Server) senderAct(c echo.Context, v visit, do func(context.Context, *sender.Desk) error) error {
	if s.Senders == nil {
		return errNoSenders
	}
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "the form did not arrive whole")
	}
	if err := do(r.Context(), s.Senders); err != nil {
		return err
	}
	s.Log.Info("sender changed", "shop", v.Shop.ID, "path", c.Path(), "user", v.session.User)
	return s.senderPage(c, v, true, "")
}

func (s *Server) senderPage(c echo.Context, v visit, part bool, sent string) error {
	if s.Senders == nil {
		return errNoSenders
	}
	view, err := s.Senders.Show(c.Request().Context(), v.Shop.ID)
	if err != nil {
		return err
	}
	page := senderView(view, v.Shop)
	page.Admin, page.Sent, page.Support = s.frameOf(c, v.Shop), sent, s.Support
	page.Part = part
	return s.adminPage(c, http.StatusOK, "sender", v.lang, page)
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
