package stripe

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/tidwall/gjson"

	"flywheel/commerce"
	"flywheel/fault"
)

// pageTime is after how long a page of the past ends early: a charge may need
// several questions, and whoever asked has a lease to keep.
const pageTime = 10 * time.Second

// PastPage is one page of what was sold before a connection.
type PastPage struct {
	Orders []PastOrder // newest first
	Next   string      // the next page's cursor, "" = this was the last
}

// PastOrder is one succeeded charge of the past.
type PastOrder struct {
	ID     string           // ch_...
	At     commerce.Instant // when it was made
	Change commerce.OrderChange
	Err    error // fault.Permanent: this one cannot be read; Change is empty
}

// PastCharges lists the succeeded charges made before the second of before,
// newest first, 100 looked at for a page, fewer while Stripe is slow; cursor is "" for the first page, else
// the Next of the one before. Each is a whole sale with invoice, refunds,
// disputes and person. It is told as of the second before before, so that
// nothing of it, a failed refund of unknown time included, counts as news, and
// so that a page read twice says the same. Errors as Charge.
func (c *Client) PastCharges(ctx context.Context, a Access, before commerce.Instant, cursor string) (PastPage, error) {
	if before <= 0 || !plain(cursor) {
		return PastPage{}, fault.New(fault.Invalid, "past charges are asked for before a time, from a cursor of an earlier page")
	}
	raw, err := c.call(ctx, a, "/v1/charges", fields(
		"created[lt]", strconv.FormatInt(int64(before/1000), 10), "limit", "100", "starting_after", cursor,
		"expand[]", "data.customer", "expand[]", "data.invoice", "expand[]", "data.refunds",
	))
	if err != nil {
		return PastPage{}, err
	}
	page, err := read[list[json.RawMessage]](raw)
	if err != nil {
		return PastPage{}, fault.Wrap(fault.Permanent, err, "Stripe's list of charges cannot be read")
	}
	var out PastPage
	for began, i := time.Now(), 0; i < len(page.Data); i++ {
		slow := i > 0 && time.Since(began) > c.pageTime
		var order PastOrder
		var sold bool
		if !slow {
			order, sold, err = c.pastOrder(ctx, a, page.Data[i], before.Seconds().Add(-time.Second))
		}
		if slow || err != nil && i > 0 && ctx.Err() == nil { // what is read need not be read again
			page.Data, page.HasMore = page.Data[:i], true
			break
		}
		if err != nil {
			return PastPage{}, err
		}
		if sold {
			out.Orders = append(out.Orders, order)
		}
	}
	out.Next, err = nextPage(page)
	return out, err
}

// pastOrder reads one charge of a list. An error is one of asking further; what
// cannot be read is the order's own.
func (c *Client) pastOrder(ctx context.Context, a Access, raw json.RawMessage, asOf commerce.Instant) (o PastOrder, sold bool, err error) {
	seen := gjson.ParseBytes(raw)
	if seen.Get("status").Str != "succeeded" || !seen.Get("captured").Bool() {
		return o, false, nil
	}
	o.ID, o.At = clean(seen.Get("id").Str), seconds(seen.Get("created").Int())
	change, err := c.fetchedCharge(ctx, a, raw, asOf)
	if err == nil {
		o.Change = *change
		return o, true, nil
	}
	if fault.KindOf(err) != "" && !fault.Is(err, fault.Permanent) {
		return o, false, err
	}
	_, o.Err = answer(commerce.OrderChange{}, err, "charge", o.ID)
	return o, true, nil
}

// nextPage is the cursor of the page after one: the id of its last object, be
// it readable otherwise or not.
func nextPage(page list[json.RawMessage]) (string, error) {
	if !page.HasMore || len(page.Data) == 0 {
		return "", nil
	}
	id := gjson.GetBytes(page.Data[len(page.Data)-1], "id").Str
	if id == "" || !plain(id) {
		return "", fault.New(fault.Permanent, "Stripe's list does not say where it goes on")
	}
	return id, nil
}
