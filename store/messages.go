package store

import (
	"context"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/campaign"
)

// Message is one of a shop's latest walks towards a customer, with how far it
// has come: by its outward act, or by the decision that put it off or ended it.
type Message struct {
	At         commerce.Instant      `db:"at"`
	Enrollment campaign.EnrollmentID `db:"enrollment_id"`
	Campaign   campaign.CampaignID   `db:"campaign_id"`
	StepID     string                `db:"step_id"`
	Person     commerce.PersonID     `db:"person_id"`
	Order      commerce.OrderID      `db:"order_id"`
	Entry      string                `db:"entry_key"`
	// What is an effect's state, or the answer of the decision: defer, hold, skip.
	What   string           `db:"what"`
	Reason string           `db:"reason"`
	Until  commerce.Instant `db:"until_at"` // of what was put off
	Effect EffectID         `db:"effect_id"`
}

// LastMessages returns what happened last between a shop and its customers, the
// newest first: outward acts, and of the walks that led to none why not.
// Rehearsals are left out. Both are found by their ids, which sort by time.
func (s *Store) LastMessages(ctx context.Context, shop commerce.ShopID, limit int) ([]Message, error) {
	q := s.query(ctx)
	var acts, walks []Message
	err := q.all(&acts, `SELECT CASE WHEN f.done_at > 0 THEN f.done_at WHEN f.sending_at > 0 THEN f.sending_at ELSE f.claimed_at END AS at,
			f.enrollment_id, f.campaign_id, f.step_id, f.person_id, f.order_id, '' AS entry_key, f.state AS what, '' AS reason, 0 AS until_at, f.id AS effect_id
		FROM effects f WHERE f.shop_id = $1 AND f.rehearsal = 0 ORDER BY f.id DESC LIMIT $2`, shop, limit)
	if err != nil {
		return nil, err
	}
	err = q.all(&walks, `SELECT d.last_at AS at, e.id AS enrollment_id, e.campaign_id, d.step_id, e.person_id, e.order_id, e.entry_key,
			d.answer AS what, d.reason, d.until_at, '' AS effect_id
		FROM (SELECT id, campaign_id, entry_key, person_id, order_id FROM enrollments WHERE shop_id = $1 AND rehearsal = 0 ORDER BY id DESC LIMIT $2) e
		JOIN decisions d ON d.shop_id = $1 AND d.campaign_id = e.campaign_id AND d.entry_key = e.entry_key
		WHERE d.answer IN ('defer', 'hold', 'skip') AND d.step_id <> ''
			AND NOT EXISTS (SELECT 1 FROM effects f WHERE f.shop_id = $1 AND f.enrollment_id = e.id AND f.step_id = d.step_id AND f.ordinal = 0)
			AND NOT EXISTS (SELECT 1 FROM decisions l WHERE l.shop_id = $1 AND l.campaign_id = d.campaign_id AND l.entry_key = d.entry_key
				AND l.step_id = d.step_id AND (l.last_at > d.last_at OR l.last_at = d.last_at AND l.reason > d.reason))`, shop, limit)
	all := append(acts, walks...)
	slices.SortFunc(all, func(a, b Message) int {
		if a.At != b.At {
			return int(min(1, max(-1, b.At-a.At)))
		}
		return -compareIDs(a, b)
	})
	return all[:min(limit, len(all))], err
}

func compareIDs(a, b Message) int {
	switch {
	case a.Enrollment < b.Enrollment:
		return -1
	case a.Enrollment > b.Enrollment:
		return 1
	}
	return 0
}
