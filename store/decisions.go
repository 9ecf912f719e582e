package store

import (
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
