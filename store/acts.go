package store

import (
	"context"

	"flywheel/commerce"
)

// AddAct notes that somebody did something with a message: opened it, or followed
// a link in it. How often, first and last is all that is kept. Of a rehearsal, of
// who was erased and of a message that is kept no longer nothing is noted.
func (s *Store) AddAct(ctx context.Context, shop commerce.ShopID, effect EffectID, kind string) error {
	_, err := s.exec(ctx, `INSERT INTO message_acts (shop_id, effect_id, kind, person_id, campaign_id, first_at, last_at, times)
		SELECT e.shop_id, e.id, CAST($3 AS TEXT), e.person_id, e.campaign_id, CAST($4 AS BIGINT), CAST($4 AS BIGINT), 1 FROM effects e
		WHERE e.shop_id = $1 AND e.id = $2 AND e.rehearsal = 0 AND e.address_hash <> ''
		ON CONFLICT (shop_id, effect_id, kind) DO UPDATE SET last_at = excluded.last_at, times = message_acts.times + 1`,
		shop, effect, kind, s.Now())
	return err
}
