package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

// A list of campaigns says what came of each lately, without rehearsals.
func TestThePulseOfCampaigns(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		execute(t, s, `UPDATE effects SET state = 'sent' WHERE id = $1`, string(w.effect.ID))
		enroll := func(change func(*campaign.Enrollment)) {
			storetest.Enroll(t, s, w.shop, storetest.Order(t, s, w.shop, w.person.ID), change)
		}
		enroll(func(e *campaign.Enrollment) { e.Campaign = w.enrollment.Campaign })
		enroll(func(e *campaign.Enrollment) { e.Campaign = w.enrollment.Campaign })
		execute(t, s, `UPDATE enrollments SET state = 'ended' WHERE id = $1`, string(w.enrollment.ID))
		enroll(func(e *campaign.Enrollment) { e.Campaign, e.Rehearsal = w.enrollment.Campaign, true })
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.SaveDecisions(w.shop, []store.Decided{{Campaign: "held", EntryKey: "order:1", StepID: "ask", Person: w.person.ID, Decision: gate.Decision{Answer: gate.Hold, Reason: gate.NoConsent}}})
		})
		got, newest, err := s.Pulses(t.Context(), w.shop)
		require.NoError(t, err)
		require.False(t, newest)
		require.Equal(t, map[campaign.CampaignID]store.Pulse{
			w.enrollment.Campaign: {Entered: 3, Active: 2, Sent: 1},
			"held":                {Held: 1},
		}, got)
	})
}

// Of the newest walks the same is counted as of all, where there are no more.
func TestTheNewestWalksAreCounted(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		execute(t, s, `UPDATE effects SET state = 'sent' WHERE id = $1`, string(w.effect.ID))
		many, err := s.ManyWalks(t.Context(), w.shop, w.enrollment.Campaign)
		require.NoError(t, err)
		require.False(t, many)
		for name, read := range map[string][2]func() ([]store.Outcome, error){
			"steps": {
				func() ([]store.Outcome, error) { return s.StepOutcomes(t.Context(), w.shop, w.enrollment.Campaign) },
				func() ([]store.Outcome, error) {
					return s.NewestStepOutcomes(t.Context(), w.shop, w.enrollment.Campaign)
				},
			},
			"entries": {
				func() ([]store.Outcome, error) { return s.EntryOutcomes(t.Context(), w.shop, w.enrollment.Campaign) },
				func() ([]store.Outcome, error) {
					return s.NewestEntryOutcomes(t.Context(), w.shop, w.enrollment.Campaign)
				},
			},
		} {
			all, err := read[0]()
			require.NoError(t, err)
			newest, err := read[1]()
			require.NoError(t, err)
			require.NotEmpty(t, all)
			require.Equal(t, all, newest, name)
		}
	})
}
