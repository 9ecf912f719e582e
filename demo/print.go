package demo

import (
	"fmt"
	"io"
	"text/tabwriter"

	"flywheel/timeline"
)

// print writes the books as a table a shop.
func (b *books) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, sb := range b.Shops {
		fmt.Fprintf(w, "\n%s\n", sb.Shop.Name)
		fmt.Fprintf(w, "  deliveries: %d = %d accepted + %d duplicates + %d refused (bad signature)\n",
			sb.Posted(), sb.Accepted(), sb.Duplicates(), sb.Refused())
		fmt.Fprintln(w, "  PLAYBOOK\tORDERS IN\tMAILS OUT\tWAITING\tHELD\tSTOPPED\tNOT BEGUN")
		for _, name := range playbooks {
			n := sb.Count(name)
			fmt.Fprintf(w, "  %s\t%d\t%d\t%d\t%d\t%d\t%d\n", name, len(sb.Orders), n[mailed], n[waiting], n[held], n[stopped], n[notBegun])
		}
		for _, name := range playbooks {
			for _, c := range sb.Causes(name) {
				fmt.Fprintf(w, "  %s\t%s\t%d\t%s (%s)\n", name, c.State, c.N, timeline.Because(c.Reason), c.Reason)
			}
		}
	}
	fmt.Fprintf(w, "\n%d mails at the mail server, %d sent; %d deliveries kept for a shop that may come\n", len(b.mails), b.stats.Effects["sent"], b.stats.Pending)
	return w.Flush()
}
