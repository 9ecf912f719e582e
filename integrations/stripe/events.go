package stripe

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/stripe/stripe-go/v76/form"

	"flywheel/commerce"
	"flywheel/fault"
)

// maxTypes is how many event types one question may name.
const maxTypes = 20

// EventQuery asks for the events of an account, of which Stripe keeps 30 days.
type EventQuery struct {
	Types       []string         // at most 20; none = all
	After       commerce.Instant // the second of it included; 0 = no bound
	Until       commerce.Instant // likewise
	Undelivered bool             // only those that some endpoint has not taken, or not yet
	Cursor      string           // the Next of the page before, "" = the first page
}

// EventPage is one page of events, newest first.
type EventPage struct {
	Events []commerce.Delivery // as Read makes them of a webhook's body
	Bad    int                 // how many more there were that no door would take
	Next   string              // the next page's cursor, "" = this was the last
}

// Events lists what happened in an account, 100 to a page. Stripe renders an
// event in the API version that the account had when it was made, not in ours.
// Errors as Charge.
func (c *Client) Events(ctx context.Context, a Access, q EventQuery) (EventPage, error) {
	if len(q.Types) > maxTypes || !plain(q.Cursor) {
		return EventPage{}, fault.New(fault.Invalid, "events are asked for by at most %d types, from a cursor of an earlier page", maxTypes)
	}
	live, err := KeyMode(a.Key)
	if err != nil {
		return EventPage{}, err
	}
	raw, err := c.call(ctx, a, "/v1/events", q.form())
	if err != nil {
		return EventPage{}, err
	}
	page, err := read[list[json.RawMessage]](raw)
	if err != nil {
		return EventPage{}, fault.Wrap(fault.Permanent, err, "Stripe's list of events cannot be read")
	}
	var out EventPage
	for _, body := range page.Data {
		d, account, isLive, err := Read(body)
		if err != nil || isLive != live || account != "" && a.Account != "" && account != a.Account {
			out.Bad++
			continue
		}
		out.Events = append(out.Events, d)
	}
	out.Next, err = nextPage(page)
	return out, err
}

func (q EventQuery) form() *form.Values {
	pairs := []string{"limit", "100", "starting_after", q.Cursor}
	for _, t := range q.Types {
		pairs = append(pairs, "types[]", t)
	}
	if q.After > 0 {
		pairs = append(pairs, "created[gte]", strconv.FormatInt(int64(q.After/1000), 10))
	}
	if q.Until > 0 {
		pairs = append(pairs, "created[lte]", strconv.FormatInt(int64(q.Until/1000), 10))
	}
	if q.Undelivered {
		pairs = append(pairs, "delivery_success", "false")
	}
	return fields(pairs...)
}

// EventTypes lists all types that Decode has a use for, in lists as long as one
// question of Events may be. What the account says of our own app is not among
// them: without access there is nobody to ask.
func EventTypes() [][]string {
	var out [][]string
	for list := range slices.Chunk(usedTypes(), maxTypes) {
		out = append(out, list)
	}
	return out
}

// usedTypes are sorted by name.
func usedTypes() (out []string) {
	for topic := range decoders {
		if !idle[topic] && !strings.HasPrefix(topic, "account.application.") {
			out = append(out, topic)
		}
	}
	slices.SortFunc(out, cmp.Compare[string])
	return out
}
