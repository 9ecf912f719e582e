package store

import (
	"database/sql"

	"flywheel/commerce"
	"flywheel/delight/campaign"
)

// EntryName names an enrollment by what makes it unique.
type EntryName struct {
	Campaign campaign.CampaignID
	Key      string
}

var findEntries = newBatch(`shop_id text, campaign_id text, entry_key text`,
	`SELECT e.id, e.campaign_id, e.entry_key, e.version, e.person_id, e.order_id, e.cause, e.anchor, e.step_id, e.state, e.reason, e.rev FROM {rows} enrollments e
	WHERE e.shop_id = v.shop_id AND e.campaign_id = v.campaign_id AND e.entry_key = v.entry_key`)

// EnrollmentsByKey returns those of these entries that exist, ended walks too:
// who they are, their cause and where they stand.
func (tx *Tx) EnrollmentsByKey(shop commerce.ShopID, names []EntryName) (map[EntryName]campaign.Enrollment, error) {
	seen := map[EntryName]bool{}
	var rows [][]any
	for _, n := range names {
		if !seen[n] {
			seen[n] = true
			rows = append(rows, []any{shop, n.Campaign, n.Key})
		}
	}
	out := map[EntryName]campaign.Enrollment{}
	err := tx.run(findEntries, rows, func(r *sql.Rows) error {
		var row enrollmentRow
		if err := r.Scan(&row.ID, &row.CampaignID, &row.EntryKey, &row.Version, &row.PersonID, &row.OrderID, &row.Cause, &row.Anchor, &row.StepID, &row.State, &row.Reason, &row.Rev); err != nil {
			return err
		}
		out[EntryName{campaign.CampaignID(row.CampaignID), row.EntryKey}] = row.enrollment()
		return nil
	})
	return out, err
}

var recauseEnrollments = newBatch(`shop_id text, id text, cause text, person_id text, order_id text, anchor bigint, step_anchor bigint, version bigint, due_at bigint`,
	`UPDATE enrollments SET cause = v.cause, person_id = v.person_id, order_id = v.order_id, anchor = v.anchor, step_anchor = v.step_anchor,
		version = v.version, due_at = v.due_at, rev = enrollments.rev + 1 {from}
	WHERE enrollments.shop_id = v.shop_id AND enrollments.id = v.id AND enrollments.state = 'active' AND enrollments.step_id = ''`)

// RecauseEnrollments gives walks that have not begun an earlier cause: its
// person, order, anchor, version and due time. One that has begun or ended stays as it is.
func (tx *Tx) RecauseEnrollments(shop commerce.ShopID, es []campaign.Enrollment) error {
	rows := make([][]any, len(es))
	for i, e := range es {
		rows[i] = []any{shop, e.ID, e.Cause, e.Person, e.Order, e.Anchor, e.Position.Anchor, e.Version, e.DueAt}
	}
	return tx.run(recauseEnrollments, rows, nil)
}
