package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/campaign"
)

// Outcome is how many walks of a campaign ended up the same way at a step.
type Outcome struct {
	StepID string `db:"step_id"` // "" = at the entry
	What   string `db:"what"`    // effect state or answer; at the entry active, ended or refused
	Reason string `db:"reason"`
	Count  int64  `db:"n"`
}

// inRehearsal is 1 of a campaign $2 of shop $1 that is in rehearsal, else 0.
const inRehearsal = `COALESCE((SELECT CASE state WHEN 'rehearsal' THEN 1 ELSE 0 END FROM campaigns WHERE shop_id = $1 AND id = $2), 0)`

// StepOutcomes counts what became of every step of a campaign that was ever
// due, each walk once a step: by its effect where that stands, else by the last
// decision. Rehearsals are left out, but of a campaign in rehearsal only they count.
func (s *Store) StepOutcomes(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) ([]Outcome, error) {
	var out []Outcome
	err := s.query(ctx).all(&out, `WITH
		mine AS (SELECT id, entry_key FROM enrollments WHERE shop_id = $1 AND campaign_id = $2 AND rehearsal = `+inRehearsal+`),
		acts AS (SELECT m.entry_key, f.step_id, f.state FROM mine m JOIN effects f ON f.shop_id = $1 AND f.enrollment_id = m.id),
		said AS (SELECT m.entry_key, d.step_id, d.answer, d.reason,
				ROW_NUMBER() OVER (PARTITION BY m.entry_key, d.step_id ORDER BY d.last_at DESC, d.reason) AS nth
			FROM mine m JOIN decisions d ON d.shop_id = $1 AND d.campaign_id = $2 AND d.entry_key = m.entry_key WHERE d.step_id <> '')
		SELECT step_id, what, reason, COUNT(*) AS n FROM (
			SELECT a.step_id, a.state AS what, '' AS reason FROM acts a
				WHERE a.state NOT IN ('withdrawn', 'expired', 'retry')
					OR NOT EXISTS (SELECT 1 FROM said d WHERE d.entry_key = a.entry_key AND d.step_id = a.step_id)
			UNION ALL
			SELECT d.step_id, d.answer, d.reason FROM said d WHERE d.nth = 1 AND NOT EXISTS (SELECT 1 FROM acts a
				WHERE a.entry_key = d.entry_key AND a.step_id = d.step_id AND a.state NOT IN ('withdrawn', 'expired', 'retry'))) lines
		GROUP BY step_id, what, reason ORDER BY step_id, n DESC, what, reason`, shop, id)
	return out, err
}

// EntryOutcomes counts who is in a campaign, whose way has ended and why, and
// who was kept out and why, each by the last word. Rehearsals count as in StepOutcomes.
func (s *Store) EntryOutcomes(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) ([]Outcome, error) {
	var out []Outcome
	err := s.query(ctx).all(&out, `SELECT '' AS step_id, what, reason, COUNT(*) AS n FROM (
			SELECT state AS what, reason FROM enrollments WHERE shop_id = $1 AND campaign_id = $2 AND rehearsal = `+inRehearsal+`
			UNION ALL
			SELECT 'refused', reason FROM (SELECT d.reason, ROW_NUMBER() OVER (PARTITION BY d.entry_key ORDER BY d.last_at DESC, d.reason) AS nth
				FROM decisions d WHERE d.shop_id = $1 AND d.campaign_id = $2 AND d.step_id = '' AND NOT EXISTS (SELECT 1 FROM enrollments e
					WHERE e.shop_id = $1 AND e.campaign_id = $2 AND e.entry_key = d.entry_key)) kept WHERE nth = 1) lines
		GROUP BY what, reason ORDER BY what, n DESC, reason`, shop, id)
	return out, err
}

// ManyWalks reports whether a campaign has more walks, or said more of them, than
// is counted one by one for a page.
func (s *Store) ManyWalks(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) (bool, error) {
	q := s.query(ctx)
	for _, table := range []string{"enrollments", "decisions"} {
		var n int64
		if _, err := q.one([]any{&n}, `SELECT COUNT(*) FROM (SELECT 1 FROM `+table+` WHERE shop_id = $1 AND campaign_id = $2 LIMIT $3) counted`, shop, id, WalksCounted+1); err != nil || n > WalksCounted {
			return true, err
		}
	}
	return false, nil
}

// WalksOf returns the walks of a person, and of those who are the same, through
// a campaign, the newest first.
func (s *Store) WalksOf(ctx context.Context, shop commerce.ShopID, person commerce.PersonID, id campaign.CampaignID) ([]campaign.Enrollment, error) {
	q := s.query(ctx)
	circles, err := q.circles(shop, []commerce.PersonID{person})
	if err != nil {
		return nil, err
	}
	var rows []enrollmentRow
	err = q.all(&rows, `SELECT `+enrollmentColumns+` FROM enrollments WHERE shop_id = $1 AND person_id `+q.in(2)+` AND campaign_id = $3
		ORDER BY created_at DESC, id DESC`, shop, list(q, circles[person]), id)
	out := make([]campaign.Enrollment, len(rows))
	for i, r := range rows {
		out[i] = r.enrollment()
	}
	return out, err
}
