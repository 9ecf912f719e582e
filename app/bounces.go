package app

import (
	"context"
	"fmt"
	"log/slog"

	"flywheel/bounces"
	"flywheel/commerce"
	"flywheel/integrations/mail/events"
	"flywheel/integrations/mail/inbound"
	"flywheel/store"
)

// NewFeedback makes the desk that takes what is told of mails after they went
// out. weigh looks after a complaint whether a shop may go on; nil = nobody does.
func NewFeedback(c Config, st *store.Store, weigh func(context.Context, commerce.ShopID) error, log *slog.Logger) *bounces.Desk {
	return &bounces.Desk{
		Store: st, Refs: c.Refs(), Door: &events.Door{Now: c.Now}, Provider: c.MailProvider, Secret: c.MailSecret, Weigh: weigh, Log: log,
	}
}

// openFeedback makes the desk and, where MailIn says so, listens for servers' reports.
func (a *App) openFeedback() (err error) {
	c := a.Config
	a.Feedback = NewFeedback(c, a.Store, a.Senders.WeighComplaints, a.Log)
	if c.MailIn == "" || c.MailDomain == "" {
		return nil
	}
	a.inbound, err = inbound.Listen(inbound.Options{
		Addr: c.MailIn, Domain: c.MailDomain, Ours: a.Feedback.ReportTo, Log: a.Log,
		Take: func(ctx context.Context, to string, raw []byte) error {
			_, err := a.Feedback.TakeReport(ctx, to, raw)
			return err
		},
	})
	if err != nil {
		return fmt.Errorf("listen for reports on %s: %w", c.MailIn, err)
	}
	return nil
}

// ReportsAddr is where servers' reports are listened for, with its real port; "" = nowhere.
func (a *App) ReportsAddr() string {
	if a.inbound == nil {
		return ""
	}
	return a.inbound.Addr()
}
