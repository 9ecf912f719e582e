package club_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is a shop in Auckland with a live program and one member.
type house struct {
	t      *testing.T
	s      *store.Store
	shop   commerce.Shop
	person commerce.PersonID
	club.Desk
}

// rewards are what its points buy, and what is given.
func rewards() loyalty.Program {
	return loyalty.Program{
		Rules: []loyalty.Rule{{ID: "hello", Kind: loyalty.ForSignUp, Points: 50}},
		Rewards: []loyalty.Reward{
			{ID: "five", Kind: loyalty.AmountOff, Cost: 100, Amount: 500, Each: 2},
			{ID: "slide", Kind: loyalty.AmountOff, Cost: 10, Amount: 100, Sliding: true, Least: 2, Most: 20},
			{ID: "gone", Kind: loyalty.AmountOff, Cost: 10, Amount: 100, Hidden: true},
			{ID: "gift", Kind: loyalty.PercentOff, Percent: 1000, Worth: 800},
			{ID: "ship", Kind: loyalty.FreeShipping, Cost: 10, Worth: 500},
		},
		Budget: 2000, Policy: loyalty.Policy{Months: 12},
	}
}

func open(t *testing.T, s *store.Store, change ...func(*loyalty.Program)) *house {
	t.Helper()
	id := storetest.Shop(t, s, func(s *commerce.Shop) { s.Timezone, s.Currency = "Pacific/Auckland", "EUR" })
	h := &house{t: t, s: s, Desk: club.Desk{Store: s}, person: storetest.Person(t, s, id).ID}
	h.save(id, 0, change...)
	h.load(id)
	require.NoError(t, h.Join(t.Context(), h.shop, h.person, "staff"))
	return h
}

func (h *house) save(id commerce.ShopID, rev int64, change ...func(*loyalty.Program)) {
	h.t.Helper()
	p := rewards()
	for _, c := range change {
		c(&p)
	}
	saved, err := h.s.SaveProgram(h.t.Context(), id, p, rev, "owner")
	require.NoError(h.t, err)
	require.NoError(h.t, h.s.SetProgramState(h.t.Context(), id, store.ProgramLive, saved.Rev))
}

func (h *house) load(id commerce.ShopID) {
	h.t.Helper()
	var err error
	h.shop, err = h.s.Shop(h.t.Context(), id)
	require.NoError(h.t, err)
}

func (h *house) points() int64 {
	h.t.Helper()
	m, err := h.s.LoyaltyMember(h.t.Context(), h.shop.ID, h.person)
	require.NoError(h.t, err)
	return m.Points
}

func (h *house) rich(points int64) {
	h.t.Helper()
	require.NoError(h.t, h.Adjust(h.t.Context(), h.shop, h.person, points, store.NewID(), "owner", "a start"))
}

func (h *house) reserved() int64 {
	h.t.Helper()
	b, err := h.s.RewardBudget(h.t.Context(), h.shop.ID, club.Month(h.shop, h.s.Now()))
	require.NoError(h.t, err)
	return b.Reserved
}

// give is club.Give in a transaction of its own.
func (h *house) give(reward, cause string) (r store.Reward, err error) {
	err = h.s.Transact(h.t.Context(), func(tx *store.Tx) (err error) {
		if _, err = tx.LockPersons(h.shop.ID, []commerce.PersonID{h.person}); err == nil {
			r, err = club.Give(tx, h.shop, h.person, reward, store.RewardCause{Kind: store.RewardOfTier, ID: cause}, 2)
		}
		return err
	})
	return r, err
}

func TestRedeem(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := open(t, s)
		_, err := h.Redeem(t.Context(), h.shop, h.person, "five", 1, "a")
		require.ErrorIs(t, err, loyalty.ErrTooFew)
		h.rich(500)
		before := h.points()
		r, err := h.Redeem(t.Context(), h.shop, h.person, "five", 1, "a")
		require.NoError(t, err)
		require.Equal(t, []any{store.RewardMaking, int64(500), int64(100), s.Now().Add(90 * 24 * time.Hour)}, []any{r.State, r.Offer.Amount.Amount, r.Offer.Cost, r.ExpiresAt})
		again, err := h.Redeem(t.Context(), h.shop, h.person, "five", 1, "a")
		require.NoError(t, err)
		require.Equal(t, r, again)
		require.Equal(t, []int64{before - 100, 500}, []int64{h.points(), h.reserved()}, "sent twice, taken once")

		slid, err := h.Redeem(t.Context(), h.shop, h.person, "slide", 7, "b")
		require.NoError(t, err)
		require.Equal(t, []int64{700, 70}, []int64{slid.Offer.Amount.Amount, slid.Offer.Cost})
		_, err = h.Redeem(t.Context(), h.shop, h.person, "slide", 1, "c")
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		_, err = h.Redeem(t.Context(), h.shop, h.person, "slide", 9, "c")
		require.ErrorIs(t, err, loyalty.ErrBudget)
		require.Equal(t, []int64{before - 170, 1200}, []int64{h.points(), h.reserved()}, "nothing was taken")
		for name, reward := range map[string]string{"hidden": "gone", "not bought by points": "gift", "unknown": "no"} {
			_, err = h.Redeem(t.Context(), h.shop, h.person, reward, 1, "d")
			require.True(t, fault.Is(err, fault.Conflict), "%s: %v", name, err)
		}
		_, err = h.Redeem(t.Context(), h.shop, h.person, "five", 1, "e")
		require.NoError(t, err)
		_, err = h.Redeem(t.Context(), h.shop, h.person, "five", 1, "f")
		require.ErrorContains(t, err, "as often as")
		_, err = h.Redeem(t.Context(), h.shop, h.person, "five", 1, "a")
		require.NoError(t, err, "the first one is still the first one")

		other := storetest.Person(t, s, h.shop.ID).ID
		_, err = h.Redeem(t.Context(), h.shop, other, "five", 1, "a")
		require.True(t, fault.Is(err, fault.Conflict), "no member: %v", err)
		require.NoError(t, h.Join(t.Context(), h.shop, other, "account"))
		_, err = h.Redeem(t.Context(), h.shop, other, "five", 1, "a")
		require.ErrorContains(t, err, "somebody else")
	})
}

