package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"flywheel/app"
	"flywheel/bounces"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/mail/reports"
	"flywheel/store"
)

type mailCommand struct {
	Take    mailTakeCommand    `cmd:"" help:"Take a mail server's report of a mail of ours from standard input, as a pipe of Postfix or Exim does."`
	Bounces mailBouncesCommand `cmd:"" help:"List what was told of mails to an address, and why it gets none any more."`
}

type mailTakeCommand struct {
	To string `help:"The address the report came to, where the mail server tells it." placeholder:"ADDRESS"`
}

// Run takes one report. What is no report is an error, so that a mail server's
// pipe returns it to nobody only where it is told to.
func (c mailTakeCommand) Run(s *session) error {
	if err := demand(s.config, false, false); err != nil {
		return err
	}
	return s.withStore(func(st *store.Store) error {
		log := newLog(s.config.LogLevel)
		senders := app.NewSenders(s.config, st, nil, log)
		defer senders.Close()
		return c.take(s.ctx, app.NewFeedback(s.config, st, senders.WeighComplaints, log), os.Stdin, os.Stdout)
	})
}

func (c mailTakeCommand) take(ctx context.Context, desk *bounces.Desk, in io.Reader, out io.Writer) error {
	raw, err := io.ReadAll(io.LimitReader(in, reports.MaxSize+1))
	if err != nil {
		return err
	}
	n, err := desk.TakeReport(ctx, c.To, raw)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d taken, %d known before, %d of no mail of ours\n", n.Fresh, n.Known, n.Ignored)
	return nil
}

type mailBouncesCommand struct {
	ofShop
	Email string `required:"" help:"The address."`
}

// Run prints bounces, the newest first, and the stops of the address.
func (c mailBouncesCommand) Run(s *session) error {
	return s.inShop(c.id(), func(st *store.Store, _ commerce.Shop) error { return c.list(s.ctx, st, os.Stdout) })
}

func (c mailBouncesCommand) list(ctx context.Context, st *store.Store, out io.Writer) error {
	email := commerce.NormalEmail(c.Email)
	if email == "" {
		return fault.New(fault.Invalid, "--email %q is not an address", c.Email)
	}
	hash, err := st.AddressHash(ctx, c.id(), email)
	if err != nil {
		return err
	}
	stops, err := st.Suppressions(ctx, c.id(), hash)
	if err != nil {
		return err
	}
	for _, stop := range stops {
		fmt.Fprintf(out, "stopped: %s since %s: %s\n", stop.Scope, stop.At.Time().Format(time.RFC3339), stop.Reason)
	}
	all, err := st.Bounces(ctx, c.id(), hash, listed+1)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "AT\tKIND\tTOLD BY\tCODE\tX-FLYWHEEL-ID\tWORDS")
	for _, b := range all[:min(len(all), listed)] {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", b.At.Time().Format(time.RFC3339), b.Kind, b.Source, b.Code, b.Effect, b.Note)
	}
	return finish(w, len(all))
}
