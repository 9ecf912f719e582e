package store_test

import (
	"testing"

	"flywheel/commerce"
	"flywheel/store"
)

// pagesReaches are the reaches of what pages count at once.
var pagesReaches = map[string]reach{
	"Store.WaitingNow": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.WaitingNow(t.Context(), a, b.enrollment.Campaign)
		if len(got) > 0 {
			err = errReached
		}
		return got, err
	},
	"Store.CountedPulses": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		got, err := s.CountedPulses(t.Context(), a, 0, 1000)
		if len(got) > 0 {
			err = errReached
		}
		return got, err
	},
}

func furnishPages(*testing.T, *store.Store, *furnished) {}
