package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/timeline"
)

type findingsCommand struct {
	ofShop
	CSV bool `name:"csv" help:"As CSV, all of them."`
}

// Run prints what a shop should look at, such as what webhooks left out.
func (c findingsCommand) Run(s *session) error {
	return s.inShop(c.id(), func(st *store.Store, shop commerce.Shop) error {
		if c.CSV {
			return c.export(s.ctx, st, shop)
		}
		return c.list(s.ctx, st, shop)
	})
}

func (c findingsCommand) list(ctx context.Context, st *store.Store, shop commerce.Shop) error {
	rows, err := st.FindingsAfter(ctx, shop.ID, "", listed+1)
	if err != nil {
		return err
	}
	zone := timeline.Zone(shop)
	w := table("FOUND (" + zone.String() + ")\tKIND\tSUBJECT\tDETAIL")
	for _, f := range rows[:min(len(rows), listed)] {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", timeline.Moment(f.FoundAt.Time(), zone), f.Kind, f.Subject, oneLine(f.Detail))
	}
	return finish(w, len(rows))
}

// export prints all findings, with times in UTC as RFC 3339 has them.
func (c findingsCommand) export(ctx context.Context, st *store.Store, shop commerce.Shop) error {
	w := csv.NewWriter(os.Stdout)
	_ = w.Write([]string{"found_at", "kind", "subject", "detail"}) // Flush tells
	for after := ""; ; {
		rows, err := st.FindingsAfter(ctx, shop.ID, after, listed)
		if err != nil {
			return err
		}
		for _, f := range rows {
			_ = w.Write([]string{f.FoundAt.Time().Format("2006-01-02T15:04:05Z"), f.Kind, f.Subject, f.Detail})
			after = f.ID
		}
		if len(rows) < listed {
			w.Flush()
			return w.Error()
		}
	}
}
