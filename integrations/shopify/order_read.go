package shopify

import (
	"context"
	"encoding/json"
	"fmt"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify/gql"
)

// maxPages bounds the pages of one order's lines: 500 is more than Shopify lets a checkout have.
const maxPages = 10

// Order reads one order as it stands now. It says what the webhook would,
// except the moment of payment that only orders/paid names. Errors are
// fault.NotFound, fault.Denied (token or access is gone), fault.Temporary and
// fault.Permanent; none holds the token.
func (c *Client) Order(ctx context.Context, a Access, orderID string) (commerce.OrderChange, error) {
	if !isID(orderID) {
		return commerce.OrderChange{}, fault.New(fault.Invalid, "%q is not the id of an order", short(orderID))
	}
	var order *gql.OrderOrder
	var lines []*gql.LineFacts
	after := ""
	for range maxPages {
		page, err := gql.Order(ctx, c.graph(a), gid("Order", orderID), after)
		if err != nil {
			return commerce.OrderChange{}, fmt.Errorf("order %s of %s: %w", orderID, a.Shop, err)
		}
		if page.Order == nil {
			return commerce.OrderChange{}, fault.New(fault.NotFound, "order %s is not in this shop, or older than the app may see", orderID)
		}
		if order == nil {
			order = page.Order
		}
		part := page.Order.LineItems
		if part == nil {
			break
		}
		lines = append(lines, part.Nodes...)
		if part.PageInfo == nil || !part.PageInfo.HasNextPage {
			break
		}
		after = part.PageInfo.EndCursor
	}
	if order.LineItems != nil {
		order.LineItems.Nodes = lines
	}
	return readWhole(order, lines)
}

func readWhole(order *gql.OrderOrder, lines []*gql.LineFacts) (commerce.OrderChange, error) {
	raw, err := json.Marshal(order)
	if err != nil {
		return commerce.OrderChange{}, err
	}
	var refunds []refundBody
	for _, n := range order.Refunds {
		refunds = append(refunds, refundAnswer(n))
	}
	return orderFacts(orderAnswer(&order.OrderHead, lines, refunds, order.Fulfillments), hash(raw))
}

// orderFacts is what an answer says of an order; told tells answers of one moment apart.
func orderFacts(b *orderBody, told uint64) (commerce.OrderChange, error) {
	var r reader
	o := b.facts(&r)
	if r.err != nil {
		return commerce.OrderChange{}, fault.Wrap(fault.Permanent, cause(r.err), "order: %s", fault.Sentence(r.err))
	}
	o.Detail.Hash = told
	return o, nil
}
