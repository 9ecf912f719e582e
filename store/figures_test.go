package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

// Each walk counts once at each step: by its effect where that stands, else by
// the last decision; who was kept out counts by the last reason.
func TestOutcomes(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		c := storetest.Connection(t, s, shop)
		walk := func(change ...func(*campaign.Enrollment)) campaign.Enrollment {
			return storetest.Enroll(t, s, shop, storetest.Order(t, s, shop, storetest.Person(t, s, shop).ID), change...)
		}
		decide := func(e campaign.Enrollment, step string, answer gate.Answer, reason gate.Reason) {
			storetest.ClockOf(s).Advance(time.Minute)
			storetest.Do(t, s, func(tx *store.Tx) error {
				return tx.SaveDecisions(shop, []store.Decided{{
					Campaign: e.Campaign, EntryKey: e.EntryKey, StepID: step, Person: e.Person, Decision: gate.Decision{Answer: answer, Reason: reason},
				}})
			})
		}
		effect := func(e campaign.Enrollment, state store.EffectState) {
			storetest.Do(t, s, func(tx *store.Tx) error {
				got, err := tx.ClaimEffects(shop, []store.Effect{storetest.Effect(e, c, "hash")})
				if err != nil {
					return err
				}
				return tx.FinishEffects(shop, []store.EffectResult{{ID: got[e.ID].ID, State: state}})
			})
		}
		sent := walk()
		decide(sent, "thanks", gate.Defer, gate.QuietHours)
		effect(sent, store.Sent)
		waiting := walk()
		decide(waiting, "thanks", gate.Hold, gate.NoConsent)
		decide(waiting, "thanks", gate.Defer, gate.QuietHours)
		decide(waiting, "later", gate.Skip, gate.TooLate)
		tried := walk()
		effect(tried, store.Withdrawn) // nobody has decided anew yet
		gone := walk()
		effect(gone, store.Withdrawn)
		decide(gone, "thanks", gate.Skip, gate.Refunded)
		rehearsed := walk(func(e *campaign.Enrollment) { e.Rehearsal = true })
		decide(rehearsed, "thanks", gate.Hold, gate.NoConsent)

		outcomes, err := s.StepOutcomes(t.Context(), shop, "thank-you")
		require.NoError(t, err)
		require.Equal(t, []store.Outcome{
			{StepID: "later", What: "skip", Reason: "expired", Count: 1},
			{StepID: "thanks", What: "defer", Reason: "quiet_hours", Count: 1},
			{StepID: "thanks", What: "sent", Count: 1},
			{StepID: "thanks", What: "skip", Reason: "refunded", Count: 1},
			{StepID: "thanks", What: "withdrawn", Count: 1},
		}, outcomes)

		out := campaign.Enrollment{Campaign: "thank-you", EntryKey: "order:1", Person: sent.Person}
		decide(out, "", gate.Hold, gate.Unpaid)
		decide(out, "", gate.Skip, gate.Cancelled)
		decide(sent, "", gate.Hold, gate.Unpaid) // it was paid, and entered
		require.NoError(t, s.StopEnrollment(t.Context(), shop, gone.ID))
		outcomes, err = s.EntryOutcomes(t.Context(), shop, "thank-you")
		require.NoError(t, err)
		require.Equal(t, []store.Outcome{
			{What: "active", Count: 3},
			{What: "ended", Reason: "stopped_by_hand", Count: 1},
			{What: "refused", Reason: "order_cancelled", Count: 1},
		}, outcomes)

		_, err = s.SaveCampaign(t.Context(), shop, "thank-you", definition("thanks"), campaign.Rehearsal)
		require.NoError(t, err)
		outcomes, err = s.StepOutcomes(t.Context(), shop, "thank-you")
		require.NoError(t, err)
		require.Equal(t, []store.Outcome{{StepID: "thanks", What: "hold", Reason: "no_consent", Count: 1}}, outcomes, "in rehearsal, what the team sees")
		outcomes, err = s.EntryOutcomes(t.Context(), shop, "thank-you")
		require.NoError(t, err)
		require.Contains(t, outcomes, store.Outcome{What: "active", Count: 1})
		require.NoError(t, s.SetCampaignState(t.Context(), shop, "thank-you", campaign.Live, ""))
		outcomes, err = s.EntryOutcomes(t.Context(), shop, "thank-you")
		require.NoError(t, err)
		require.Contains(t, outcomes, store.Outcome{What: "active", Count: 3}, "and live, customers alone")

		other := storetest.Shop(t, s)
		outcomes, err = s.StepOutcomes(t.Context(), other, "thank-you")
		require.NoError(t, err)
		require.Empty(t, outcomes)
		outcomes, err = s.EntryOutcomes(t.Context(), other, "thank-you")
		require.NoError(t, err)
		require.Empty(t, outcomes)
		walks, err := s.WalksOf(t.Context(), other, sent.Person, "thank-you")
		require.NoError(t, err)
		require.Empty(t, walks)
	})
}

// The walks of somebody are those of all who are the same, the newest first.
func TestWalksOf(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada, other := storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		first := storetest.Enroll(t, s, shop, storetest.Order(t, s, shop, ada.ID))
		storetest.ClockOf(s).Advance(time.Minute)
		second := storetest.Enroll(t, s, shop, storetest.Order(t, s, shop, other.ID))
		storetest.Enroll(t, s, shop, storetest.Order(t, s, shop, ada.ID), func(e *campaign.Enrollment) { e.Campaign = "review" })
		execute(t, s, `UPDATE persons SET merged_into = $3 WHERE shop_id = $1 AND id = $2`, shop, other.ID, ada.ID)
		walks, err := s.WalksOf(t.Context(), shop, ada.ID, "thank-you")
		require.NoError(t, err)
		require.Len(t, walks, 2)
		require.Equal(t, []campaign.EnrollmentID{second.ID, first.ID}, []campaign.EnrollmentID{walks[0].ID, walks[1].ID})
	})
}
