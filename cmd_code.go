package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"flywheel/codes"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/install"
	"flywheel/integrations/stripe"
	"flywheel/store"
	"flywheel/timeline"
)

type codeCommand struct {
	Give codeGiveCommand `cmd:"" help:"Give a discount code in a Stripe account, once for a cause and rule."`
	End  codeEndCommand  `cmd:"" help:"Take a code back: nobody can use it any more."`
	List codeListCommand `cmd:"" help:"List the codes that were given."`
}

// forWhat names what a code is given for.
type forWhat struct {
	ofShop
	Cause string `required:"" help:"What it is given for, such as order:1001."`
	Rule  string `required:"" help:"What gives it, such as loyalty. A cause has one code of each rule."`
}

type codeGiveCommand struct {
	forWhat
	Percent    string   `xor:"off" required:"" help:"Percent off, such as 10 or 12.5."`
	Amount     string   `xor:"off" required:"" help:"Amount off, such as 5.00; with --currency."`
	Currency   string   `help:"Of --amount and --minimum, such as EUR."`
	Minimum    string   `help:"Least amount it can be used on."`
	Product    []string `help:"prod_..., what it is for; may be repeated. None is everything."`
	Customer   string   `help:"cus_..., the only one who may use it. None is whoever has the code."`
	Days       int      `help:"For how long it is good; 0 is for ever."`
	Title      string   `default:"Thank you" help:"What the customer reads on the receipt."`
	Connection string   `help:"Which account, where the shop has several."`
	Test       bool     `help:"In test mode."`
}

// Run gives a code, or says which one was given.
func (c codeGiveCommand) Run(s *session) error {
	r, err := c.reward()
	if err != nil {
		return err
	}
	return s.inShop(c.id(), func(st *store.Store, shop commerce.Shop) error {
		return c.give(s.ctx, s.codes(st), shop, r)
	})
}

func (c codeGiveCommand) give(ctx context.Context, d *codes.Desk, shop commerce.Shop, r codes.Reward) error {
	given, err := d.Give(ctx, shop.ID, r)
	if err != nil {
		return err
	}
	switch {
	case given.Ended:
		return fault.New(fault.Conflict, "the code %s has ended, and the rule %s gives no other for %s", given.Code, c.Rule, c.Cause)
	case given.Existing:
		fmt.Printf("code %s, given before", given.Code)
	default:
		fmt.Printf("code %s", given.Code)
	}
	if !given.EndsAt.IsZero() {
		fmt.Printf(", good until %s", timeline.Moment(given.EndsAt, timeline.Zone(shop)))
	}
	fmt.Println()
	return nil
}

// reward reads the flags.
func (c codeGiveCommand) reward() (r codes.Reward, err error) {
	r = codes.Reward{
		Cause: c.Cause, Rule: c.Rule, Title: c.Title, Customer: c.Customer, Connection: commerce.ConnectionID(c.Connection), Test: c.Test,
		Terms: codes.Terms{Kind: stripe.PercentOff, Products: c.Product, Days: c.Days},
	}
	if c.Amount != "" {
		r.Kind = stripe.AmountOff
		if r.Amount, err = commerce.ParseMoney(c.Amount, c.Currency); err != nil {
			return r, err
		}
	} else if r.Percent, err = hundredths(c.Percent); err != nil {
		return r, err
	}
	if c.Minimum != "" {
		r.Minimum, err = commerce.ParseMoney(c.Minimum, c.Currency)
	}
	return r, err
}

// hundredths reads a percentage of at most two decimals, as money is read.
func hundredths(percent string) (int, error) {
	m, err := commerce.ParseMoney(percent, "EUR")
	if err != nil || m.Amount < 1 || m.Amount > 100_00 {
		return 0, fault.New(fault.Invalid, "--percent %q is not between 0.01 and 100, with two decimals at most", percent)
	}
	return int(m.Amount), nil
}

type codeEndCommand struct{ forWhat }

// Run takes back what the rule has given for the cause.
func (c codeEndCommand) Run(s *session) error {
	return s.inShop(c.id(), func(st *store.Store, shop commerce.Shop) error {
		return c.end(s.ctx, s.codes(st), shop)
	})
}

func (c codeEndCommand) end(ctx context.Context, d *codes.Desk, shop commerce.Shop) error {
	if err := d.End(ctx, shop.ID, c.Cause, c.Rule); err != nil {
		return err
	}
	rows, err := d.Store.PromotionsFor(ctx, shop.ID, c.Cause, c.Rule)
	for _, p := range rows {
		if p.LookAt == 0 {
			fmt.Printf("code %s ended; who has used it before has used it\n", p.Code)
		} else {
			fmt.Printf("code %s ended here, and may be good at Stripe for some time: %s\n", p.Code, oneLine(p.Note))
		}
	}
	return err
}

type codeListCommand struct{ ofShop }

// Run prints all codes of a shop.
func (c codeListCommand) Run(s *session) error {
	return s.inShop(c.id(), func(st *store.Store, shop commerce.Shop) error { return c.list(s.ctx, st, shop) })
}

func (c codeListCommand) list(ctx context.Context, st *store.Store, shop commerce.Shop) error {
	accounts, err := st.Connections(ctx, shop.ID)
	if err != nil {
		return err
	}
	named := map[commerce.ConnectionID]string{}
	for _, a := range accounts {
		if named[a.ID] = a.ExternalID; !a.Live {
			named[a.ID] += " (test)"
		}
	}
	zone, n := timeline.Zone(shop), 0
	w := table("GIVEN (" + zone.String() + ")\tCODE\tSTATE\tCAUSE\tRULE\tTERMS\tCUSTOMER\tACCOUNT\tNOTE")
	for last := (store.Promotion{}); ; {
		rows, err := st.PromotionsAfter(ctx, shop.ID, last, listed)
		if err != nil {
			return err
		}
		for _, p := range rows {
			last = p
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", timeline.Moment(p.AskedAt.Time(), zone), p.Code, p.State,
				oneLine(p.Cause), oneLine(p.Rule), inWords(p.Terms), p.Customer, named[p.Connection], oneLine(p.Note))
		}
		if n += len(rows); len(rows) < listed {
			return finish(w, min(n, listed)) // all of them
		}
	}
}

// inWords says the terms of a code; what cannot be read, as it is.
func inWords(terms string) string {
	t, err := codes.ReadTerms(terms)
	if err != nil {
		return terms
	}
	return t.String()
}

// codes is a desk with the settings of the program.
func (s *session) codes(st *store.Store) *codes.Desk {
	return &codes.Desk{Store: st, Accounts: &install.StripeDesk{
		Store: st, Stripe: s.stripe().client, Keys: s.config.StripeKeys, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}}
}
