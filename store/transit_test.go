package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// From five parcels on their median is what the shop has learned, for country and method, each alone, and all.
func TestAddTransitLearnsMedians(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		arrive := func(country, method string, days ...int) map[string]int {
			storetest.Do(t, s, func(tx *store.Tx) error {
				for _, d := range days {
					if err := tx.AddTransit(shop, country, method, d); err != nil {
						return err
					}
				}
				return nil
			})
			got, err := s.Shop(t.Context(), shop)
			require.NoError(t, err)
			return got.Learned
		}
		require.Empty(t, arrive("DE", "Standard", 2, 2, 9, 3))
		require.Equal(t, map[string]int{"DE/standard": 3, "DE/": 3, "/standard": 3, "/": 3}, arrive("DE", "Standard", 4))
		require.Equal(t, map[string]int{"DE/standard": 3, "DE/": 3, "/standard": 8, "/": 8}, arrive("SA", "standard", 8, 8, 8, 8), "four of a kind are too few")
		require.Equal(t, map[string]int{"DE/standard": 3, "DE/": 3, "/standard": 8, "/": 8, "SA/standard": 8, "SA/": 8}, arrive("SA", "standard", 9, 9))
		got, err := s.Shop(t.Context(), shop)
		require.NoError(t, err)
		require.Equal(t, 8, got.TransitDays("SA", "Express"))
		rev := number(t, s, `SELECT rev FROM shops`)
		arrive("SA", "standard", 8)
		require.Equal(t, rev, number(t, s, `SELECT rev FROM shops`), "nothing new was learned")
		other, err := s.Shop(t.Context(), storetest.Shop(t, s, func(*commerce.Shop) {}))
		require.NoError(t, err)
		require.Empty(t, other.Learned)
	})
}

// Nothing is learned from a country or method that nobody told.
func TestAddTransitWithoutCountryOrMethod(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		storetest.Do(t, s, func(tx *store.Tx) error {
			for range 5 {
				if err := tx.AddTransit(shop, "", "", 6); err != nil {
					return err
				}
			}
			return nil
		})
		got, err := s.Shop(t.Context(), shop)
		require.NoError(t, err)
		require.Equal(t, map[string]int{"/": 6}, got.Learned)
	})
}
