package store_test

import (
	"testing"

	"flywheel/store"
)

// actsReaches are the reaches of what was done with messages.
var actsReaches = map[string]reach{}

func furnishActs(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	execute(t, s, `INSERT INTO message_acts (shop_id, effect_id, kind, person_id, campaign_id, first_at, last_at, times) VALUES ($1, $2, $3, $4, $5, $6, $6, 1)`,
		string(w.shop), string(w.effect.ID), "click", string(w.person.ID), "clicks of "+w.owner, int64(s.Now()))
}
