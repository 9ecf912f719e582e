package shopify

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/tidwall/gjson"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify/gql"
)

// maxLine bounds one line of a bulk file. An order's is some kilobytes.
const maxLine = 4 << 20

// BulkOrder is one order of a bulk file. Where it cannot be read, Err says why
// (fault.Permanent) and Change has at most its key, by which Order may do better.
type BulkOrder struct {
	Change commerce.OrderChange
	Err    error
	End    int64 // the byte behind the order's last line, from where to go on
}

// ReadBulk reads the file of a bulk operation from byte from on, 0 or an End,
// and calls each for every order. It ends early by each's error, which it
// returns as it is, by ctx, or where the file breaks off: that is
// fault.Temporary, and each has had every order that was whole. Other errors are
// fault.NotFound (the file is gone), fault.Invalid (no address for a file) and
// fault.Permanent.
//
// An order says what its webhook would, but for the lines and the single
// payments of its refunds (see bulkRefund).
func (c *Client) ReadBulk(ctx context.Context, url string, from int64, each func(BulkOrder) error) error {
	f, err := c.openFile(ctx, url, from, filePatience)
	if err != nil || f == nil {
		return err
	}
	defer f.Close()
	lines := &lineReader{r: bufio.NewReaderSize(f, 64<<10), at: from}
	g := &gathered{each: each}
	for ctx.Err() == nil {
		line, err := lines.next()
		if err == io.EOF {
			return g.deliver()
		}
		if err != nil {
			return brokenOff(ctx, err)
		}
		if err := g.add(line, lines.at); err != nil {
			return err
		}
	}
	return brokenOff(ctx, ctx.Err())
}

// gathered is the order whose lines are being read: its own, then one for each
// of its line items (bulkOperationRunQuery, groupObjects).
type gathered struct {
	each func(BulkOrder) error

	begun bool
	id    string // "" = the order's line came to nothing
	order bulkOrder
	lines []*gql.LineFacts
	told  uint64
	err   error
	end   int64
}

// bulkOrder is an order's own line.
type bulkOrder struct {
	gql.OrderHead
	Refunds      []*gql.BulkRefund      `json:"refunds"`
	Fulfillments []*gql.FulfilmentFacts `json:"fulfillments"`
}

// add takes a line that ends before byte end. What is no order's own line
// belongs to an order. If that is not the one before it, or cannot be told, the
// order is one that cannot be read, rather than one that lacks something.
func (g *gathered) add(line []byte, end int64) error {
	if len(line) == 0 {
		return nil
	}
	id := gidNumber("Order", gjson.GetBytes(line, "id").Str)
	parent := ""
	if id == "" {
		parent = gidNumber("Order", gjson.GetBytes(line, "__parentId").Str)
	}
	if apart := id == "" && (!g.begun || parent != "" && parent != g.id); apart || id != "" {
		if err := g.deliver(); err != nil {
			return err
		}
		*g = gathered{each: g.each, begun: true, id: id + parent}
		if apart {
			g.fail(fault.New(fault.Permanent, "a line of it stands apart from it"))
		}
	}
	g.told, g.end = g.told*31+hash(line), end
	switch {
	case len(line) > maxLine:
		g.fail(fault.New(fault.Permanent, "a line of it has more than %d bytes", maxLine))
	case id != "":
		g.fail(json.Unmarshal(line, &g.order))
	default:
		l := &gql.LineFacts{}
		g.fail(json.Unmarshal(line, l))
		g.lines = append(g.lines, l)
	}
	return nil
}

func (g *gathered) fail(err error) {
	if g.err == nil {
		g.err = err
	}
}

// deliver hands the order over, now that the last of its lines has come.
func (g *gathered) deliver() error {
	if !g.begun {
		return nil
	}
	o := BulkOrder{Err: g.err, End: g.end}
	var known *fault.Error
	if o.Err != nil && !errors.As(o.Err, &known) {
		o.Err = unreadable(o.Err)
	}
	if o.Err == nil {
		o.Change, o.Err = g.change()
	}
	if o.Err != nil && g.id != "" {
		o.Change = commerce.OrderChange{Keys: orderKey(g.id)}
	}
	return g.each(o)
}

func (g *gathered) change() (commerce.OrderChange, error) {
	var refunds []refundBody
	for _, n := range g.order.Refunds {
		refunds = append(refunds, bulkRefund(n, g.order.DisplayFinancialStatus))
	}
	return orderFacts(orderAnswer(&g.order.OrderHead, g.lines, refunds, g.order.Fulfillments), g.told)
}

// bulkRefund makes of a refund's sum the weakest row that is true, so that any
// other telling of the same refund, which knows its lines and what became of
// each payment, replaces it: money counts as gone only where the order says that
// some is, and what moved none is pending.
func bulkRefund(n *gql.BulkRefund, financialStatus string) refundBody {
	t := transactionAnswer("REFUND", "PENDING", n.TotalRefundedSet)
	moved := financialStatus == "REFUNDED" || financialStatus == "PARTIALLY_REFUNDED"
	if moved && !zero(t.Amount) {
		t.Status = "success"
	}
	return refundBody{GID: n.Id, CreatedAt: n.CreatedAt, ProcessedAt: n.ProcessedAt, Transactions: []transactionBody{t}}
}
