package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/loyalty"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestWhatCampaignsAskOfAProgram(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		stranger := storetest.Person(t, s, k.shop).ID
		k.sold("1", 20_000, s.Now())
		used, err := k.give(t.Context(), "one", 100, 5000)
		require.NoError(t, err)
		open, err := k.give(t.Context(), "two", 200, 5000)
		require.NoError(t, err)
		k.becomes(used.ID, store.RewardMade, "A")
		k.becomes(used.ID, store.RewardUsed, "")
		k.becomes(open.ID, store.RewardMade, "B")
		for id, state := range map[string]string{"r1": "paid", "r2": "paid", "r3": "reversed", "r4": "waiting"} {
			execute(t, s, `INSERT INTO referrals (shop_id, id, advocate_id, friend_id, order_id, via, touched_at, verdict, state, reason, sale_at, made_at, changed_at)
				VALUES ($1, $2, $3, $2, $2, 'code', 1, '{}', $4, 'stands', 1, 1, 1)`, string(k.shop), id, string(k.person), state)
		}
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.SetStanding(k.shop, k.person, loyalty.Standing{Tier: "gold", Below: 7}, 0)
		})
		want := map[commerce.PersonID]campaign.Loyalty{k.person: {
			Member: true, Points: 700, EndsAt: k.member().EndsAt, Ending: k.member().Ending, Tier: "gold", Below: 7, Friends: 2,
			Sent:    map[string]bool{"r1": true, "r2": true, "r4": false},
			Rewards: map[string]commerce.Instant{open.ID: s.Now().Add(90 * 24 * time.Hour)},
		}}
		got, err := s.LoyaltyFacts(t.Context(), k.shop, []commerce.PersonID{k.person, stranger})
		require.NoError(t, err)
		require.Equal(t, want, got)
		storetest.Do(t, s, func(tx *store.Tx) error {
			inside, err := tx.LoyaltyFacts(k.shop, []commerce.PersonID{k.person})
			require.Equal(t, want, inside)
			return err
		})
		program, err := s.LoyaltyProgram(t.Context(), k.shop)
		require.NoError(t, err)
		program.Referral.On = true
		_, err = s.SaveProgram(t.Context(), k.shop, program.Program, program.Rev, "owner")
		require.NoError(t, err)
		sends := func(of commerce.PersonID) bool {
			got, err := s.LoyaltyFacts(t.Context(), k.shop, []commerce.PersonID{of})
			require.NoError(t, err)
			return got[of].Sends
		}
		require.True(t, sends(stranger) && sends(k.person), "whoever has bought may send friends")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.BanAdvocate(k.shop, k.person, "me", "fake friends") })
		require.False(t, sends(k.person))
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.RecallReward(k.shop, open, "a slip", "owner") })
		got, err = s.LoyaltyFacts(t.Context(), k.shop, []commerce.PersonID{k.person})
		require.NoError(t, err)
		require.Empty(t, got[k.person].Rewards, "what is being taken back is promised to nobody")
		none, err := s.LoyaltyFacts(t.Context(), k.shop, nil)
		require.NoError(t, err)
		require.Empty(t, none)
	})
}
