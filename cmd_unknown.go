package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
)

type unknownCommand struct {
	List   unknownListCommand   `cmd:"" help:"List mails of which nobody knows whether they went out."`
	Resend unknownResendCommand `cmd:"" help:"Send them after the gate was asked again; they keep their id."`
	Sent   unknownSentCommand   `cmd:"" help:"Treat them as sent."`
}

type unknownListCommand struct {
	Shop string `required:"" help:"Id of the shop."`
}

// Run prints what is parked, the oldest first.
func (c unknownListCommand) Run(s *session) error {
	return s.inShop(commerce.ShopID(c.Shop), func(st *store.Store, _ commerce.Shop) error {
		rows, err := st.ParkedEffects(s.ctx, commerce.ShopID(c.Shop), "", listed+1)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "X-FLYWHEEL-ID\tCAMPAIGN\tSTEP\tPERSON\tSINCE\tWHAT HAPPENED")
		for _, r := range rows[:min(len(rows), listed)] {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, r.Campaign, r.Step, r.Person, r.Since.Time().Format(time.RFC3339), r.Note)
		}
		return finish(w, len(rows))
	})
}

// parked is a choice of parked mails.
type parked struct {
	Shop string   `required:"" help:"Id of the shop."`
	IDs  []string `arg:"" optional:"" name:"effect" help:"Ids, as unknown list prints them."`
	All  bool     `help:"Every one of this shop."`
}

type unknownResendCommand struct{ parked }

type unknownSentCommand struct{ parked }

// Run gives the mails another chance.
func (c unknownResendCommand) Run(s *session) error {
	return c.each(s, "is sent again if the gate lets it", (*store.Store).Resend)
}

// Run closes the question.
func (c unknownSentCommand) Run(s *session) error {
	return c.each(s, "is treated as sent", (*store.Store).TreatAsSent)
}

func (p parked) each(s *session, done string, do func(*store.Store, context.Context, commerce.ShopID, store.EffectID) error) error {
	if (len(p.IDs) > 0) == p.All {
		return fault.New(fault.Invalid, "name the mails, or say --all")
	}
	return s.inShop(commerce.ShopID(p.Shop), func(st *store.Store, known commerce.Shop) error {
		shop := known.ID
		for _, id := range p.IDs {
			if err := do(st, s.ctx, shop, store.EffectID(id)); err != nil {
				return err
			}
			fmt.Println(id, done)
		}
		for after := store.EffectID(""); p.All; {
			rows, err := st.ParkedEffects(s.ctx, shop, after, listed)
			if err != nil || len(rows) == 0 {
				return err
			}
			for _, r := range rows {
				if err := do(st, s.ctx, shop, r.ID); err != nil {
					return err
				}
				fmt.Println(r.ID, done)
				after = r.ID
			}
		}
		return nil
	})
}
