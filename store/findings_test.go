package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/store"
	"flywheel/store/storetest"
)

// Findings are read page by page in the order in which they were made; what is found again is noted once.
func TestFindingsArePagedAndNotedOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		storetest.Do(t, s, func(tx *store.Tx) error {
			for _, f := range [][3]string{
				{"order_missed", "o1", "first"}, {"order_missed", "o1", "again"}, {"refund_missed", "o1", "second"}, {"order_missed", "o2", "third"},
			} {
				fresh, err := tx.NoteFinding(shop, f[0], f[1], f[2])
				if err != nil {
					return err
				}
				require.Equal(t, f[2] != "again", fresh)
			}
			return tx.AddFinding(shop, "order_missed", "o1", "another kind of finding may come as often as it likes")
		})
		page, err := s.FindingsAfter(t.Context(), shop, "", 3)
		require.NoError(t, err)
		require.Len(t, page, 3)
		require.Equal(t, store.Finding{ID: page[0].ID, Kind: "order_missed", Subject: "o1", Detail: "first", FoundAt: s.Now()}, page[0])
		require.Equal(t, []string{"second", "third"}, []string{page[1].Detail, page[2].Detail})
		page, err = s.FindingsAfter(t.Context(), shop, page[2].ID, 3)
		require.NoError(t, err)
		require.Len(t, page, 1)
		page, err = s.FindingsAfter(t.Context(), shop, page[0].ID, 3)
		require.NoError(t, err)
		require.Empty(t, page)
	})
}
