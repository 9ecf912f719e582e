package commerce

import "cmp"

// Dispute is a customer's objection at the bank.
type Dispute struct {
	ID       string  `json:"id"`
	Status   Status  `json:"status"`
	OpenedAt Instant `json:"opened_at"`
	ClosedAt Instant `json:"closed_at,omitempty"`
	// Read says that ClosedAt is when the dispute was found closed, which a platform
	// told on being asked, so that it may have been earlier: an event knows better.
	Read bool `json:"read,omitempty"`
}

// with adds what n says: the greater status stands with the moment at which it
// was first told, for it is told again later, as when funds come back. It was
// not closed before it was opened, whichever clock said so.
func (d Dispute) with(n Dispute) Dispute {
	opened := Earliest(d.OpenedAt, n.OpenedAt)
	if n.ClosedAt != 0 {
		n.ClosedAt = max(n.ClosedAt, n.OpenedAt)
	}
	switch cmp.Compare(n.Status, d.Status) {
	case 0:
		switch {
		case n.Read == d.Read:
			d.ClosedAt = Earliest(d.ClosedAt, n.ClosedAt)
		case d.Read:
			d.ClosedAt, d.Read = n.ClosedAt, false
		}
	case 1:
		d = n
	}
	d.OpenedAt = opened
	return d
}

// DisputeState returns the state of the worst dispute: lost, open, won, or 0 for none.
func (o *Order) DisputeState() Status {
	worst := Status(0)
	for _, d := range o.Disputes {
		if d.Status == DisputeLost || worst == 0 || (d.Status == DisputeOpen && worst == DisputeWon) {
			worst = d.Status
		}
	}
	return worst
}
