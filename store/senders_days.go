package store

import (
	"context"
	"time"

	"flywheel/commerce"
)

// dayTime is how long a sender's day is.
const dayTime = 24 * time.Hour

// SendingDay is the first instant of the UTC day of at, by which limits count.
func SendingDay(at commerce.Instant) commerce.Instant {
	return at - at%commerce.Instant(dayTime.Milliseconds())
}

// TakeSending reserves up to n of the mails that a sender of a shop may take on
// during a day, limit in all, and says how many it got. It is one statement while
// there is room for all of them.
func (s *Store) TakeSending(ctx context.Context, shop commerce.ShopID, sender string, day commerce.Instant, n, limit int64) (got int64, err error) {
	if n <= 0 || limit <= 0 {
		return 0, nil
	}
	err = s.Transact(ctx, func(tx *Tx) error {
		var taken int64
		room, err := tx.one([]any{&taken}, `INSERT INTO sender_days (shop_id, sender, day, taken) VALUES ($1, $2, $3, $4)
			ON CONFLICT (shop_id, sender, day) DO UPDATE SET taken = sender_days.taken + excluded.taken WHERE sender_days.taken < $5 RETURNING taken`,
			shop, sender, day, n, limit)
		if got = 0; err != nil || !room {
			return err
		}
		over := max(0, taken-limit)
		got = max(0, n-over)
		return tx.GiveBackSending(shop, sender, day, n-got) // the last one to ask before the day is full
	})
	return got, err
}

// GiveBackSending takes back what was reserved for mails that did not go.
func (tx *Tx) GiveBackSending(shop commerce.ShopID, sender string, day commerce.Instant, n int64) error {
	if n <= 0 {
		return nil
	}
	_, err := tx.exec(`UPDATE sender_days SET taken = CASE WHEN taken > $4 THEN taken - $4 ELSE 0 END WHERE shop_id = $1 AND sender = $2 AND day = $3`, shop, sender, day, n)
	return err
}

// SendingDays is on how many days before one a sender of a shop has sent, and
// how much of that day it has taken on.
func (s *Store) SendingDays(ctx context.Context, shop commerce.ShopID, sender string, day commerce.Instant) (before, taken int64, err error) {
	_, err = s.query(ctx).one([]any{&before, &taken}, `SELECT CAST(COALESCE(SUM(CASE WHEN day < $3 THEN 1 ELSE 0 END), 0) AS BIGINT),
		CAST(COALESCE(SUM(CASE WHEN day = $3 THEN taken ELSE 0 END), 0) AS BIGINT)
		FROM sender_days WHERE shop_id = $1 AND sender = $2 AND taken > 0`, shop, sender, day)
	return before, taken, err
}

// Complaints counts what a sender of a shop took on since the day of an instant,
// and how many people complained of the shop's mails since that instant: one who is
// told of by two servers, or who complains of three mails, is one.
func (s *Store) Complaints(ctx context.Context, shop commerce.ShopID, sender string, since commerce.Instant) (sent, complaints int64, err error) {
	_, err = s.query(ctx).one([]any{&sent, &complaints}, `SELECT
		(SELECT CAST(COALESCE(SUM(d.taken), 0) AS BIGINT) FROM sender_days d WHERE d.shop_id = $1 AND d.sender = $2 AND d.day >= $3),
		(SELECT COUNT(DISTINCT CASE b.address_hash WHEN '' THEN b.effect_id ELSE b.address_hash END) FROM bounces b WHERE b.shop_id = $1 AND b.kind = 'complaint' AND b.at >= $4)`, shop, sender, SendingDay(since), since)
	return sent, complaints, err
}

// Bought says which persons have an order in the shop, under any of the names
// that were merged with theirs.
func (tx *Tx) Bought(shop commerce.ShopID, persons []commerce.PersonID) (map[commerce.PersonID]bool, error) {
	circles, err := tx.circles(shop, persons)
	if err != nil || len(circles) == 0 {
		return nil, err
	}
	ids, err := tx.scalars(`SELECT DISTINCT person_id FROM orders WHERE shop_id = $1 AND person_id `+tx.in(2), shop, list(&tx.query, members(circles)))
	if err != nil {
		return nil, err
	}
	with := map[commerce.PersonID]bool{}
	for _, id := range ids {
		with[commerce.PersonID(id)] = true
	}
	out := map[commerce.PersonID]bool{}
	for id, same := range circles {
		for _, member := range same {
			out[id] = out[id] || with[member]
		}
	}
	return out, nil
}
