package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/privacy"
	"flywheel/store"
)

type privacyCommand struct {
	List    privacyListCommand    `cmd:"" help:"List a shop's requests."`
	Export  privacyExportCommand  `cmd:"" help:"Print what was gathered for a request for data."`
	Erase   privacyEraseCommand   `cmd:"" help:"Erase one customer."`
	Report  privacyReportCommand  `cmd:"" help:"Print the proofs of what was erased."`
	Reapply privacyReapplyCommand `cmd:"" help:"Erase again, after a restore, what the file beside the backup tells."`
}

// requestsListed is how many requests of a shop are shown.
const requestsListed = 1000

type privacyListCommand struct {
	Shop string `required:"" help:"Id of the shop."`
}

// Run lists a shop's requests, the newest first.
func (c privacyListCommand) Run(s *session) error {
	return s.withStore(func(st *store.Store) error {
		all, err := st.PrivacyRequests(s.ctx, commerce.ShopID(c.Shop), requestsListed)
		if err != nil {
			return err
		}
		return listRequests(os.Stdout, all)
	})
}

func listRequests(w io.Writer, all []store.PrivacyRequest) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "no requests")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "RECEIVED\tREQUEST\tKIND\tSTATE\tDUE")
	for _, p := range all {
		state := "open"
		switch {
		case p.Report.Note != "":
			state = "not carried out: " + p.Report.Note
		case p.Export != "":
			state = "export ready"
		case p.DoneAt != 0:
			state = "done"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", on(p.ReceivedAt), p.ID, p.Kind, state, on(p.DueAt))
	}
	return t.Flush()
}

func on(at commerce.Instant) string {
	if at == 0 {
		return "-"
	}
	return at.Time().UTC().Format(time.DateOnly)
}

type privacyExportCommand struct {
	Shop    string `required:"" help:"Id of the shop."`
	Request string `required:"" help:"Our id of the request, or the platform's."`
	HTML    bool   `name:"html" help:"A page for people instead of JSON."`
	Lang    string `default:"" help:"Language of the page; the shop's where it is left out."`
}

// Run prints an export.
func (c privacyExportCommand) Run(s *session) error {
	return s.withStore(func(st *store.Store) error {
		shop := commerce.ShopID(c.Shop)
		p, err := st.PrivacyRequest(s.ctx, shop, c.Request)
		if err != nil {
			return err
		}
		if p.DoneAt == 0 {
			return fault.New(fault.Conflict, "this request is not answered yet: a worker does it within the hour")
		}
		body, err := st.Export(s.ctx, shop, p.Export)
		if err != nil {
			return err
		}
		if c.HTML {
			of, err := st.Shop(s.ctx, shop)
			if err != nil {
				return err
			}
			lang := c.Lang
			if lang == "" {
				lang = of.Locale
			}
			if body, err = privacy.Page(body, lang); err != nil {
				return err
			}
		}
		_, err = os.Stdout.Write(body)
		return err
	})
}

type privacyReportCommand struct {
	Shop string `help:"Id of a shop; all of them where it is left out."`
	JSON bool   `name:"json" help:"One JSON object a line, as in the file beside the backup."`
}

// Run prints the proofs of erasures.
func (c privacyReportCommand) Run(s *session) error {
	return s.withStore(func(st *store.Store) error {
		for after := ""; ; {
			some, err := st.Erasures(s.ctx, commerce.ShopID(c.Shop), after, requestsListed)
			if err != nil {
				return err
			}
			for _, e := range some {
				after = e.ID
				if err := c.print(os.Stdout, e); err != nil {
					return err
				}
			}
			if len(some) < requestsListed {
				return nil
			}
		}
	})
}

func (c privacyReportCommand) print(w io.Writer, e store.Erasure) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(e)
	}
	state := ""
	if !e.Report.Finished {
		state = " (not finished: a worker goes on with it)"
	}
	_, err := fmt.Fprintf(w, "%s  %s of shop %s%s\n  erasure %s, known again by %d marks\n  %s\n",
		e.At.Time().UTC().Format(time.RFC3339), e.Kind, e.Shop, state, e.ID, len(e.Marks), rows(e.Report))
	return err
}

// rows writes a report's figures in one line.
func rows(r store.Report) string {
	var parts []string
	for _, table := range slices.Sorted(maps.Keys(r.Rows)) {
		parts = append(parts, fmt.Sprintf("%s %d", table, r.Rows[table]))
	}
	if len(parts) == 0 {
		return "nothing was there"
	}
	return strings.Join(parts, ", ")
}
