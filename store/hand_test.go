package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestStopSkipAndGoByHand(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		e := storetest.Enroll(t, s, shop, storetest.Order(t, s, shop, "p"), func(e *campaign.Enrollment) { e.DueAt, e.WaitsFor = s.Now()+5000, "order_paid" })
		now := func() campaign.Enrollment {
			got, err := s.Enrollment(t.Context(), shop, e.ID)
			require.NoError(t, err)
			return got
		}
		require.NoError(t, s.SkipStep(t.Context(), shop, e.ID, "ask"))
		require.Equal(t, []any{"ask", commerce.Instant(0), s.Now(), int64(2)}, []any{now().SkipStep, now().GoNow, now().DueAt, now().Rev})
		require.NoError(t, s.GoNow(t.Context(), shop, e.ID))
		require.Equal(t, []any{"ask", s.Now(), s.Now(), int64(3)}, []any{now().SkipStep, now().GoNow, now().DueAt, now().Rev})

		require.NoError(t, s.StopEnrollment(t.Context(), shop, e.ID))
		require.True(t, now().Ended)
		require.Equal(t, string(gate.StoppedByHand), now().Reason)
		for _, again := range []error{s.StopEnrollment(t.Context(), shop, e.ID), s.GoNow(t.Context(), shop, e.ID), s.SkipStep(t.Context(), shop, e.ID, "ask")} {
			require.True(t, fault.Is(again, fault.Conflict), "%v", again)
			require.Contains(t, fault.Sentence(again), "has ended already (stopped_by_hand)")
		}
		require.True(t, fault.Is(s.GoNow(t.Context(), shop, "none"), fault.NotFound))
	})
}

// A walk that is stopped while a worker has it in hand sends nothing more and stays stopped.
func TestStopWhileRunning(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		require.NoError(t, s.StopEnrollment(t.Context(), w.shop, w.enrollment.ID))
		require.Equal(t, "withdrawn", stateOfEffect(t, s, w.effect.ID), "the claim is taken back")
		require.Empty(t, begin(t, s, w.shop, w.effect))
		m := store.Move{ID: w.enrollment.ID, Dispatch: w.enrollment.Dispatch, Rev: w.enrollment.Rev, DueAt: 99}
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.MoveEnrollments(w.shop, []store.Move{m}) })
		got, err := s.Enrollment(t.Context(), w.shop, w.enrollment.ID)
		require.NoError(t, err)
		require.True(t, got.Ended)
		require.Equal(t, string(gate.StoppedByHand), got.Reason)
		require.Zero(t, number(t, s, `SELECT queue FROM enrollments WHERE id = $1`, got.ID))
	})
}

// What a run did not know of is not used up by it.
func TestMoveClearsWhatWasUsed(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		for _, c := range []struct{ used, during, left bool }{{true, false, false}, {true, true, true}, {false, false, true}} {
			w := claimedWorld(t, s)
			execute(t, s, `UPDATE enrollments SET skip_step = 'ask', go_now = 1 WHERE id = $1`, string(w.enrollment.ID))
			if c.during {
				require.NoError(t, s.GoNow(t.Context(), w.shop, w.enrollment.ID))
			}
			m := store.Move{ID: w.enrollment.ID, Dispatch: w.enrollment.Dispatch, Rev: w.enrollment.Rev, Used: c.used}
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.MoveEnrollments(w.shop, []store.Move{m}) })
			got, err := s.Enrollment(t.Context(), w.shop, w.enrollment.ID)
			require.NoError(t, err)
			require.Equal(t, []bool{c.left, c.left}, []bool{got.SkipStep == "ask", got.GoNow != 0}, "%+v", c)
		}
	})
}
