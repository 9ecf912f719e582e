package store

import (
	"context"

	"flywheel/commerce"
)

// Entry is one line of a person's timeline, of any kind.
type Entry struct {
	At       commerce.Instant `db:"at"`
	Kind     string           `db:"kind"` // event, decision, effect, enrollment
	What     string           `db:"what"` // event kind, answer, effect state, enrollment state
	Campaign string           `db:"campaign_id"`
	Step     string           `db:"step_id"`
	Reason   string           `db:"reason"`
	Detail   string           `db:"detail"`
	Order    string           `db:"order_id"`
	Times    int64            `db:"times"`
	Until    commerce.Instant `db:"until_at"`
	Effect   string           `db:"effect_id"`
}

// Timeline returns everything that happened to a person, and to those merged
// into them, and what was decided, oldest first, at most limit lines.
func (s *Store) Timeline(ctx context.Context, shop commerce.ShopID, person commerce.PersonID, limit int) ([]Entry, error) {
	q := s.query(ctx)
	same, err := q.sameAs(shop, person)
	if err != nil {
		return nil, err
	}
	var out []Entry
	theirs := `shop_id = $1 AND person_id ` + q.in(2)
	err = q.all(&out, `SELECT at, kind, what, campaign_id, step_id, reason, detail, order_id, times, until_at, effect_id FROM (
		SELECT occurred_at AS at, 'event' AS kind, kind AS what, '' AS campaign_id, '' AS step_id,
			CASE WHEN historic = 1 THEN 'historic' WHEN assumed = 1 THEN 'assumed' ELSE '' END AS reason,
			subject AS detail, order_id, 1 AS times, 0 AS until_at, '' AS effect_id
		FROM events WHERE `+theirs+`
		UNION ALL
		SELECT last_at, 'decision', answer, campaign_id, step_id, reason, detail,
			CASE WHEN entry_key LIKE 'order:%' THEN substr(entry_key, 7) ELSE '' END, times, until_at, ''
		FROM decisions WHERE `+theirs+`
		UNION ALL
		SELECT CASE WHEN done_at > 0 THEN done_at WHEN sending_at > 0 THEN sending_at ELSE claimed_at END, 'effect', state,
			campaign_id, step_id, '', note, order_id, tries, 0, id
		FROM effects WHERE `+theirs+`
		UNION ALL
		SELECT created_at, 'enrollment', state, campaign_id, step_id, reason, '', order_id, 1, due_at, ''
		FROM enrollments WHERE `+theirs+`) lines
		ORDER BY at, kind LIMIT $3`, shop, list(q, same), limit)
	return out, err
}

// ListPersons returns a shop's persons by id after the id after, at most limit.
func (s *Store) ListPersons(ctx context.Context, shop commerce.ShopID, after commerce.PersonID, limit int) ([]commerce.Person, error) {
	var rows []personRow
	err := s.query(ctx).all(&rows, `SELECT `+personColumns+` FROM persons WHERE shop_id = $1 AND id > $2 AND merged_into = '' ORDER BY id LIMIT $3`,
		shop, after, limit)
	out := make([]commerce.Person, len(rows))
	for i, r := range rows {
		out[i] = r.person()
	}
	return out, err
}

// OrdersOf returns the orders of a person and of those merged into them, oldest first.
func (s *Store) OrdersOf(ctx context.Context, shop commerce.ShopID, person commerce.PersonID) ([]*StoredOrder, error) {
	q := s.query(ctx)
	same, err := q.sameAs(shop, person)
	if err != nil {
		return nil, err
	}
	var rows []orderRow
	if err := q.all(&rows, `SELECT `+orderColumns+` FROM orders WHERE shop_id = $1 AND person_id `+q.in(2)+` ORDER BY id || ''`, shop, list(q, same)); err != nil {
		return nil, err
	}
	out := make([]*StoredOrder, len(rows))
	for i, r := range rows {
		o, err := r.order()
		if err != nil {
			return nil, err
		}
		out[i] = o
	}
	return out, nil
}
