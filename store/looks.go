package store

import (
	"context"
	"time"

	"flywheel/commerce"
)

// How long something may stand in a look's way before somebody should see it.
// Both are many tries: of the look by its pauses, of the sweep with every look.
const (
	lookPatience  = 12 * time.Hour
	sweepPatience = 3 * 24 * time.Hour
)

// StuckLook is a look that has not come to its end for long.
type StuckLook struct {
	Shop       commerce.ShopID       `db:"shop_id"`
	Connection commerce.ConnectionID `db:"connection_id"`
	Platform   commerce.Platform     `db:"platform"`
	LookedAt   commerce.Instant      `db:"looked_at"` // when one last came to its end; 0 = never
	Note       string                `db:"note"`      // what stands in the way, in words
}

// StuckLooks lists the looks, of all shops, that something has stood in the way
// of for half a day, or of their sweeps for three; the longest first.
func (s *Store) StuckLooks(ctx context.Context, limit int) ([]StuckLook, error) {
	var out []StuckLook
	now := s.Now()
	err := s.query(ctx).all(&out, `SELECT d.shop_id, d.connection_id, c.platform, d.looked_at, d.note FROM reconciliations d
		JOIN connections c ON c.id = d.connection_id AND c.shop_id = d.shop_id
		WHERE d.note <> '' AND `+can+` AND (d.looked_at < $1 AND c.installed_at < $1
			OR c.platform = $2 AND d.swept_at < $3 AND c.installed_at < $3) ORDER BY d.looked_at, d.connection_id LIMIT $4`,
		now.Add(-lookPatience), commerce.Stripe, now.Add(-sweepPatience), limit)
	return out, err
}
