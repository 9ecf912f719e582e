package store_test

import (
	"testing"

	"flywheel/store"
)

// billingReaches are the reaches of plans and usage.
var billingReaches = map[string]reach{}

func furnishBilling(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
}
