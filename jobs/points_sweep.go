package jobs

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
)

// pointsStep is how many causes or members a look takes at once.
const pointsStep = 100

// releasePoints looks at what waits and whose time has come: points whose return
// window has ended are released, those of guests who never came end, and so do
// lots and tiers.
func (w *Worker) releasePoints(ctx context.Context) (more bool, err error) {
	due, err := w.Store.DueAwards(ctx, pointsStep)
	if err != nil {
		return false, err
	}
	for _, d := range due {
		if err := w.lookAtAward(ctx, d); err != nil {
			return false, err
		}
	}
	ending, err := w.Store.EndingMembers(ctx, pointsStep)
	if err != nil {
		return false, err
	}
	for _, d := range ending {
		if err := w.endLots(ctx, d); err != nil {
			return false, err
		}
	}
	return len(due) == pointsStep || len(ending) == pointsStep, nil
}

// dueForPoints does so once a second, or again at once while there is more.
func (s *sweep) dueForPoints(ctx context.Context) (bool, error) {
	if !s.looking && !s.releasing {
		return false, nil
	}
	var err error
	s.releasing, err = s.releasePoints(ctx)
	return s.releasing, err
}

// lookAtAward settles an order's points again, as a delivery about it would.
func (w *Worker) lookAtAward(ctx context.Context, d store.DueAward) error {
	shop, err := w.Store.Shop(ctx, d.Shop)
	if err != nil {
		return err
	}
	return w.Store.Transact(ctx, func(tx *store.Tx) error {
		id := commerce.OrderID(d.Cause.ID)
		orders, err := tx.LockOrders(d.Shop, []commerce.OrderID{id})
		if err != nil {
			return err
		}
		o := orders[id]
		if o == nil || o.PersonID == "" { // nobody's any more
			return tx.PlanAwards(d.Shop, d.Cause, 0)
		}
		persons, err := tx.LockPersons(d.Shop, []commerce.PersonID{o.PersonID})
		if err != nil {
			return err
		}
		p, err := tx.LoyaltyProgram(d.Shop)
		if err != nil {
			return err
		}
		who := persons[o.PersonID]
		work := settlement{tx: tx, shop: shop, program: p}
		work.add(&o.Order, who)
		if err := work.run(); err != nil {
			return err
		}
		return endUnclaimed(tx, shop, p, &o.Order, who.ID)
	})
}

// endUnclaimed ends what waited for a guest who never joined.
func endUnclaimed(tx *store.Tx, shop commerce.Shop, p store.Program, o *commerce.Order, person commerce.PersonID) error {
	if p.ClaimBy(o.Sale(shop.Settings)) > tx.Now() {
		return nil
	}
	members, err := tx.LockMembers(shop.ID, []commerce.PersonID{person})
	if err != nil || members[person].State == store.Joined {
		return err
	}
	awards, err := tx.Awards(shop.ID, loyalty.OfOrder, []string{string(o.ID)})
	if err != nil {
		return err
	}
	_, err = tx.PostLedger(shop.ID, members[person], loyalty.Unclaimed(awards[string(o.ID)], tx.Now()), p.Policy)
	return err
}

// endLots ends the points of somebody whose time has come.
func (w *Worker) endLots(ctx context.Context, d store.DueMember) error {
	return w.Store.Transact(ctx, func(tx *store.Tx) error {
		p, err := tx.LoyaltyProgram(d.Shop)
		if err != nil {
			return err
		}
		if _, err := tx.LockPersons(d.Shop, []commerce.PersonID{d.Person}); err != nil {
			return err
		}
		members, err := tx.LockMembers(d.Shop, []commerce.PersonID{d.Person})
		if err != nil {
			return err
		}
		rows, err := tx.Ledger(d.Shop, d.Person)
		if err != nil {
			return err
		}
		ended := loyalty.Replay(rows).Expired(p.Policy, tx.Now())
		if len(ended) == 0 { // the policy was changed since
			_, err = tx.RebuildMember(d.Shop, d.Person, p.Policy)
			return err
		}
		_, err = tx.PostLedger(d.Shop, members[d.Person], ended, p.Policy)
		return err
	})
}
