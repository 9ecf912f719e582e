package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// march is the month whose budget these tests use.
const march = 202603

// give asks for a reward of so many points, worth as many cents.
func (k *till) give(ctx context.Context, request string, cost, budget int64) (r store.Reward, err error) {
	p := k.rules.Program
	p.Budget = budget
	err = k.s.Transact(ctx, func(tx *store.Tx) error {
		members, err := tx.LockMembers(k.shop, []commerce.PersonID{k.person})
		if err != nil {
			return err
		}
		o := loyalty.Offer{Reward: "off", Kind: loyalty.AmountOff, Cost: cost, Amount: commerce.Money{Amount: cost, Currency: "EUR"}, Days: 90, Worth: cost}
		r, _, err = tx.GiveReward(k.shop, members[k.person], store.RewardCause{Kind: store.RewardRedeemed, ID: request}, o, march, p)
		return err
	})
	return r, err
}

// becomes says what became of a reward.
func (k *till) becomes(id string, to store.RewardState, code string) {
	k.t.Helper()
	storetest.Do(k.t, k.s, func(tx *store.Tx) error {
		members, err := tx.LockMembers(k.shop, []commerce.PersonID{k.person})
		require.NoError(k.t, err)
		r, err := tx.LockReward(k.shop, id)
		require.NoError(k.t, err)
		_, err = tx.SetReward(k.shop, members[k.person], r, to, code, "", k.rules.Policy)
		return err
	})
}

func (k *till) budget() loyalty.Budget {
	k.t.Helper()
	b, err := k.s.RewardBudget(k.t.Context(), k.shop, march)
	require.NoError(k.t, err)
	return b
}

func TestARewardTakesPointsAndBudget(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		k.sold("1", 20_000, s.Now())
		r, err := k.give(t.Context(), "one", 400, 1000)
		require.NoError(t, err)
		again, err := k.give(t.Context(), "one", 400, 1000)
		require.NoError(t, err)
		require.Equal(t, r, again, "asked twice, given once")
		require.Equal(t, []int64{600, 400}, []int64{k.member().Points, k.budget().Reserved})
		_, err = k.give(t.Context(), "two", 601, 5000)
		require.ErrorIs(t, err, loyalty.ErrTooFew)
		_, err = k.give(t.Context(), "two", 600, 999)
		require.ErrorIs(t, err, loyalty.ErrBudget)
		require.EqualValues(t, 600, k.member().Points, "nothing was taken")

		due, err := s.DueRewards(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, []store.DueReward{{Shop: k.shop, ID: r.ID}}, due)
		k.becomes(r.ID, store.RewardUnknown, "")
		require.Equal(t, []int64{400, 0}, []int64{k.budget().Reserved, k.budget().Settled}, "what nobody knows keeps its budget")
		k.becomes(r.ID, store.RewardMade, "ABC")
		require.Equal(t, []int64{0, 400}, []int64{k.budget().Reserved, k.budget().Settled})
		k.becomes(r.ID, store.RewardFailed, "")
		got, err := s.Reward(t.Context(), k.shop, r.ID)
		require.NoError(t, err)
		require.Equal(t, []any{store.RewardMade, "ABC", s.Now().Add(90 * 24 * time.Hour)}, []any{got.State, got.Code, got.ExpiresAt}, "what was made does not fail any more")
		due, err = s.DueRewards(t.Context(), 10)
		require.NoError(t, err)
		require.Empty(t, due)

		failed, err := k.give(t.Context(), "three", 500, 1000)
		require.NoError(t, err)
		k.becomes(failed.ID, store.RewardFailed, "")
		require.Equal(t, []int64{600, 0, 400}, []int64{k.member().Points, k.budget().Reserved, k.budget().Settled}, "points and budget are back")
		k.holds()
		all, err := s.RewardsOf(t.Context(), k.shop, k.person, 10)
		require.NoError(t, err)
		require.Len(t, all, 2)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.PutOffReward(k.shop, r.ID, s.Now(), "looked") })
		due, err = s.DueRewards(t.Context(), 10)
		require.NoError(t, err)
		require.Len(t, due, 1)
		_, err = s.Reward(t.Context(), k.shop, "none")
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	})
}

// Many who redeem at once overspend neither a budget nor their points, and a request that is sent twice is one.
func TestManyAtOnceOverspendNothing(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		k.sold("1", 100_000, s.Now()) // 5,000 points
		var all sync.WaitGroup
		var given atomic.Int64
		for n := range 48 {
			all.Go(func() {
				_, err := k.give(context.Background(), fmt.Sprint("r", n/2), 300, 2000)
				switch {
				case err == nil:
					given.Add(1)
				case !errors.Is(err, loyalty.ErrBudget) && !errors.Is(err, loyalty.ErrTooFew):
					t.Error(err)
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 1800, k.budget().Reserved, "six of 300 fit into 2,000")
		require.EqualValues(t, 5000-1800, k.member().Points)
		require.GreaterOrEqual(t, given.Load(), int64(6))
		require.EqualValues(t, 6, number(t, s, `SELECT COUNT(*) FROM rewards WHERE shop_id = $1`, k.shop))
		k.holds()
	})
}
