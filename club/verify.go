package club

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
)

// Figures are what a ledger comes to.
type Figures struct {
	Pending, Points, Earned int64
	EndsAt                  commerce.Instant
	Ending                  int64
}

// Difference is somebody whose kept balance is not what their rows come to.
type Difference struct {
	Person     commerce.PersonID
	Kept, Rows Figures
}

// membersAtOnce is how many members one step reads.
const membersAtOnce = 500

// each does something about every member of a shop, who is locked for it.
func (d Desk) each(ctx context.Context, shop commerce.ShopID, do func(tx *store.Tx, m store.LoyaltyMember, policy loyalty.Policy) error) (n int, err error) {
	for after := commerce.PersonID(""); ; {
		some, err := d.Store.MembersByID(ctx, shop, after, membersAtOnce)
		if err != nil || len(some) == 0 {
			return n, err
		}
		for _, one := range some {
			err := d.Store.Transact(ctx, func(tx *store.Tx) error {
				p, err := tx.LoyaltyProgram(shop)
				if err != nil {
					return err
				}
				if _, err := tx.LockPersons(shop, []commerce.PersonID{one.Person}); err != nil {
					return err
				}
				members, err := tx.LockMembers(shop, []commerce.PersonID{one.Person})
				if err != nil {
					return err
				}
				return do(tx, members[one.Person], p.Policy)
			})
			if err != nil {
				return n, err
			}
			n++
		}
		after = some[len(some)-1].Person
	}
}

// Verify derives every balance of a shop from its rows and tells those that are
// kept otherwise; it changes nothing. n is how many were looked at.
func (d Desk) Verify(ctx context.Context, shop commerce.ShopID, tell func(Difference)) (n int, err error) {
	return d.each(ctx, shop, func(tx *store.Tx, m store.LoyaltyMember, policy loyalty.Policy) error {
		rows, err := tx.Ledger(shop, m.Person)
		if err != nil {
			return err
		}
		b := loyalty.Replay(rows)
		is := Figures{Pending: b.Pending, Points: b.Points, Earned: b.Earned}
		is.EndsAt, is.Ending = b.Ending(policy)
		if kept := (Figures{m.Pending, m.Points, m.Earned, m.EndsAt, m.Ending}); kept != is {
			tell(Difference{m.Person, kept, is})
		}
		return nil
	})
}

// Rebuild makes every balance of a shop anew from its rows. changed is how many were others.
func (d Desk) Rebuild(ctx context.Context, shop commerce.ShopID) (n, changed int, err error) {
	n, err = d.each(ctx, shop, func(tx *store.Tx, m store.LoyaltyMember, policy loyalty.Policy) error {
		differs, err := tx.RebuildMember(shop, m.Person, policy)
		if differs {
			changed++
		}
		return err
	})
	return n, changed, err
}
