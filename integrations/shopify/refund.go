package shopify

import (
	"cmp"

	"flywheel/commerce"
)

// refundBody is the refund resource, alone in refunds/create and in an order's
// refunds. refunds/create comes whether or not money moved: a refund may hold
// lines only (restock), money only (goodwill), or both.
type refundBody struct {
	ID           number            `json:"id"`
	GID          string            `json:"admin_graphql_api_id"`
	OrderID      number            `json:"order_id"`
	CreatedAt    string            `json:"created_at"`
	ProcessedAt  string            `json:"processed_at"`
	Duties       *moneySet         `json:"total_duties_set"`
	Return       *returnRef        `json:"return"` // null: no return goes with it
	Adjustments  []adjustmentBody  `json:"order_adjustments"`
	Lines        []refundLineBody  `json:"refund_line_items"`
	Transactions []transactionBody `json:"transactions"`
}

type adjustmentBody struct {
	AmountSet *moneySet `json:"amount_set"`
}

// refundLineBody leaves out subtotal and total_tax: they are JSON numbers,
// unlike all other money, and the sets say the same.
type refundLineBody struct {
	LineID   number    `json:"line_item_id"`
	Quantity int64     `json:"quantity"`
	Subtotal *moneySet `json:"subtotal_set"`
	Line     *struct {
		GID string `json:"admin_graphql_api_id"`
	} `json:"line_item"`
}

type transactionBody struct {
	Kind     string `json:"kind"`
	Status   string `json:"status"`
	Amount   number `json:"amount"`
	Currency string `json:"currency"`
}

func refund(r *reader, _ commerce.Delivery, b *refundBody) commerce.Change {
	row := b.row(r, "")
	return commerce.Change{Order: &commerce.OrderChange{
		Keys:    orderKey(r.id("order_id", "Order", "", b.OrderID)),
		Refunds: []commerce.Refund{row}, Returns: b.proves(r, row),
	}}
}

// row reads a refund; currency is what the customer paid in, if the order told.
func (b *refundBody) row(r *reader, currency string) commerce.Refund {
	row := commerce.Refund{
		ID: r.id("refunds.id", "Refund", b.GID, b.ID),
		At: cmp.Or(r.instant("refunds.created_at", b.CreatedAt), r.instant("refunds.processed_at", b.ProcessedAt)),
	}
	for _, l := range b.Lines {
		gid := ""
		if l.Line != nil {
			gid = l.Line.GID
		}
		row.Lines = append(row.Lines, commerce.RefundLine{
			Line: r.id("refund_line_items.line_item_id", "LineItem", gid, l.LineID), Quantity: l.Quantity,
		})
	}
	row.Status, row.Amount = b.moved(r, cmp.Or(currency, currencyCode(b.currency())))
	return row
}

// moved sums the money that went back. A transaction's amount is in the
// currency of the payment (REST: "the currency used for the payment"), and a
// refund must be made in the presentment currency (GraphQL RefundInput), so it
// adds up to what the customer paid. Its currency is null in the documentation's
// sample; then the order's or the refund's own sets name it.
func (b *refundBody) moved(r *reader, currency string) (commerce.Status, commerce.Money) {
	sum := commerce.Money{Currency: currency}
	var tried, pending, moved bool
	for _, t := range b.Transactions {
		if t.Kind != "refund" {
			continue // a void or the sale itself: nothing went back
		}
		tried = true
		switch t.Status {
		case "success":
			moved = true
			m := r.money("transactions.amount", t.Amount, cmp.Or(t.Currency, currency))
			sum = commerce.Money{Amount: sum.Amount + m.Amount, Currency: cmp.Or(m.Currency, sum.Currency)}
		case "failure", "error":
		default: // pending, awaiting_response, unknown
			pending = true
		}
	}
	switch {
	case moved || !tried:
		return commerce.RefundSucceeded, sum
	case pending:
		return commerce.RefundPending, sum
	}
	return commerce.RefundFailed, sum
}

// currency is the customer's as the refund's own amounts name it, "" if none does.
func (b *refundBody) currency() string {
	for _, l := range b.Lines {
		if c := l.Subtotal.currency(); c != "" {
			return c
		}
	}
	for _, a := range b.Adjustments {
		if c := a.AmountSet.currency(); c != "" {
			return c
		}
	}
	return b.Duties.currency()
}
