package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// AskFuse has a shop's campaigns looked at for harm: after a permanent failure, a
// bounce, a complaint, an unsubscribe or a refund.
func (tx *Tx) AskFuse(shop commerce.ShopID) error {
	_, err := tx.exec(`UPDATE shop_work SET fuse_asked = fuse_asked + 1 WHERE shop_id = $1`, shop)
	return err
}

// FuseAsk says how often a shop's campaigns were asked for since they were last looked at.
type FuseAsk struct {
	Shop  commerce.ShopID `db:"shop_id"`
	Times int64           `db:"fuse_asked"`
}

// FuseAsked returns the shops after the shop after whose campaigns are to be looked at, at most limit.
func (s *Store) FuseAsked(ctx context.Context, after commerce.ShopID, limit int) ([]FuseAsk, error) {
	var out []FuseAsk
	err := s.query(ctx).all(&out, `SELECT shop_id, fuse_asked FROM shop_work WHERE fuse_asked > 0 AND shop_id > $1 ORDER BY shop_id LIMIT $2`, after, limit)
	return out, err
}

// FuseAskedOf is FuseAsked of one shop; 0 times = there is nothing to look at.
func (s *Store) FuseAskedOf(ctx context.Context, shop commerce.ShopID) (FuseAsk, error) {
	ask := FuseAsk{Shop: shop}
	_, err := s.query(ctx).one([]any{&ask.Times}, `SELECT fuse_asked FROM shop_work WHERE shop_id = $1`, shop)
	return ask, err
}

// FuseSeen notes that a shop's campaigns were looked at. What was asked for
// meanwhile stays asked for.
func (s *Store) FuseSeen(ctx context.Context, seen FuseAsk) error {
	_, err := s.exec(ctx, `UPDATE shop_work SET fuse_asked = fuse_asked - $2 WHERE shop_id = $1 AND fuse_asked >= $2`, seen.Shop, seen.Times)
	return err
}

// BlowFuse pauses a campaign that is live. It reports whether it was: of several
// that saw the harm one pauses it.
func (tx *Tx) BlowFuse(shop commerce.ShopID, id campaign.CampaignID) (bool, error) {
	n, err := tx.exec(`UPDATE campaigns SET state = 'paused', paused_reason = $3, paused_at = $4, resumed_at = 0, rev = rev + 1
		WHERE shop_id = $1 AND id = $2 AND state = 'live'`, shop, id, gate.Fuse, tx.store.Now())
	return n == 1, err
}
