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
		fmt.Fprintln(w, "  CAMPAIGN\tORDERS IN\tSENT\tWAITING\tHELD\tSTOPPED\tNOT BEGUN")
		for _, name := range sb.ByOrder() {
			n := sb.Count(name)
			fmt.Fprintf(w, "  %s\t%d\t%d\t%d\t%d\t%d\t%d\n", name, len(sb.Orders), n[mailed], n[waiting], n[held], n[stopped], n[notBegun])
		}
		for _, name := range sb.ByOrder() {
			for _, c := range sb.Causes(name) {
				fmt.Fprintf(w, "  %s\t%s\t%d\t%s (%s)\n", name, c.State, c.N, timeline.Because(c.Reason), c.Reason)
			}
		}
	}
	fmt.Fprintf(w, "\n%d sent = %d mails at the mail server + %d webhooks at the other system + %d calls; %d deliveries kept for a shop that may come\n",
		b.stats.Effects["sent"], len(b.mails), len(b.hooks), b.calls(), b.stats.Pending)
	return w.Flush()
}

// calls are those that staff were ever given to make.
func (b *books) calls() (n int) {
	for _, sb := range b.Shops {
		n += len(sb.tasks)
	}
	return n
}
