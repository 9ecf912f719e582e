package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// asked is a shop whose past was asked for.
func asked(t *testing.T, s *store.Store) (commerce.ShopID, commerce.Connection) {
	t.Helper()
	shop := storetest.Shop(t, s)
	c := storetest.Connection(t, s, shop)
	require.NoError(t, s.AskBackfill(t.Context(), shop, c))
	return shop, c
}

func backfill(t *testing.T, s *store.Store, c commerce.Connection) store.Backfill {
	t.Helper()
	b, err := s.Backfill(t.Context(), c.ShopID, c.ID)
	require.NoError(t, err)
	return b
}

func leaseBackfill(t *testing.T, s *store.Store, c commerce.Connection, owner string) (store.Backfill, bool) {
	t.Helper()
	b, ok, err := s.LeaseBackfill(t.Context(), c.ShopID, c.ID, owner)
	require.NoError(t, err)
	return b, ok
}

func advanceBackfill(t *testing.T, s *store.Store, c commerce.Connection, owner string, position, orders, refused int64) error {
	t.Helper()
	b := backfill(t, s, c)
	b.Position = position
	return s.Transact(t.Context(), func(tx *store.Tx) error { return tx.AdvanceBackfill(c.ShopID, owner, b, orders, refused) })
}

// A backfill is done by one worker at a time, which keeps how far it came; the next goes on from there.
func TestBackfillGoesOnWhereItWasLeft(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, c := asked(t, s)
		_, err := s.Backfill(t.Context(), shop, "another")
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		b := backfill(t, s, c)
		require.Equal(t, store.Backfill{Connection: c.ID, Epoch: c.Epoch, State: store.BackfillAsked, NextAt: b.NextAt, AskedAt: s.Now()}, b)
		due, err := s.DueBackfills(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, []store.ShopConnection{{Shop: shop, Connection: c.ID}}, due)

		b, ok := leaseBackfill(t, s, c, "one")
		require.True(t, ok)
		_, ok = leaseBackfill(t, s, c, "two")
		require.False(t, ok)
		due, err = s.DueBackfills(t.Context(), 10)
		require.NoError(t, err)
		require.Empty(t, due, "it is in work")

		b.State, b.Operation, b.URL, b.Size, b.Expected = store.BackfillReading, "gid://shopify/BulkOperation/1", "https://files.example/secret", 900, 5
		b.Tries, b.Polls, b.Note = 2, 3, "slow"
		require.NoError(t, s.SaveBackfill(t.Context(), shop, "one", b))
		require.Equal(t, b, backfill(t, s, c))
		require.Equal(t, int64(0), number(t, s, `SELECT COUNT(*) FROM backfills WHERE CAST(url AS TEXT) LIKE '%secret%'`), "whoever has the address may read the file")
		require.True(t, fault.Is(s.SaveBackfill(t.Context(), shop, "two", b), fault.Conflict))
		require.True(t, fault.Is(advanceBackfill(t, s, c, "two", 900, 5, 0), fault.Conflict))
		require.NoError(t, advanceBackfill(t, s, c, "one", 300, 2, 0))
		require.NoError(t, advanceBackfill(t, s, c, "one", 500, 1, 1))
		b.Position, b.Orders, b.Refused, b.Tries, b.Note = 500, 3, 1, 0, ""
		require.Equal(t, b, backfill(t, s, c))

		require.NoError(t, s.ReleaseBackfill(t.Context(), shop, c.ID, "two"))
		_, ok = leaseBackfill(t, s, c, "two")
		require.False(t, ok)
		require.NoError(t, s.ReleaseBackfill(t.Context(), shop, c.ID, "one"))
		got, ok := leaseBackfill(t, s, c, "two")
		require.True(t, ok)
		require.Equal(t, b, got)
		_, err = s.RecoverLeases(t.Context(), "successor")
		require.NoError(t, err)
		got, ok = leaseBackfill(t, s, c, "successor")
		require.True(t, ok, "a new process takes over at once from its predecessor")

		got.State = store.BackfillDone
		require.NoError(t, s.SaveBackfill(t.Context(), shop, "successor", got))
		got.NextAt, got.URL, got.FinishedAt = 0, "", s.Now()
		require.Equal(t, got, backfill(t, s, c))
		require.NoError(t, s.ReleaseBackfill(t.Context(), shop, c.ID, "successor"))
		_, ok = leaseBackfill(t, s, c, "four")
		require.False(t, ok, "it is done")
		require.NoError(t, s.CountRows(t.Context()))
	})
}

