package store_test

import (
	"testing"

	"flywheel/store"
)

// sendersReaches are the reaches of who a shop writes as.
var sendersReaches = map[string]reach{}

func furnishSenders(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	execute(t, s, `INSERT INTO senders (shop_id, kind, state, address, domain, changed_at, rev) VALUES ($1, $2, $3, $4, $5, 1, 1)`,
		string(w.shop), "domain", "checking", "hello@"+w.owner+".example", w.owner+".example")
	execute(t, s, `INSERT INTO sender_keys (shop_id, domain, selector, kind, state, public, sealed, made_at, since) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 1)`,
		string(w.shop), w.owner+".example", "fw1", "ed25519", "next", "public of "+w.owner, []byte("x"))
	execute(t, s, `INSERT INTO sender_days (shop_id, sender, day, taken) VALUES ($1, $2, $3, 1)`, string(w.shop), "shared of "+w.owner, int64(s.Now()))
}
