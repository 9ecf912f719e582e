package store

import "flywheel/commerce"

var saveEvents = newBatch(`shop_id text, kind text, subject text, ordinal bigint, order_id text, person_id text, occurred_at bigint, recorded_at bigint, historic bigint, assumed bigint`,
	`INSERT INTO events (shop_id, kind, subject, ordinal, order_id, person_id, occurred_at, recorded_at, historic, assumed)
	{insert} ON CONFLICT (shop_id, kind, subject, ordinal) DO UPDATE SET occurred_at = excluded.occurred_at, historic = excluded.historic,
		assumed = excluded.assumed, person_id = excluded.person_id`)

// SaveEvents writes events; better evidence of when one happened replaces the former.
func (tx *Tx) SaveEvents(shop commerce.ShopID, events []commerce.Event) error {
	rows := make([][]any, len(events))
	now := tx.store.Now()
	for i, e := range events {
		rows[i] = []any{shop, e.Kind, e.Subject, e.Ordinal, e.OrderID, e.PersonID, e.OccurredAt, now, e.Historic, e.Assumed}
	}
	return tx.run(saveEvents, rows, nil)
}
