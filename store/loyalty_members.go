package store

import (
	"context"
	"fmt"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
)

// MemberState is how somebody stands to a shop's program.
type MemberState string

// States of membership. Points of guests wait until they join.
const (
	Guest   MemberState = "guest"
	Joined  MemberState = "member"
	Left    MemberState = "left"
	Blocked MemberState = "blocked"
)

// LoyaltyMember is somebody in a program, or on the way into it. The zero one has nothing.
type LoyaltyMember struct {
	Person   commerce.PersonID
	State    MemberState
	How      string // they came in
	JoinedAt commerce.Instant
	LeftAt   commerce.Instant
	Terms    int // the version of the program's terms they took
	Birthday int // month * 100 + day; 0 = not told
	Note     string
	// What the ledger comes to.
	Pending, Points, Earned int64
	ActiveAt                commerce.Instant
	EndsAt                  commerce.Instant // of the next lot; 0 = none ends
	Ending                  int64            // its points
	loyalty.Standing
	seq int64
}

type memberRow struct {
	Person   string `db:"person_id"`
	State    string `db:"state"`
	How      string `db:"how"`
	JoinedAt int64  `db:"joined_at"`
	LeftAt   int64  `db:"left_at"`
	Terms    int    `db:"terms"`
	Birthday int    `db:"birthday"`
	Note     string `db:"note"`
	Seq      int64  `db:"seq"`
	Pending  int64  `db:"pending"`
	Points   int64  `db:"points"`
	Earned   int64  `db:"earned"`
	ActiveAt int64  `db:"active_at"`
	EndsAt   int64  `db:"ends_at"`
	Ending   int64  `db:"ending"`
	Tier     string `db:"tier"`
	Since    int64  `db:"tier_since"`
	Below    int64  `db:"tier_below"`
}

const memberColumns = `person_id, state, how, joined_at, left_at, terms, birthday, note, seq, pending, points, earned, active_at, ends_at, ending, tier, tier_since, tier_below`

func (r memberRow) member() LoyaltyMember {
	return LoyaltyMember{
		Person: commerce.PersonID(r.Person), State: MemberState(r.State), How: r.How, JoinedAt: commerce.Instant(r.JoinedAt), LeftAt: commerce.Instant(r.LeftAt),
		Terms: r.Terms, Birthday: r.Birthday, Note: r.Note, Pending: r.Pending, Points: r.Points, Earned: r.Earned, ActiveAt: commerce.Instant(r.ActiveAt),
		EndsAt: commerce.Instant(r.EndsAt), Ending: r.Ending, seq: r.Seq,
		Standing: loyalty.Standing{Tier: r.Tier, Since: commerce.Instant(r.Since), Below: commerce.Instant(r.Below)},
	}
}

// LoyaltyMember reads somebody's membership and balance; the zero one where they have none.
func (s *Store) LoyaltyMember(ctx context.Context, shop commerce.ShopID, person commerce.PersonID) (LoyaltyMember, error) {
	found, err := s.query(ctx).membersOf(shop, []commerce.PersonID{person}, "")
	return found[person], err
}

// LockMembers locks and returns the memberships of persons, who are locked
// already; who has none yet gets one as a guest.
func (tx *Tx) LockMembers(shop commerce.ShopID, persons []commerce.PersonID) (map[commerce.PersonID]LoyaltyMember, error) {
	rows := make([][]any, len(persons))
	for i, id := range persons {
		rows[i] = []any{shop, id, tx.Now()}
	}
	if err := tx.run(addGuests, rows, nil); err != nil {
		return nil, err
	}
	return tx.membersOf(shop, persons, tx.forUpdate())
}

var addGuests = newBatch(`shop_id text, person_id text, made_at bigint`,
	`INSERT INTO loyalty_members (shop_id, person_id, made_at) {insert} ON CONFLICT (shop_id, person_id) DO NOTHING`)

