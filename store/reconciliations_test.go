package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// A look is planned with the backfill or found wanting, has one worker at a time, and keeps how far it came.
func TestReconciliationIsOneWorkersAtATime(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		c := storetest.Connection(t, s, shop)
		closed := storetest.Connection(t, s, shop)
		execute(t, s, `UPDATE connections SET closed_at = 1 WHERE id = $1`, closed.ID)
		storetest.Connection(t, s, shop, func(c *commerce.Connection) { c.Platform, c.ExternalID = commerce.Stripe, "acct_1" })
		_, err := s.Reconciliation(t.Context(), shop, c.ID)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		for range 2 {
			require.NoError(t, s.AddReconciliations(t.Context()))
			require.NoError(t, s.AskBackfill(t.Context(), shop, c))
		}
		require.Equal(t, int64(1), number(t, s, `SELECT COUNT(*) FROM reconciliations`))
		r, err := s.Reconciliation(t.Context(), shop, c.ID)
		require.NoError(t, err)
		require.Equal(t, store.Reconciliation{Connection: c.ID, Watermark: c.InstalledAt, NextAt: store.NextLook(c.ID, s.Now())}, r)

		due, err := s.DueReconciliations(t.Context(), 10)
		require.NoError(t, err)
		require.Empty(t, due, "its time has not come")
		_, ok, err := s.LeaseReconciliation(t.Context(), shop, c.ID, "one")
		require.NoError(t, err)
		require.False(t, ok)
		storetest.ClockOf(s).Advance(30 * time.Minute)
		due, err = s.DueReconciliations(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, []store.ShopConnection{{Shop: shop, Connection: c.ID}}, due)
		r, ok, err = s.LeaseReconciliation(t.Context(), shop, c.ID, "one")
		require.NoError(t, err)
		require.True(t, ok)
		_, ok, err = s.LeaseReconciliation(t.Context(), shop, c.ID, "two")
		require.NoError(t, err)
		require.False(t, ok)

		advance := func(owner string) error {
			return s.Transact(t.Context(), func(tx *store.Tx) error { return tx.CountFound(shop, c.ID, owner, 2) })
		}
		require.NoError(t, advance("one"))
		require.NoError(t, advance("one"))
		require.True(t, fault.Is(advance("two"), fault.Conflict))
		r.Watermark, r.Cursor, r.Bound, r.NextAt, r.Tries, r.Note, r.LookedAt, r.Looked = 5, "next", 6, s.Now()+7, 8, "slow", 9, 20
		require.NoError(t, s.SaveReconciliation(t.Context(), shop, "one", r))
		require.True(t, fault.Is(s.SaveReconciliation(t.Context(), shop, "two", r), fault.Conflict))
		got, err := s.Reconciliation(t.Context(), shop, c.ID)
		require.NoError(t, err)
		r.Found = 4
		require.Equal(t, r, got)

		require.NoError(t, s.ReleaseReconciliation(t.Context(), shop, c.ID, "one"))
		storetest.ClockOf(s).Advance(time.Second)
		_, ok, err = s.LeaseReconciliation(t.Context(), shop, c.ID, "two")
		require.NoError(t, err)
		require.True(t, ok)
		_, err = s.RecoverLeases(t.Context(), "successor")
		require.NoError(t, err)
		_, ok, err = s.LeaseReconciliation(t.Context(), shop, c.ID, "successor")
		require.NoError(t, err)
		require.True(t, ok)
	})
}

// Looks come every half an hour at a connection's own minutes, and the minutes of many are spread.
func TestLooksAreSpread(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := commerce.ConnectionID(rapid.StringN(1, 20, 20).Draw(t, "connection"))
		now := commerce.Instant(rapid.Int64Range(1<<40, 1<<42).Draw(t, "now"))
		first := store.NextLook(c, now)
		require.Greater(t, first, now)
		require.LessOrEqual(t, first, now.Add(30*time.Minute))
		require.Equal(t, first.Add(30*time.Minute), store.NextLook(c, first))
		require.Equal(t, first, store.NextLook(c, first-1))
	})
	perMinute := map[commerce.Instant]int{}
	now := commerce.At(storetest.Noon)
	for range 3000 {
		perMinute[(store.NextLook(commerce.ConnectionID(store.NewID()), now)-now)/60_000]++
	}
	for minute, n := range perMinute {
		require.Less(t, n, 200, "minute %d", minute) // 100 on average
	}
}
