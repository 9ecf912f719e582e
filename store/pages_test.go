package store_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

// walking puts n people at a place of a version of campaign c.
func walking(t *testing.T, s *store.Store, shop commerce.ShopID, n, version int, place, state string) {
	t.Helper()
	execute(t, s, fill(n)+fmt.Sprintf(`INSERT INTO enrollments (shop_id, id, campaign_id, entry_key, version, person_id, order_id, anchor, step_id, step_anchor, state, due_at, created_at)
		SELECT '%s', 'e-%[2]d-%[3]s-%[4]s-' || i, 'c', 'k-%[2]d-%[3]s-%[4]s-' || i, %[2]d, 'p', 'o', 0, '%[3]s', 0, '%[4]s', 0, 0 FROM n`, shop, version, place, state))
}

// A page counts who is in a campaign place by place, and of very many up to a bound.
func TestWhoIsInACampaignNow(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, other := storetest.Shop(t, s), storetest.Shop(t, s)
		walking(t, s, shop, 3, 1, "", "active")
		walking(t, s, shop, 2, 1, "after:ask", "active")
		walking(t, s, shop, 4, 2, "", "active")
		walking(t, s, shop, 9, 2, "ask", "ended")
		walking(t, s, other, 5, 3, "ask", "active")
		want := []store.StepCount{{Version: 1, Count: 3}, {Version: 1, StepID: "after:ask", Count: 2}, {Version: 2, Count: 4}}
		got, err := s.WaitingNow(t.Context(), shop, "c")
		require.NoError(t, err)
		require.Equal(t, want, got)
		exact, err := s.WaitingByStep(t.Context(), shop, "c")
		require.NoError(t, err)
		require.Equal(t, exact, got)

		walking(t, s, shop, store.WaitingMost+7, 2, "ask", "active")
		got, err = s.WaitingNow(t.Context(), shop, "c")
		require.NoError(t, err)
		require.Equal(t, append(want, store.StepCount{Version: 2, StepID: "ask", Count: store.WaitingMost + 1}), got)
		pulses, _, err := s.Pulses(t.Context(), shop)
		require.NoError(t, err)
		require.Zero(t, pulses["c"].Active, "there is no such campaign in the list")
		_, err = s.SaveCampaign(t.Context(), shop, "c", definition("c"), campaign.Live)
		require.NoError(t, err)
		pulses, _, err = s.Pulses(t.Context(), shop)
		require.NoError(t, err)
		require.EqualValues(t, store.WaitingMost+1, pulses["c"].Active)
	})
}

// A page counts a campaign's walks one by one where they are few, and so is what was said of them.
func TestWhatIsManyForAPage(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		many := func() bool {
			got, err := s.ManyWalks(t.Context(), shop, "c")
			require.NoError(t, err)
			return got
		}
		walking(t, s, shop, store.WalksCounted, 1, "", "ended")
		require.False(t, many())
		walking(t, s, shop, 1, 2, "", "active")
		require.True(t, many())

		execute(t, s, `DELETE FROM enrollments`)
		said := func(from, to int) {
			execute(t, s, fill(to)+fmt.Sprintf(`INSERT INTO decisions (shop_id, campaign_id, entry_key, step_id, reason, person_id, answer, detail, until_at, times, first_at, last_at)
				SELECT '%s', 'c', 'k' || i, '', 'historic', 'p', 'refused', '', 0, 1, 0, 0 FROM n WHERE i >= %d`, shop, from))
		}
		said(1, store.WalksCounted)
		require.False(t, many())
		said(store.WalksCounted+1, store.WalksCounted+1)
		require.True(t, many())
	})
}

// Of each step the last word counts, unless a message stands.
func TestTheNewestStepsCountAsAllDo(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		id := w.enrollment.Campaign
		for i, state := range []store.EffectState{store.Sent, store.Withdrawn, store.Expired, store.Failed} {
			e := storetest.Enroll(t, s, w.shop, storetest.Order(t, s, w.shop, w.person.ID), func(e *campaign.Enrollment) { e.Campaign = id })
			execute(t, s, fmt.Sprintf(`INSERT INTO effects (shop_id, id, enrollment_id, step_id, kind, class, topic, campaign_id, person_id, order_id, address_hash, connection_id, epoch, state, dispatch, enrollment_rev, order_rev, person_rev, claimed_at)
				VALUES ('%s', 'f%d', '%s', 'ask', 'send_email', 'service', '', '%s', '', '', '', '', 1, '%s', 1, 1, 1, 1, 0)`, w.shop, i, e.ID, id, state))
			for k, reason := range []gate.Reason{gate.NoConsent, gate.QuietHours} {
				storetest.Do(t, s, func(tx *store.Tx) error {
					return tx.SaveDecisions(w.shop, []store.Decided{{Campaign: id, EntryKey: e.EntryKey, StepID: []string{"ask", "other"}[min(k, i%2)], Person: w.person.ID, Decision: gate.Decision{Answer: gate.Hold, Reason: reason}}})
				})
				storetest.ClockOf(s).Advance(1000)
			}
		}
		all, err := s.StepOutcomes(t.Context(), w.shop, id)
		require.NoError(t, err)
		newest, err := s.NewestStepOutcomes(t.Context(), w.shop, id)
		require.NoError(t, err)
		require.Greater(t, len(all), 3)
		require.Equal(t, all, newest)
	})
}

// What a worker has counted of the days is summed up for each campaign.
func TestCountedPulses(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		require.NoError(t, s.SaveDays(t.Context(), shop, 10, 13, []store.Day{
			{Day: 10, Campaign: "a", Entered: 1, Sent: 2, Held: 3}, {Day: 11, Campaign: "a", Entered: 10, Sent: 20, Held: 30}, {Day: 12, Campaign: "a", Entered: 100}, {Day: 11, Campaign: "b", Sent: 5},
		}))
		require.NoError(t, s.SaveDays(t.Context(), storetest.Shop(t, s), 10, 13, []store.Day{{Day: 11, Campaign: "a", Entered: 7}}))
		got, err := s.CountedPulses(t.Context(), shop, 10, 12)
		require.NoError(t, err)
		require.Equal(t, map[campaign.CampaignID]store.Pulse{"a": {Entered: 11, Sent: 22, Held: 33}, "b": {Sent: 5}}, got)
	})
}

// What pages count stays as quick when a shop has a million.
func TestPagesProbeIndexes(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		large := 100
		if !s.Embedded() {
			large = 8000
		}
		fillShops(t, s, large)
		if !s.Embedded() {
			execute(t, s, `ANALYZE`)
		}
		explain(t, s, 1, func() {
			got, err := s.WaitingNow(t.Context(), "shop-7", "c")
			require.NoError(t, err)
			require.NotEmpty(t, got)
		})
	})
}
