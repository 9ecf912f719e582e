package shopify

import "flywheel/commerce"

// returnRef names a return, or what belongs to one.
type returnRef struct {
	ID  number `json:"id"`
	GID string `json:"admin_graphql_api_id"`
}

// returnBody is returns/process, of which the documentation's sample is empty
// (metadatas/2026-07); these are the members of the other returns/* topics.
type returnBody struct {
	ID      number     `json:"id"`
	GID     string     `json:"admin_graphql_api_id"`
	OrderID number     `json:"order_id"`
	Order   *returnRef `json:"order"`
	Lines   []struct {
		Quantity int64 `json:"quantity"`
		Item     *struct {
			Line *returnRef `json:"line_item"`
		} `json:"fulfillment_line_item"`
	} `json:"return_line_items"`
}

// processedReturn takes what a body says of a return. Where it does not even
// name its order, the refund that follows tells, if money moves at all.
func processedReturn(r *reader, d commerce.Delivery, b *returnBody) commerce.Change {
	order := b.OrderID.id()
	if b.Order != nil {
		order = r.id("order.id", "Order", b.Order.GID, b.Order.ID)
	}
	if order == "" || b.GID == "" && b.ID == "" {
		return commerce.Change{Ignored: "the return names no order; a refund for it will"}
	}
	row := commerce.Return{ID: r.id("id", "Return", b.GID, b.ID), At: toldAt(d)}
	for _, l := range b.Lines {
		if l.Item != nil && l.Item.Line != nil && l.Quantity > 0 {
			row.Lines = append(row.Lines, commerce.RefundLine{
				Line: r.id("return_line_items.line_item.id", "LineItem", l.Item.Line.GID, l.Item.Line.ID), Quantity: l.Quantity,
			})
		}
	}
	return commerce.Change{Order: &commerce.OrderChange{Keys: orderKey(order), Returns: []commerce.Return{row}}}
}

// proves returns the return that a refund was made for: none where the goods
// stay, or the money goes back without any.
func (b *refundBody) proves(r *reader, refund commerce.Refund) []commerce.Return {
	if b.Return == nil {
		return nil
	}
	return []commerce.Return{{ID: r.id("refunds.return.id", "Return", b.Return.GID, b.Return.ID), At: refund.At, Lines: refund.Lines}}
}
