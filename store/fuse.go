package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// AskFuse has a shop's campaigns looked at for harm: after a permanent failure,
// an unsubscribe or a refund.
func (tx *Tx) AskFuse(shop commerce.ShopID) error {
	_, err := tx.exec(`UPDATE shop_work SET fuse_asked = $2 WHERE shop_id = $1 AND fuse_asked = 0`, shop, tx.store.Now())
	return err
}

// FuseAsked returns shops whose campaigns are to be looked at, at most limit.
func (s *Store) FuseAsked(ctx context.Context, limit int) ([]commerce.ShopID, error) {
	ids, err := s.query(ctx).scalars(`SELECT shop_id FROM shop_work WHERE fuse_asked > 0 ORDER BY shop_id LIMIT $1`, limit)
	out := make([]commerce.ShopID, len(ids))
	for i, id := range ids {
		out[i] = commerce.ShopID(id)
	}
	return out, err
}

// FuseSeen notes that somebody is about to look at a shop's campaigns: what
// happens from here on asks anew.
func (s *Store) FuseSeen(ctx context.Context, shop commerce.ShopID) error {
	_, err := s.exec(ctx, `UPDATE shop_work SET fuse_asked = 0 WHERE shop_id = $1`, shop)
	return err
}

// BlowFuse pauses a campaign that is live. It reports whether it was: of several
// that saw the harm one pauses it.
func (tx *Tx) BlowFuse(shop commerce.ShopID, id campaign.CampaignID) (bool, error) {
	n, err := tx.exec(`UPDATE campaigns SET state = 'paused', paused_reason = $3, paused_at = $4, resumed_at = 0, rev = rev + 1
		WHERE shop_id = $1 AND id = $2 AND state = 'live'`, shop, id, gate.Fuse, tx.store.Now())
	return n == 1, err
}
