package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// leave ends all of a shop's connections.
func leave(t *testing.T, s *store.Store, shop commerce.ShopID) {
	t.Helper()
	all, err := s.Connections(t.Context(), shop)
	require.NoError(t, err)
	for _, c := range all {
		closeConnection(t, s, shop, c.ID, s.Now())
	}
}

func TestEraseShop(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		mine, other := furnish(t, s, "mine"), furnish(t, s, "other")
		before := rowsOf(t, s, other.shop)
		for _, c := range []commerce.Connection{mine.connection, mine.second} {
			erased, err := s.EraseShop(t.Context(), mine.shop, s.Now())
			require.NoError(t, err)
			require.False(t, erased, "a connection is open")
			closeConnection(t, s, mine.shop, c.ID, s.Now())
		}
		storetest.Connection(t, s, mine.shop, func(c *commerce.Connection) { c.ExternalID = mine.connection.ExternalID })
		erased, err := s.EraseShop(t.Context(), mine.shop, s.Now())
		require.NoError(t, err)
		require.False(t, erased, "it came back")
		require.Equal(t, "Ada", word(t, s, `SELECT first_name FROM persons WHERE id = $1`, mine.person.ID))
		leave(t, s, mine.shop)

		erased, err = s.EraseShop(t.Context(), mine.shop, s.Now())
		require.NoError(t, err)
		require.True(t, erased)
		require.Empty(t, rowsOf(t, s, mine.shop))
		require.Equal(t, before, rowsOf(t, s, other.shop))
		require.NotContains(t, strings.Join(dumpAll(t, s), "\n"), "Shop of mine", "nor in its account")
		_, err = s.NextInbox(t.Context(), mine.shop, 1)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		erased, err = s.EraseShop(t.Context(), mine.shop, s.Now())
		require.NoError(t, err)
		require.False(t, erased, "it is gone")
	})
}

// A worker that dies while erasing leaves a shop without key, which nobody can connect again and which is found.
func TestAHalfErasedShopIsFoundAndFinished(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := furnish(t, s, "mine")
		none, err := s.HalfErased(t.Context())
		require.NoError(t, err)
		require.Empty(t, none)
		closeConnection(t, s, w.shop, w.connection.ID, s.Now())
		closeConnection(t, s, w.shop, w.second.ID, s.Now())
		execute(t, s, `UPDATE shops SET data_key = $1`, []byte{})
		half, err := s.HalfErased(t.Context())
		require.NoError(t, err)
		require.Equal(t, []commerce.ShopID{w.shop}, half)
		_, err = s.Connect(t.Context(), w.shop, w.connection)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		erased, err := s.EraseShop(t.Context(), w.shop, 0)
		require.NoError(t, err)
		require.True(t, erased)
		require.Empty(t, rowsOf(t, s, w.shop))
	})
}

// A shop may return at any moment, also between the question whether it may be erased and the deed.
func TestAShopThatReturnsStays(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := furnish(t, s, "mine")
		execute(t, s, `UPDATE connections SET granted_at = 5, closed_at = 100`)
		again := func() error {
			_, err := s.Connect(t.Context(), w.shop, commerce.Connection{Platform: commerce.Shopify, ExternalID: w.connection.ExternalID, Live: true, InstalledAt: 300})
			return err
		}
		if !s.Embedded() { // on SQLite the one writer says the same
			held, done := make(chan struct{}), make(chan error, 1)
			go func() {
				done <- s.Transact(t.Context(), func(tx *store.Tx) error {
					if err := tx.Exec(`SELECT 1 FROM shops WHERE id = $1 FOR UPDATE`, w.shop); err != nil {
						return err
					}
					close(held)
					awaitLock(t, s, `SELECT data_key FROM shops%FOR UPDATE`)
					if err := tx.Exec(`UPDATE connections SET closed_at = 0, granted_at = 300 WHERE id = $1`, w.connection.ID); err != nil {
						return err
					}
					return tx.Exec(`UPDATE shops SET state = 'active' WHERE id = $1`, w.shop)
				})
			}()
			<-held
			erased, err := s.EraseShop(t.Context(), w.shop, 200)
			require.NoError(t, err)
			require.False(t, erased, "it came back while the erasure waited")
			require.NoError(t, <-done)
		} else {
			require.NoError(t, again())
		}
		erased, err := s.EraseShop(t.Context(), w.shop, 200)
		require.NoError(t, err)
		require.False(t, erased, "it is connected")

		execute(t, s, `UPDATE connections SET closed_at = 400`)
		erased, err = s.EraseShop(t.Context(), w.shop, 200)
		require.NoError(t, err)
		require.False(t, erased, "it left again, and nobody has asked since")
		erased, err = s.EraseShop(t.Context(), w.shop, 500)
		require.NoError(t, err)
		require.True(t, erased)
		require.True(t, fault.Is(again(), fault.NotFound), "who comes back now is a new shop")
	})
}

// awaitLock returns when the database says that a statement like this waits for a lock.
func awaitLock(t *testing.T, s *store.Store, like string) {
	t.Helper()
	require.Eventually(t, func() bool {
		return number(t, s, `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE $1`, like) > 0
	}, 10*time.Second, 5*time.Millisecond)
}

// The proof says in figures what went, names no account, and outlives the shop.
func TestAnErasedShopLeavesAProof(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := furnish(t, s, "mine")
		require.NoError(t, s.AddPending(t.Context(), w.connection.ExternalID, true, storetest.Delivery(s, w.connection)))
		leave(t, s, w.shop)
		before := number(t, s, `SELECT COUNT(*) FROM effects`)
		erased, err := s.EraseShop(t.Context(), w.shop, s.Now())
		require.NoError(t, err)
		require.True(t, erased)
		proofs, err := s.Erasures(t.Context(), w.shop, "", 10)
		require.NoError(t, err)
		proof := proofs[len(proofs)-1]
		require.Equal(t, store.ErasedShop, proof.Kind)
		require.True(t, proof.Report.Finished)
		require.Equal(t, before, proof.Report.Rows["effects"])
		require.Len(t, proof.Marks, 3)
		for _, line := range dumpAll(t, s) {
			require.NotContains(t, line, w.connection.ExternalID)
			require.NotContains(t, line, w.second.ExternalID)
		}
	})
}
