package main

import (
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/store"
)

type suppressionCommand struct {
	List   suppressionListCommand   `cmd:"" help:"Show who gets nothing, or not everything."`
	Add    suppressionAddCommand    `cmd:"" help:"Stop mails to an address."`
	Remove suppressionRemoveCommand `cmd:"" help:"Take a stop back."`
	Import suppressionImportCommand `cmd:"" help:"Read a CSV with the columns address, scope, reason, at, until."`
	Export suppressionExportCommand `cmd:"" help:"Write that CSV."`
}

type suppressionListCommand struct {
	Shop string `required:"" help:"Id of the shop."`
}

// Run writes a line for each stop whose address is known.
func (c suppressionListCommand) Run(s *session) error {
	return s.withStore(func(st *store.Store) error {
		if _, err := st.Shop(s.ctx, commerce.ShopID(c.Shop)); err != nil {
			return err
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
		fmt.Fprintln(w, "ADDRESS\tSCOPE\tREASON\tSINCE\tUNTIL")
		err := st.EachStop(s.ctx, commerce.ShopID(c.Shop), func(stop store.Stop) error {
			until := ""
			if stop.Until != 0 {
				until = stop.Until.Time().UTC().Format(time.DateOnly)
			}
			_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", stop.Address, stop.Scope, stop.Reason, stop.At.Time().UTC().Format(time.DateOnly), until)
			return err
		})
		if err != nil {
			return err
		}
		return w.Flush()
	})
}

type suppressionAddCommand struct {
	Shop    string     `required:"" help:"Id of the shop."`
	Address string     `arg:"" help:"Mail address."`
	Scope   string     `default:"all" help:"all, non_transactional (all but order mails), pause or topic:NAME."`
	Reason  string     `default:"by hand" help:"Why, for whoever reads the list."`
	Until   *time.Time `help:"Day on which it ends by itself, such as 2026-03-31; none = it does not." format:"2006-01-02"`
}

// Run adds one line.
func (c suppressionAddCommand) Run(s *session) error {
	until := commerce.Instant(0)
	if c.Until != nil {
		until = commerce.At(*c.Until)
	}
	return s.withStore(func(st *store.Store) error {
		added, err := manage.Desk{Store: st}.AddStop(s.ctx, commerce.ShopID(c.Shop), c.Address, c.Scope, c.Reason, until)
		if err == nil {
			fmt.Println(map[bool]string{true: "stopped", false: "nothing new: it was stopped already, or the person was erased"}[added])
		}
		return err
	})
}

type suppressionRemoveCommand struct {
	Shop    string `required:"" help:"Id of the shop."`
	Address string `arg:"" help:"Mail address."`
	Scope   string `default:"all" help:"The scope of the line that is to go."`
}

// Run takes one line off.
func (c suppressionRemoveCommand) Run(s *session) error {
	return s.withStore(func(st *store.Store) error {
		return manage.Desk{Store: st}.RemoveStop(s.ctx, commerce.ShopID(c.Shop), c.Address, c.Scope)
	})
}

type suppressionImportCommand struct {
	Shop string `required:"" help:"Id of the shop."`
	File string `arg:"" type:"existingfile" help:"CSV with the columns address, scope, reason, at, until."`
}

// Run keeps every line that is right and names those that are not.
func (c suppressionImportCommand) Run(s *session) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	return s.withStore(func(st *store.Store) error {
		got, err := manage.Desk{Store: st}.ImportStops(s.ctx, commerce.ShopID(c.Shop), f)
		tellImported(os.Stdout, got)
		if err == nil && got.Bad > 0 {
			err = fault.New(fault.Invalid, "%d lines are wrong and were left out; mend them and read the file again, what was kept does no harm", got.Bad)
		}
		return err
	})
}

func tellImported(w io.Writer, got manage.Imported) {
	fmt.Fprintf(w, "%d lines added, %d were there, %d left out\n", got.Added, got.Known, got.Bad)
	for _, why := range got.Why {
		fmt.Fprintln(w, why)
	}
	if more := got.Bad - int64(len(got.Why)); more > 0 {
		fmt.Fprintf(w, "and %d more\n", more)
	}
}

type suppressionExportCommand struct {
	Shop string `required:"" help:"Id of the shop."`
	File string `arg:"" optional:"" help:"File to write; none = standard output."`
}

// Run writes the list. A file is readable by its owner alone: it holds addresses.
func (c suppressionExportCommand) Run(s *session) error {
	return s.withStore(func(st *store.Store) (err error) {
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
		lines, err := manage.Desk{Store: st}.ExportStops(s.ctx, commerce.ShopID(c.Shop), out)
		if err == nil && c.File != "" {
			fmt.Printf("%d lines written\n", lines)
		}
		return err
	})
}
