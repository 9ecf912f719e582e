package store

import (
	"context"
	"errors"
	"time"

	"flywheel/commerce"
)

const (
	// lookAfter is how long who makes or ends a code is left alone: by then the
	// platform has it or not, also where the answer never came.
	lookAfter = time.Hour
	// lookDaily is from what age on a code in doubt is looked at once a day.
	lookDaily = 24 * time.Hour
)

// DoubtfulPromotion is a code of which nobody knows whether the platform has what the row says.
type DoubtfulPromotion struct {
	Shop commerce.ShopID
	Promotion
}

// TakeDoubtfulPromotions returns codes that are long in the making, or were taken
// back and may be good at the platform still, at most limit, the longest due
// first. Each is due again an hour later, when it is a day old a day later, unless
// it was settled meanwhile. Accounts that cannot be asked, or are another shop's by
// now, have none. Rows that cannot be read are left out and make an error.
func (s *Store) TakeDoubtfulPromotions(ctx context.Context, limit int) ([]DoubtfulPromotion, error) {
	var rows []struct {
		Shop string `db:"shop_id"`
		promotionRow
	}
	now := s.Now()
	err := s.Transact(ctx, func(tx *Tx) error {
		rows = nil
		return tx.all(&rows, `UPDATE promotions SET look_at = CASE WHEN asked_at > $2 OR ended_at > $2 THEN CAST($3 AS BIGINT) ELSE CAST($4 AS BIGINT) END
			WHERE (shop_id, connection_id, cause, rule) IN (SELECT p.shop_id, p.connection_id, p.cause, p.rule FROM promotions p
				JOIN connections c ON c.shop_id = p.shop_id AND c.id = p.connection_id
				WHERE p.look_at > 0 AND p.look_at <= $1 AND `+can+` ORDER BY p.look_at LIMIT $5)
			RETURNING shop_id, `+promotionColumns, now, now.Add(-lookDaily), now.Add(lookAfter), now.Add(lookDaily), limit)
	})
	if err != nil {
		return nil, err
	}
	var out []DoubtfulPromotion
	for _, row := range rows {
		k, e := s.dataKey(ctx, commerce.ShopID(row.Shop))
		if e == nil {
			out = append(out, DoubtfulPromotion{Shop: commerce.ShopID(row.Shop), Promotion: row.promotion(k)})
		}
		err = errors.Join(err, e)
	}
	return out, err
}

// SettlePromotion notes that the platform has nothing of p and will have nothing:
// whoever made it is gone. Of a code in the making the note says so. Where somebody
// has touched the row since p was read, it stays in doubt.
func (s *Store) SettlePromotion(ctx context.Context, shop commerce.ShopID, p Promotion, note string) error {
	_, err := s.exec(ctx, `UPDATE promotions SET look_at = 0, note = CASE WHEN state = 'making' THEN CAST($6 AS TEXT) ELSE note END
		WHERE shop_id = $1 AND connection_id = $2 AND cause = $3 AND rule = $4 AND look_at = $5 AND promotion_id = ''`,
		shop, p.Connection, p.Cause, p.Rule, p.LookAt, note)
	return err
}

// RenewPromotion lets the time of a code in the making begin now: the platform has
// nothing of it, and nobody was told of it. Where somebody else has renewed or made
// it since p was read, theirs stays.
func (s *Store) RenewPromotion(ctx context.Context, shop commerce.ShopID, p Promotion) (Promotion, error) {
	return s.setPromotion(ctx, shop, p, `asked_at = CASE WHEN state = 'making' AND asked_at = CAST($5 AS BIGINT) THEN CAST($6 AS BIGINT) ELSE asked_at END`, p.AskedAt, s.Now())
}
