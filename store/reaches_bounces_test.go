package store_test

import (
	"testing"

	"flywheel/store"
)

// bouncesReaches are the reaches of what became of mails.
var bouncesReaches = map[string]reach{}

func furnishBounces(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	execute(t, s, `INSERT INTO bounces (shop_id, id, event_key, kind, effect_id, address_hash, source, at, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8)`,
		string(w.shop), store.NewID(), "event of "+w.owner, "soft", string(w.effect.ID), w.hash, "dsn", int64(s.Now()))
	execute(t, s, `INSERT INTO soft_runs (shop_id, address_hash, run, last_at) VALUES ($1, $2, 1, 1)`, string(w.shop), w.hash)
}
