package store

import (
	"database/sql"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// Decided is an answer of the gate or of Enroll for one entry of a campaign.
type Decided struct {
	Campaign campaign.CampaignID
	EntryKey string
	StepID   string // "" where the entry itself was refused
	Person   commerce.PersonID
	gate.Decision
}

var saveDecisions = newBatch(`shop_id text, campaign_id text, entry_key text, step_id text, reason text, person_id text, answer text, detail text, until_at bigint, first_at bigint, last_at bigint, times bigint`,
	`INSERT INTO decisions (shop_id, campaign_id, entry_key, step_id, reason, person_id, answer, detail, until_at, first_at, last_at, times)
	{insert} ON CONFLICT (shop_id, campaign_id, entry_key, step_id, reason) DO UPDATE SET person_id = excluded.person_id, answer = excluded.answer,
		detail = excluded.detail, until_at = excluded.until_at, last_at = excluded.last_at, times = decisions.times + 1`)

// SaveDecisions counts decisions, one row an entry, step and reason.
func (tx *Tx) SaveDecisions(shop commerce.ShopID, ds []Decided) error {
	type key struct{ campaign, entry, step, reason string }
	seen := map[key]bool{}
	now := tx.store.Now()
	var rows [][]any
	for _, d := range ds {
		k := key{string(d.Campaign), d.EntryKey, d.StepID, string(d.Reason)}
		if seen[k] { // PostgreSQL refuses to touch a row twice in one statement
			continue
		}
		seen[k] = true
		rows = append(rows, []any{shop, d.Campaign, d.EntryKey, d.StepID, d.Reason, d.Person, d.Answer, d.Detail, d.Until, now, now, 1})
	}
	return tx.run(saveDecisions, rows, nil)
}

// StepName names a step of an entry.
type StepName struct {
	EntryName
	StepID string
}

var findHolds = newBatch(`shop_id text, campaign_id text, entry_key text, step_id text`,
	`SELECT d.campaign_id, d.entry_key, d.step_id, d.first_at FROM {rows} decisions d
	WHERE d.shop_id = v.shop_id AND d.campaign_id = v.campaign_id AND d.entry_key = v.entry_key AND d.step_id = v.step_id
		AND d.reason IN ('campaign_paused', 'shop_paused', 'fuse')`)

// HeldSince returns since when pauses have held steps, of those that one held.
func (tx *Tx) HeldSince(shop commerce.ShopID, steps []StepName) (map[StepName]commerce.Instant, error) {
	rows := make([][]any, len(steps))
	for i, s := range steps {
		rows[i] = []any{shop, s.Campaign, s.Key, s.StepID}
	}
	out := map[StepName]commerce.Instant{}
	err := tx.run(findHolds, rows, func(r *sql.Rows) error {
		var s StepName
		var at commerce.Instant
		err := r.Scan(&s.Campaign, &s.Key, &s.StepID, &at)
		out[s] = commerce.Earliest(out[s], at)
		return err
	})
	return out, err
}
