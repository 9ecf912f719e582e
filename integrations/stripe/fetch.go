package stripe

import (
	"context"

	"flywheel/commerce"
)

func (c *Client) fetchedCharge(ctx context.Context, a Access, raw []byte, asOf commerce.Instant) (*commerce.OrderChange, error) {
	ch, err := read[charge](raw)
	if err != nil {
		return nil, err
	}
	o, err := ch.sale(raw, asOf)
	if err != nil {
		return nil, err
	}
	if o.Detail != nil {
		o.Payment = seenPaid(asOf, o.PlacedAt, ch.paid())
	}
	return o, c.restOfRefunds(ctx, a, ch, o, asOf)
}

func (c *Client) fetchedIntent(ctx context.Context, a Access, raw []byte, asOf commerce.Instant) (*commerce.OrderChange, error) {
	p, err := read[intent](raw)
	if err != nil {
		return nil, err
	}
	o, err := p.change(raw, asOf)
	if err != nil {
		return nil, err
	}
	var ch charge
	if p.LatestCharge.Raw != nil {
		if ch, err = read[charge](p.LatestCharge.Raw); err != nil {
			return nil, err
		}
		if err := c.restOfRefunds(ctx, a, ch, o, asOf); err != nil {
			return nil, err
		}
	}
	if p.Invoice.Raw != nil {
		return o, addInvoice(o, p.Invoice.Raw, asOf)
	}
	if o.Detail != nil {
		o.Payment = seenPaid(asOf, seconds(ch.Created), p.paid())
	}
	return o, nil
}

// addInvoice takes the description of the invoice that a payment paid.
func addInvoice(o *commerce.OrderChange, raw []byte, asOf commerce.Instant) error {
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
	o.Payment = seenPaid(asOf, seconds(in.Transitions.PaidAt), in.paid())
	return nil
}

// restOfRefunds pages through the refunds that did not fit into the charge.
func (c *Client) restOfRefunds(ctx context.Context, a Access, ch charge, o *commerce.OrderChange, asOf commerce.Instant) error {
	const pages = 20 // of 100: more refunds of one charge are a mistake
	more, last := ch.Refunds.HasMore, ""
	for page := 0; more && page < pages; page++ {
		if len(o.Refunds) > 0 {
			last = o.Refunds[len(o.Refunds)-1].ID
		}
		raw, err := c.call(ctx, a, "/v1/refunds", fields("charge", ch.ID, "limit", "100", "starting_after", last))
		if err != nil {
			return err
		}
		next, err := read[list[refund]](raw)
		if err != nil {
			return err
		}
		for _, r := range next.Data {
			row, err := r.row(asOf)
			if err != nil {
				return err
			}
			o.Refunds = append(o.Refunds, row)
		}
		more = next.HasMore && len(next.Data) > 0
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
