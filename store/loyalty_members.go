package store

import (
	"context"

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
	Birthday int // month * 100 + day; 0 = not told, below 0 = put aside while they are one with somebody
	// BirthdayAt is when it comes next; 0 = to be found in the calendar.
	BirthdayAt commerce.Instant
	Note       string // why they were blocked, and by whom of the shop
	By         string
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
	Comes    int64  `db:"birthday_at"`
	Note     string `db:"note"`
	By       string `db:"blocked_by"`
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

const memberColumns = `person_id, state, how, joined_at, left_at, terms, birthday, birthday_at, note, blocked_by, seq, pending, points, earned, active_at, ends_at, ending, tier, tier_since, tier_below`

func (r memberRow) member() LoyaltyMember {
	return LoyaltyMember{
		Person: commerce.PersonID(r.Person), State: MemberState(r.State), How: r.How, JoinedAt: commerce.Instant(r.JoinedAt), LeftAt: commerce.Instant(r.LeftAt),
		Terms: r.Terms, Birthday: r.Birthday, BirthdayAt: commerce.Instant(r.Comes), Note: r.Note, By: r.By, Pending: r.Pending, Points: r.Points, Earned: r.Earned, ActiveAt: commerce.Instant(r.ActiveAt),
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

// lookAtAwards has what waits for somebody, and all who are merged with them, looked at now.
func (tx *Tx) lookAtAwards(shop commerce.ShopID, person commerce.PersonID) error {
	circles, err := tx.circles(shop, []commerce.PersonID{person})
	if err != nil {
		return err
	}
	_, err = tx.exec(`UPDATE loyalty_awards SET opens_at = $3 WHERE shop_id = $1 AND person_id `+tx.in(2)+` AND pending > 0`, shop, list(&tx.query, circles[person]), tx.Now())
	return err
}

// Leave closes a membership. The points stay in the ledger and are of no use;
// what waits is not released, and ends like a guest's where they do not come back in time.
func (tx *Tx) Leave(shop commerce.ShopID, person commerce.PersonID) error {
	_, err := tx.exec(`UPDATE loyalty_members SET state = 'left', left_at = $3, tier_look_at = $3 WHERE shop_id = $1 AND person_id = $2 AND state = 'member'`, shop, person, tx.Now())
	return err
}

// Block takes somebody out of the program for a reason, or lets them in again
// where note is empty: what waits is released then. by is who of the shop does.
func (tx *Tx) Block(shop commerce.ShopID, person commerce.PersonID, note, by string) error {
	if _, err := tx.LockMembers(shop, []commerce.PersonID{person}); err != nil {
		return err
	}
	text := `UPDATE loyalty_members SET state = 'blocked', note = $3, blocked_by = $4, tier_look_at = $5 WHERE shop_id = $1 AND person_id = $2`
	if note == "" {
		text = `UPDATE loyalty_members SET state = CASE WHEN left_at > 0 THEN 'left' WHEN joined_at > 0 THEN 'member' ELSE 'guest' END, note = $3, blocked_by = $4, tier_look_at = $5 WHERE shop_id = $1 AND person_id = $2 AND state = 'blocked'`
	}
	if _, err := tx.exec(text, shop, person, note, by, tx.Now()); err != nil || note != "" {
		return err
	}
	return tx.lookAtAwards(shop, person)
}

// SetStanding keeps somebody's tier and when it is looked at next.
func (tx *Tx) SetStanding(shop commerce.ShopID, person commerce.PersonID, to loyalty.Standing, look commerce.Instant) error {
	_, err := tx.exec(`UPDATE loyalty_members SET tier = $3, tier_since = $4, tier_below = $5, tier_look_at = $6 WHERE shop_id = $1 AND person_id = $2`,
		shop, person, to.Tier, to.Since, to.Below, look)
	return err
}
