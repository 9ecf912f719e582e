package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
)

// ProgramVersion is a program's rules as they were saved once.
type ProgramVersion struct {
	loyalty.Program
	From commerce.Instant // from when on they counted
	By   string
}

// ProgramVersions lists what a shop's program was, the newest version first,
// below one where that is not 0; at most limit.
func (s *Store) ProgramVersions(ctx context.Context, shop commerce.ShopID, below, limit int) (out []ProgramVersion, more bool, err error) {
	if below == 0 {
		below = 1 << 30
	}
	var rows []struct {
		Version int    `db:"version"`
		Body    string `db:"body"`
		From    int64  `db:"active_from"`
		By      string `db:"by_whom"`
	}
	if err := s.query(ctx).all(&rows, `SELECT version, body, active_from, by_whom FROM loyalty_programs WHERE shop_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3`,
		shop, below, limit+1); err != nil {
		return nil, false, err
	}
	if more = len(rows) > limit; more {
		rows = rows[:limit]
	}
	for _, r := range rows {
		p, err := programOf(r.Version, r.Body)
		if err != nil {
			return nil, false, err
		}
		out = append(out, ProgramVersion{p, commerce.Instant(r.From), r.By})
	}
	return out, more, nil
}
