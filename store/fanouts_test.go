package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func addFanout(t *testing.T, s *store.Store, shop commerce.ShopID, subject string) (fresh bool) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) (err error) {
		fresh, err = tx.AddFanout(shop, store.Fanout{Kind: store.FanProduct, Campaign: "c", Subject: subject, Total: 7})
		return err
	})
	return fresh
}

func nextFanout(t *testing.T, s *store.Store, owner string) (store.Fanout, bool) {
	t.Helper()
	f, found, err := s.NextFanout(t.Context(), owner)
	require.NoError(t, err)
	return f, found
}

// A fan-out is noted once, done by one worker at a time, and goes on where the last one stopped.
func TestFanoutsGoOnBehindTheirCursor(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		require.True(t, addFanout(t, s, shop, "p1"))
		require.False(t, addFanout(t, s, shop, "p1"))
		require.True(t, addFanout(t, s, shop, "p2"))
		busy, err := s.Busy(t.Context())
		require.NoError(t, err)
		require.True(t, busy)

		first, found := nextFanout(t, s, "one")
		require.True(t, found)
		require.Equal(t, store.Fanout{Shop: shop, ID: first.ID, Kind: store.FanProduct, Campaign: "c", Subject: "p1", Total: 7, AddedAt: s.Now()}, first)
		second, found := nextFanout(t, s, "two")
		require.True(t, found)
		require.Equal(t, "p2", second.Subject)
		_, found = nextFanout(t, s, "three")
		require.False(t, found, "both are in work")

		advance := func(owner, cursor string, finished bool) error {
			return s.Transact(t.Context(), func(tx *store.Tx) error { return tx.AdvanceFanout(shop, first.ID, owner, cursor, 3, finished) })
		}
		require.NoError(t, advance("one", "o3", false))
		require.True(t, fault.Is(advance("two", "o9", false), fault.Conflict), "it is not two's")
		require.NoError(t, s.ReleaseFanout(t.Context(), shop, first.ID, "two"))
		require.NoError(t, s.ReleaseFanout(t.Context(), shop, first.ID, "one"))
		require.True(t, fault.Is(advance("one", "o9", false), fault.Conflict), "one has given it back")
		again, found := nextFanout(t, s, "three")
		require.True(t, found)
		require.Equal(t, []any{first.ID, "o3", int64(3)}, []any{again.ID, again.Cursor, again.Done})
		require.NoError(t, advance("three", "o6", true))
		require.True(t, fault.Is(advance("three", "o7", true), fault.Conflict), "it is done")
		require.False(t, addFanout(t, s, shop, "p1"), "and is not done again")

		execute(t, s, `UPDATE fanouts SET lease_until = 1 WHERE state = 'open'`) // a lost worker
		taken, found := nextFanout(t, s, "three")
		require.True(t, found)
		require.Equal(t, second.ID, taken.ID)
		_, err = s.RecoverLeases(t.Context(), "successor")
		require.NoError(t, err)
		_, found = nextFanout(t, s, "successor")
		require.True(t, found, "a new process takes over at once from its predecessor")

		list, err := s.ListFanouts(t.Context(), shop, 10)
		require.NoError(t, err)
		require.Len(t, list, 2)
		require.Equal(t, []any{second.ID, false}, []any{list[0].ID, list[0].Finished}, "the newest first")
		require.Equal(t, []any{true, int64(6), "o6", s.Now()}, []any{list[1].Finished, list[1].Done, list[1].Cursor, list[1].DoneAt})
	})
}
