package store

import (
	"context"
	"slices"
	"strings"

	"flywheel/commerce"
)

var lookAtFriends = newBatch(`shop_id text, person_id text, look_at bigint`,
	`INSERT INTO referral_looks (shop_id, person_id, look_at) {insert} ON CONFLICT (shop_id, person_id) DO UPDATE SET look_at = excluded.look_at, rev = referral_looks.rev + 1`)

// LookAtFriends has persons looked at, from a moment on, for whether an advocate sent them and what that comes to.
func (tx *Tx) LookAtFriends(shop commerce.ShopID, persons []commerce.PersonID, at commerce.Instant) error {
	persons = slices.Compact(slices.Sorted(slices.Values(persons)))
	rows := make([][]any, len(persons))
	for i, id := range persons {
		rows[i] = []any{shop, id, at}
	}
	return tx.run(lookAtFriends, rows, nil)
}

// DueFriend is somebody to be looked at. Rev tells one wish for it from the next.
type DueFriend struct {
	Shop   commerce.ShopID   `db:"shop_id"`
	Person commerce.PersonID `db:"person_id"`
	Rev    int64             `db:"rev"`
}

// ShopsWithDueFriends walks the shops of which somebody is to be looked at by now, after the
// shop id after; at most limit. It skips from shop to shop through the keys.
func (s *Store) ShopsWithDueFriends(ctx context.Context, after commerce.ShopID, limit int) ([]commerce.ShopID, error) {
	ids, err := s.query(ctx).scalars(`WITH RECURSIVE walk (id) AS (
			SELECT (SELECT MIN(shop_id) FROM referral_looks WHERE shop_id > $1)
			UNION ALL
			SELECT (SELECT MIN(r.shop_id) FROM referral_looks r WHERE r.shop_id > walk.id) FROM walk WHERE walk.id IS NOT NULL)
		SELECT id FROM walk WHERE id IS NOT NULL AND EXISTS (SELECT 1 FROM referral_looks WHERE shop_id = walk.id AND look_at <= $2) LIMIT $3`, after, s.Now(), limit)
	return shopIDs(ids), err
}

// DueFriends lists who of a shop is to be looked at by now, who waits longest first.
func (s *Store) DueFriends(ctx context.Context, shop commerce.ShopID, limit int) (out []DueFriend, err error) {
	err = s.query(ctx).all(&out, `SELECT shop_id, person_id, rev FROM referral_looks WHERE shop_id = $1 AND look_at <= $2 ORDER BY look_at LIMIT $3`, shop, s.Now(), limit)
	return out, err
}

// LookAtFailed has what gave a reward whose code could not be made look at it again
// from a moment on: the payout of a referral, or a tier.
func (tx *Tx) LookAtFailed(shop commerce.ShopID, r Reward, at commerce.Instant) error {
	switch r.Cause.Kind {
	case RewardOfTier:
		return tx.LookAtTier(shop, r.Person, at)
	case RewardReferral:
		id, _, _ := strings.Cut(r.Cause.ID, "/")
		paid, err := tx.referrals(`shop_id = $1 AND id = $2`, shop, id)
		if err != nil || len(paid) == 0 { // a friend's own, who presses the button again
			return err
		}
		return tx.LookAtFriends(shop, []commerce.PersonID{paid[0].Friend}, at)
	}
	return nil
}

// FriendLooked ends a wish that somebody be looked at, or puts the next look off
// until a moment; 0 = when something changes. Whoever has wished for one
// meanwhile gets it.
func (tx *Tx) FriendLooked(shop commerce.ShopID, d DueFriend, next commerce.Instant) error {
	text, args := `DELETE FROM referral_looks WHERE shop_id = $1 AND person_id = $2 AND rev = $3`, []any{shop, d.Person, d.Rev}
	if next != 0 {
		text, args = `UPDATE referral_looks SET look_at = $4 WHERE shop_id = $1 AND person_id = $2 AND rev = $3`, append(args, next)
	}
	_, err := tx.exec(text, args...)
	return err
}

// KnownFriends returns which of these persons an advocate is known to have sent:
// somebody of their circle stands in a referral, or left an address of one of the
// mailboxes whose keyed hashes these are on the page of a link.
func (tx *Tx) KnownFriends(shop commerce.ShopID, persons []commerce.PersonID, hashes map[string]commerce.PersonID) ([]commerce.PersonID, error) {
	circles, err := tx.circles(shop, persons)
	if err != nil {
		return nil, err
	}
	sent, err := tx.scalars(`SELECT friend_id FROM referrals WHERE shop_id = $1 AND friend_id `+tx.in(2), shop, list(&tx.query, members(circles)))
	if err != nil {
		return nil, err
	}
	var out []commerce.PersonID
	for asked, circle := range circles {
		if slices.ContainsFunc(sent, func(id string) bool { return slices.Contains(circle, commerce.PersonID(id)) }) {
			out = append(out, asked)
		}
	}
	var keys []string
	for hash := range hashes {
		keys = append(keys, hash)
	}
	left, err := tx.scalars(`SELECT DISTINCT mailbox_hash FROM referral_touches WHERE shop_id = $1 AND mailbox_hash `+tx.in(2), shop, list(&tx.query, keys))
	for _, hash := range left {
		out = append(out, hashes[hash])
	}
	return out, err
}

// lookAtSent has the friends looked at whom advocates sent and who bought since a moment, up to another.
func (tx *Tx) lookAtSent(shop commerce.ShopID, advocates []commerce.PersonID, from, to commerce.Instant) error {
	friends, err := tx.scalars(`SELECT friend_id FROM referrals WHERE shop_id = $1 AND advocate_id `+tx.in(2)+` AND sale_at >= $3 AND sale_at <= $4`,
		shop, list(&tx.query, advocates), from, to)
	if err != nil {
		return err
	}
	return tx.LookAtFriends(shop, personIDs(friends), tx.Now())
}

// LookAtSent has the friends looked at whom advocates sent, and whoever is merged
// with them, who bought since a moment, up to another.
func (tx *Tx) LookAtSent(shop commerce.ShopID, advocates []commerce.PersonID, from, to commerce.Instant) error {
	circles, err := tx.circles(shop, advocates)
	if err != nil || len(circles) == 0 {
		return err
	}
	return tx.lookAtSent(shop, members(circles), from, to)
}

// lookAtBoth has everything looked at in which persons stand who were merged or parted.
func (tx *Tx) lookAtBoth(shop commerce.ShopID, persons ...commerce.PersonID) error {
	friends, err := tx.scalars(`SELECT friend_id FROM referrals WHERE shop_id = $1 AND (friend_id `+tx.in(2)+` OR advocate_id `+tx.in(2)+`)`, shop, list(&tx.query, persons))
	if err != nil {
		return err
	}
	return tx.LookAtFriends(shop, personIDs(friends), tx.Now())
}
