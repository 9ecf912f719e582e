package club

import (
	"context"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/calendar"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
)

// Desk is where members and staff come: each act is one transaction under the
// person's lock. It is safe for several goroutines.
type Desk struct{ Store *store.Store }

// seat is somebody at the desk: they and their membership are locked.
type seat struct {
	tx      *store.Tx
	shop    commerce.Shop
	person  commerce.Person
	member  store.LoyaltyMember
	program store.Program
	terms   []loyalty.Reward // that are given: the program's of now, or of a day on which they were promised
}

// at does fn for a person. Errors are fault.NotFound where the shop does not know
// them, fault.Conflict where they were erased or the shop has no program.
func (d Desk) at(ctx context.Context, shop commerce.Shop, person commerce.PersonID, fn func(*seat) error) error {
	return d.Store.Transact(ctx, func(tx *store.Tx) error {
		s, err := sit(tx, shop, person)
		if err != nil {
			return err
		}
		return fn(s)
	})
}

func sit(tx *store.Tx, shop commerce.Shop, person commerce.PersonID) (*seat, error) {
	persons, err := tx.LockPersons(shop.ID, []commerce.PersonID{person})
	if err != nil {
		return nil, err
	}
	p, known := persons[person]
	switch {
	case !known:
		return nil, fault.New(fault.NotFound, "there is no such customer in this shop")
	case p.Erased:
		return nil, fault.New(fault.Conflict, "this customer was erased")
	}
	s := &seat{tx: tx, shop: shop, person: p}
	return s, s.open()
}

// open reads the program and locks the membership of a person who is locked.
func (s *seat) open() (err error) {
	if s.program, err = s.tx.LoyaltyProgram(s.shop.ID); err != nil {
		return err
	}
	if s.terms = s.program.Rewards; s.program.Version == 0 {
		return fault.New(fault.Conflict, "the shop has no loyalty program yet")
	}
	members, err := s.tx.LockMembers(s.shop.ID, []commerce.PersonID{s.person.ID})
	s.member = members[s.person.ID]
	return err
}

// joined refuses who is no member.
func (s *seat) joined() error {
	switch s.member.State {
	case store.Joined:
		return nil
	case store.Blocked:
		return fault.New(fault.Conflict, "this customer was taken out of the loyalty program")
	}
	return fault.New(fault.Conflict, "this customer is not a member of the loyalty program")
}

// Month is the month of the shop's own calendar, as year * 100 + month: rewards are of its budget.
func Month(shop commerce.Shop, at commerce.Instant) int64 {
	day := time.Unix(int64(calendar.DayOf(shop.Timezone, at))*24*60*60, 0).UTC()
	return int64(day.Year()*100 + int(day.Month()))
}

// noted refuses an act of staff that says nothing about why.
func noted(note string) error {
	if strings.TrimSpace(note) == "" {
		return fault.New(fault.Invalid, "say why: it stands in the customer's history")
	}
	if len(note) > maxNote {
		return fault.New(fault.Invalid, "a reason has at most %d letters", maxNote)
	}
	return nil
}

// maxNote bounds a reason, in bytes.
const maxNote = 1000
