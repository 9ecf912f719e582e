package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
)

// mergeMembers gives what from has in the program to into, whose ledger is both
// theirs from now on: who was a member makes the other one. How both stood is kept
// in the row of the merge.
func (tx *Tx) mergeMembers(shop commerce.ShopID, merge string, from, into commerce.PersonID) error {
	found, err := tx.membersOf(shop, []commerce.PersonID{from, into}, tx.forUpdate())
	if err != nil || found[from].Person == "" {
		return err
	}
	before, err := tx.LockMembers(shop, []commerce.PersonID{into})
	if err != nil {
		return err
	}
	// A birthday below 0 is put aside: it is kept once, by who both are now.
	if _, err := tx.exec(`UPDATE loyalty_members SET pending = 0, points = 0, earned = 0, ends_at = 0, ending = 0, notice_at = 0, places_at = 0, tier_look_at = 0,
			birthday = CASE WHEN birthday > 0 THEN -birthday ELSE birthday END
		WHERE shop_id = $1 AND person_id = $2`, shop, from); err != nil {
		return err
	}
	if err := tx.becomeOne(shop, found[from], found[into], into); err != nil {
		return err
	}
	if err := tx.keepStood(shop, merge, before[into]); err != nil {
		return err
	}
	// the cursor of a statement goes by seq: what comes next stands behind both
	if _, err := tx.exec(`UPDATE loyalty_members SET seq = CASE WHEN seq < $3 THEN $3 ELSE seq END WHERE shop_id = $1 AND person_id = $2`, shop, into, found[from].seq); err != nil {
		return err
	}
	if err := tx.lookAtAwards(shop, into); err != nil { // a guest's wait no longer where the other one is a member
		return err
	}
	if err := tx.lookAtPlaces(shop, into); err != nil {
		return err
	}
	if err := tx.moveTags(shop, from, into); err != nil {
		return err
	}
	if err := tx.LookAtTier(shop, into, tx.Now()); err != nil {
		return err
	}
	return tx.rebuildMembers(shop, into)
}

// becomeOne gives into the standing and the birthday of who turned out to be the
// same: a member stays one, and who was taken out of the program does not come
// back by it.
func (tx *Tx) becomeOne(shop commerce.ShopID, was, is LoyaltyMember, into commerce.PersonID) error {
	if was.Birthday > 0 && is.Birthday == 0 {
		if err := tx.SetBirthday(shop, into, was.Birthday); err != nil {
			return err
		}
	}
	switch {
	case was.State == Blocked && is.State != Blocked:
		if err := tx.Block(shop, into, was.Note, was.By); err != nil {
			return err
		}
	case was.State == Joined && is.State != Joined && is.State != Blocked:
		if err := tx.Join(shop, into, was.How, was.Terms); err != nil {
			return err
		}
	case was.State == Left && is.State != Left && is.State != Joined && is.State != Blocked: // no order of theirs brings them back
		if _, err := tx.exec(`UPDATE loyalty_members SET state = 'left', how = $3, joined_at = $4, left_at = $5, terms = $6 WHERE shop_id = $1 AND person_id = $2`,
			shop, into, was.How, was.JoinedAt, was.LeftAt, was.Terms); err != nil {
			return err
		}
	}
	if was.Tier != "" && is.Tier == "" { // or they would hear of it, and be given what it gives, once more
		return tx.SetStanding(shop, into, was.Standing, tx.Now())
	}
	return nil
}

// stood is how somebody stood in the program before somebody else became one with
// them, and what that made of it. It holds no birthday, only whether they had told one.
type stood struct {
	Before   standing `json:"before"`
	After    standing `json:"after"`
	Birthday bool     `json:"birthday,omitempty"`
}

type standing struct {
	State    MemberState      `json:"state"`
	How      string           `json:"how,omitempty"`
	JoinedAt commerce.Instant `json:"joined_at,omitempty"`
	LeftAt   commerce.Instant `json:"left_at,omitempty"`
	Terms    int              `json:"terms,omitempty"`
	Note     string           `json:"note,omitempty"`
	By       string           `json:"by,omitempty"`
}

