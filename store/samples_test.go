package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// An order is found by what its customer calls it, and the last ones are those that came last.
func TestOrdersByName(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada := storetest.Person(t, s, shop)
		named := func(name string, p commerce.PersonID) *store.StoredOrder {
			return storetest.Order(t, s, shop, p, func(o *store.StoredOrder) { o.Detail.Name = name })
		}
		first, second := named("#1001", ada.ID), named("#1002", ada.ID)
		again := named("#1001", ada.ID) // of another platform
		named("#1003", "")
		last, err := s.LastOrders(t.Context(), shop, 2)
		require.NoError(t, err)
		require.Len(t, last, 2)
		require.Equal(t, []commerce.OrderID{again.ID, second.ID}, []commerce.OrderID{last[0].ID, last[1].ID})
		require.Equal(t, "#1001", last[0].Detail.Name)
		for _, name := range []string{"#1001", "1001", " #1001 "} {
			got, err := s.OrderNamed(t.Context(), shop, name)
			require.NoError(t, err, name)
			require.Equal(t, again.ID, got.ID, "the newest, not %s", first.ID)
		}
		for _, name := range []string{"", "#", "#1003", "#9"} {
			_, err = s.OrderNamed(t.Context(), shop, name)
			require.True(t, fault.Is(err, fault.NotFound), "%q %v", name, err)
		}
	})
}
