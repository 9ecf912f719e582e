package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/timeline"
)

type whyCommand struct {
	Shop  string `required:"" help:"Id of the shop."`
	Email string `help:"The customer's address."`
	Order string `help:"Or an order of theirs, by the platform's id: 5510000000777, pi_..., in_..., cs_..., ch_...."`
}

// wholeTimeline is how many records of one person are shown.
const wholeTimeline = 1000

// Run prints what happened to a person, what was decided and why.
func (c whyCommand) Run(s *session) error {
	if (c.Email == "") == (c.Order == "") {
		return fault.New(fault.Invalid, "say --email or --order")
	}
	email := commerce.NormalEmail(c.Email)
	if c.Email != "" && email == "" {
		return fault.New(fault.Invalid, "--email %q is not an address", c.Email)
	}
	return s.withStore(func(st *store.Store) error {
		person, err := st.WhoIs(s.ctx, commerce.ShopID(c.Shop), email, c.Order)
		if err != nil {
			return err
		}
		return tell(s.ctx, os.Stdout, st, commerce.ShopID(c.Shop), person)
	})
}

// tell writes a person's timeline, day by day in the shop's zone.
func tell(ctx context.Context, w io.Writer, st *store.Store, id commerce.ShopID, person commerce.PersonID) error {
	shop, err := st.Shop(ctx, id)
	if err != nil {
		return err
	}
	orders, err := st.OrdersOf(ctx, id, person)
	if err != nil {
		return err
	}
	campaigns, err := st.ListCampaigns(ctx, id)
	if err != nil {
		return err
	}
	records, err := st.Timeline(ctx, id, person, wholeTimeline)
	if err != nil {
		return err
	}
	t := timeline.NewTeller(shop, orders, campaigns)
	fmt.Fprintf(w, "person %s, times in %s\n", person, timeline.Zone(shop))
	for _, l := range t.Lines(records) {
		fmt.Fprintf(w, "%s  %s", t.When(l.At), l.Sentence)
		if l.Code != "" {
			fmt.Fprintf(w, "  [%s]", l.Code)
		}
		fmt.Fprintln(w)
	}
	if len(records) == wholeTimeline {
		fmt.Fprintf(w, "and more: these are the first %d\n", wholeTimeline)
	}
	return nil
}