// A new month has a budget of its own, by the shop's clocks, and what the program says today bounds it.
func TestTheBudgetIsOfTheShopsMonth(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := open(t, s)
		require.EqualValues(t, 202604, club.Month(h.shop, commerce.At(time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC))), "it is April there")
		require.EqualValues(t, 202603, club.Month(commerce.Shop{}, commerce.At(time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC))))
		h.rich(1000)
		_, err := h.Redeem(t.Context(), h.shop, h.person, "slide", 20, "a")
		require.NoError(t, err)
		_, err = h.give("gift", "gold")
		require.ErrorIs(t, err, loyalty.ErrBudget)
		storetest.ClockOf(s).Advance(31 * 24 * time.Hour)
		_, err = h.give("gift", "gold")
		require.NoError(t, err)
		p, err := s.LoyaltyProgram(t.Context(), h.shop.ID)
		require.NoError(t, err)
		h.save(h.shop.ID, p.Rev, func(p *loyalty.Program) { p.Budget = 0 })
		_, err = h.give("gift", "silver")
		require.ErrorIs(t, err, loyalty.ErrBudget, "nothing may be given any more")
	})
}

func TestGive(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := open(t, s)
		h.rich(10)
		before := h.points()
		r, err := h.give("five", "gold/1")
		require.NoError(t, err)
		require.Equal(t, []any{int64(0), 2, before}, []any{r.Offer.Cost, r.Depth, h.points()}, "it costs no points")
		again, err := h.give("five", "gold/1")
		require.NoError(t, err)
		require.Equal(t, r, again)
		staff, err := h.GiveByStaff(t.Context(), h.shop, h.person, "gift", "act", "clerk", "for the trouble")
		require.NoError(t, err)
		require.Equal(t, []string{"clerk", "for the trouble"}, []string{staff.By, staff.Why})
		_, err = h.give("gone", "x")
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)

		require.NoError(t, h.Block(t.Context(), h.shop, h.person, "sells codes", "owner"))
		_, err = h.give("gift", "gold/2")
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		_, err = h.give("five", "gold/1")
		require.NoError(t, err, "what was given is given")
	})
}

// Stripe makes codes for a percentage or an amount alone.
func TestARewardFitsThePlatform(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := open(t, s)
		h.rich(100)
		storetest.Connection(t, s, h.shop.ID, func(c *commerce.Connection) {
			c.Platform, c.ExternalID, c.Live = commerce.Stripe, "acct_"+string(h.shop.ID), true
		})
		h.load(h.shop.ID)
		_, err := h.Redeem(t.Context(), h.shop, h.person, "ship", 1, "a")
		require.ErrorContains(t, err, "Stripe")
		storetest.Connection(t, s, h.shop.ID)
		h.load(h.shop.ID)
		_, err = h.Redeem(t.Context(), h.shop, h.person, "ship", 1, "a")
		require.NoError(t, err)
	})
}

