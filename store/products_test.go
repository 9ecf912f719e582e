package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// Whatever order they come in, the newest description stands, and what was deleted stays deleted.
func TestSaveProductsInAnyOrder(t *testing.T) {
	old := commerce.Product{ID: "7", Title: "Pot", Type: "teapot", UpdatedAt: 10}
	renamed := commerce.Product{ID: "7", Title: "Teapot", Type: "teapot", Tags: []string{"tea"}, PublishedAt: 15, UpdatedAt: 20}
	gone := commerce.Product{ID: "7", DeletedAt: 30}
	want := renamed
	want.DeletedAt = 30
	each(t, func(t *testing.T, s *store.Store) {
		for _, told := range [][]commerce.Product{{old, renamed, gone}, {gone, renamed, old}, {renamed, gone, old}, {gone, old, renamed}} {
			for _, together := range []bool{true, false} {
				shop := storetest.Shop(t, s)
				storetest.Do(t, s, func(tx *store.Tx) error {
					if together {
						return tx.SaveProducts(shop, told)
					}
					for _, p := range told {
						if err := tx.SaveProducts(shop, []commerce.Product{p, {ID: "8"}}); err != nil {
							return err
						}
					}
					return tx.SaveProducts(shop, nil)
				})
				got, err := s.Products(t.Context(), shop, []string{"7", "9"})
				require.NoError(t, err)
				require.Empty(t, cmp.Diff(map[string]commerce.Product{"7": want}, got))
				none, err := s.Products(t.Context(), shop, nil)
				require.NoError(t, err)
				require.Empty(t, none)
			}
		}
	})
}
