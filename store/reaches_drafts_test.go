package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
)

// draftsReaches are the reaches of what the editor of campaigns keeps and draws.
var draftsReaches = map[string]reach{
	"Store.Draft": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Draft(t.Context(), a, "edited")
	},
	"Store.SaveDraft": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		seen, err := s.Draft(t.Context(), b.shop, "edited")
		if err != nil {
			return nil, err
		}
		if _, err = s.SaveDraft(t.Context(), a, "edited", definition("mine"), store.DraftChange{Lock: seen.Lock}); err == nil {
			return nil, errReached
		}
		return s.SaveDraft(t.Context(), a, "edited", definition("mine"), store.DraftChange{From: definition("mine")})
	},
	"Store.MoveDraft": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		seen, err := s.Draft(t.Context(), b.shop, "edited")
		if err != nil {
			return nil, err
		}
		return s.MoveDraft(t.Context(), a, "edited", -1, store.DraftChange{Lock: seen.Lock})
	},
	"Store.DropDraft": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		seen, err := s.Draft(t.Context(), b.shop, "edited")
		if err != nil {
			return nil, err
		}
		return nil, s.DropDraft(t.Context(), a, "edited", seen.Lock)
	},
	"Store.Drafts": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		all, err := s.Drafts(t.Context(), a)
		if len(all) > 0 {
			err = errReached
		}
		return all, err
	},
	"Store.Pulses": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		all, _, err := s.Pulses(t.Context(), a)
		if len(all) > 0 {
			err = errReached
		}
		return all, err
	},
	"Store.NewestStepOutcomes": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.NewestStepOutcomes(t.Context(), a, b.enrollment.Campaign)
		require.Empty(t, got)
		return got, err
	},
	"Store.NewestEntryOutcomes": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.NewestEntryOutcomes(t.Context(), a, b.enrollment.Campaign)
		require.Empty(t, got)
		return got, err
	},
	"Store.ManyWalks": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.ManyWalks(t.Context(), a, b.enrollment.Campaign)
	},
	"Store.DrawOrders": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.DrawOrders(t.Context(), a, 100)
	},
	"Store.DrawPersons": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.DrawPersons(t.Context(), a, 100)
	},
}

func furnishDrafts(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	_, err := s.SaveDraft(t.Context(), w.shop, "edited", definition("draft of "+w.owner), store.DraftChange{From: definition("begun of " + w.owner), Said: "said of " + w.owner, By: "clerk of " + w.owner})
	if err != nil {
		t.Fatal(err)
	}
}
