package shopify

import (
	"cmp"

	"flywheel/commerce"
)

func (b *lineBody) line(r *reader, shopCurrency string) commerce.Line {
	l := commerce.Line{
		ID: r.id("line_items.id", "LineItem", b.GID, b.ID), Product: b.ProductID.id(),
		Title: text(b.Title), Variant: text(b.Variant), SKU: text(b.SKU),
		Quantity: b.Quantity, Current: b.Quantity, GiftCard: b.GiftCard, Vendor: text(b.Vendor),
		Digital: b.RequiresShipping != nil && !*b.RequiresShipping,
		Price:   r.set("line_items.price_set", b.PriceSet.presentment(), b.Price, shopCurrency),
	}
	if b.CurrentQuantity != nil {
		l.Current = *b.CurrentQuantity
	}
	return l
}

// noShipping reports whether nothing of an order is ever sent: waiting for a
// parcel would wait for ever.
func noShipping(lines []lineBody) bool {
	for _, l := range lines {
		if l.RequiresShipping == nil || *l.RequiresShipping {
			return false
		}
	}
	return len(lines) > 0
}

// editBody is orders/edited, a body of its own shape: what was added to and
// taken off the order, without the order.
type editBody struct {
	Edit struct {
		ID          number `json:"id"`
		OrderID     number `json:"order_id"`
		CreatedAt   string `json:"created_at"`
		CommittedAt string `json:"committed_at"`
		Lines       struct {
			Removals []struct {
				ID    number `json:"id"`
				Delta int64  `json:"delta"`
			} `json:"removals"`
		} `json:"line_items"`
	} `json:"order_edit"`
}

// edit marks that there was an edit and which lines were taken off, until
// orders/updated, which follows, brings the new state; an addition can wait for it.
func edit(r *reader, d commerce.Delivery, b *editBody) commerce.Change {
	committed, created := r.instant("order_edit.committed_at", b.Edit.CommittedAt), r.instant("order_edit.created_at", b.Edit.CreatedAt)
	e := commerce.Edit{ID: r.id("order_edit.id", "OrderEdit", "", b.Edit.ID), At: cmp.Or(committed, created, toldAt(d))}
	for _, l := range b.Edit.Lines.Removals {
		e.Removed = append(e.Removed, commerce.RefundLine{
			Line: r.id("order_edit.line_items.removals.id", "LineItem", "", l.ID), Quantity: l.Delta,
		})
	}
	keys := orderKey(r.id("order_edit.order_id", "Order", "", b.Edit.OrderID))
	return commerce.Change{Order: &commerce.OrderChange{Keys: keys, Edits: []commerce.Edit{e}}}
}
