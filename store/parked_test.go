package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestParkedEffects(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		require.True(t, fault.Is(s.TreatAsSent(t.Context(), w.shop, w.effect.ID), fault.NotFound), "it is not unknown")
		require.True(t, fault.Is(s.Resend(t.Context(), w.shop, w.effect.ID), fault.NotFound))
		begin(t, s, w.shop, w.effect)
		finish(t, s, w.shop, w.effect, store.Unknown, 0)
		list, err := s.ParkedEffects(t.Context(), w.shop, "", 10)
		require.NoError(t, err)
		require.Equal(t, []store.Parked{{ID: w.effect.ID, Campaign: "thank-you", Step: "thanks", Person: w.person.ID, Order: w.order.ID, Since: s.Now(), Note: "250 ok"}}, list)
		list, err = s.ParkedEffects(t.Context(), w.shop, w.effect.ID, 10)
		require.NoError(t, err)
		require.Empty(t, list)

		require.True(t, fault.Is(s.Resend(t.Context(), w.shop, w.effect.ID), fault.Conflict), "its enrollment is running")
		require.Equal(t, "unknown", stateOfEffect(t, s, w.effect.ID))
		end := store.Move{ID: w.enrollment.ID, Dispatch: w.enrollment.Dispatch, Rev: w.enrollment.Rev, Ended: true, Reason: "complete"}
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.MoveEnrollments(w.shop, []store.Move{end}) })
		require.NoError(t, s.Resend(t.Context(), w.shop, w.effect.ID))
		require.Equal(t, int64(s.Now()), dueAt(t, s, w.enrollment.ID))
		e := take(t, s, w.shop, chunkOf(t, s, w.shop).Runs...)[0]
		require.Equal(t, "thanks", e.Position.StepID)
		again := claim(t, s, w.shop, storetest.Effect(e, w.connection, w.hash))
		require.Equal(t, w.effect.ID, again.ID, "the same act, under the same id")
		require.Len(t, begin(t, s, w.shop, again), 1)
		finish(t, s, w.shop, again, store.Unknown, 0)
		require.NoError(t, s.TreatAsSent(t.Context(), w.shop, w.effect.ID))
		require.Equal(t, "sent", stateOfEffect(t, s, w.effect.ID))
	})
}

func TestQuarantined(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := furnish(t, s, "mine")
		list, err := s.Quarantined(t.Context(), w.shop, "", 10)
		require.NoError(t, err)
		require.Equal(t, []store.Quarantine{{ID: w.bad.ID, Platform: "shopify", Topic: "orders/paid", ReceivedAt: w.bad.ReceivedAt, Note: "note of mine"}}, list)
		list, err = s.Quarantined(t.Context(), w.shop, w.bad.ID, 10)
		require.NoError(t, err)
		require.Empty(t, list)
	})
}

func TestWhoIs(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := furnish(t, s, "mine")
		for _, c := range []struct{ email, order string }{{email: w.person.Email}, {email: w.from.Email}, {order: w.order.Keys[0].ID}} {
			got, err := s.WhoIs(t.Context(), w.shop, c.email, c.order)
			require.NoError(t, err)
			require.Equal(t, w.person.ID, got, "%v", c)
		}
		for _, c := range []struct{ email, order string }{{}, {email: "nobody@example.com"}, {order: "1"}} {
			_, err := s.WhoIs(t.Context(), w.shop, c.email, c.order)
			require.True(t, fault.Is(err, fault.NotFound), "%v: %v", c, err)
		}
	})
}
