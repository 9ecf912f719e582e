package main

import (
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"flywheel/commerce"
	"flywheel/store"
)

type inboxCommand struct {
	List   inboxListCommand   `cmd:"" help:"List deliveries that could not be read, with the error."`
	Replay inboxReplayCommand `cmd:"" help:"Put deliveries back in line."`
}

type inboxListCommand struct {
	Shop string `required:"" help:"Id of the shop."`
}

// listed is how many rows of a table one command prints; the rest is named.
const listed = 100

// Run prints what stands in quarantine, the oldest first.
func (c inboxListCommand) Run(s *session) error {
	return s.inShop(commerce.ShopID(c.Shop), func(st *store.Store, _ commerce.Shop) error {
		rows, err := st.Quarantined(s.ctx, commerce.ShopID(c.Shop), "", listed+1)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "DELIVERY\tPLATFORM\tTOPIC\tRECEIVED\tERROR")
		for _, r := range rows[:min(len(rows), listed)] {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.ID, r.Platform, r.Topic, r.ReceivedAt.Time().Format(time.RFC3339), r.Note)
		}
		return finish(w, len(rows))
	})
}

// finish writes the table out and says how long it is.
func finish(w *tabwriter.Writer, rows int) error {
	err := w.Flush()
	switch {
	case rows == 0:
		fmt.Println("nothing to show")
	case rows > listed:
		fmt.Printf("and more: these are the first %d\n", listed)
	}
	return err
}

type inboxReplayCommand struct {
	Shop string   `required:"" help:"Id of the shop."`
	IDs  []string `arg:"" name:"delivery" help:"Ids of deliveries, as inbox list prints them."`
}

// Run lets deliveries be processed again; a worker finds them within a second.
func (c inboxReplayCommand) Run(s *session) error {
	return s.withStore(func(st *store.Store) error {
		for _, id := range c.IDs {
			if err := st.ReplayInbox(s.ctx, commerce.ShopID(c.Shop), commerce.DeliveryID(id)); err != nil {
				return err
			}
			fmt.Println(id, "is back in line")
		}
		return nil
	})
}