func (q *query) membersOf(shop commerce.ShopID, persons []commerce.PersonID, lock string) (map[commerce.PersonID]LoyaltyMember, error) {
	var rows []memberRow
	err := q.all(&rows, `SELECT `+memberColumns+` FROM loyalty_members WHERE shop_id = $1 AND person_id `+q.in(2)+` ORDER BY person_id`+lock, shop, list(q, persons))
	out := make(map[commerce.PersonID]LoyaltyMember, len(rows))
	for _, r := range rows {
		out[commerce.PersonID(r.Person)] = r.member()
	}
	return out, err
}

// Join makes a guest, or somebody who left, a member: what waits for them opens
// when it may. Somebody blocked is fault.Conflict, a member already no error.
func (tx *Tx) Join(shop commerce.ShopID, person commerce.PersonID, how string, terms int) error {
	found, err := tx.LockMembers(shop, []commerce.PersonID{person})
	switch {
	case err != nil:
		return err
	case found[person].State == Joined:
		return nil
	case found[person].State == Blocked:
		return fault.New(fault.Conflict, "this customer was taken out of the program: %s", found[person].Note)
	}
	if _, err = tx.exec(`UPDATE loyalty_members SET state = 'member', how = $3, joined_at = $4, left_at = 0, terms = $5, tier_look_at = $4 WHERE shop_id = $1 AND person_id = $2`,
		shop, person, how, tx.Now(), terms); err != nil {
		return err
	}
	return tx.lookAtAwards(shop, person)
}

// lookAtAwards has what waits for somebody looked at now.
func (tx *Tx) lookAtAwards(shop commerce.ShopID, person commerce.PersonID) error {
	_, err := tx.exec(`UPDATE loyalty_awards SET opens_at = $3 WHERE shop_id = $1 AND person_id = $2 AND pending > 0`, shop, person, tx.Now())
	return err
}

// Leave closes a membership; the points stay in the ledger and are of no use.
func (tx *Tx) Leave(shop commerce.ShopID, person commerce.PersonID) error {
	_, err := tx.exec(`UPDATE loyalty_members SET state = 'left', left_at = $3 WHERE shop_id = $1 AND person_id = $2 AND state = 'member'`, shop, person, tx.Now())
	return err
}

// Block takes somebody out of the program for a reason, or lets them in again where note is empty.
func (tx *Tx) Block(shop commerce.ShopID, person commerce.PersonID, note string) error {
	if _, err := tx.LockMembers(shop, []commerce.PersonID{person}); err != nil {
		return err
	}
	text := `UPDATE loyalty_members SET state = 'blocked', note = $3 WHERE shop_id = $1 AND person_id = $2`
	if note == "" {
		text = `UPDATE loyalty_members SET state = CASE WHEN joined_at > 0 THEN 'member' ELSE 'guest' END, note = $3 WHERE shop_id = $1 AND person_id = $2 AND state = 'blocked'`
	}
	_, err := tx.exec(text, shop, person, note)
	return err
}

// SetStanding keeps somebody's tier and when it is looked at next.
func (tx *Tx) SetStanding(shop commerce.ShopID, person commerce.PersonID, to loyalty.Standing, look commerce.Instant) error {
	_, err := tx.exec(`UPDATE loyalty_members SET tier = $3, tier_since = $4, tier_below = $5, tier_look_at = $6 WHERE shop_id = $1 AND person_id = $2`,
		shop, person, to.Tier, to.Since, to.Below, look)
	return err
}

// LoyaltyMembers lists a shop's members by points, the most first, behind after where that is not zero; at most limit.
func (s *Store) LoyaltyMembers(ctx context.Context, shop commerce.ShopID, after LoyaltyMember, limit int) (out []LoyaltyMember, more bool, err error) {
	where, args := "", []any{shop, limit + 1}
	if after.Person != "" {
		where, args = ` AND (points, person_id) < ($3, $4)`, append(args, after.Points, after.Person)
	}
	var rows []memberRow
	if err := s.query(ctx).all(&rows, `SELECT `+memberColumns+` FROM loyalty_members WHERE shop_id = $1`+where+` ORDER BY points DESC, person_id DESC LIMIT $2`, args...); err != nil {
		return nil, false, fmt.Errorf("members: %w", err)
	}
	if more = len(rows) > limit; more {
		rows = rows[:limit]
	}
	for _, r := range rows {
		out = append(out, r.member())
	}
	return out, more, nil
}
