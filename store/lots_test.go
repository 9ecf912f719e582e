package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// A lot is as many as were asked for, of all who count, and the same each time.
func TestALotIsDrawn(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, other := storetest.Shop(t, s), storetest.Shop(t, s)
		empty, err := s.DrawOrders(t.Context(), shop, 10)
		require.NoError(t, err)
		require.Zero(t, empty)
		p := storetest.Person(t, s, shop)
		for range 30 {
			storetest.Order(t, s, shop, p.ID)
		}
		storetest.Order(t, s, shop, p.ID, func(o *store.StoredOrder) { o.Detail = commerce.Detail{} })
		storetest.Order(t, s, other, storetest.Person(t, s, other).ID)

		lot, err := s.DrawOrders(t.Context(), shop, 10)
		require.NoError(t, err)
		require.Len(t, lot.Orders, 10)
		require.EqualValues(t, 30, lot.Of, "a stub is no order yet")
		require.False(t, lot.Newest)
		again, err := s.DrawOrders(t.Context(), shop, 10)
		require.NoError(t, err)
		require.Equal(t, drawn(lot), drawn(again))
		all, err := s.DrawOrders(t.Context(), shop, 100)
		require.NoError(t, err)
		require.Len(t, all.Orders, 30)

		gone := storetest.Person(t, s, shop)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.MergePersons(shop, gone.ID, p.ID, "the same") })
		people, err := s.DrawPersons(t.Context(), shop, 10)
		require.NoError(t, err)
		require.EqualValues(t, 1, people.Of, "who is merged is somebody else")
		require.Equal(t, p.ID, people.Persons[0].ID)
	})
}

func drawn(l store.Lot) map[commerce.OrderID]bool {
	out := map[commerce.OrderID]bool{}
	for _, o := range l.Orders {
		out[o.ID] = true
	}
	return out
}

// Every row is as likely, whenever it was made: a shop's past came in one minute.
func TestALotLeansToNoTime(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	shop := storetest.Shop(t, s)
	p := storetest.Person(t, s, shop)
	var all []commerce.OrderID
	for range 400 {
		all = append(all, storetest.Order(t, s, shop, p.ID).ID)
	}
	lot, err := s.DrawOrders(t.Context(), shop, 200)
	require.NoError(t, err)
	of, early := drawn(lot), 0
	for _, id := range all[:200] {
		if of[id] {
			early++
		}
	}
	require.InDelta(t, 100, early, 40, "half of what is drawn is of the first half; eight standard deviations")
}
