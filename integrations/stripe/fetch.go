package stripe

import (
	"cmp"
	"context"

	"flywheel/commerce"
)

// maxPages bounds how far a list of one charge is followed: more than 2,000
// refunds or disputes of one charge are a mistake.
const maxPages = 20

// fetchedCharge makes an answer about a charge whole. Of the test mode it is nobody's, as in Decode.
func (c *Client) fetchedCharge(ctx context.Context, a Access, raw []byte, asOf commerce.Instant) (*commerce.OrderChange, error) {
	ch, err := read[charge](raw)
	if err != nil {
		return nil, err
	}
	o, err := ch.sale(raw, asOf)
	if err != nil {
		return nil, err
	}
	o.Reread = false // it was
	if err := c.completeCharge(ctx, a, ch, o, asOf); err != nil {
		return nil, err
	}
	switch {
	case ch.Invoice.Raw != nil:
		err = addInvoice(o, ch.Invoice.Raw, asOf, seconds(ch.Created))
	case o.Detail != nil:
		o.Payment = seenPaid(asOf, o.PlacedAt, ch.paid())
	}
	if ofTest(raw) {
		o = ofNobody(o)
	}
	return o, err
}

// fetchedIntent is fetchedCharge of a payment.
func (c *Client) fetchedIntent(ctx context.Context, a Access, raw []byte, asOf commerce.Instant) (*commerce.OrderChange, error) {
	p, err := read[intent](raw)
	if err != nil {
		return nil, err
	}
	o, err := p.change(raw, asOf)
	if err != nil {
		return nil, err
	}
	o.Reread = false // it was
	var ch charge
	if p.LatestCharge.Raw != nil {
		if ch, err = read[charge](p.LatestCharge.Raw); err != nil {
			return nil, err
		}
		if err := c.completeCharge(ctx, a, ch, o, asOf); err != nil {
			return nil, err
		}
	}
	charged := cmp.Or(seconds(ch.Created), seconds(p.Created))
	switch {
	case p.Invoice.Raw != nil:
		err = addInvoice(o, p.Invoice.Raw, asOf, charged)
	case o.Detail != nil:
		o.Payment = seenPaid(asOf, charged, p.paid())
	}
	if ofTest(raw) {
		o = ofNobody(o)
	}
	return o, err
}

// addInvoice takes the description of the invoice that a payment paid, and when
// it was paid: at charged, where the invoice itself does not say.
func addInvoice(o *commerce.OrderChange, raw []byte, asOf, charged commerce.Instant) error {
	in, err := read[invoice](raw)
	if err != nil {
		return err
	}
	part, err := in.change(raw, asOf)
	if err != nil {
		return err
	}
	o.Detail, o.PlacedAt = part.Detail, part.PlacedAt
	o.Person = mergePerson(part.Person, o.Person)
	o.Payment = seenPaid(asOf, cmp.Or(seconds(in.Transitions.PaidAt), charged), in.paid())
	return nil
}

// completeCharge reads what does not come with the charge: the refunds after
// the first ten, and its disputes, of which it says only that there are some.
func (c *Client) completeCharge(ctx context.Context, a Access, ch charge, o *commerce.OrderChange, asOf commerce.Instant) error {
	if ch.Refunds.HasMore {
		last := ""
		if n := len(o.Refunds); n > 0 {
			last = o.Refunds[n-1].ID
		}
		err := each(ctx, c, a, "/v1/refunds", ch.ID, last, func(r refund) (string, error) {
			row, err := r.row(asOf)
			o.Refunds = append(o.Refunds, row)
			return row.ID, err
		})
		if err != nil {
			return err
		}
	}
	if !ch.Disputed {
		return nil
	}
	return each(ctx, c, a, "/v1/disputes", ch.ID, "", func(d dispute) (string, error) {
		row, err := d.row(asOf)
		row.Read = row.ClosedAt != 0
		o.Disputes = append(o.Disputes, row)
		return row.ID, err
	})
}

// each hands over what a list holds of a charge, from after the id of last on.
func each[T any](ctx context.Context, c *Client, a Access, path, chargeID, last string, take func(T) (id string, err error)) error {
	for range maxPages {
		raw, err := c.call(ctx, a, path, fields("charge", chargeID, "limit", "100", "starting_after", last))
		if err != nil {
			return err
		}
		page, err := read[list[T]](raw)
		if err != nil {
			return err
		}
		for _, one := range page.Data {
			if last, err = take(one); err != nil {
				return err
			}
		}
		if !page.HasMore || len(page.Data) == 0 {
			return nil
		}
	}
	return nil
}

// seenPaid is what a snapshot of asOf proves of a payment made at made.
func seenPaid(asOf, made commerce.Instant, paid bool) commerce.Payment {
	if !paid {
		return commerce.Payment{UnpaidSeen: asOf}
	}
	return commerce.Payment{PaidSeen: asOf, Processed: made}
}
