package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/store/storetest"
)

// newSweep is the sweep of a worker that is not started.
func newSweep(w *Worker) *sweep {
	return &sweep{Worker: w, asked: map[store.DueFetch]time.Time{}, stuck: map[commerce.ShopID]stuckDrain{}, weighed: map[commerce.ShopID]time.Time{}}
}

// enroll puts n rows in the shop, due now.
func (w *world) enroll(n int) {
	w.t.Helper()
	var es []campaign.Enrollment
	for range n {
		id := store.NewID()
		es = append(es, campaign.Enrollment{ID: campaign.EnrollmentID(id), Campaign: "thank_you", EntryKey: id, Version: 1, DueAt: w.Store.Now()})
	}
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
		_, err := tx.AddEnrollments(w.shop, es, "")
		return err
	})
}

// However much is due, the queue holds a window of it, which is topped up below half.
func TestWindowIsBounded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.Window = 100
		w.enroll(500)
		s := newSweep(w.Worker)
		more, err := s.refill(t.Context())
		require.NoError(t, err)
		require.True(t, more)
		queued := func() int { return w.count(`SELECT COUNT(*) FROM enrollments WHERE queue = 1`) }
		full := queued()
		require.GreaterOrEqual(t, full, 100)
		require.LessOrEqual(t, full, 116, "at most one chunk over")

		more, err = s.refill(t.Context())
		require.NoError(t, err)
		require.True(t, more, "a full window is looked at again soon")
		require.Equal(t, full, queued())
		_, err = storetest.DB(t, w.db).ExecContext(t.Context(), `UPDATE enrollments SET queue = 0, state = 'ended' WHERE queue = 1 AND id IN (SELECT id FROM enrollments WHERE queue = 1 LIMIT 70)`)
		require.NoError(t, err)
		_, err = s.refill(t.Context())
		require.NoError(t, err)
		require.GreaterOrEqual(t, queued(), 100)
	})
}

// The Redis in this process is replaced from time to time: what was queued in
// it is missed after two seconds, dispatched again, and the former task is void.
func TestEmbeddedRedisIsReplaced(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.enroll(20)
		s := newSweep(w.Worker)
		_, err := s.refill(t.Context())
		require.NoError(t, err)
		require.Equal(t, 20, w.count(`SELECT COUNT(*) FROM enrollments WHERE queue = 1 AND dispatch = 1`))
		w.Queue.embedded.replace()
		_, err = storetest.DB(t, w.db).ExecContext(t.Context(), `UPDATE enrollments SET queued_at = queued_at - 3000`)
		require.NoError(t, err)
		require.NoError(t, s.lookAfter(t.Context()))
		require.Zero(t, w.count(`SELECT COUNT(*) FROM enrollments WHERE queue = 1`))
		require.Eventually(t, func() bool { // connections to the former one are broken and made anew
			_, err = s.refill(t.Context())
			return err == nil
		}, patience, time.Millisecond)
		require.Equal(t, 20, w.count(`SELECT COUNT(*) FROM enrollments WHERE queue = 1 AND dispatch > 1`))
	})
}

// What is still in the queue is not missed.
func TestQueuedRowsAreLeftAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.enroll(20)
		s := newSweep(w.Worker)
		_, err := s.refill(t.Context())
		require.NoError(t, err)
		_, err = storetest.DB(t, w.db).ExecContext(t.Context(), `UPDATE enrollments SET queued_at = queued_at - 3000`)
		require.NoError(t, err)
		require.NoError(t, s.lookAfter(t.Context()))
		require.Equal(t, 20, w.count(`SELECT COUNT(*) FROM enrollments WHERE queue = 1 AND dispatch = 1`))
		_, err = storetest.DB(t, w.db).ExecContext(t.Context(), `UPDATE enrollments SET queued_at = queued_at - 600000`)
		require.NoError(t, err)
		s.looked = time.Time{}
		require.NoError(t, s.lookAfter(t.Context()))
		require.Zero(t, w.count(`SELECT COUNT(*) FROM enrollments WHERE queue = 1`), "after ten minutes in any case")
	})
}

// Only one worker sweeps; another takes over when it has gone.
func TestOneWorkerSweeps(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mine, theirs := newSweep(w.Worker), newSweep(w.worker(w.Store))
		leads := func(s *sweep) bool {
			ok, err := s.lead(t.Context())
			require.NoError(t, err)
			return ok
		}
		require.True(t, leads(mine))
		require.False(t, leads(theirs))
		require.NoError(t, w.Store.Yield(t.Context(), sweepLease, w.id))
		require.True(t, leads(theirs))
		mine.led = time.Time{}
		require.False(t, leads(mine))
	})
}

// A drain's TaskID that is taken for good is found out: one that was archived
// when the sweep next looks, one that does not come on after five seconds.
func TestDrainThatIsStuck(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		storetest.AddDelivery(t, w.Store, w.conn)
		s := newSweep(w.Worker)
		generation := func() int64 {
			_, err := s.hintBacklogs(t.Context())
			require.NoError(t, err)
			g, err := w.Store.Generation(t.Context(), w.shop)
			require.NoError(t, err)
			return g
		}
		require.EqualValues(t, 1, generation())
		require.EqualValues(t, 1, generation(), "it waits in the queue")
		s.looking = true
		require.EqualValues(t, 1, generation())
		require.NoError(t, w.Queue.inspector.ArchiveTask(inboxQueue, drainID(w.shop, 1)))
		require.EqualValues(t, 2, generation())

		s.looking = false
		require.EqualValues(t, 2, generation(), "the next is in the queue")
		require.EqualValues(t, 2, generation())
		known := s.stuck[w.shop]
		known.since = known.since.Add(-2 * drainStuck)
		s.stuck[w.shop] = known
		require.EqualValues(t, 3, generation())
	})
}
