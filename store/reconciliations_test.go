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
		storetest.Connection(t, s, shop, func(c *commerce.Connection) { c.Platform, c.ExternalID = commerce.API, "api" })
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
		r.Watermark, r.Cursor, r.Bound, r.NextAt, r.Tries, r.Note, r.LookedAt, r.Looked, r.SweptAt, r.Sweep = 5, "next", 6, s.Now()+7, 8, "slow", 9, 20, 21, "behind"
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

// What a platform tells no more is said in a finding, and the past is read
// anew: all of it or nothing of it, and by who has the look alone.
func TestSaveEventsGap(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, c := asked(t, s)
		finish := func() {
			b, leased := leaseBackfill(t, s, c, "one")
			require.True(t, leased)
			b.State = store.BackfillDone
			require.NoError(t, s.SaveBackfill(t.Context(), shop, "one", b))
			require.NoError(t, s.ReleaseBackfill(t.Context(), shop, c.ID, "one"))
		}
		finish()
		execute(t, s, `UPDATE reconciliations SET next_at = $1`, s.Now())
		r, leased, err := s.LeaseReconciliation(t.Context(), shop, c.ID, "one")
		require.NoError(t, err)
		require.True(t, leased)
		r.Watermark = s.Now()
		require.True(t, fault.Is(s.SaveEventsGap(t.Context(), "two", c, r, "words"), fault.Conflict))
		require.Equal(t, store.BackfillDone, backfill(t, s, c).State)
		for n := range int64(2) { // it is begun anew where it is under way, too
			require.NoError(t, s.SaveEventsGap(t.Context(), "one", c, r, "words"))
			b := backfill(t, s, c)
			require.Equal(t, store.Backfill{Connection: c.ID, Epoch: c.Epoch, State: store.BackfillAsked, ReadUntil: r.Watermark, NextAt: b.NextAt, AskedAt: s.Now()}, b)
			require.Equal(t, n+1, number(t, s, `SELECT COUNT(*) FROM findings WHERE kind = 'events_gap' AND subject = $1 AND detail = 'words'`, c.ID))
		}
		got, err := s.Reconciliation(t.Context(), shop, c.ID)
		require.NoError(t, err)
		require.Equal(t, s.Now(), got.Watermark)

		b, leased := leaseBackfill(t, s, c, "one")
		require.True(t, leased)
		b.State, b.Operation = store.BackfillFailed, "some place"
		require.NoError(t, s.SaveBackfill(t.Context(), shop, "one", b))
		c.Epoch++
		for _, again := range []func() error{
			func() error { return s.RetryBackfill(t.Context(), shop, c) },
			func() error { return s.AskBackfill(t.Context(), shop, c) },
		} {
			require.NoError(t, again())
			b = backfill(t, s, c)
			require.Equal(t, []any{store.BackfillAsked, "", r.Watermark}, []any{b.State, b.Operation, b.ReadUntil}, "from the beginning, and with what is missing")
			c.Epoch++
		}
		r.Watermark = r.Watermark.Add(-time.Hour)
		require.NoError(t, s.SaveEventsGap(t.Context(), "one", c, r, "words"))
		require.Equal(t, got.Watermark, backfill(t, s, c).ReadUntil, "a later one stays")
	})
}

// What is in the inbox was delivered, however it ended there; the same event of
// another connection was not.
func TestUndelivered(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		c, other := storetest.Connection(t, s, shop), storetest.Connection(t, s, shop)
		var all []commerce.Delivery
		for range 5 {
			all = append(all, storetest.Delivery(s, c))
		}
		for _, d := range []commerce.Delivery{all[1], all[3]} {
			_, err := s.AddInbox(t.Context(), shop, d)
			require.NoError(t, err)
		}
		topic := all[4]
		topic.Topic = "another"
		elsewhere := all[0]
		elsewhere.ConnectionID = other.ID
		for _, d := range []commerce.Delivery{topic, elsewhere} {
			_, err := s.AddInbox(t.Context(), shop, d)
			require.NoError(t, err)
		}
		execute(t, s, `UPDATE inbox SET state = 2 WHERE external_id = $1`, all[3].ExternalID)
		missing, err := s.Undelivered(t.Context(), c, all)
		require.NoError(t, err)
		require.Equal(t, []commerce.Delivery{all[0], all[2], all[4]}, missing)
		require.Len(t, all, 5)
		none, err := s.Undelivered(t.Context(), c, nil)
		require.NoError(t, err)
		require.Empty(t, none)
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
