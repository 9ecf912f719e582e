package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

// FirstMessages returns when the first mail about each order of these persons
// went out to them. Rehearsals are none.
func (s *Store) FirstMessages(ctx context.Context, shop commerce.ShopID, persons []commerce.PersonID) (map[commerce.OrderID]commerce.Instant, error) {
	out := map[commerce.OrderID]commerce.Instant{}
	if len(persons) == 0 {
		return out, nil
	}
	q := s.query(ctx)
	var rows []struct {
		Order string           `db:"order_id"`
		At    commerce.Instant `db:"at"`
	}
	err := q.all(&rows, `SELECT order_id, MIN(done_at) AS at FROM effects WHERE shop_id = $1 AND person_id `+q.in(2)+`
		AND state = 'sent' AND kind = 'send_email' AND rehearsal = 0 AND order_id <> '' GROUP BY order_id`, shop, list(q, persons))
	for _, r := range rows {
		out[commerce.OrderID(r.Order)] = r.At
	}
	return out, err
}

// LostReason is how many steps were not taken for a reason.
type LostReason struct {
	Reason gate.Reason `db:"reason"`
	Count  int64       `db:"n"`
}

// SentAndLost counts what went out to customers since an instant, and what was
// left out for good, by reason, the most frequent first. It reads whole
// indexes: for jobs, never for a page.
func (s *Store) SentAndLost(ctx context.Context, shop commerce.ShopID, since commerce.Instant) (sent int64, lost []LostReason, err error) {
	q := s.query(ctx)
	if _, err = q.one([]any{&sent}, `SELECT COUNT(*) FROM effects WHERE shop_id = $1 AND state = 'sent' AND kind = 'send_email' AND rehearsal = 0 AND done_at >= $2`, shop, since); err != nil {
		return 0, nil, err
	}
	err = q.all(&lost, `SELECT reason, COUNT(*) AS n FROM decisions WHERE shop_id = $1 AND answer = 'skip' AND last_at >= $2 AND step_id <> ''
		GROUP BY reason ORDER BY COUNT(*) DESC, reason`, shop, since)
	return sent, lost, err
}
