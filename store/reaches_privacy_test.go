package store_test

import (
	"testing"

	"flywheel/store"
)

// privacyReaches are the reaches of exports and erasure.
var privacyReaches = map[string]reach{}

func furnishPrivacy(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
}
