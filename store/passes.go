package store

import (
	"context"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
)

// Pass is a branch that a walk took.
type Pass struct {
	Enrollment campaign.EnrollmentID
	StepID     string
	Campaign   campaign.CampaignID
	Version    int
	Branch     string // an arm's name, then or else
	Person     commerce.PersonID
	Order      commerce.OrderID
	At         commerce.Instant
	Rehearsal  bool
}

var addPasses = newBatch(`shop_id text, enrollment_id text, step_id text, campaign_id text, version bigint, branch text, person_id text, order_id text, at bigint, rehearsal bigint`,
	`INSERT INTO passes (shop_id, enrollment_id, step_id, campaign_id, version, branch, person_id, order_id, at, rehearsal) {insert} ON CONFLICT DO NOTHING`)

// AddPasses keeps which branches were taken; a branch is taken once.
func (tx *Tx) AddPasses(shop commerce.ShopID, passes []Pass) error {
	rows := make([][]any, len(passes))
	for i, p := range passes {
		rows[i] = []any{shop, p.Enrollment, p.StepID, p.Campaign, p.Version, p.Branch, p.Person, p.Order, p.At, p.Rehearsal}
	}
	return tx.run(addPasses, rows, nil)
}

// ArmFigures are what an arm of a split led to.
type ArmFigures struct {
	Arm       string `db:"branch"`
	Entered   int64  `db:"entered"`
	Converted int64  `db:"converted"`
}

// GoalOrders reads a split by orders; any other goal is an event kind.
const GoalOrders = "orders"

// SplitFigures counts for each arm of a split who entered it and of whom what
// the split is read by came within a time after that: an order that counts, or
// an event of the kind goal. Rehearsals are left out.
func (s *Store) SplitFigures(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, step, goal string, within time.Duration) ([]ArmFigures, error) {
	came := `SELECT COUNT(*) FROM events v WHERE v.shop_id = $1 AND v.person_id = up.person_id AND v.occurred_at > up.at AND v.occurred_at <= up.at + $4 AND v.kind || '' = $5`
	if goal == GoalOrders || goal == "" {
		came = `SELECT COUNT(*) FROM orders o WHERE o.shop_id = $1 AND o.person_id = up.person_id AND o.counts = 1
			AND o.sale_at > up.at AND o.sale_at <= up.at + $4 AND $5 <> ''`
		goal = GoalOrders
	}
	var out []ArmFigures
	// Whoever was merged since is looked for under all the ids they came to have.
	err := s.query(ctx).all(&out, `WITH RECURSIVE up (enrollment_id, branch, at, person_id) AS (
			SELECT enrollment_id, branch, at, person_id FROM passes WHERE shop_id = $1 AND campaign_id = $2 AND step_id = $3 AND rehearsal = 0
			UNION ALL
			SELECT up.enrollment_id, up.branch, up.at, p.merged_into FROM up CROSS JOIN persons p WHERE p.shop_id = $1 AND p.id = up.person_id AND p.merged_into <> '')
		SELECT branch, COUNT(DISTINCT enrollment_id) AS entered, COUNT(DISTINCT CASE WHEN (`+came+`) > 0 THEN enrollment_id END) AS converted
		FROM up GROUP BY branch ORDER BY branch`, shop, id, step, within.Milliseconds(), goal)
	return out, err
}
