package demo

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"flywheel/commerce"
	"flywheel/store"
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
		sb.printMail(w, b.writers(sb.Shop.ID))
	}
	back, spam, told := 0, 0, 0
	for _, sb := range b.Shops {
		back, spam, told = back+sb.Mail.CameBack(), spam+sb.Mail.Complained(), told+sb.Mail.Told(store.NoticeMail)
	}
	fmt.Fprintf(w, "\n%d sent + %d notices to teams = %d mails at the mail server + %d webhooks at the other system + %d calls; %d deliveries kept for a shop that may come\n",
		b.stats.Effects["sent"], told, len(b.mails), len(b.hooks), b.calls(), b.stats.Pending)
	fmt.Fprintf(w, "of the mails came back: %d, called spam: %d; notices at Slack: %d\n", back, spam, len(b.posted))
	return w.Flush()
}

// printMail tells who the shop's mails were from, what came of them, and the
// month's story of both.
func (sb shopBooks) printMail(w io.Writer, writers []writer) {
	for _, from := range writers {
		fmt.Fprintf(w, "  %d mails from %s, signed by %s\n", from.N, from.From, from.Signed)
	}
	fmt.Fprintf(w, "  came back: %d, called spam: %d, addresses that get less than everything: %d, told the team: %d by mail, %d at Slack\n",
		sb.Mail.CameBack(), sb.Mail.Complained(), sb.Mail.Less, sb.Mail.Told(store.NoticeMail), sb.Mail.Told(store.NoticeSlack))
	for _, m := range sb.Mail.Moments {
		fmt.Fprintf(w, "  %s  %s: %s\n", timeline.Moment(m.At, timeline.Zone(sb.Shop)), m.Name, m.Words)
	}
}

// writer is whom some of a shop's mails are from.
type writer struct {
	From, Signed string
	N            int
}

// writers lists whom a shop's mails were from, in the order in which they began.
func (b *books) writers(shop commerce.ShopID) (all []writer) {
	for _, m := range b.mails {
		from, signed := m.Get("From"), strings.Join(slices.Compact(slices.Clone(m.signed)), ", ")
		if m.shop != shop {
			continue
		}
		i := slices.IndexFunc(all, func(w writer) bool { return w.From == from && w.Signed == signed })
		if i < 0 {
			i, all = len(all), append(all, writer{From: from, Signed: signed})
		}
		all[i].N++
	}
	return all
}

// calls are those that staff were ever given to make.
func (b *books) calls() (n int) {
	for _, sb := range b.Shops {
		n += len(sb.tasks)
	}
	return n
}
