package store_test

import (
	"testing"

	"flywheel/store"
)

// consentReaches are the reaches of consent read at and told to platforms.
var consentReaches = map[string]reach{}

func furnishConsent(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
}
