package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/loyalty"
	"flywheel/store"
	"flywheel/store/storetest"
)

// gave is a walk whose step has given its person a reward.
func gave(t *testing.T, s *store.Store) (w claimed, r store.Reward) {
	t.Helper()
	w = claimedWorld(t, s)
	gift := claim(t, s, w.shop, storetest.Effect(w.enrollment, w.connection, w.hash, func(f *store.Effect) { f.StepID, f.Kind = "gift", campaign.GiveReward }))
	r = rewarded(t, s, w.shop, w.person.ID, store.RewardCause{Kind: store.RewardCampaign, ID: string(gift.ID)})
	return w, r
}

func rewarded(t *testing.T, s *store.Store, shop commerce.ShopID, person commerce.PersonID, cause store.RewardCause) (r store.Reward) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) (err error) {
		r, _, err = tx.GiveReward(shop, store.LoyaltyMember{Person: person}, store.Gift{Cause: cause, Offer: loyalty.Offer{Reward: "off", Worth: 1}, Month: march}, loyalty.Program{Budget: 5})
		return err
	})
	return r
}

// The reward of a walk is what its own step gave: no mail's, no other walk's, and nobody's else.
func TestRewardOfWalk(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w, given := gave(t, s)
		other := storetest.Enroll(t, s, w.shop, storetest.Order(t, s, w.shop, w.person.ID))
		rewarded(t, s, w.shop, w.person.ID, store.RewardCause{Kind: store.RewardCampaign, ID: string(w.effect.ID)}) // of a step that mails
		rewarded(t, s, w.shop, w.person.ID, store.RewardCause{Kind: store.RewardByStaff, ID: "act"})
		got, found, err := s.RewardOfWalk(t.Context(), w.shop, w.enrollment.ID)
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, given.ID, got.ID)
		gifts := func() map[campaign.EnrollmentID]bool {
			facts, err := s.LoyaltyFacts(t.Context(), w.shop, []commerce.PersonID{w.person.ID})
			require.NoError(t, err)
			return facts[w.person.ID].Gifts
		}
		require.Empty(t, gifts(), "no code yet")
		execute(t, s, `UPDATE rewards SET state = 'made', code = id WHERE shop_id = $1 AND cause_kind = 'staff'`, string(w.shop))
		require.Empty(t, gifts(), "that is nothing of the walk's")
		execute(t, s, `UPDATE rewards SET state = 'made', code = id WHERE shop_id = $1 AND id = $2`, string(w.shop), given.ID)
		require.Equal(t, map[campaign.EnrollmentID]bool{w.enrollment.ID: true}, gifts())
		_, found, err = s.RewardOfWalk(t.Context(), w.shop, other.ID)
		require.NoError(t, err)
		require.False(t, found)

		again := claim(t, s, w.shop, storetest.Effect(w.enrollment, w.connection, w.hash, func(f *store.Effect) { f.StepID, f.Kind = "second", campaign.GiveReward }))
		last := rewarded(t, s, w.shop, w.person.ID, store.RewardCause{Kind: store.RewardCampaign, ID: string(again.ID)})
		got, _, err = s.RewardOfWalk(t.Context(), w.shop, w.enrollment.ID)
		require.NoError(t, err)
		require.Equal(t, last.ID, got.ID, "the last one")
	})
}
