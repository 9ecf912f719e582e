package shopify

import (
	"context"
	"fmt"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify/gql"
)

// ChangedPage is a part of a shop's changed orders, the oldest change first.
// Next asks for the part behind it; "" = there is none.
type ChangedPage struct {
	Orders []ChangedOrder
	Next   string
}

// ChangedOrder is as much of an order as shows whether it is known already.
// Ids are decimal numbers, as in commerce.
type ChangedOrder struct {
	ID          string
	UpdatedAt   commerce.Instant
	CancelledAt commerce.Instant // 0 = it is not
	// Status and Total, in the shop's currency, tell what changed within one second,
	// which is as exact as UpdatedAt is. As in commerce.Detail; empty = not told.
	Status  string
	Total   commerce.Money
	Refunds []string
}

// ChangedOrders lists up to 40 orders that changed at since or later. cursor is
// a page's Next, "" asks for the first. An order that changes while the pages
// are read comes again on a later one. Errors are those of Order.
func (c *Client) ChangedOrders(ctx context.Context, a Access, since time.Time, cursor string) (ChangedPage, error) {
	query := "updated_at:>='" + moment(since) + "'"
	data, err := gql.ChangedOrders(ctx, c.graph(a), query, cursor)
	if err != nil {
		return ChangedPage{}, fmt.Errorf("changed orders of %s: %w", a.Shop, err)
	}
	if data.Orders == nil {
		return ChangedPage{}, fault.New(fault.Denied, "the app may not read orders")
	}
	var r reader
	page := ChangedPage{}
	for _, n := range data.Orders.Nodes {
		page.Orders = append(page.Orders, changedOrder(&r, n))
	}
	if p := data.Orders.PageInfo; p != nil && p.HasNextPage {
		page.Next = p.EndCursor
	}
	return page, r.err
}

func changedOrder(r *reader, n *gql.ChangedOrder) ChangedOrder {
	o := ChangedOrder{
		ID:          r.id("orders.id", "Order", n.Id, ""),
		UpdatedAt:   r.instant("orders.updatedAt", n.UpdatedAt),
		CancelledAt: r.instant("orders.cancelledAt", n.CancelledAt),
		Status:      strings.ToLower(n.DisplayFinancialStatus),
	}
	if t := n.CurrentTotalPriceSet; t != nil && t.ShopMoney != nil {
		var own reader // a sum that cannot be read is no reason to read none of the page
		if total := own.set("orders.currentTotalPriceSet", amountAnswer(t.ShopMoney), "", ""); own.err == nil {
			o.Total = total
		}
	}
	for _, f := range n.Refunds {
		o.Refunds = append(o.Refunds, r.id("orders.refunds.id", "Refund", f.Id, ""))
	}
	return o
}
