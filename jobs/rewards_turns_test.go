package jobs

import (
	"encoding/json"
	"testing"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
	"flywheel/store/storetest"
)

// owesReward is one more shop, with a reward whose code is to be made.
func (w *world) owesReward() commerce.ShopID {
	w.t.Helper()
	shop := storetest.Shop(w.t, w.Store)
	person := storetest.Person(w.t, w.Store, shop).ID
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
		members, err := tx.LockMembers(shop, []commerce.PersonID{person})
		if err != nil {
			return err
		}
		_, _, err = tx.GiveReward(shop, members[person], store.Gift{
			Cause: store.RewardCause{Kind: store.RewardByStaff, ID: "1"}, Offer: loyalty.Offer{Reward: "off", Worth: 1, Days: 90}, Month: 202603,
		}, loyalty.Program{Budget: -1})
		return err
	})
	return shop
}

// hinted are the shops for whose rewards there is a task.
func (w *world) hinted() (shops []commerce.ShopID) {
	w.t.Helper()
	tasks, err := w.Queue.inspector.ListPendingTasks(fetchQueue, asynq.PageSize(10*rewardShops))
	require.NoError(w.t, err)
	for _, task := range tasks {
		require.Equal(w.t, taskRewards, task.Type)
		var p RewardPayload
		require.NoError(w.t, json.Unmarshal(task.Payload, &p))
		require.Len(w.t, p.IDs, 1)
		shops = append(shops, p.Shop)
	}
	return shops
}

// More shops have rewards due than one look takes: the next look goes on behind
// it, and when all have had their turn the first are looked at again.
func TestRewardsOfEveryShopHaveTheirTurn(t *testing.T) {
	w := newWorld(t, "sqlite")
	var all []commerce.ShopID
	for range rewardShops + 3 {
		all = append(all, w.owesReward())
	}
	s := newSweep(w.Worker)
	s.lookingAtClubs = true
	require.NoError(t, s.hintRewards(t.Context()))
	first := w.hinted()
	require.Len(t, first, rewardShops)
	require.NoError(t, s.hintRewards(t.Context()))
	require.ElementsMatch(t, all, w.hinted(), "each has one task")

	_, err := w.Queue.inspector.DeleteAllPendingTasks(fetchQueue)
	require.NoError(t, err)
	require.NoError(t, s.hintRewards(t.Context()))
	require.ElementsMatch(t, first, w.hinted(), "it begins anew")
}