// Asking again changes nothing, unless it is for another install; somebody who
// wants it tried again gets that where it is over.
func TestBackfillIsAskedForOnceAnEpoch(t *testing.T) {
	for name, c := range map[string]struct {
		state store.BackfillState
		epoch int64 // more than before
		retry bool
		anew  bool
	}{
		"under way":                     {store.BackfillReading, 0, false, false},
		"done":                          {store.BackfillDone, 0, false, false},
		"failed, and seen by nobody":    {store.BackfillFailed, 0, false, false},
		"done, and installed anew":      {store.BackfillDone, 1, false, true},
		"under way, and installed anew": {store.BackfillReading, 1, false, true},
		"failed, and tried again":       {store.BackfillFailed, 0, true, true},
		"done, and more may be seen":    {store.BackfillDone, 0, true, true},
		"under way, and tried again":    {store.BackfillReading, 0, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *store.Store) {
				shop, conn := asked(t, s)
				b, ok := leaseBackfill(t, s, conn, "one")
				require.True(t, ok)
				b.State, b.Operation, b.URL, b.Position, b.Size, b.Orders, b.Expected, b.Refused, b.Tries, b.Polls, b.Note =
					c.state, "op", "https://files.example", 1, 2, 3, 4, 5, 6, 7, "note"
				require.NoError(t, s.SaveBackfill(t.Context(), shop, "one", b))
				before := backfill(t, s, conn)
				storetest.ClockOf(s).Advance(time.Hour)
				conn.Epoch += c.epoch
				ask := s.AskBackfill
				if c.retry {
					ask = s.RetryBackfill
				}
				require.NoError(t, ask(t.Context(), shop, conn))
				got := backfill(t, s, conn)
				if !c.anew {
					require.Equal(t, before, got)
					require.NoError(t, advanceBackfill(t, s, conn, "one", 9, 0, 0))
					return
				}
				require.NotZero(t, got.NextAt)
				require.Equal(t, store.Backfill{Connection: conn.ID, Epoch: conn.Epoch, State: store.BackfillAsked, NextAt: got.NextAt, AskedAt: s.Now()}, got)
				require.True(t, fault.Is(advanceBackfill(t, s, conn, "one", 9, 0, 0), fault.Conflict), "what one reads is of the time before")
				_, ok = leaseBackfill(t, s, conn, "two")
				require.True(t, ok)
			})
		})
	}
}

// What nobody may ask the platform about waits, and is due again once somebody may.
func TestBackfillWaitsForAnAcceptedToken(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		_, c := asked(t, s)
		due := func() int {
			got, err := s.DueBackfills(t.Context(), 10)
			require.NoError(t, err)
			return len(got)
		}
		require.Equal(t, 1, due())
		for _, state := range []string{`token_state = 'revoked'`, `token_state = '', closed_at = 1`} {
			execute(t, s, `UPDATE connections SET `+state)
			require.Zero(t, due(), state)
		}
		execute(t, s, `UPDATE connections SET closed_at = 0`)
		require.Equal(t, 1, due())
		b, _ := leaseBackfill(t, s, c, "one")
		b.NextAt = commerce.At(time.Now().Add(time.Hour))
		require.NoError(t, s.SaveBackfill(t.Context(), c.ShopID, "one", b))
		require.NoError(t, s.ReleaseBackfill(t.Context(), c.ShopID, c.ID, "one"))
		require.Zero(t, due(), "its time has not come")
		_, ok := leaseBackfill(t, s, c, "one")
		require.False(t, ok)
	})
}
