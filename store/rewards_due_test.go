package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// However many rewards one shop has due, those of another one are found in the same look.
func TestRewardsOfOneShopHoldUpNoOther(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		a, b := openTill(t, s), openTill(t, s)
		for n := range 30 {
			_, err := a.give(t.Context(), fmt.Sprint("many", n), 0, 1000)
			require.NoError(t, err)
		}
		storetest.ClockOf(s).Advance(time.Minute)
		late, err := b.give(t.Context(), "late", 0, 1000)
		require.NoError(t, err)
		shops := func(after commerce.ShopID, limit int) []commerce.ShopID {
			got, err := s.ShopsWithDueRewards(t.Context(), after, limit)
			require.NoError(t, err)
			return got
		}
		require.ElementsMatch(t, []commerce.ShopID{a.shop, b.shop}, shops("", 10))
		first := shops("", 1)
		require.Len(t, first, 1)
		require.Equal(t, []commerce.ShopID{max(a.shop, b.shop)}, shops(first[0], 10), "the next look goes on behind it")
		due, err := s.DueRewards(t.Context(), a.shop, 20)
		require.NoError(t, err)
		require.Len(t, due, 20)
		due, err = s.DueRewards(t.Context(), b.shop, 20)
		require.NoError(t, err)
		require.Equal(t, []string{late.ID}, due)
		_, taken, err := s.TakeReward(t.Context(), b.shop, late.ID)
		require.NoError(t, err)
		require.True(t, taken)
		require.Equal(t, []commerce.ShopID{a.shop}, shops("", 10))
	})
}

// Who has a reward in hand keeps it though it is asked back meanwhile, and looks at that next.
func TestARewardIsAskedBackInHand(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		r, err := k.give(t.Context(), "one", 0, 1000)
		require.NoError(t, err)
		taken, ok, err := s.TakeReward(t.Context(), k.shop, r.ID)
		require.NoError(t, err)
		require.True(t, ok)
		back := func() {
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.RecallReward(k.shop, taken, "a slip", "owner") })
		}
		take := func() (store.Reward, bool) {
			got, ok, err := s.TakeReward(t.Context(), k.shop, r.ID)
			require.NoError(t, err)
			return got, ok
		}
		back()
		_, ok = take()
		require.False(t, ok, "it is in somebody's hands")
		require.NoError(t, s.PutOffReward(t.Context(), k.shop, taken, s.Now().Add(time.Hour), "no answer", 1))
		again, ok := take()
		require.True(t, ok, "at once")
		storetest.ClockOf(s).Advance(10 * time.Minute)
		other, ok := take()
		require.True(t, ok, "whoever had it is gone")
		require.NoError(t, s.PutOffReward(t.Context(), k.shop, again, s.Now().Add(time.Hour), "late", 9))
		now, err := s.Reward(t.Context(), k.shop, r.ID)
		require.NoError(t, err)
		require.Equal(t, []any{other.LookAt, int64(1)}, []any{now.LookAt, now.Doubts}, "who comes late says nothing")

		storetest.Do(t, s, func(tx *store.Tx) error { return tx.KeepReward(k.shop, now, "it is there") })
		now, err = s.Reward(t.Context(), k.shop, r.ID)
		require.NoError(t, err)
		require.Equal(t, []any{commerce.Instant(0), "", "it is there"}, []any{now.RecallAt, now.RecallNote, now.Note})
		k.becomes(r.ID, store.RewardMade, "KEPT")
		taken = now
		back()
		now, err = s.Reward(t.Context(), k.shop, r.ID)
		require.NoError(t, err)
		require.Equal(t, s.Now(), now.LookAt)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.KeepReward(k.shop, now, "again") })
		now, err = s.Reward(t.Context(), k.shop, r.ID)
		require.NoError(t, err)
		require.Equal(t, now.NoticeAt, now.LookAt)
	})
}
