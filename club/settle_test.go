package club_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// unknown is a reward of which nobody knows whether there is a code, for so long.
func (h *house) unknown(request string, since time.Duration) store.Reward {
	h.t.Helper()
	r, err := h.Redeem(h.t.Context(), h.shop, h.person, "five", 1, request)
	require.NoError(h.t, err)
	h.set(r.ID, store.RewardUnknown)
	storetest.ClockOf(h.s).Advance(since)
	return r
}

func (h *house) set(id string, to store.RewardState) {
	h.t.Helper()
	storetest.Do(h.t, h.s, func(tx *store.Tx) error {
		members, err := tx.LockMembers(h.shop.ID, []commerce.PersonID{h.person})
		require.NoError(h.t, err)
		r, err := tx.LockReward(h.shop.ID, id)
		require.NoError(h.t, err)
		code := ""
		if to == store.RewardMade {
			code = "CODE" + id
		}
		_, err = tx.SetReward(h.shop.ID, members[h.person], r, store.RewardOutcome{State: to, Code: code}, loyalty.Policy{})
		return err
	})
}

func (h *house) is(id string) store.Reward {
	h.t.Helper()
	r, err := h.s.Reward(h.t.Context(), h.shop.ID, id)
	require.NoError(h.t, err)
	return r
}

// What nobody can find out any more is settled by hand, after an hour and for a reason, once.
func TestAStuckRewardIsSettledByHand(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := open(t, s)
		h.rich(200)
		before, held := h.points(), h.reserved()
		r := h.unknown("a", 59*time.Minute)
		settle := func(id string, there bool) error {
			return h.Settle(t.Context(), h.shop, id, there, "looked it up", "Omar")
		}
		require.True(t, fault.Is(settle(r.ID, false), fault.Conflict), "it may still be found out")
		storetest.ClockOf(s).Advance(time.Minute)
		require.True(t, fault.Is(h.Settle(t.Context(), h.shop, r.ID, false, " ", "Omar"), fault.Invalid), "for a reason")
		require.True(t, fault.Is(settle(r.ID, true), fault.Conflict), "nobody knows its code: no connection was asked")
		require.NoError(t, settle(r.ID, false))
		require.Equal(t, []any{store.RewardFailed, "looked it up (Omar)"}, []any{h.is(r.ID).State, h.is(r.ID).Note})
		require.Equal(t, []int64{before, held}, []int64{h.points(), h.reserved()}, "points and budget are back")
		require.True(t, fault.Is(settle(r.ID, false), fault.Conflict), "once")
		require.Equal(t, before, h.points())

		conn := storetest.Connection(t, s, h.shop.ID)
		r = h.unknown("b", time.Hour)
		_, err := s.AskReward(t.Context(), h.shop.ID, r.ID, conn.ID)
		require.NoError(t, err)
		require.NoError(t, settle(r.ID, true))
		code, _, err := s.RewardCode(t.Context(), h.shop.ID, r.ID, conn.ID)
		require.NoError(t, err)
		require.Equal(t, []any{store.RewardMade, code}, []any{h.is(r.ID).State, h.is(r.ID).Code})
		require.Equal(t, []int64{before - 100, held}, []int64{h.points(), h.reserved()}, "it is settled")
		require.True(t, fault.Is(settle(r.ID, true), fault.Conflict), "nothing is unknown of it")

		require.NoError(t, h.Revoke(t.Context(), h.shop, r.ID, "a slip", "Omar"))
		require.True(t, fault.Is(settle(r.ID, false), fault.Conflict), "it is being taken back")
		storetest.ClockOf(s).Advance(time.Hour)
		require.NoError(t, settle(r.ID, true))
		require.Equal(t, []any{store.RewardMade, commerce.Instant(0)}, []any{h.is(r.ID).State, h.is(r.ID).RecallAt}, "it stays good")
		require.NoError(t, h.Revoke(t.Context(), h.shop, r.ID, "a slip", "Omar"))
		storetest.ClockOf(s).Advance(time.Hour)
		require.NoError(t, settle(r.ID, false))
		require.Equal(t, store.RewardRevoked, h.is(r.ID).State)
		require.Equal(t, before-100, h.points(), "the points of a revoked one do not come back")
	})
}

// A birthday is told once, also by two who tell it at the same moment.
func TestABirthdayIsToldOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := open(t, s)
		told := make(chan error)
		for day := range 4 {
			go func() { told <- h.TellBirthday(t.Context(), h.shop, h.person, 5, day+1) }()
		}
		kept := 0
		for range 4 {
			if err := <-told; err == nil {
				kept++
			} else {
				require.True(t, fault.Is(err, fault.Conflict), "%v", err)
			}
		}
		require.Equal(t, 1, kept)
		require.NoError(t, h.SetBirthday(t.Context(), h.shop, h.person, 6, 1), "the shop changes it")
	})
}
