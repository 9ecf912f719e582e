package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
)

// gifting is a campaign that gives a reward for a paid order and then writes to its customer.
func (w *world) gifting(reward string) {
	w.t.Helper()
	w.save(w.mails("gift", campaign.Step{ID: "give", Kind: campaign.GiveReward, Useful: days(9), Reward: reward}, w.mail("then", 9)))
}

// giftEffect is the state and the note of the only act of that kind.
func (w *world) giftEffect() (store.EffectState, string) {
	w.t.Helper()
	where := ` FROM effects WHERE kind = 'give_reward'`
	return store.EffectState(w.text(`SELECT state` + where)), w.text(`SELECT note` + where)
}

func TestACampaignGivesAReward(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(shopifyfake.Customer{ID: 6001, Email: ada})
		w.rewarding()
		w.gifting("five")
		before := w.sent()
		w.hear("orders/paid", w.order(2).Body())
		state, _ := w.giftEffect()
		require.Equal(t, store.Sent, state)
		require.Equal(t, before+1, w.sent(), "the walk goes on")
		all, err := w.Store.RewardsOf(t.Context(), w.shop, w.adasID(), 10)
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.Equal(t, []any{store.RewardMade, store.RewardCampaign, int64(0), 1}, []any{all[0].State, all[0].Cause.Kind, all[0].Offer.Cost, all[0].Depth})
		require.Len(t, fake.Discounts(w.conn.ExternalID), 1)
		require.Equal(t, []int64{0, 500, 1000}, w.spent())
		require.Equal(t, 1, w.toldOf(commerce.RewardReady))
	})
}

// The answer is lost: the walk waits for the code, and there is one.
func TestAGiftWaitsForItsCode(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(shopifyfake.Customer{ID: 6001, Email: ada})
		w.rewarding()
		w.gifting("five")
		before := w.sent()
		fake.FailOn("CreateDiscount", shopifyfake.Lost)
		w.hear("orders/paid", w.order(2).Body())
		state, note := w.giftEffect()
		require.Equal(t, store.Retry, state)
		require.NotEmpty(t, note)
		require.Equal(t, before, w.sent())
		w.pass(3, 2*time.Minute)
		state, _ = w.giftEffect()
		require.Equal(t, store.Sent, state)
		require.Equal(t, before+1, w.sent())
		require.Len(t, fake.Discounts(w.conn.ExternalID), 1)
		require.Equal(t, []int64{0, 500, 1000}, w.spent())
	})
}

// The month's budget is used up, the reward is gone, or it is a rehearsal: nothing is given, and the walk says why.
func TestAGiftThatIsNotGiven(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customersOf(shopifyfake.Customer{ID: 6001, Email: ada})
		w.rewarding()
		p, err := w.Store.LoyaltyProgram(t.Context(), w.shop)
		require.NoError(t, err)
		program := gifts()
		program.Budget = 499
		program.Rewards[1].Hidden = true
		_, err = w.Store.SaveProgram(t.Context(), w.shop, program, p.Rev, "owner")
		require.NoError(t, err)
		w.gifting("five")
		w.hear("orders/paid", w.order(2).Body())
		state, note := w.giftEffect()
		require.Equal(t, store.Failed, state)
		require.Contains(t, note, "budget")
		w.exec(`DELETE FROM effects`)
		w.gifting("tenth")
		w.hear("orders/paid", w.order(3).Body())
		state, note = w.giftEffect()
		require.Equal(t, store.Failed, state)
		require.Contains(t, note, "not offered")
		require.Equal(t, []int64{0, 0, 1000}, w.spent())
	})
}

func TestARehearsedGiftGivesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(shopifyfake.Customer{ID: 6001, Email: ada})
		w.rewarding()
		w.gifting("five")
		w.set("gift", campaign.Rehearsal)
		w.hear("orders/paid", w.order(2).Body())
		_, note := w.giftEffect()
		require.Contains(t, note, "rehearsal")
		require.Empty(t, fake.Discounts(w.conn.ExternalID))
		require.Zero(t, w.count(`SELECT COUNT(*) FROM rewards`))
		require.Equal(t, []int64{0, 0, 1000}, w.spent())
	})
}

// The month has no budget left and the customer an older code: what the walk promises is its own gift or nothing.
func TestAMailPromisesItsOwnGiftAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customersOf(shopifyfake.Customer{ID: 6001, Email: ada})
		w.rewarding()
		w.redeem("five", "older")
		w.lookAfterRewards()
		given := campaign.Step{ID: "given", Kind: campaign.If, Condition: "loyalty.gift", Then: []campaign.Step{w.mail("wishes", 9)}}
		w.save(w.mails("gift", campaign.Step{ID: "give", Kind: campaign.GiveReward, Useful: days(9), Reward: "five"}, given))
		before := w.sent()
		w.hear("orders/paid", w.order(2).Body())
		require.Equal(t, before+1, w.sent(), "it was given")
		w.exec(`UPDATE reward_budgets SET settled = 2900`)
		w.hear("orders/paid", w.order(3).Body())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM effects WHERE kind = 'give_reward' AND state = 'failed'`))
		require.Equal(t, before+1, w.sent(), "nothing was given, so nothing is promised")
	})
}

// Of a reward that is being taken back no mail shows the code.
func TestARewardThatIsTakenBackIsShownToNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customersOf(shopifyfake.Customer{ID: 6001, Email: ada})
		d := w.rewarding()
		r := w.redeem("five", "a")
		w.lookAfterRewards()
		about := &run{rules: campaign.Facts{Cause: commerce.Event{Kind: commerce.RewardReady, Props: map[string]any{"id": r.ID}}}}
		shown, err := w.rewardFor(t.Context(), w.shop, about)
		require.NoError(t, err)
		require.NotEmpty(t, shown.Code)
		require.NoError(t, d.Revoke(t.Context(), w.theShop(), r.ID, "a slip", "owner"))
		shown, err = w.rewardFor(t.Context(), w.shop, about)
		require.NoError(t, err)
		require.Nil(t, shown)
	})
}
