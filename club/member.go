package club

import (
	"context"
	"time"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
)

// Join makes somebody a member, who then has what waited for them and what the
// rules give for joining; how is signup, account, checkout, automatic, staff or
// import. A member already is no error, who was blocked is fault.Conflict.
func (d Desk) Join(ctx context.Context, shop commerce.Shop, person commerce.PersonID, how string) error {
	return d.at(ctx, shop, person, func(s *seat) error { return enter(s.tx, shop, s.program, s.member, how, 0) })
}

// Enter is Join inside a transaction whose person is locked; depth is as in store.Tx.Tell.
func Enter(tx *store.Tx, shop commerce.Shop, person commerce.PersonID, how string, depth int) error {
	s := &seat{tx: tx, shop: shop, person: commerce.Person{ID: person}}
	if err := s.open(); err != nil {
		return err
	}
	return enter(tx, shop, s.program, s.member, how, depth)
}

func enter(tx *store.Tx, shop commerce.Shop, p store.Program, m store.LoyaltyMember, how string, depth int) error {
	if m.State == store.Joined {
		return nil
	}
	if err := tx.Join(shop.ID, m.Person, how, p.Version); err != nil {
		return err
	}
	if err := tell(tx, shop.ID, m.Person, commerce.MemberJoined, string(m.Person), map[string]any{"how": how}, depth); err != nil {
		return err
	}
	return Award(tx, shop, m.Person, loyalty.ForSignUp, "", loyalty.Cause{Kind: loyalty.OfEvent, ID: "signup/" + string(m.Person)}, tx.Now(), depth)
}

// Leave ends a membership. The points stay in the ledger and are of no use until they join again.
func (d Desk) Leave(ctx context.Context, shop commerce.Shop, person commerce.PersonID) error {
	return d.at(ctx, shop, person, func(s *seat) error {
		if s.member.State != store.Joined {
			return s.joined()
		}
		return s.tx.Leave(shop.ID, s.person.ID)
	})
}

// Block takes somebody out of the program, for a reason that is demanded: they earn
// nothing, redeem nothing and are given nothing until Unblock.
func (d Desk) Block(ctx context.Context, shop commerce.Shop, person commerce.PersonID, note, by string) error {
	if err := noted(note); err != nil {
		return err
	}
	return d.at(ctx, shop, person, func(s *seat) error { return s.tx.Block(shop.ID, s.person.ID, note, by) })
}

// Unblock lets somebody in again as what they were.
func (d Desk) Unblock(ctx context.Context, shop commerce.Shop, person commerce.PersonID, by string) error {
	return d.at(ctx, shop, person, func(s *seat) error {
		if s.member.State != store.Blocked {
			return fault.New(fault.Conflict, "this customer is not blocked")
		}
		return s.tx.Block(shop.ID, s.person.ID, "", by)
	})
}

// SetBirthday keeps a member's birthday; month and day 0 forget it. Errors are
// fault.Invalid where there is no such day, and fault.Conflict for who is no member.
func (d Desk) SetBirthday(ctx context.Context, shop commerce.Shop, person commerce.PersonID, month, day int) error {
	return d.keepBirthday(ctx, shop, person, month, day, false)
}

// TellBirthday is SetBirthday by the member, who tells it once: fault.Conflict where it is kept
// already. Afterwards the shop changes it, since there may be points for it.
func (d Desk) TellBirthday(ctx context.Context, shop commerce.Shop, person commerce.PersonID, month, day int) error {
	return d.keepBirthday(ctx, shop, person, month, day, true)
}

func (d Desk) keepBirthday(ctx context.Context, shop commerce.Shop, person commerce.PersonID, month, day int, once bool) error {
	const leap = 2000 // somebody is born on 29 February
	date := time.Date(leap, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if (month != 0 || day != 0) && (int(date.Month()) != month || date.Day() != day || date.Year() != leap) {
		return fault.New(fault.Invalid, "there is no such day in the year")
	}
	return d.at(ctx, shop, person, func(s *seat) error {
		if err := s.joined(); err != nil {
			return err
		}
		if once && s.member.Birthday != 0 {
			return fault.New(fault.Conflict, "the birthday is kept already")
		}
		return s.tx.SetBirthday(shop.ID, s.person.ID, month*100+day)
	})
}
