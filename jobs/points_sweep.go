package jobs

import (
	"context"
	"strconv"
	"time"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
)

// A look takes so many causes or members of one kind from one shop, and goes on
// with the next shop: one that has a million due has its turn like any other.
// It ends where it has done about pointsStep, and goes on there the next time.
const (
	pointsStep  = 100
	pointsShare = 16
)

// lookAgain is until when nobody looks again at what failed.
func (w *Worker) lookAgain(err error) commerce.Instant {
	if fault.Is(err, fault.Temporary) {
		return w.Store.Now().Add(10 * time.Second)
	}
	return w.Store.Now().Add(10 * time.Minute)
}

// lookAtPoints looks, in the shops after the shop id behind, at what waits and
// whose time has come: points whose return window has ended are released, those
// of guests who never came end, and so do lots and tiers; who is to be told that
// something of theirs ends is told, and whose birthday it is has it. It returns
// the shop to go on behind, "" = from the first one. What fails for one is put
// off, and holds up nobody else.
func (w *Worker) lookAtPoints(ctx context.Context, behind commerce.ShopID) (next commerce.ShopID, more bool, err error) {
	shops, err := w.Store.DueClubs(ctx, behind, pointsStep)
	if err != nil {
		return behind, false, err
	}
	done, full := 0, false
	for i, shop := range shops {
		n, most, err := w.lookAtClub(ctx, shop)
		if err != nil {
			return shop, false, err
		}
		if done, full = done+n, full || most; done >= pointsStep && i < len(shops)-1 {
			return shop, true, ctx.Err()
		}
	}
	if len(shops) == pointsStep {
		return shops[len(shops)-1], true, ctx.Err()
	}
	return "", full || behind != "" && len(shops) > 0, ctx.Err()
}

// lookAtClub takes a shop's share of a look; full says that something more may be due there.
func (w *Worker) lookAtClub(ctx context.Context, shop commerce.ShopID) (done int, full bool, err error) {
	due, err := w.Store.DueAwards(ctx, shop, pointsShare)
	if err != nil {
		return 0, false, err
	}
	for _, d := range due {
		if err := w.lookAtAward(ctx, d); err != nil {
			w.Log.Warn("points not looked at", "shop", shop, "cause", d.Cause.ID, "error", err)
			if err := w.Store.PutOffAwards(ctx, shop, d.Cause, w.lookAgain(err)); err != nil {
				return done, false, err
			}
		}
	}
	done, full = len(due), len(due) == pointsShare
	for _, look := range []struct {
		find func(context.Context, commerce.ShopID, int) ([]store.DueMember, error)
		do   func(context.Context, store.DueMember) error
	}{
		{w.Store.NoticeMembers, w.noticePoints}, // before they end
		{w.Store.EndingMembers, w.endLots},
		{w.Store.PlacesMembers, w.lookAtPlaces},
		{w.Store.BirthdayMembers, w.celebrate},
		{w.Store.TierMembers, w.lookAtTier},
	} {
		found, err := look.find(ctx, shop, pointsShare)
		if err != nil {
			return done, false, err
		}
		for _, d := range found {
			if err := look.do(ctx, d); err != nil {
				w.Log.Warn("member not looked at", "shop", shop, "person", d.Person, "error", err)
				if err := w.Store.PutOffMember(ctx, shop, d.Person, w.lookAgain(err)); err != nil {
					return done, false, err
				}
			}
		}
		done, full = done+len(found), full || len(found) == pointsShare
	}
	return done, full, nil
}

// dueForPoints does so once a second, or again at once while there is more.
func (s *sweep) dueForPoints(ctx context.Context) (bool, error) {
	if !s.lookingAtClubs && !s.releasing {
		return false, nil
	}
	var err error
	s.clubs, s.releasing, err = s.lookAtPoints(ctx, s.clubs)
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
	return w.withMember(ctx, d, func(tx *store.Tx, _ commerce.Shop, p store.Program, m store.LoyaltyMember) error {
		rows, err := tx.Ledger(d.Shop, d.Person)
		if err != nil {
			return err
		}
		ended := loyalty.Replay(rows).Expired(p.Policy, tx.Now())
		if len(ended) == 0 { // the policy was changed since
			_, err = tx.RebuildMember(d.Shop, d.Person, p.Policy)
			return err
		}
		_, err = tx.PostLedger(d.Shop, m, ended, p.Policy)
		return err
	})
}

// lookAtPlaces settles the orders whose places have changed because their person
// became one with another, or is it no more, and finds out anew when points end.
func (w *Worker) lookAtPlaces(ctx context.Context, d store.DueMember) error {
	return w.withMember(ctx, d, func(tx *store.Tx, shop commerce.Shop, p store.Program, _ store.LoyaltyMember) error {
		persons, err := tx.LockPersons(d.Shop, []commerce.PersonID{d.Person})
		if err != nil {
			return err
		}
		work := settlement{tx: tx, shop: shop, program: p}
		if err := work.addPlaces(map[commerce.PersonID]commerce.Person{d.Person: persons[d.Person]}); err != nil {
			return err
		}
		if err := work.run(); err != nil {
			return err
		}
		if _, err := tx.RebuildMember(d.Shop, d.Person, p.Policy); err != nil {
			return err
		}
		return tx.PlacesSeen(d.Shop, d.Person)
	})
}

// noticePoints tells somebody that points of theirs are about to end, once for each end.
func (w *Worker) noticePoints(ctx context.Context, d store.DueMember) error {
	return w.withMember(ctx, d, func(tx *store.Tx, _ commerce.Shop, p store.Program, m store.LoyaltyMember) error {
		if m.EndsAt != 0 && p.Policy.NoticeBy(m.EndsAt) > tx.Now() { // the policy was changed since
			_, err := tx.RebuildMember(d.Shop, d.Person, p.Policy)
			return err
		}
		if err := tx.NoticeGiven(d.Shop, d.Person, m.EndsAt); err != nil || m.State != store.Joined || m.Ending == 0 || m.EndsAt <= tx.Now() {
			return err
		}
		return tx.Tell(d.Shop, store.OwnEvent{Person: d.Person, Happening: commerce.Happening{
			Kind: commerce.PointsExpiring, Subject: string(d.Person) + "/" + strconv.FormatInt(int64(m.EndsAt), 10), At: tx.Now(),
			Props: map[string]any{"points": m.Ending, "ends_at": m.EndsAt},
		}})
	})
}

// withMember does something for somebody under their lock and that of their membership.
func (w *Worker) withMember(ctx context.Context, d store.DueMember, do func(*store.Tx, commerce.Shop, store.Program, store.LoyaltyMember) error) error {
	shop, err := w.Store.Shop(ctx, d.Shop)
	if err != nil {
		return err
	}
	return w.Store.Transact(ctx, func(tx *store.Tx) error {
		persons, err := tx.LockPersons(d.Shop, []commerce.PersonID{d.Person})
		if err != nil || persons[d.Person].ID != d.Person { // they became one with somebody else meanwhile
			return err
		}
		members, err := tx.LockMembers(d.Shop, []commerce.PersonID{d.Person})
		if err != nil {
			return err
		}
		p, err := tx.LoyaltyProgram(d.Shop)
		if err != nil {
			return err
		}
		return do(tx, shop, p, members[d.Person])
	})
}
