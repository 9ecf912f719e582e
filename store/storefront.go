package store

import (
	"context"
	"time"

	"flywheel/commerce"
)

// storefrontEvery is how often a storefront's asking is noted: each visitor asks.
const storefrontEvery = time.Hour

// SeeStorefront notes that a connection's storefront has asked for our block, at most once an hour.
func (s *Store) SeeStorefront(ctx context.Context, shop commerce.ShopID, id commerce.ConnectionID) error {
	now := s.Now()
	_, err := s.exec(ctx, `UPDATE connections SET storefront_seen_at = $3 WHERE shop_id = $1 AND id = $2 AND closed_at = 0 AND storefront_seen_at < $4`,
		shop, id, now, now.Add(-storefrontEvery))
	return err
}

// StorefrontSeen returns when a connection's storefront last asked for our block
// since it was installed; 0 = never, so nobody has added the block.
func (s *Store) StorefrontSeen(ctx context.Context, shop commerce.ShopID, id commerce.ConnectionID) (at commerce.Instant, err error) {
	_, err = s.query(ctx).one([]any{&at}, `SELECT storefront_seen_at FROM connections WHERE shop_id = $1 AND id = $2 AND storefront_seen_at >= installed_at`, shop, id)
	return at, err
}
