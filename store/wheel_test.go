package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/store"
)

func TestWhatWentOutAndWhatWasLost(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		first, err := s.FirstMessages(t.Context(), w.shop, []commerce.PersonID{w.person.ID})
		require.NoError(t, err)
		require.Empty(t, first, "it is claimed, and not sent")
		execute(t, s, `UPDATE effects SET state = 'sent', done_at = 500, kind = 'send_email' WHERE shop_id = $1`, string(w.shop))
		first, err = s.FirstMessages(t.Context(), w.shop, []commerce.PersonID{w.person.ID})
		require.NoError(t, err)
		require.Equal(t, map[commerce.OrderID]commerce.Instant{w.effect.Order: 500}, first)
		first, err = s.FirstMessages(t.Context(), w.shop, nil)
		require.NoError(t, err)
		require.Empty(t, first)

		for i, reason := range []string{"no_consent", "no_consent", "refunded"} {
			execute(t, s, `INSERT INTO decisions (shop_id, campaign_id, entry_key, step_id, reason, person_id, answer, detail, until_at, times, first_at, last_at)
				VALUES ($1, 'c', $2, 's', $3, 'p', 'skip', '', 0, 1, 1, 600)`, string(w.shop), string(rune('a'+i)), reason)
		}
		sent, lost, err := s.SentAndLost(t.Context(), w.shop, 400)
		require.NoError(t, err)
		require.EqualValues(t, 1, sent)
		require.Equal(t, []store.LostReason{{Reason: gate.NoConsent, Count: 2}, {Reason: gate.Refunded, Count: 1}}, lost)
		sent, lost, err = s.SentAndLost(t.Context(), w.shop, 601)
		require.NoError(t, err)
		require.Zero(t, sent)
		require.Empty(t, lost)
	})
}
