package store_test

import (
	"testing"

	"flywheel/store"
)

// installReaches are the reaches of installing and tokens.
var installReaches = map[string]reach{}

func furnishInstall(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
}
