// Package club is what members, staff and campaigns do in a shop's loyalty
// program, each within one transaction: the rules themselves are of
// delight/loyalty, the rows of the store.
package club

import (
	"time"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
)

// Award gives what the rules of a kind give somebody for a cause that is no
// order: a sign-up, a birthday, a friend, an event of a name, a review. The
// person is locked. Given again for the same cause it gives nothing more, but
// what TakeBack took. Members alone earn, by the rules of at, where the program
// was live by then; depth is as in store.Tx.Tell.
func Award(tx *store.Tx, shop commerce.Shop, person commerce.PersonID, kind loyalty.RuleKind, event string, cause loyalty.Cause, at commerce.Instant, depth int) error {
	p, err := tx.LoyaltyProgram(shop.ID)
	if err != nil || p.LiveAt == 0 {
		return err
	}
	members, err := tx.LockMembers(shop.ID, []commerce.PersonID{person})
	if err != nil {
		return err
	}
	awards, err := tx.Awards(shop.ID, cause.Kind, []string{cause.ID})
	if err != nil {
		return err
	}
	m := members[person]
	ledger := &loyalty.Ledger{Points: m.Points, Policy: p.Policy}
	var rows []loyalty.Row
	for _, a := range awards[cause.ID] {
		rows = append(rows, ledger.Restore(a, tx.Now())...)
	}
	if len(awards[cause.ID]) == 0 && m.State == store.Joined && p.Gave(at) {
		if rows, err = given(tx, shop, p, m, kind, event, cause, at); err != nil {
			return err
		}
	}
	if m, err = tx.PostLedger(shop.ID, m, rows, p.Policy); err != nil {
		return err
	}
	return TellEarned(tx, shop.ID, m, cause, rows, depth)
}

// given are the rows of what all rules for a cause give a member.
func given(tx *store.Tx, shop commerce.Shop, p store.Program, m store.LoyaltyMember, kind loyalty.RuleKind, event string, cause loyalty.Cause, at commerce.Instant) (rows []loyalty.Row, err error) {
	program, err := tx.ProgramAt(shop.ID, at)
	if err != nil {
		return nil, err
	}
	var giving []loyalty.Rule
	for _, r := range program.Rules {
		if r.Kind == kind && r.Event == event {
			giving = append(giving, r)
		}
	}
	who := loyalty.Person{Member: true, Multiplier: p.Tiers.Of(m.Tier).Multiplier}
	if who.Room, err = Room(tx, shop, m.Person, giving, cause, at); err != nil {
		return nil, err
	}
	ledger := &loyalty.Ledger{Points: m.Points, Policy: p.Policy}
	for _, r := range giving {
		rows = append(rows, ledger.Give(cause, r, program.Version, who, at, tx.Now())...)
	}
	return rows, nil
}

// Room is what the bounds of rules leave somebody for a cause of at, by the day
// of the shop's clocks; their membership is locked. No entry = no bound.
func Room(tx *store.Tx, shop commerce.Shop, person commerce.PersonID, rules []loyalty.Rule, cause loyalty.Cause, at commerce.Instant) (map[string]int64, error) {
	var bounded []string
	for _, r := range rules {
		if r.Bounded() {
			bounded = append(bounded, r.ID)
		}
	}
	if len(bounded) == 0 {
		return nil, nil
	}
	from, to := Day(shop, at)
	given, err := tx.GivenByRules(shop.ID, person, bounded, cause, from, to)
	if err != nil {
		return nil, err
	}
	room := map[string]int64{}
	for _, r := range rules {
		if r.Bounded() {
			room[r.ID] = r.Room(given[r.ID])
		}
	}
	return room, nil
}

// Day is from when to when a day of the shop's clocks lasts.
func Day(shop commerce.Shop, at commerce.Instant) (from, to commerce.Instant) {
	zone, err := time.LoadLocation(shop.Timezone)
	if err != nil {
		zone = time.UTC
	}
	y, m, d := at.Time().In(zone).Date()
	return commerce.At(time.Date(y, m, d, 0, 0, 0, 0, zone)), commerce.At(time.Date(y, m, d+1, 0, 0, 0, 0, zone))
}

// TakeBack takes in whole what Award gave a person, who is locked, for a cause;
// taken back again it takes nothing more.
func TakeBack(tx *store.Tx, shop commerce.Shop, person commerce.PersonID, cause loyalty.Cause, note string) error {
	awards, err := tx.Awards(shop.ID, cause.Kind, []string{cause.ID})
	if err != nil || len(awards) == 0 {
		return err
	}
	if person, err = holder(tx, shop.ID, cause, person); err != nil {
		return err
	}
	p, err := tx.LoyaltyProgram(shop.ID)
	if err != nil {
		return err
	}
	members, err := tx.LockMembers(shop.ID, []commerce.PersonID{person})
	if err != nil {
		return err
	}
	if awards, err = tx.Awards(shop.ID, cause.Kind, []string{cause.ID}); err != nil {
		return err
	}
	m := members[person]
	ledger := &loyalty.Ledger{Points: m.Points, Policy: p.Policy}
	var rows []loyalty.Row
	for _, a := range awards[cause.ID] {
		rows = append(rows, ledger.Withdraw(a, tx.Now())...)
	}
	for i := range rows {
		rows[i].Note = note
	}
	_, err = tx.PostLedger(shop.ID, m, rows, p.Policy)
	return err
}

// holder is who has what was given for a cause now; they may have been taken for one with the person, and are not.
func holder(tx *store.Tx, shop commerce.ShopID, cause loyalty.Cause, person commerce.PersonID) (commerce.PersonID, error) {
	held, err := tx.AwardHolders(shop, cause.Kind, []string{cause.ID})
	who := held[cause.ID]
	if err != nil || who == "" || who == person {
		return person, err
	}
	persons, err := tx.LockPersons(shop, []commerce.PersonID{who})
	if now := persons[who].ID; err == nil && now != "" {
		return now, nil
	}
	return person, err
}
