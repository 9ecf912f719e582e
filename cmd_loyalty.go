package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"text/tabwriter"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
)

type loyaltyCommand struct {
	Show    loyaltyShowCommand    `cmd:"" help:"Show a shop's program and what it owes in points."`
	Import  loyaltyImportCommand  `cmd:"" help:"Read members and points from a CSV as Smile.io has it."`
	Export  loyaltyExportCommand  `cmd:"" help:"Write that CSV."`
	Rebuild loyaltyRebuildCommand `cmd:"" help:"Make every balance anew from the ledger's rows."`
	Verify  loyaltyVerifyCommand  `cmd:"" help:"Derive every balance from the ledger's rows and print those that are kept otherwise."`
}

// ofProgram names a shop.
type ofProgram struct {
	Shop string `arg:"" help:"Id of the shop."`
}

// atClub opens the database for what is done to a shop's program.
func (o ofProgram) atClub(s *session, do func(club.Desk, commerce.Shop) error) error {
	return s.inShop(commerce.ShopID(o.Shop), func(st *store.Store, shop commerce.Shop) error { return do(club.Desk{Store: st}, shop) })
}

type loyaltyShowCommand struct{ ofProgram }

// Run prints figures, one a line.
func (c loyaltyShowCommand) Run(s *session) error {
	return c.atClub(s, func(d club.Desk, shop commerce.Shop) error {
		p, err := d.Store.LoyaltyProgram(s.ctx, shop.ID)
		if err != nil {
			return err
		}
		if p.Rev == 0 {
			fmt.Println("there is no program")
			return nil
		}
		o, err := d.Owed(s.ctx, shop.ID)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
		fmt.Fprintf(w, "state\t%s\nversion\t%d\nrules\t%d\nrewards\t%d\ntiers\t%d\n", p.State, p.Version, len(p.Rules), len(p.Rewards), len(p.Tiers.Levels))
		fmt.Fprintf(w, "members\t%d\npoints outstanding\t%d\npoints waiting\t%d\npoints owed by customers\t%d\n", o.Members, o.Points, o.Pending, o.Owed)
		if o.Per > 0 {
			fmt.Fprintf(w, "worth\t%s %s (%d points are %s)\n", commerce.Money{Amount: o.Worth, Currency: shop.Currency}.Decimal(), shop.Currency,
				o.Per, commerce.Money{Amount: o.Rate, Currency: shop.Currency}.Decimal())
		}
		if o.Known {
			fmt.Fprintf(w, "expected to expire\t%d (%d.%d %%)\n", o.Expire, o.ShareTenth/10, o.ShareTenth%10)
		} else {
			fmt.Fprintln(w, "expected to expire\tnot known yet: too few points have run their course")
		}
		return w.Flush()
	})
}

type loyaltyImportCommand struct {
	ofProgram
	File string `arg:"" type:"existingfile" help:"CSV with the columns email and points."`
	Mode string `enum:"add,reset" default:"add" help:"add to balances, or reset them to the file's."`
	Look bool   `help:"Only say what would be done."`
}

// Run reads a file; read again it goes on where it was cut off.
func (c loyaltyImportCommand) Run(s *session) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	file, err := club.ReadFile(f)
	if err != nil {
		return err
	}
	return c.atClub(s, func(d club.Desk, shop commerce.Shop) error {
		var got club.Imported
		if c.Look {
			got, err = d.Preview(s.ctx, shop, file, club.Mode(c.Mode))
		} else {
			got, err = d.Import(s.ctx, shop, file, club.Mode(c.Mode), "command line", func(done int) { fmt.Fprintf(os.Stderr, "%d of %d lines\n", done, file.Lines()) })
		}
		fmt.Printf("%d lines, %d of them done before; %d new customers; balances moved by %d points; %d lines left out\n", got.Read, got.Before, got.New, got.Points, len(got.Refused))
		for _, r := range got.Refused {
			fmt.Printf("line %d: %s %s\n", r.Line, r.Why, r.Has)
		}
		if err == nil && len(got.Refused) > 0 {
			err = fault.New(fault.Invalid, "%d lines were left out; mend them and read them from a file of their own", len(got.Refused))
		}
		return err
	})
}

type loyaltyExportCommand struct {
	ofProgram
	File string `arg:"" optional:"" help:"File to write; none = standard output."`
}

// Run writes the members. A file is readable by its owner alone: it holds addresses.
func (c loyaltyExportCommand) Run(s *session) error {
	return c.atClub(s, func(d club.Desk, shop commerce.Shop) (err error) {
		out := os.Stdout
		if c.File != "" {
			if out, err = os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600); err != nil {
				return err
			}
			defer func() {
				if closed := out.Close(); err == nil {
					err = closed
				}
			}()
		}
		w := csv.NewWriter(out)
		if err := w.Write(club.Columns); err != nil {
			return err
		}
		for next := commerce.PersonID(""); ; {
			lines, then, err := d.Export(s.ctx, shop.ID, next)
			if err != nil {
				return err
			}
			if err := w.WriteAll(lines); err != nil || then == "" {
				return err
			}
			next = then
		}
	})
}

type loyaltyRebuildCommand struct{ ofProgram }

// Run puts balances right.
func (c loyaltyRebuildCommand) Run(s *session) error {
	return c.atClub(s, func(d club.Desk, shop commerce.Shop) error {
		n, changed, err := d.Rebuild(s.ctx, shop.ID)
		fmt.Printf("%d balances made anew, %d were others\n", n, changed)
		return err
	})
}

type loyaltyVerifyCommand struct{ ofProgram }

// Run fails where a balance is not what its rows come to.
func (c loyaltyVerifyCommand) Run(s *session) error {
	return c.atClub(s, func(d club.Desk, shop commerce.Shop) error {
		wrong := 0
		n, err := d.Verify(s.ctx, shop.ID, func(x club.Difference) {
			wrong++
			fmt.Printf("%s: kept %+v, by the rows %+v\n", x.Person, x.Kept, x.Rows)
		})
		if err != nil {
			return err
		}
		if wrong > 0 {
			return fault.New(fault.Conflict, "%d of %d balances differ: flywheel loyalty rebuild puts them right", wrong, n)
		}
		fmt.Printf("%d balances are what their rows come to\n", n)
		return nil
	})
}
