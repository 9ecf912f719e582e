package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// historyReaches are the reaches of backfill and reconciliation.
var historyReaches = map[string]reach{
	"Store.AskBackfill": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		c := b.connection
		c.Epoch++
		return nil, s.AskBackfill(t.Context(), a, c)
	},
	"Store.RetryBackfill": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		c := b.connection
		c.Epoch++
		return nil, s.RetryBackfill(t.Context(), a, c)
	},
	"Store.Backfill": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Backfill(t.Context(), a, b.connection.ID)
	},
	"Store.FindingsAfter": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.FindingsAfter(t.Context(), a, "", 100)
	},
	"Store.LeaseBackfill": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, leased, err := s.LeaseBackfill(t.Context(), a, b.connection.ID, "intruder")
		require.False(t, leased)
		return got, err
	},
	"Store.LeaseReconciliation": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, leased, err := s.LeaseReconciliation(t.Context(), a, b.connection.ID, "intruder")
		require.False(t, leased)
		return got, err
	},
	"Store.Reconciliation": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Reconciliation(t.Context(), a, b.connection.ID)
	},
	"Store.ReleaseBackfill": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.ReleaseBackfill(t.Context(), a, b.connection.ID, b.owner)
	},
	"Store.ReleaseReconciliation": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.ReleaseReconciliation(t.Context(), a, b.connection.ID, b.owner)
	},
	"Store.SaveBackfill": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		err := s.SaveBackfill(t.Context(), a, b.owner, store.Backfill{Connection: b.connection.ID, State: store.BackfillDone})
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		return nil, err
	},
	"Store.SaveReconciliation": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		err := s.SaveReconciliation(t.Context(), a, b.owner, store.Reconciliation{Connection: b.connection.ID})
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		return nil, err
	},
	"Store.SaveEventsGap": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		c := b.connection
		c.ShopID = a
		err := s.SaveEventsGap(t.Context(), b.owner, c, store.Reconciliation{Connection: c.ID}, "intruder")
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		return nil, err
	},
	"Store.Undelivered": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		c := b.connection
		c.ShopID = a
		missing, err := s.Undelivered(t.Context(), c, []commerce.Delivery{b.delivery})
		require.Len(t, missing, 1, "that another shop has it is not to be seen")
		return nil, err
	},
	"Tx.AdvanceBackfill": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.AdvanceBackfill(a, b.owner, store.Backfill{Connection: b.connection.ID, Operation: "intruder", Position: 1}, 1, 1)
	}),
	"Tx.CountFound": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.CountFound(a, b.connection.ID, b.owner, 1)
	}),
	"Tx.NoteFinding": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		_, err := tx.NoteFinding(a, "kind", "finding of "+b.owner, "intruder")
		return nil, err
	}),
}

// furnishHistory has a backfill and a look under the owner's lease.
func furnishHistory(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	require.NoError(t, s.AskBackfill(t.Context(), w.shop, w.connection))
	b, leased, err := s.LeaseBackfill(t.Context(), w.shop, w.connection.ID, w.owner)
	require.NoError(t, err)
	require.True(t, leased)
	b.Note, b.URL, b.State = "note of "+w.owner, "https://files.example/of "+w.owner, store.BackfillReading
	require.NoError(t, s.SaveBackfill(t.Context(), w.shop, w.owner, b))
	execute(t, s, `UPDATE reconciliations SET next_at = $2, cursor = $3 WHERE shop_id = $1`, w.shop, s.Now(), "cursor of "+w.owner)
	_, leased, err = s.LeaseReconciliation(t.Context(), w.shop, w.connection.ID, w.owner)
	require.NoError(t, err)
	require.True(t, leased)
	storetest.Do(t, s, func(tx *store.Tx) error { return tx.CountFound(w.shop, w.connection.ID, w.owner, 1) })
}
