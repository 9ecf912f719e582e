package stripe

import (
	"cmp"

	"flywheel/commerce"
	"flywheel/fault"
)

// dispute is a Dispute, or the bank's question before one (warning_...).
type dispute struct {
	ID            string `json:"id"`
	Status        string `json:"status"`
	Created       int64  `json:"created"`
	Charge        ref    `json:"charge"`
	PaymentIntent ref    `json:"payment_intent"`
}

func decodeDispute(e envelope) (c commerce.Change, err error) {
	d, err := read[dispute]([]byte(e.object.Raw))
	if err != nil {
		return c, err
	}
	ids, err := keys(d.PaymentIntent.ID, "", "", d.Charge.ID)
	if err != nil {
		return c, err
	}
	if !d.Charge.Told && !d.PaymentIntent.Told {
		return c, fault.New(fault.Permanent, "the dispute does not say of what charge it is")
	}
	if len(ids) == 0 {
		return commerce.Change{Ignored: "the dispute belongs to no payment"}, nil
	}
	row, err := d.row(e.at)
	if err != nil {
		return c, err
	}
	return commerce.Change{Order: &commerce.OrderChange{Keys: ids, Disputes: []commerce.Dispute{row}, Reread: true}}, nil
}

// row is the dispute as of at. Stripe does not say when it was closed: the
// first telling stands.
func (d dispute) row(at commerce.Instant) (commerce.Dispute, error) {
	if err := cmp.Or(needID("dispute", d.ID), needText("dispute's status", d.Status)); err != nil {
		return commerce.Dispute{}, err
	}
	row := commerce.Dispute{ID: d.ID, Status: d.status(), OpenedAt: cmp.Or(seconds(d.Created), at)}
	if row.Status != commerce.DisputeOpen {
		row.ClosedAt = at
	}
	return row, nil
}

// status takes what is settled without harm to the shop as won: a question that
// came to nothing, a dispute that a refund or the network ended. What is not
// known is open, which holds the order back.
func (d dispute) status() commerce.Status {
	switch d.Status {
	case "won", "warning_closed", "charge_refunded", "prevented":
		return commerce.DisputeWon
	case "lost":
		return commerce.DisputeLost
	}
	return commerce.DisputeOpen
}
