package store

import (
	"context"

	"flywheel/commerce"
)

// Farewell is a shop that has left a platform.
type Farewell struct {
	Shop commerce.ShopID  `db:"shop_id"`
	At   commerce.Instant `db:"left_at"` // when its last connection there that counts was closed
}

// Farewells lists shops whose every connection at p that counts (see keeps) was
// closed before an instant, at most limit: those that are open nowhere and were
// left everywhere by then, and those that are open elsewhere and still hold what
// ForgetPlatform removes.
func (s *Store) Farewells(ctx context.Context, p commerce.Platform, before commerce.Instant, limit int) ([]Farewell, error) {
	var out []Farewell
	err := s.query(ctx).all(&out, `WITH tied AS (
			SELECT shop_id, platform, closed_at, live = MAX(live) OVER (PARTITION BY shop_id) AS counts,
				platform = $1 AND live = MAX(live) OVER (PARTITION BY shop_id, platform) AS counts_there
			FROM connections WHERE shop_id IN (SELECT shop_id FROM connections WHERE platform = $1 AND closed_at > 0 AND closed_at < $2))
		SELECT t.shop_id, MAX(CASE WHEN counts_there THEN closed_at ELSE 0 END) AS left_at FROM tied t
		GROUP BY t.shop_id
		HAVING MIN(CASE WHEN counts_there THEN closed_at ELSE 1 END) > 0
		AND MAX(CASE WHEN counts_there OR counts AND closed_at > 0 THEN closed_at ELSE 0 END) < $2
		AND (MIN(CASE WHEN counts THEN closed_at ELSE 1 END) > 0
			OR EXISTS (SELECT 1 FROM backfills b JOIN connections o ON o.shop_id = b.shop_id AND o.id = b.connection_id
				WHERE b.shop_id = t.shop_id AND o.platform = $1 AND o.closed_at > 0)
			OR EXISTS (SELECT 1 FROM reconciliations r JOIN connections o ON o.shop_id = r.shop_id AND o.id = r.connection_id
				WHERE r.shop_id = t.shop_id AND o.platform = $1 AND o.closed_at > 0))
		ORDER BY left_at, t.shop_id LIMIT $3`, p, before, limit)
	return out, err
}

// GrantedAt is when a connection was last surely connected, in business time.
func (s *Store) GrantedAt(ctx context.Context, shop commerce.ShopID, id commerce.ConnectionID) (at commerce.Instant, err error) {
	_, err = s.query(ctx).one([]any{&at}, `SELECT granted_at FROM connections WHERE shop_id = $1 AND id = $2`, shop, id)
	return at, err
}

// ClosedConnections are the shop's connections at p that are closed.
func (tx *Tx) ClosedConnections(shop commerce.ShopID, p commerce.Platform) (map[commerce.ConnectionID]bool, error) {
	ids, err := tx.scalars(`SELECT id FROM connections WHERE shop_id = $1 AND platform = $2 AND closed_at > 0`, shop, p)
	out := map[commerce.ConnectionID]bool{}
	for _, id := range ids {
		out[commerce.ConnectionID(id)] = true
	}
	return out, err
}
