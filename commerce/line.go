package commerce

import (
	"cmp"
	"slices"
)

// Line is one position of an order.
type Line struct {
	ID       string `json:"id"`
	Product  string `json:"product,omitempty"` // platform id
	Title    string `json:"title"`
	Variant  string `json:"variant,omitempty"`
	SKU      string `json:"sku,omitempty"`
	Image    string `json:"image,omitempty"`
	Quantity int64  `json:"quantity"` // as ordered
	Current  int64  `json:"current"`  // as the snapshot counts it after edits and refunds
	Price    Money  `json:"price"`    // of one, as paid
	GiftCard bool   `json:"gift_card,omitempty"`
	Vendor   string `json:"vendor,omitempty"`
	Digital  bool   `json:"digital,omitempty"` // never sent by parcel
}

// Edit is a change of lines told before the order itself is: it counts until a newer Detail comes.
type Edit struct {
	ID      string       `json:"id"`
	At      Instant      `json:"at"`
	Removed []RefundLine `json:"removed,omitempty"`
}

func (e Edit) yieldsTo(n Edit) bool {
	return cmp.Or(cmp.Compare(n.At, e.At), compareLines(n.Removed, e.Removed)) > 0
}

// RefundLine is how many of an order line came back, were taken off, or lie in a parcel.
type RefundLine struct {
	Line     string `json:"line"`
	Quantity int64  `json:"quantity"`
}

// Kept returns the lines the customer still has, each with its quantity in Current.
func (o *Order) Kept() []Line { return o.left(o.Edits) }

// left is what remains of each line. The snapshot already counts refunds and
// edits up to its own time. A line taken off by an edit is told twice, by the
// edit and as a refund of its own, so of what is newer the greater counts.
func (o *Order) left(edits map[string]Edit) []Line {
	back, newer, edited := map[string]int64{}, map[string]int64{}, map[string]int64{}
	for _, r := range o.Refunds {
		if r.Status == RefundFailed {
			continue
		}
		for _, l := range r.Lines {
			back[l.Line] += l.Quantity
			if r.At > o.Detail.UpdatedAt {
				newer[l.Line] += l.Quantity
			}
		}
	}
	for _, e := range edits {
		if e.At > o.Detail.UpdatedAt {
			for _, l := range e.Removed {
				edited[l.Line] += l.Quantity
			}
		}
	}
	kept := slices.Clone(o.Detail.Lines)
	for i, l := range kept {
		kept[i].Current = min(l.Current-max(newer[l.ID], edited[l.ID]), l.Quantity-back[l.ID])
	}
	return slices.DeleteFunc(kept, func(l Line) bool { return l.Current <= 0 })
}

// allBack reports whether nothing is left of the lines. Edits do not count:
// they are provisional, and this answer ends things.
func (o *Order) allBack() bool {
	return len(o.Detail.Lines) > 0 && len(o.left(nil)) == 0
}

// sortLines puts lines into one order, however the source lists them.
func sortLines(lines []RefundLine) []RefundLine {
	return slices.SortedFunc(slices.Values(lines), compareLine)
}

func compareLines(a, b []RefundLine) int { return slices.CompareFunc(a, b, compareLine) }

func compareLine(a, b RefundLine) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Quantity, b.Quantity))
}

// fuller returns the telling that says more, of two that say as much the same one everywhere; sorted.
func fuller(a, b []RefundLine) []RefundLine {
	a, b = sortLines(a), sortLines(b)
	if cmp.Or(cmp.Compare(len(b), len(a)), compareLines(b, a)) > 0 {
		return b
	}
	return a
}