func TestMembersComeAndGo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := open(t, s)
		require.EqualValues(t, 50, h.points(), "for joining")
		ctx := t.Context()
		require.NoError(t, h.Join(ctx, h.shop, h.person, "account"), "a member already")
		require.NoError(t, h.SetBirthday(ctx, h.shop, h.person, 2, 29))
		for _, wrong := range [][2]int{{2, 30}, {13, 1}, {0, 5}, {4, 31}, {-1, 1}} {
			require.True(t, fault.Is(h.SetBirthday(ctx, h.shop, h.person, wrong[0], wrong[1]), fault.Invalid), "%v", wrong)
		}
		m, err := s.LoyaltyMember(ctx, h.shop.ID, h.person)
		require.NoError(t, err)
		require.Equal(t, []any{229, "staff", 1}, []any{m.Birthday, m.How, m.Terms})

		require.NoError(t, h.Leave(ctx, h.shop, h.person))
		_, err = h.Redeem(ctx, h.shop, h.person, "five", 1, "a")
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		require.True(t, fault.Is(h.Leave(ctx, h.shop, h.person), fault.Conflict))
		require.NoError(t, h.Join(ctx, h.shop, h.person, "account"))
		require.EqualValues(t, 50, h.points(), "joining again earns nothing again")

		require.True(t, fault.Is(h.Block(ctx, h.shop, h.person, " ", "owner"), fault.Invalid), "why?")
		require.NoError(t, h.Block(ctx, h.shop, h.person, "sells codes", "owner"))
		require.True(t, fault.Is(h.Join(ctx, h.shop, h.person, "account"), fault.Conflict))
		m, err = s.LoyaltyMember(ctx, h.shop.ID, h.person)
		require.NoError(t, err)
		require.Equal(t, []any{store.Blocked, "sells codes", "owner"}, []any{m.State, m.Note, m.By})
		require.NoError(t, h.Unblock(ctx, h.shop, h.person, "owner"))
		require.True(t, fault.Is(h.Unblock(ctx, h.shop, h.person, "owner"), fault.Conflict))
		require.True(t, fault.Is(h.Join(ctx, h.shop, "nobody", "account"), fault.NotFound))
	})
}

func TestAdjust(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := open(t, s, func(p *loyalty.Program) { p.Rules, p.Floor = nil, true })
		ctx := t.Context()
		for range 2 {
			require.NoError(t, h.Adjust(ctx, h.shop, h.person, 40, "act", "clerk", "a gift"))
		}
		require.EqualValues(t, 40, h.points(), "sent twice, given once")
		rows, _, err := s.Statement(ctx, h.shop.ID, h.person, 0, 5)
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.Equal(t, []any{"clerk", "a gift", loyalty.Adjust, s.Now().Time().AddDate(0, 12, 0).UnixMilli()}, []any{rows[0].By, rows[0].Note, rows[0].Kind, int64(rows[0].ExpiresAt)})
		require.True(t, fault.Is(h.Adjust(ctx, h.shop, h.person, -41, "b", "clerk", "a slip"), fault.Conflict))
		require.NoError(t, h.Adjust(ctx, h.shop, h.person, -40, "b", "clerk", "a slip"))
		require.Zero(t, h.points())
		for name, err := range map[string]error{
			"no reason": h.Adjust(ctx, h.shop, h.person, 5, "c", "clerk", ""), "nothing": h.Adjust(ctx, h.shop, h.person, 0, "c", "clerk", "x"),
			"a fortune": h.Adjust(ctx, h.shop, h.person, 1_000_001, "c", "clerk", "x"), "no key": h.Adjust(ctx, h.shop, h.person, 5, "", "clerk", "x"),
		} {
			require.True(t, fault.Is(err, fault.Invalid), "%s: %v", name, err)
		}
	})
}

func TestRevokeAsksForItBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := open(t, s)
		r, err := h.give("five", "gold")
		require.NoError(t, err)
		require.True(t, fault.Is(h.Revoke(t.Context(), h.shop, r.ID, "", "owner"), fault.Invalid), "why?")
		require.NoError(t, h.Revoke(t.Context(), h.shop, r.ID, "a fraud", "owner"))
		require.NoError(t, h.Revoke(t.Context(), h.shop, r.ID, "another reason", "somebody"))
		got, err := s.Reward(t.Context(), h.shop.ID, r.ID)
		require.NoError(t, err)
		require.Equal(t, []any{"a fraud", "owner", s.Now(), store.RewardMaking}, []any{got.RecallNote, got.RecalledBy, got.RecallAt, got.State})
		other := storetest.Shop(t, s)
		require.True(t, fault.Is(h.Revoke(t.Context(), commerce.Shop{ID: other}, r.ID, "x", "y"), fault.NotFound))
	})
}

// Many who redeem, give and are given at once overspend neither a budget nor points.
func TestManyActsAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := open(t, s)
		h.rich(170) // and 50 for joining: two of a hundred
		var all sync.WaitGroup
		for n := range 24 {
			all.Go(func() {
				_, err := h.Redeem(context.Background(), h.shop, h.person, "slide", 2+int64(n%5), fmt.Sprint("r", n))
				if err != nil && !errors.Is(err, loyalty.ErrBudget) && !errors.Is(err, loyalty.ErrTooFew) {
					t.Error(err)
				}
			})
			all.Go(func() {
				if _, err := h.give("gift", fmt.Sprint("c", n/2)); err != nil && !errors.Is(err, loyalty.ErrBudget) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		got, err := s.RewardsOf(t.Context(), h.shop.ID, h.person, 100)
		require.NoError(t, err)
		var worth, cost int64
		for _, r := range got {
			worth, cost = worth+r.Offer.Worth, cost+r.Offer.Cost
		}
		require.Equal(t, []int64{worth, 220 - cost}, []int64{h.reserved(), h.points()})
		require.LessOrEqual(t, worth, int64(2000))
		require.Greater(t, worth, int64(1200), "and what fits is given")
	})
}
