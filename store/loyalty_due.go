package store

import (
	"context"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
)

// DueMember is somebody of whom something is due.
type DueMember struct {
	Shop   commerce.ShopID
	Person commerce.PersonID
}

// What is due of members and of what waits, by $2; in each the column of its index stands first.
const (
	dueEnding   = `ends_at > 0 AND ends_at <= $2`
	dueNotice   = `notice_at > 0 AND notice_at <= $2`
	dueTier     = `tier_look_at > 0 AND tier_look_at <= $2`
	duePlaces   = `places_at > 0 AND places_at <= $2`
	dueBirthday = `birthday > 0 AND birthday_at <= $2`
	dueOpen     = `opens_at > 0 AND pending > 0 AND opens_at <= $2`
)

// DueClubs walks the shops in which something of points is due by now, after the
// shop id after; at most limit. It skips from shop to shop through the keys.
func (s *Store) DueClubs(ctx context.Context, after commerce.ShopID, limit int) ([]commerce.ShopID, error) {
	some := func(table, due string) string {
		return `EXISTS (SELECT 1 FROM ` + table + ` WHERE shop_id = walk.id AND ` + due + ` AND look_after <= $2)`
	}
	found, err := s.query(ctx).scalars(`WITH RECURSIVE walk (id) AS (
			SELECT (SELECT MIN(shop_id) FROM loyalty_members WHERE shop_id > $1)
			UNION ALL
			SELECT (SELECT MIN(m.shop_id) FROM loyalty_members m WHERE m.shop_id > walk.id) FROM walk WHERE walk.id IS NOT NULL)
		SELECT id FROM walk WHERE id IS NOT NULL AND (`+strings.Join([]string{
		some("loyalty_awards", dueOpen), some("loyalty_members", dueEnding), some("loyalty_members", dueNotice),
		some("loyalty_members", dueTier), some("loyalty_members", duePlaces), some("loyalty_members", dueBirthday),
	}, " OR ")+`) LIMIT $3`, after, s.Now(), limit)
	out := make([]commerce.ShopID, len(found))
	for i, id := range found {
		out[i] = commerce.ShopID(id)
	}
	return out, err
}

// EndingMembers lists a shop's members whose next lot has ended by now, the first first; at most limit.
func (s *Store) EndingMembers(ctx context.Context, shop commerce.ShopID, limit int) ([]DueMember, error) {
	return s.dueMembers(ctx, shop, dueEnding+` AND look_after <= $2 ORDER BY ends_at`, limit)
}

// NoticeMembers lists who is to be told by now that points of theirs end.
func (s *Store) NoticeMembers(ctx context.Context, shop commerce.ShopID, limit int) ([]DueMember, error) {
	return s.dueMembers(ctx, shop, dueNotice+` AND look_after <= $2 ORDER BY notice_at`, limit)
}

// TierMembers lists whose tier is to be looked at by now.
func (s *Store) TierMembers(ctx context.Context, shop commerce.ShopID, limit int) ([]DueMember, error) {
	return s.dueMembers(ctx, shop, dueTier+` AND look_after <= $2 ORDER BY tier_look_at`, limit)
}

// PlacesMembers lists whose orders may have other places since they became one with somebody, or are it no more.
func (s *Store) PlacesMembers(ctx context.Context, shop commerce.ShopID, limit int) ([]DueMember, error) {
	return s.dueMembers(ctx, shop, duePlaces+` AND look_after <= $2 ORDER BY places_at`, limit)
}

// BirthdayMembers lists whose birthday has come by now, or is to be found in the calendar.
func (s *Store) BirthdayMembers(ctx context.Context, shop commerce.ShopID, limit int) ([]DueMember, error) {
	return s.dueMembers(ctx, shop, dueBirthday+` AND look_after <= $2 ORDER BY birthday_at`, limit)
}

func (s *Store) dueMembers(ctx context.Context, shop commerce.ShopID, which string, limit int) ([]DueMember, error) {
	found, err := s.query(ctx).scalars(`SELECT person_id FROM loyalty_members WHERE shop_id = $1 AND `+which+` LIMIT $3`, shop, s.Now(), limit)
	out := make([]DueMember, len(found))
	for i, id := range found {
		out[i] = DueMember{shop, commerce.PersonID(id)}
	}
	return out, err
}

// PutOffMember has nobody look at what is due of somebody before a moment, since the last look failed.
func (s *Store) PutOffMember(ctx context.Context, shop commerce.ShopID, person commerce.PersonID, until commerce.Instant) error {
	_, err := s.exec(ctx, `UPDATE loyalty_members SET look_after = $3 WHERE shop_id = $1 AND person_id = $2`, shop, person, until)
	return err
}

// PutOffAwards is PutOffMember for what waits for a cause.
func (s *Store) PutOffAwards(ctx context.Context, shop commerce.ShopID, c loyalty.Cause, until commerce.Instant) error {
	_, err := s.exec(ctx, `UPDATE loyalty_awards SET look_after = $4 WHERE shop_id = $1 AND cause_kind = $2 AND cause_id = $3`, shop, c.Kind, c.ID, until)
	return err
}

// NoticeGiven notes that somebody was told that the lot ends which ends then.
func (tx *Tx) NoticeGiven(shop commerce.ShopID, person commerce.PersonID, end commerce.Instant) error {
	_, err := tx.exec(`UPDATE loyalty_members SET notice_at = 0, noticed = $3 WHERE shop_id = $1 AND person_id = $2`, shop, person, end)
	return err
}

// LookAtTier has somebody's tier looked at then, where it is not before that.
func (tx *Tx) LookAtTier(shop commerce.ShopID, person commerce.PersonID, at commerce.Instant) error {
	_, err := tx.exec(`UPDATE loyalty_members SET tier_look_at = $3 WHERE shop_id = $1 AND person_id = $2 AND (tier_look_at = 0 OR tier_look_at > $3)`, shop, person, at)
	return err
}

// lookAtTiers has the tiers of all members looked at, since what makes them has changed.
func (tx *Tx) lookAtTiers(shop commerce.ShopID) error {
	_, err := tx.exec(`UPDATE loyalty_members SET tier_look_at = $2 WHERE shop_id = $1 AND state = 'member'`, shop, tx.Now())
	return err
}

// lookAtPlaces has the places of somebody's orders looked at.
func (tx *Tx) lookAtPlaces(shop commerce.ShopID, person commerce.PersonID) error {
	_, err := tx.exec(`UPDATE loyalty_members SET places_at = $3 WHERE shop_id = $1 AND person_id = $2`, shop, person, tx.Now())
	return err
}

// PlacesSeen notes that the places of somebody's orders were looked at.
func (tx *Tx) PlacesSeen(shop commerce.ShopID, person commerce.PersonID) error {
	_, err := tx.exec(`UPDATE loyalty_members SET places_at = 0 WHERE shop_id = $1 AND person_id = $2`, shop, person)
	return err
}

// PlanBirthday keeps when somebody's birthday comes next.
func (tx *Tx) PlanBirthday(shop commerce.ShopID, person commerce.PersonID, at commerce.Instant) error {
	_, err := tx.exec(`UPDATE loyalty_members SET birthday_at = $3 WHERE shop_id = $1 AND person_id = $2`, shop, person, at)
	return err
}