func standingOf(m LoyaltyMember) standing {
	return standing{m.State, m.How, m.JoinedAt, m.LeftAt, m.Terms, m.Note, m.By}
}

// keepStood notes what a merge made of how somebody stood.
func (tx *Tx) keepStood(shop commerce.ShopID, merge string, before LoyaltyMember) error {
	after, err := tx.membersOf(shop, []commerce.PersonID{before.Person}, "")
	if err != nil {
		return err
	}
	note, err := json.Marshal(stood{standingOf(before), standingOf(after[before.Person]), before.Birthday > 0})
	if err != nil {
		return err
	}
	_, err = tx.exec(`UPDATE person_merges SET stood = $3 WHERE shop_id = $1 AND id = $2`, shop, merge, string(note))
	return err
}

// standAgain has both stand as they did before they became one. What into has done
// since, or what was done with them, stays.
func (tx *Tx) standAgain(shop commerce.ShopID, into, from commerce.PersonID, note string) error {
	if note == "" { // whose merge was none of members
		return nil
	}
	var was stood
	if err := json.Unmarshal([]byte(note), &was); err != nil {
		return fmt.Errorf("how person %s stood: %w", into, err)
	}
	found, err := tx.membersOf(shop, []commerce.PersonID{into, from}, "")
	if err != nil {
		return err
	}
	if b := was.Before; was.After != b && standingOf(found[into]) == was.After {
		if _, err := tx.exec(`UPDATE loyalty_members SET state = $3, how = $4, joined_at = $5, left_at = $6, terms = $7, note = $8, blocked_by = $9 WHERE shop_id = $1 AND person_id = $2`,
			shop, into, b.State, b.How, b.JoinedAt, b.LeftAt, b.Terms, b.Note, b.By); err != nil {
			return err
		}
	}
	theirs := -found[from].Birthday
	if theirs <= 0 {
		return nil
	}
	if !was.Birthday && found[into].Birthday == theirs {
		if err := tx.SetBirthday(shop, into, 0); err != nil {
			return err
		}
	}
	return tx.SetBirthday(shop, from, theirs)
}

// rebuildMembers makes balances anew by the shop's policy; who is in no program has none.
func (tx *Tx) rebuildMembers(shop commerce.ShopID, persons ...commerce.PersonID) error {
	found, err := tx.membersOf(shop, persons, "")
	if err != nil || len(found) == 0 {
		return err
	}
	p, err := tx.program(shop)
	if err != nil {
		return err
	}
	for _, id := range persons {
		if found[id].Person == "" {
			continue
		}
		if _, err := tx.RebuildMember(shop, id, p.Policy); err != nil {
			return err
		}
	}
	return nil
}

// moveLedger gives what an order earned, whoever holds it, to the person it
// turned out to be of, with what has become of it.
func (tx *Tx) moveLedger(shop commerce.ShopID, order commerce.OrderID, to commerce.PersonID) error {
	held, err := tx.scalars(`SELECT DISTINCT person_id FROM ledger WHERE shop_id = $1 AND cause_kind = $3 AND cause_id = $2 AND person_id <> $4`, shop, order, loyalty.OfOrder, to)
	if err != nil || len(held) == 0 {
		return err
	}
	whole, err := tx.whole(shop, append(personIDs(held), to))
	if err != nil {
		return err
	}
	if _, err := tx.LockMembers(shop, whole); err != nil {
		return err
	}
	for _, text := range []string{
		`UPDATE ledger SET person_id = $4 WHERE shop_id = $1 AND cause_kind = $3 AND cause_id = $2 AND person_id <> $4`,
		`UPDATE loyalty_awards SET person_id = $4 WHERE shop_id = $1 AND cause_kind = $3 AND cause_id = $2`,
	} {
		if _, err := tx.exec(text, shop, order, loyalty.OfOrder, to); err != nil {
			return err
		}
	}
	lots, err := tx.scalars(`SELECT id FROM ledger WHERE shop_id = $1 AND cause_kind = $3 AND cause_id = $2 AND points > 0`, shop, order, loyalty.OfOrder)
	if err != nil {
		return err
	}
	if err := tx.moveEnds(shop, lots, to); err != nil {
		return err
	}
	return tx.rebuildMembers(shop, whole...)
}

