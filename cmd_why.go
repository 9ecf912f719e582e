package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/timeline"
)

type whyCommand struct {
	Shop     string `required:"" help:"Id of the shop."`
	Email    string `help:"The customer's address."`
	Order    string `help:"Or an order of theirs, by the platform's id: 5510000000777, pi_..., in_..., cs_..., ch_...."`
	Campaign string `help:"Only what this campaign made of it."`
}

// wholeTimeline is how many records of one person are shown.
const wholeTimeline = 1000

// Run prints what happened to a person, what was decided and why, and last in
// one sentence a campaign why they got its message or did not.
func (c whyCommand) Run(s *session) error {
	if (c.Email == "") == (c.Order == "") {
		return fault.New(fault.Invalid, "say --email or --order")
	}
	email := commerce.NormalEmail(c.Email)
	if c.Email != "" && email == "" {
		return fault.New(fault.Invalid, "--email %q is not an address", c.Email)
	}
	return s.atDesk(func(desk manage.Desk) error {
		shop := commerce.ShopID(c.Shop)
		person, err := desk.Store.WhoIs(s.ctx, shop, email, c.Order)
		if err != nil {
			return err
		}
		order, err := desk.OrderOf(s.ctx, shop, person, c.Order)
		if err != nil {
			return err
		}
		return tell(s.ctx, os.Stdout, desk.Store, shop, person, asked{campaign.CampaignID(c.Campaign), order})
	})
}

// asked narrows the question; the zero value asks for everything.
type asked struct {
	campaign campaign.CampaignID
	order    commerce.OrderID
}

// tell writes a person's timeline, day by day in the shop's zone.
func tell(ctx context.Context, w io.Writer, st *store.Store, id commerce.ShopID, person commerce.PersonID, about asked) error {
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
	records, err := st.Why(ctx, id, person, about.campaign)
	if err != nil {
		return err
	}
	t := timeline.NewTeller(shop, orders, campaigns)
	fmt.Fprintf(w, "person %s, times in %s\n", person, timeline.Zone(shop))
	lines := t.Lines(records)
	if n := len(lines) - wholeTimeline; n > 0 {
		fmt.Fprintf(w, "%d earlier records are left out\n", n)
		lines = lines[n:]
	}
	for _, l := range lines {
		fmt.Fprintf(w, "%s  %s", t.When(l.At), l.Sentence)
		if l.Code != "" {
			fmt.Fprintf(w, "  [%s]", l.Code)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w)
	for _, c := range campaigns {
		if c.ID == about.campaign || about.campaign == "" && touches(records, c.ID) {
			fmt.Fprintln(w, t.Answer(records, c.ID, about.order, st.Now()))
		}
	}
	return unknownCampaign(campaigns, about.campaign)
}

// touches reports whether a campaign has a part in the records.
func touches(records []store.Entry, id campaign.CampaignID) bool {
	return slices.ContainsFunc(records, func(e store.Entry) bool { return e.Campaign == string(id) })
}

func unknownCampaign(all []campaign.Campaign, id campaign.CampaignID) error {
	if id == "" || slices.ContainsFunc(all, func(c campaign.Campaign) bool { return c.ID == id }) {
		return nil
	}
	return fault.New(fault.NotFound, "there is no campaign %s in this shop", id)
}
