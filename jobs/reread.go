package jobs

import (
	"cmp"
	"context"

	"flywheel/commerce"
	"flywheel/store"
)

// planFetch settles when the platform is asked about an order of which d has
// just told; unknown = only refunds and disputes had told of it before. What was
// read at the platform is no reason to ask it again.
func (m *merge) planFetch(o *orderWork, d decoded, unknown bool) {
	told := d.delivery.ID != ""
	nameless := m.nameless(o)
	switch {
	case told && (d.change.Order.Reread && m.stripeAnswers || o.RefundsDisagree()):
		o.FetchAt, o.FetchTries = m.tx.Now(), 0 // the charge itself knows
	case o.Stub() && o.FetchAt == 0 && o.FetchTries == 0:
		o.FetchAt = o.CreatedAt.Add(stubPatience)
	case o.Stub():
	case told && unknown && nameless && m.stripeAnswers:
		o.FetchAt = o.CreatedAt.Add(thinTime) // the customer's own address, unless it comes by itself
	case !o.toldBy(commerce.Stripe), told && unknown, !nameless && o.FetchAt > m.tx.Now() && o.FetchAt == o.CreatedAt.Add(thinTime):
		o.FetchAt = 0
	}
}

// rereadUnchanged has a charge read again whose refund or dispute was told once
// more: what was told is known, what it did to the sum need not be. No decision
// reads that, so nothing else is disturbed.
func (m *merge) rereadUnchanged(o *orderWork, d decoded) {
	if d.change.Order.Reread && d.delivery.ID != "" && m.stripeAnswers {
		m.later = append(m.later, func() error {
			return m.tx.PlanFetch(m.shop.ID, cmp.Or(o.SameAs, o.ID), m.tx.Now(), 0)
		})
	}
}

// nameless reports whether an order's buyer is a customer of Stripe whose
// address nobody has told.
func (m *merge) nameless(o *orderWork) bool {
	p := m.persons[o.PersonID]
	if p == nil || p.Email != "" || p.Erased {
		return false
	}
	for who, id := range m.byWho {
		if who.Kind == commerce.ByStripe && m.persons[id] == p {
			return true
		}
	}
	return false
}

// answered notes, in the transaction that merged it, that the platform has
// answered: if sums and rows still tell different stories, the charge's own sum
// stands and need not be asked again. What came while it was asked, the answer
// may not know yet: then it is asked once more.
func (m *merge) answered(asked *store.StoredOrder) error {
	if o := m.orders[asked.ID]; o != nil && (o.Rev != asked.Rev || o.FetchAt != asked.FetchAt && o.FetchAt != 0) {
		return nil
	}
	return m.tx.PlanFetch(m.shop.ID, asked.ID, 0, 0)
}

// stripeAnswers reports whether a batch gives reason to ask Stripe about an
// order, and Stripe can be asked.
func (w *Worker) stripeAnswers(ctx context.Context, shop commerce.ShopID, batch []decoded) (bool, error) {
	if !w.canAsk(commerce.Stripe) {
		return false, nil
	}
	reason := false
	for _, d := range batch {
		o := d.change.Order
		reason = reason || o != nil && d.delivery.Platform == commerce.Stripe && d.delivery.ID != "" &&
			(o.Reread || o.Person != nil && o.Person.CustomerID != "" && o.Person.Email == "")
	}
	if !reason {
		return false, nil
	}
	connections, err := w.Store.Connections(ctx, shop)
	for _, c := range connections {
		if c.Platform != commerce.Stripe {
			continue
		}
		if _, denied := w.Accounts.Access(c); denied == nil {
			return true, nil
		}
	}
	return false, err
}
