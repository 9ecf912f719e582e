package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// The app is uninstalled while the past is being read: nothing more of it is
// merged. Another install reads it from the beginning.
func TestBackfillEndsWithTheInstall(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.platform()
		w.ask(fake, 250)
		w.turn(w.Worker)
		fake.BreakBulk(1)
		require.Equal(t, store.BackfillReading, w.turn(w.Worker).State)
		w.exec(`UPDATE backfills SET next_at = 1`)
		b, ok, err := w.Store.LeaseBackfill(t.Context(), w.shop, w.conn.ID, "test")
		require.NoError(t, err)
		require.True(t, ok)
		p := &past{Worker: w.Worker, Backfill: b, conn: w.conn, owner: "test", end: time.Now()}
		require.NoError(t, p.step(t.Context())) // a batch, since its time is over at once
		require.Equal(t, int64(backfillRows), w.backfilled().Orders)

		storetest.Do(t, w.Store, func(tx *store.Tx) error {
			closed, err := tx.CloseConnection(w.shop, w.conn.ID, w.Store.Now())
			require.True(t, closed)
			return err
		})
		require.True(t, fault.Is(p.step(t.Context()), fault.Conflict))
		require.Equal(t, backfillRows, w.count(`SELECT COUNT(*) FROM orders`))
		require.NoError(t, w.Store.ReleaseBackfill(t.Context(), w.shop, w.conn.ID, "test"))
		require.Equal(t, int64(backfillRows), w.turn(w.Worker).Orders, "nor by a worker who comes later")

		_, err = w.Store.Connect(t.Context(), w.shop, w.conn)
		require.NoError(t, err)
		require.Equal(t, store.BackfillAsked, w.turn(w.Worker).State, "what an install before began is begun anew")
		require.Equal(t, int64(250), w.readAll(w.Worker, 3).Orders)
		require.Equal(t, 250, w.count(`SELECT COUNT(*) FROM orders`))
		require.NotEqual(t, commerce.Instant(0), w.backfilled().FinishedAt)
	})
}
