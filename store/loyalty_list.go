package store

import (
	"context"
	"fmt"

	"flywheel/commerce"
)

// MemberChoice says which members a list has; the zero one has all.
type MemberChoice struct {
	State MemberState // "" = any
	Tier  string      // "" = any
}

// Has reports whether a member is among them.
func (c MemberChoice) Has(m LoyaltyMember) bool {
	return (c.State == "" || c.State == m.State) && (c.Tier == "" || c.Tier == m.Tier)
}

// whole leaves out who was merged into somebody else: what they had is the other one's.
const whole = ` AND NOT EXISTS (SELECT 1 FROM persons p WHERE p.shop_id = $1 AND p.id = loyalty_members.person_id AND p.merged_into <> '')`

// LoyaltyMembers lists a shop's members by points, the most first, behind after
// where that is not zero; at most limit.
func (s *Store) LoyaltyMembers(ctx context.Context, shop commerce.ShopID, which MemberChoice, after LoyaltyMember, limit int) (out []LoyaltyMember, more bool, err error) {
	where, args := whole, []any{shop, limit + 1}
	if which.State != "" {
		args = append(args, which.State)
		where += fmt.Sprintf(` AND state = $%d`, len(args))
	}
	if which.Tier != "" {
		args = append(args, which.Tier)
		where += fmt.Sprintf(` AND tier = $%d`, len(args))
	}
	if after.Person != "" {
		args = append(args, after.Points, after.Person)
		where += fmt.Sprintf(` AND (points, person_id) < ($%d, $%d)`, len(args)-1, len(args))
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

// MembersByID lists a shop's members in an order that stays as balances move,
// behind after where that is not empty; at most limit.
func (s *Store) MembersByID(ctx context.Context, shop commerce.ShopID, after commerce.PersonID, limit int) (out []LoyaltyMember, err error) {
	var rows []memberRow
	err = s.query(ctx).all(&rows, `SELECT `+memberColumns+` FROM loyalty_members WHERE shop_id = $1 AND person_id > $2`+whole+` ORDER BY person_id LIMIT $3`, shop, after, limit)
	for _, r := range rows {
		out = append(out, r.member())
	}
	return out, err
}

// MembersOf reads the memberships of some; who has none is not in the map.
func (s *Store) MembersOf(ctx context.Context, shop commerce.ShopID, persons []commerce.PersonID) (map[commerce.PersonID]LoyaltyMember, error) {
	return s.query(ctx).membersOf(shop, persons, "")
}

// MembersIn counts a shop's members by state.
func (s *Store) MembersIn(ctx context.Context, shop commerce.ShopID) (map[MemberState]int64, error) {
	var rows []struct {
		State string `db:"state"`
		Count int64  `db:"n"`
	}
	err := s.query(ctx).all(&rows, `SELECT state, COUNT(*) AS n FROM loyalty_members WHERE shop_id = $1`+whole+` GROUP BY state`, shop)
	out := map[MemberState]int64{}
	for _, r := range rows {
		out[MemberState(r.State)] = r.Count
	}
	return out, err
}
