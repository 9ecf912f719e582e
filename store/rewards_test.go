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
		r, _, err = tx.GiveReward(k.shop, members[k.person], store.Gift{Cause: store.RewardCause{Kind: store.RewardRedeemed, ID: request}, Offer: o, Month: march}, p)
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
		_, err = tx.SetReward(k.shop, members[k.person], r, store.RewardOutcome{State: to, Code: code}, k.rules.Policy)
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

		due, err := s.DueRewards(t.Context(), k.shop, 10)
		require.NoError(t, err)
		require.Equal(t, []string{r.ID}, due)
		k.becomes(r.ID, store.RewardUnknown, "")
		require.Equal(t, []int64{400, 0}, []int64{k.budget().Reserved, k.budget().Settled}, "what nobody knows keeps its budget")
		k.becomes(r.ID, store.RewardMade, "ABC")
		require.Equal(t, []int64{0, 400}, []int64{k.budget().Reserved, k.budget().Settled})
		k.becomes(r.ID, store.RewardFailed, "")
		got, err := s.Reward(t.Context(), k.shop, r.ID)
		require.NoError(t, err)
		require.Equal(t, []any{store.RewardMade, "ABC", s.Now().Add(90 * 24 * time.Hour)}, []any{got.State, got.Code, got.ExpiresAt}, "what was made does not fail any more")
		due, err = s.DueRewards(t.Context(), k.shop, 10)
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
		require.NoError(t, s.PutOffReward(t.Context(), k.shop, r, s.Now(), "looked", 0))
		due, err = s.DueRewards(t.Context(), k.shop, 10)
		require.NoError(t, err)
		require.Empty(t, due, "whoever saw it before it was made has nothing to say any more")
		require.NoError(t, s.PutOffReward(t.Context(), k.shop, got, s.Now(), "looked", 0))
		due, err = s.DueRewards(t.Context(), k.shop, 10)
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

// Whoever takes a reward has it for some minutes; the question is noted before it is asked.
func TestARewardIsTakenByOne(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		k.sold("1", 20_000, s.Now())
		r, err := k.give(t.Context(), "one", 400, 1000)
		require.NoError(t, err)
		var all sync.WaitGroup
		var got atomic.Int64
		for range 8 {
			all.Go(func() {
				if _, ok, err := s.TakeReward(context.Background(), k.shop, r.ID); err != nil {
					t.Error(err)
				} else if ok {
					got.Add(1)
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 1, got.Load())
		storetest.ClockOf(s).Advance(3 * time.Minute)
		_, ok, err := s.TakeReward(t.Context(), k.shop, r.ID)
		require.NoError(t, err)
		require.True(t, ok, "whoever had it is gone")

		code, key, err := s.RewardCode(t.Context(), k.shop, r.ID, "conn")
		require.NoError(t, err)
		again, _, err := s.RewardCode(t.Context(), k.shop, r.ID, "conn")
		require.NoError(t, err)
		require.Equal(t, code, again)
		require.Len(t, code, 12)
		require.Len(t, key, 16)
		for _, c := range []struct {
			at   commerce.ConnectionID
			want bool
		}{{"conn", true}, {"other", false}, {"conn", true}} {
			asked, err := s.AskReward(t.Context(), k.shop, r.ID, c.at)
			require.NoError(t, err)
			require.Equal(t, c.want, asked, "what may be there already is asked for nowhere else")
		}
		now, err := s.Reward(t.Context(), k.shop, r.ID)
		require.NoError(t, err)
		require.Equal(t, []any{int64(2), s.Now(), commerce.ConnectionID("conn")}, []any{now.Doubts, now.TriedAt, now.Connection})
		waiting, err := s.WaitingRewards(t.Context(), k.shop, s.Now())
		require.NoError(t, err)
		require.Equal(t, store.WaitingRewards{Shop: k.shop, Count: 1, Since: r.AskedAt}, waiting)
		waiting, err = s.WaitingRewards(t.Context(), k.shop, r.AskedAt-1)
		require.NoError(t, err)
		require.Zero(t, waiting)
		shops, err := s.ShopsWithWaitingRewards(t.Context(), s.Now(), 100)
		require.NoError(t, err)
		require.Equal(t, []commerce.ShopID{k.shop}, shops)
		shops, err = s.ShopsWithWaitingRewards(t.Context(), r.AskedAt-1, 100)
		require.NoError(t, err)
		require.Empty(t, shops)
		k.becomes(r.ID, store.RewardMade, code)
		asked, err := s.AskReward(t.Context(), k.shop, r.ID, "conn")
		require.NoError(t, err)
		require.False(t, asked, "it is made")
	})
}

func TestARewardIsUsedNoticedAndRecalled(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		k.sold("1", 20_000, s.Now())
		r, err := k.give(t.Context(), "one", 400, 1000)
		require.NoError(t, err)
		storetest.Do(t, s, func(tx *store.Tx) error {
			there, found, err := tx.RewardFor(k.shop, store.RewardCause{Kind: store.RewardRedeemed, ID: "one"}, "off")
			require.NoError(t, err)
			require.True(t, found)
			require.Equal(t, r, there)
			_, found, err = tx.RewardFor(k.shop, store.RewardCause{Kind: store.RewardRedeemed, ID: "one"}, "other")
			require.NoError(t, err)
			require.False(t, found)
			n, err := tx.CountRewards(k.shop, k.person, "off")
			require.NoError(t, err)
			require.Equal(t, 1, n)
			return nil
		})
		k.becomes(r.ID, store.RewardMade, "ABCDEFGH2345")
		got, err := s.Reward(t.Context(), k.shop, r.ID)
		require.NoError(t, err)
		require.Equal(t, s.Now().Add(76*24*time.Hour), got.NoticeAt, "two weeks before its end")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.RewardNoticed(k.shop, got) })
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.RecallReward(k.shop, got, "a slip", "owner") })
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.RecallReward(k.shop, got, "again", "another") })
		got, err = s.Reward(t.Context(), k.shop, r.ID)
		require.NoError(t, err)
		require.Equal(t, []any{commerce.Instant(0), s.Now(), "a slip", "owner"}, []any{got.NoticeAt, got.RecallAt, got.RecallNote, got.RecalledBy})

		storetest.Do(t, s, func(tx *store.Tx) error { return tx.UseRewards(k.shop, "o1", []string{"OTHER", " abcdefgh2345 "}, nil) })
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.UseRewards(k.shop, "o2", []string{"ABCDEFGH2345"}, nil) })
		got, err = s.Reward(t.Context(), k.shop, r.ID)
		require.NoError(t, err)
		require.Equal(t, []any{store.RewardUsed, commerce.OrderID("o1")}, []any{got.State, got.Order})
		k.becomes(r.ID, store.RewardRevoked, "")
		got, err = s.Reward(t.Context(), k.shop, r.ID)
		require.NoError(t, err)
		require.Equal(t, store.RewardUsed, got.State, "what was used is not taken back")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SetBirthday(k.shop, k.person, 229) })
		require.Equal(t, 229, k.member().Birthday)
	})
}

// A reward that lives no longer than the notice is told of half way.
func TestAShortRewardsNotice(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		k.sold("1", 20_000, s.Now())
		r, err := k.give(t.Context(), "one", 400, 1000)
		require.NoError(t, err)
		storetest.ClockOf(s).Advance(80 * 24 * time.Hour) // it was long in the making
		k.becomes(r.ID, store.RewardMade, "ABC")
		got, err := s.Reward(t.Context(), k.shop, r.ID)
		require.NoError(t, err)
		require.Equal(t, s.Now().Add(5*24*time.Hour), got.NoticeAt)
	})
}