// moveEnds gives somebody the rows that ended lots.
func (tx *Tx) moveEnds(shop commerce.ShopID, lots []string, to commerce.PersonID) error {
	if len(lots) == 0 {
		return nil
	}
	_, err := tx.exec(`UPDATE ledger SET person_id = $2 WHERE shop_id = $1 AND cause_kind = $3 AND cause_id `+tx.in(4)+` AND person_id <> $2`, shop, to, loyalty.OfLot, list(&tx.query, lots))
	return err
}

// splitMembers gives from back what is theirs: what orders earned that are theirs
// now, and what they were given themselves, with what was posted about either while
// they were one with another. What was spent meanwhile, the other one has spent.
func (tx *Tx) splitMembers(shop commerce.ShopID, into, from commerce.PersonID, note string) error {
	circles, err := tx.circles(shop, []commerce.PersonID{into, from})
	if err != nil {
		return err
	}
	theirs, both := circles[from], members(circles)
	whole, err := tx.whole(shop, both)
	if err != nil {
		return err
	}
	if _, err := tx.LockMembers(shop, whole); err != nil {
		return err
	}
	if err := tx.standAgain(shop, into, from, note); err != nil {
		return err
	}
	for _, text := range []string{
		`UPDATE ledger SET person_id = (SELECT o.person_id FROM orders o WHERE o.shop_id = $1 AND o.id = ledger.cause_id) WHERE shop_id = $1 AND person_id ` + tx.in(2) + ` AND cause_kind = $3
			AND EXISTS (SELECT 1 FROM orders o WHERE o.shop_id = $1 AND o.id = ledger.cause_id AND o.person_id ` + tx.in(2) + `)`,
		`UPDATE loyalty_awards SET person_id = (SELECT o.person_id FROM orders o WHERE o.shop_id = $1 AND o.id = loyalty_awards.cause_id) WHERE shop_id = $1 AND person_id ` + tx.in(2) + ` AND cause_kind = $3
			AND EXISTS (SELECT 1 FROM orders o WHERE o.shop_id = $1 AND o.id = loyalty_awards.cause_id AND o.person_id ` + tx.in(2) + `)`,
	} {
		if _, err := tx.exec(text, shop, list(&tx.query, both), loyalty.OfOrder); err != nil {
			return err
		}
	}
	if _, err := tx.exec(`UPDATE ledger SET person_id = $3 WHERE shop_id = $1 AND person_id `+tx.in(2)+`
		AND NOT (cause_kind = $5 AND EXISTS (SELECT 1 FROM orders o WHERE o.shop_id = $1 AND o.id = ledger.cause_id)) AND EXISTS (SELECT 1 FROM loyalty_awards a
		WHERE a.shop_id = $1 AND a.cause_kind = ledger.cause_kind AND a.cause_id = ledger.cause_id AND a.rule = ledger.rule AND a.person_id `+tx.in(4)+`)`,
		shop, list(&tx.query, without(both, theirs)), from, list(&tx.query, theirs), loyalty.OfOrder); err != nil {
		return err
	}
	for _, id := range both {
		lots, err := tx.scalars(`SELECT id FROM ledger WHERE shop_id = $1 AND person_id = $2 AND points > 0`, shop, id)
		if err != nil {
			return err
		}
		if err := tx.moveEnds(shop, lots, id); err != nil {
			return err
		}
	}
	for _, id := range whole {
		if err := tx.lookAtAwards(shop, id); err != nil {
			return err
		}
		if err := tx.lookAtPlaces(shop, id); err != nil {
			return err
		}
		if err := tx.LookAtTier(shop, id, tx.Now()); err != nil {
			return err
		}
	}
	return tx.rebuildMembers(shop, whole...)
}

// without are the ids that are not among others.
func without(ids, others []commerce.PersonID) []commerce.PersonID {
	return slices.DeleteFunc(slices.Clone(ids), func(id commerce.PersonID) bool { return slices.Contains(others, id) })
}
