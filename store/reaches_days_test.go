package store_test

import (
	"testing"

	"flywheel/commerce"
	"flywheel/store"
)

// daysReaches are the reaches of what is counted day by day.
var daysReaches = map[string]reach{
	"Store.Days": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		return s.Days(t.Context(), a, "", 0, 9)
	},
	"Store.FleetDays": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.FleetDays(t.Context(), []commerce.ShopID{a}, 0, 9)
		if len(got[b.shop]) > 0 {
			err = errReached
		}
		return nil, err
	},
	"Store.SaveDays": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		return nil, s.SaveDays(t.Context(), a, 0, 9, []store.Day{{Day: 1, Campaign: "c", Sent: 1}})
	},
	"Store.LastDay": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		day, found, err := s.LastDay(t.Context(), a)
		if found {
			err = errReached
		}
		return day, err
	},
	"Store.CountQuarters": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		got, err := s.CountQuarters(t.Context(), a, 0, commerce.Instant(1)<<60)
		if len(got) > 0 {
			err = errReached
		}
		return got, err
	},
	"Store.UsageDays": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		got, err := s.UsageDays(t.Context(), a, 0, commerce.Instant(1)<<50)
		if len(got) > 0 {
			err = errReached
		}
		return got, err
	},
	"Store.HeldSteps": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		got, next, err := s.HeldSteps(t.Context(), a, "", 0, 9)
		if len(got) > 0 || next > 0 {
			err = errReached
		}
		return got, err
	},
	"Store.Entrants": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, _, err := s.Entrants(t.Context(), a, store.EntrantFilter{Before: "~"}, 9)
		if len(got) > 0 {
			err = errReached
		}
		return got, err
	},
	"Store.LastOfOrder": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		at, found, err := s.LastOfOrder(t.Context(), a, b.person.ID, b.order.ID)
		if found {
			err = errReached
		}
		return at, err
	},
	"Store.AskDays": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		return nil, s.AskDays(t.Context(), []commerce.ShopID{a})
	},
}

func furnishDays(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	execute(t, s, `INSERT INTO day_figures (shop_id, day, campaign_id, entered, sent, held, counted_at) VALUES ($1, 1, '', 1, 1, 1, 1), ($1, 1, $2, 1, 1, 1, 1)`, string(w.shop), "day of "+w.owner)
}
