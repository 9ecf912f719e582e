package store_test

import (
	"testing"

	"flywheel/store"
)

// historyReaches are the reaches of backfill and reconciliation.
var historyReaches = map[string]reach{}

func furnishHistory(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
}
