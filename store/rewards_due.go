package store

import (
	"context"
	"strings"
	"time"

	"flywheel/commerce"
)

// rewardLease is how long who took a reward has for it: more than any calls to a platform take.
const rewardLease = 3 * time.Minute

// ShopsWithDueRewards walks the shops of which rewards are to be looked after by now, after the shop
// id after; at most limit. It skips from shop to shop through the keys: one with very many holds up no other.
func (s *Store) ShopsWithDueRewards(ctx context.Context, after commerce.ShopID, limit int) ([]commerce.ShopID, error) {
	ids, err := s.query(ctx).scalars(`WITH RECURSIVE walk (id) AS (
			SELECT (SELECT MIN(shop_id) FROM rewards WHERE shop_id > $1 AND look_at > 0)
			UNION ALL
			SELECT (SELECT MIN(r.shop_id) FROM rewards r WHERE r.shop_id > walk.id AND r.look_at > 0) FROM walk WHERE walk.id IS NOT NULL)
		SELECT id FROM walk WHERE id IS NOT NULL AND EXISTS (SELECT 1 FROM rewards WHERE shop_id = walk.id AND look_at > 0 AND look_at <= $2) LIMIT $3`, after, s.Now(), limit)
	return shopIDs(ids), err
}

// DueRewards lists a shop's rewards that are to be looked after by now, since their code is to
// be made, their end is near or they are to be taken back: the oldest first; at most limit.
func (s *Store) DueRewards(ctx context.Context, shop commerce.ShopID, limit int) ([]string, error) {
	return s.query(ctx).scalars(`SELECT id FROM rewards WHERE shop_id = $1 AND look_at > 0 AND look_at <= $2 ORDER BY look_at LIMIT $3`, shop, s.Now(), limit)
}

// WaitingRewards are a shop's that nobody has a code of yet.
type WaitingRewards struct {
	Shop  commerce.ShopID  `db:"shop_id"`
	Count int64            `db:"count"`
	Since commerce.Instant `db:"since"` // the oldest one was asked for
	Note  string           `db:"note"`  // why that one waits
}

// WaitingRewards counts the rewards of a shop that have waited for their codes
// since before an instant; none is the zero value.
func (s *Store) WaitingRewards(ctx context.Context, shop commerce.ShopID, before commerce.Instant) (w WaitingRewards, err error) {
	q := s.query(ctx)
	if _, err = q.one([]any{&w.Count, &w.Since}, `SELECT COUNT(*), COALESCE(MIN(asked_at), 0) FROM rewards
		WHERE shop_id = $1 AND state IN ('making', 'unknown') AND asked_at <= $2`, shop, before); err != nil || w.Count == 0 {
		return w, err
	}
	w.Shop = shop
	_, err = q.one([]any{&w.Note}, `SELECT note FROM rewards WHERE shop_id = $1 AND state IN ('making', 'unknown') AND asked_at = $2 ORDER BY id LIMIT 1`, shop, w.Since)
	return w, err
}

// ShopsWithWaitingRewards lists, of all shops, those whose rewards have waited since before an instant; at most limit.
func (s *Store) ShopsWithWaitingRewards(ctx context.Context, before commerce.Instant, limit int) ([]commerce.ShopID, error) {
	ids, err := s.query(ctx).scalars(`SELECT DISTINCT shop_id FROM rewards WHERE state IN ('making', 'unknown') AND asked_at <= $1 ORDER BY shop_id LIMIT $2`, before, limit)
	return shopIDs(ids), err
}

func shopIDs(ids []string) []commerce.ShopID {
	out := make([]commerce.ShopID, len(ids))
	for i, id := range ids {
		out[i] = commerce.ShopID(id)
	}
	return out
}

// TakeReward gives a due reward to one worker, for some minutes; ok = false where another has it, or it is not due any more.
func (s *Store) TakeReward(ctx context.Context, shop commerce.ShopID, id string) (r Reward, ok bool, err error) {
	err = s.Transact(ctx, func(tx *Tx) error {
		n, err := tx.exec(`UPDATE rewards SET look_at = $4, lease = $4 WHERE shop_id = $1 AND id = $2 AND look_at > 0 AND look_at <= $3`, shop, id, tx.Now(), tx.Now().Add(rewardLease))
		if ok = n > 0; err != nil || !ok {
			return err
		}
		r, err = tx.reward(shop, id, "")
		return err
	})
	return r, ok, err
}

// RewardCode is the code of a reward at a connection, "" for the shop's own, and
// the key by which the platform knows it as ours: both derived, so that whoever asks again asks for the same.
func (s *Store) RewardCode(ctx context.Context, shop commerce.ShopID, id string, connection commerce.ConnectionID) (code, key string, err error) {
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return "", "", err
	}
	parts := []string{string(connection), "reward", id}
	return commerce.RewardCode(k.reward, parts...), commerce.RewardKey(k.reward, parts...), nil
}

// AskReward notes, before it is done, that a connection is asked to make the code
// of a reward that is not made yet. One of which something may be elsewhere is not asked for here: false.
func (s *Store) AskReward(ctx context.Context, shop commerce.ShopID, id string, connection commerce.ConnectionID) (bool, error) {
	n, err := s.exec(ctx, `UPDATE rewards SET connection_id = $3, doubts = doubts + 1, tried_at = $4
		WHERE shop_id = $1 AND id = $2 AND state IN ('making', 'unknown') AND (doubts = 0 OR connection_id = $3)`, shop, id, connection, s.Now())
	return n == 1, err
}

// PutOffReward says when a reward that was taken, as it was then, is looked after again, why not
// now, and of how many questions nobody knows what came. Where somebody else has it by now
// nothing changes; where it was asked back meanwhile, that is looked after at once.
func (s *Store) PutOffReward(ctx context.Context, shop commerce.ShopID, r Reward, until commerce.Instant, note string, doubts int64) error {
	_, err := s.exec(ctx, `UPDATE rewards SET look_at = CASE WHEN recall_at > $7 THEN $8 ELSE CAST($3 AS BIGINT) END, note = $4, doubts = $5
		WHERE shop_id = $1 AND id = $2 AND look_at = $6 AND look_at > 0`, shop, r.ID, until, note, doubts, r.LookAt, r.RecallAt, s.Now())
	return err
}

// upper are codes as ours are written.
func upper(codes []string) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = strings.ToUpper(strings.TrimSpace(c))
	}
	return out
}
