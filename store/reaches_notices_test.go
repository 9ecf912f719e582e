package store_test

import (
	"testing"

	"flywheel/store"
)

// noticesReaches are the reaches of what the team is told.
var noticesReaches = map[string]reach{}

func furnishNotices(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	execute(t, s, `INSERT INTO notices (shop_id, id, kind, subject, channel, data, state, made_at, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)`,
		string(w.shop), store.NewID(), "fuse", "notice of "+w.owner, "mail", "{}", "due", int64(s.Now())+3_600_000)
	execute(t, s, `INSERT INTO team_channels (shop_id, kind, sealed, made_at, note) VALUES ($1, $2, $3, 1, $4)`, string(w.shop), "slack", []byte("x"), "channel of "+w.owner)
}
