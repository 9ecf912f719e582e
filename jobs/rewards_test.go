package jobs

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// gifts is a program that gives whatever there is, in pounds.
func gifts() loyalty.Program {
	return loyalty.Program{
		Rewards: []loyalty.Reward{
			{ID: "five", Kind: loyalty.AmountOff, Cost: 100, Amount: 500, MinSpend: 2000, Days: 60},
			{ID: "tenth", Kind: loyalty.PercentOff, Cost: 100, Percent: 1000, Worth: 900},
			{ID: "ship", Kind: loyalty.FreeShipping, Cost: 100, Worth: 400},
			{ID: "mug", Kind: loyalty.FreeProduct, Cost: 100, Product: "77", Worth: 1200},
		},
		Budget: 3000,
	}
}

// rewarding has Ada, customer 6001, with a thousand points in the program.
func (w *world) rewarding() club.Desk {
	w.t.Helper()
	w.alone()
	w.exec(`UPDATE shops SET currency = 'GBP'`)
	w.hear("orders/paid", w.order(1).Body())
	w.withProgram(gifts())
	d := club.Desk{Store: w.Store}
	require.NoError(w.t, d.Join(w.t.Context(), w.theShop(), w.adasID(), "staff"))
	require.NoError(w.t, d.Adjust(w.t.Context(), w.theShop(), w.adasID(), 1000, "start", "owner", "a start"))
	return d
}

func (w *world) theShop() commerce.Shop {
	w.t.Helper()
	s, err := w.Store.Shop(w.t.Context(), w.shop)
	require.NoError(w.t, err)
	return s
}

func (w *world) adasID() commerce.PersonID {
	w.t.Helper()
	id, err := w.Store.WhoIs(w.t.Context(), w.shop, ada, "")
	require.NoError(w.t, err)
	return id
}

func (w *world) redeem(reward, request string) store.Reward {
	w.t.Helper()
	r, err := club.Desk{Store: w.Store}.Redeem(w.t.Context(), w.theShop(), w.adasID(), reward, 1, request)
	require.NoError(w.t, err)
	return r
}

// lookAfterRewards does what workers do whom the sweep hints, once.
func (w *world) lookAfterRewards() {
	w.t.Helper()
	due, err := w.Store.DueRewards(w.t.Context(), w.shop, 100)
	require.NoError(w.t, err)
	for _, id := range due {
		r, taken, err := w.Store.TakeReward(w.t.Context(), w.shop, id)
		require.NoError(w.t, err)
		if taken {
			require.NoError(w.t, w.lookAfterReward(w.t.Context(), w.theShop(), r))
		}
	}
}

// cannotBeMade has the one reward that waits for its code fail, as one of a product that is gone.
func (w *world) cannotBeMade() {
	w.t.Helper()
	due, err := w.Store.DueRewards(w.t.Context(), w.shop, 10)
	require.NoError(w.t, err)
	require.Len(w.t, due, 1)
	r, taken, err := w.Store.TakeReward(w.t.Context(), w.shop, due[0])
	require.NoError(w.t, err)
	require.True(w.t, taken)
	require.NoError(w.t, w.becomes(w.t.Context(), w.theShop(), r, store.RewardOutcome{State: store.RewardFailed, Note: "the product is gone"}))
}

func (w *world) reward(id string) store.Reward {
	w.t.Helper()
	r, err := w.Store.Reward(w.t.Context(), w.shop, id)
	require.NoError(w.t, err)
	return r
}

// spent is what a month's budget has reserved and settled, and Ada's points.
func (w *world) spent() []int64 {
	w.t.Helper()
	b, err := w.Store.RewardBudget(w.t.Context(), w.shop, club.Month(w.theShop(), commerce.At(storetest.Noon)))
	require.NoError(w.t, err)
	return []int64{b.Reserved, b.Settled, w.adasPoints().Points}
}

// told are the events of ours of a kind.
func (w *world) toldOf(kind commerce.EventKind) int {
	w.t.Helper()
	return w.count(`SELECT COUNT(*) FROM inbox WHERE topic = 'own/happened' AND external_id LIKE '` + string(kind) + `|%'`)
}

func TestARewardsCodeIsMadeAtShopify(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(shopifyfake.Customer{ID: 6001, Email: ada})
		w.rewarding()
		for i, reward := range []string{"five", "tenth", "ship", "mug"} {
			w.redeem(reward, fmt.Sprint(i))
		}
		w.lookAfterRewards()
		made := map[string]shopifyfake.DiscountRecord{}
		for _, d := range fake.Discounts(w.conn.ExternalID) {
			require.Equal(t, []any{int64(1), true, []string{"gid://shopify/Customer/6001"}}, []any{d.UsageLimit, d.OncePerCustomer, d.Customers})
			made[strings.Fields(d.Title)[1]] = d
		}
		require.Equal(t, []string{"5.00", "20.00"}, []string{made["five"].Amount, made["five"].Minimum})
		require.InDelta(t, 0.1, made["tenth"].Percentage, 0)
		require.Equal(t, []string{"free_shipping", "4.00"}, []string{made["ship"].Kind, made["ship"].Dearest})
		require.Equal(t, []any{"12.00", []string{"gid://shopify/Product/77"}}, []any{made["mug"].Amount, made["mug"].Products}, "one of it, and no more than the budget holds")
		all, err := w.Store.RewardsOf(t.Context(), w.shop, w.adasID(), 10)
		require.NoError(t, err)
		for _, r := range all {
			require.Equal(t, []any{store.RewardMade, made[r.Offer.Reward].Code}, []any{r.State, r.Code})
			require.Equal(t, r.ExpiresAt.Time().UTC().Truncate(time.Second), made[r.Offer.Reward].EndsAt.UTC())
		}
		require.Equal(t, []int64{0, 3000, 600}, w.spent())
		require.Equal(t, 4, w.toldOf(commerce.RewardReady))
		w.lookAfterRewards()
		require.Equal(t, 4, w.toldOf(commerce.RewardReady))
	})
}

// However the answer is lost, and whenever the worker dies, there is one code, and budget and points are taken once.
func TestACodeIsMadeOnceThoughTheCallIsCut(t *testing.T) {
	for name, failure := range map[string]shopifyfake.Failure{"carried out": shopifyfake.Lost, "not": shopifyfake.Unavailable, "perhaps": shopifyfake.Garbled} {
		t.Run(name, func(t *testing.T) { cut(t, failure) })
	}
}

func cut(t *testing.T, failure shopifyfake.Failure) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(shopifyfake.Customer{ID: 6001, Email: ada})
		w.rewarding()
		fake.FailOn("CreateDiscount", failure)
		r := w.redeem("five", "a")
		w.lookAfterRewards()
		got := w.reward(r.ID)
		require.Equal(t, store.RewardUnknown, got.State)
		require.NotEmpty(t, got.Note)
		require.Equal(t, []int64{500, 0, 900}, w.spent(), "it stays taken while nobody knows")
		require.Zero(t, w.toldOf(commerce.RewardReady))
		w.pass(1, time.Minute)
		w.lookAfterRewards()
		got = w.reward(r.ID)
		require.Equal(t, store.RewardMade, got.State)
		require.Empty(t, got.Note)
		require.Equal(t, []int64{0, 500, 900}, w.spent())
		require.Len(t, fake.Discounts(w.conn.ExternalID), 1)
		require.Equal(t, fake.Discounts(w.conn.ExternalID)[0].Code, got.Code)
	})
}

// A worker is gone between question and record: who comes next finds what it made.
func TestAMakerOfRewardsDies(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(shopifyfake.Customer{ID: 6001, Email: ada})
		w.rewarding()
		r := w.redeem("five", "a")
		taken, _, err := w.Store.TakeReward(t.Context(), w.shop, r.ID)
		require.NoError(t, err)
		_, again, err := w.Store.TakeReward(t.Context(), w.shop, r.ID)
		require.NoError(t, err)
		require.False(t, again, "one has it")
		at, conn, err := w.mintOf(t.Context(), w.shop, taken)
		require.NoError(t, err)
		_, err = w.Store.AskReward(t.Context(), w.shop, r.ID, conn.ID)
		require.NoError(t, err)
		_, err = at.give(t.Context(), w.theShop(), taken)
		require.NoError(t, err) // and here it dies
		w.lookAfterRewards()
		require.Equal(t, store.RewardMaking, w.reward(r.ID).State, "it has some minutes")
		w.pass(1, 4*time.Minute)
		w.lookAfterRewards()
		require.Equal(t, store.RewardMade, w.reward(r.ID).State)
		require.Len(t, fake.Discounts(w.conn.ExternalID), 1)
		require.Equal(t, 1, questions(fake, "CreateDiscount"))
		require.Equal(t, []int64{0, 500, 900}, w.spent())
	})
}

// What Shopify certainly refuses gives points and budget back; somebody without a customer there has a code that is nobody's.
func TestARefusedRewardGivesBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf() // Ada's customer is gone there
		w.rewarding()
		r := w.redeem("five", "a")
		require.Equal(t, []int64{500, 0, 900}, w.spent())
		w.lookAfterRewards()
		got := w.reward(r.ID)
		require.Equal(t, store.RewardFailed, got.State)
		require.Contains(t, got.Note, "Customer does not exist")
		require.Equal(t, []int64{0, 0, 1000}, w.spent())
		w.exec(`DELETE FROM identities WHERE kind = 'shopify'`)
		r = w.redeem("five", "b")
		w.lookAfterRewards()
		require.Equal(t, store.RewardMade, w.reward(r.ID).State)
		require.True(t, fake.Discounts(w.conn.ExternalID)[0].Anybody)
	})
}

// Without the scope it waits, says so and costs no call; after a week points and budget come back.
func TestARewardWaitsForTheScope(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(shopifyfake.Customer{ID: 6001, Email: ada})
		w.rewarding()
		w.exec(`UPDATE connections SET scopes = 'read_orders'`)
		r, late := w.redeem("five", "a"), w.redeem("ship", "b")
		w.lookAfterRewards()
		require.Equal(t, store.RewardMaking, w.reward(r.ID).State)
		require.Contains(t, w.reward(r.ID).Note, "may not make discounts")
		require.Empty(t, fake.Discounts(w.conn.ExternalID))
		fake.Scopes(w.conn.ExternalID, "read_customers") // as the shop itself says
		w.exec(`UPDATE connections SET scopes = 'read_orders,write_discounts'`)
		w.pass(1, 5*time.Minute)
		w.lookAfterRewards()
		require.Equal(t, store.RewardMaking, w.reward(r.ID).State)
		require.Zero(t, w.reward(r.ID).Doubts, "this question did nothing")
		fake.Scopes(w.conn.ExternalID, "read_customers", "write_discounts")
		w.exec(`UPDATE rewards SET look_at = 1 WHERE id = '` + r.ID + `'`)
		w.pass(0, 0)
		due := w.reward(r.ID)
		require.NoError(t, w.lookAfterReward(t.Context(), w.theShop(), due))
		require.Equal(t, store.RewardMade, w.reward(r.ID).State)
		fake.Scopes(w.conn.ExternalID, "read_customers")
		w.pass(1, 7*day)
		w.lookAfterRewards()
		require.Equal(t, store.RewardFailed, w.reward(late.ID).State)
		require.Equal(t, []int64{0, 500, 900}, w.spent())
	})
}

// Whoever takes a reward back is right only when that is certain.
func TestARewardIsRevoked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(shopifyfake.Customer{ID: 6001, Email: ada})
		d := w.rewarding()
		r := w.redeem("five", "a")
		w.lookAfterRewards()
		require.NoError(t, d.Revoke(t.Context(), w.theShop(), r.ID, "a fraud", "owner"))
		fake.FailOn("DeactivateDiscount", shopifyfake.Unavailable)
		w.lookAfterRewards()
		require.Equal(t, store.RewardMade, w.reward(r.ID).State, "nobody knows yet")
		w.pass(1, time.Minute)
		w.lookAfterRewards()
		got := w.reward(r.ID)
		require.Equal(t, []any{store.RewardRevoked, "a fraud"}, []any{got.State, got.Note})
		require.Equal(t, "EXPIRED", fake.Discounts(w.conn.ExternalID)[0].Status)
		require.Equal(t, []int64{0, 500, 900}, w.spent(), "its points stay spent")
		require.True(t, fault.Is(d.Revoke(t.Context(), w.theShop(), r.ID, "again", "owner"), fault.Conflict))

		r = w.redeem("ship", "b")
		require.NoError(t, d.Revoke(t.Context(), w.theShop(), r.ID, "a slip", "owner"))
		w.lookAfterRewards()
		require.Equal(t, store.RewardFailed, w.reward(r.ID).State, "nobody has begun")
		require.Equal(t, []int64{0, 500, 900}, w.spent())

		r = w.redeem("five", "c")
		fake.FailOn("CreateDiscount", shopifyfake.Lost)
		w.lookAfterRewards()
		require.NoError(t, d.Revoke(t.Context(), w.theShop(), r.ID, "a slip", "owner"))
		w.lookAfterRewards()
		require.Equal(t, store.RewardFailed, w.reward(r.ID).State)
		require.Equal(t, "EXPIRED", fake.Discounts(w.conn.ExternalID)[1].Status, "what was made of it is worth nothing")
		require.Equal(t, []int64{0, 500, 900}, w.spent())

		r = w.redeem("five", "d")
		fake.FailOn("CreateDiscount", shopifyfake.Unavailable)
		w.lookAfterRewards()
		require.NoError(t, d.Revoke(t.Context(), w.theShop(), r.ID, "a slip", "owner"))
		w.lookAfterRewards()
		require.Equal(t, store.RewardUnknown, w.reward(r.ID).State, "the question may still be on its way")
		w.pass(10, 2*time.Minute)
		w.lookAfterRewards()
		require.Equal(t, store.RewardFailed, w.reward(r.ID).State)
		require.Equal(t, []int64{0, 500, 900}, w.spent())
	})
}

func TestARewardEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customersOf(shopifyfake.Customer{ID: 6001, Email: ada})
		w.rewarding()
		r := w.redeem("five", "a")
		w.lookAfterRewards()
		for range 3 {
			w.pass(1, 15*day)
			w.lookAfterRewards()
			w.lookAfterRewards()
		}
		require.Zero(t, w.toldOf(commerce.RewardExpiring))
		w.pass(1, 2*day) // 13 days before its end
		w.lookAfterRewards()
		w.lookAfterRewards()
		require.Equal(t, 1, w.toldOf(commerce.RewardExpiring))
		require.Zero(t, w.reward(r.ID).NoticeAt)
		w.pass(1, 13*day)
		w.lookAfterRewards()
		require.Equal(t, store.RewardExpired, w.reward(r.ID).State)
		require.Equal(t, int64(900), w.spent()[2], "its points are gone")
		w.lookAfterRewards()
		require.Equal(t, 1, w.toldOf(commerce.RewardExpiring))

		o := w.order(2) // told late, and sold in time
		o.DiscountCodes = []string{strings.ToLower(w.reward(r.ID).Code)}
		w.hear("orders/paid", o.Body())
		require.Equal(t, store.RewardUsed, w.reward(r.ID).State)
	})
}

func TestAnOrderUsesAReward(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customersOf(shopifyfake.Customer{ID: 6001, Email: ada})
		d := w.rewarding()
		r := w.redeem("five", "a")
		w.lookAfterRewards()
		o := w.order(2)
		o.DiscountCodes = []string{"WELCOME10", w.reward(r.ID).Code}
		w.hear("orders/paid", o.Body())
		got := w.reward(r.ID)
		require.Equal(t, store.RewardUsed, got.State)
		require.NotEmpty(t, got.Order)
		require.NotZero(t, got.EndedAt)
		w.pass(1, 100*day)
		w.lookAfterRewards()
		require.Equal(t, store.RewardUsed, w.reward(r.ID).State)
		require.Zero(t, w.toldOf(commerce.RewardExpiring))
		require.True(t, fault.Is(d.Revoke(t.Context(), w.theShop(), r.ID, "late", "owner"), fault.Conflict))
	})
}

// Where there is no platform that makes codes, staff honour the shop's own.
func TestAShopsOwnCode(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.rewarding()
		w.exec(`UPDATE connections SET closed_at = 1`)
		r := w.redeem("mug", "a")
		w.lookAfterRewards()
		got := w.reward(r.ID)
		require.Equal(t, store.RewardMade, got.State)
		require.Len(t, got.Code, 12)
		require.NoError(t, d.Revoke(t.Context(), w.theShop(), r.ID, "a slip", "owner"))
		w.lookAfterRewards()
		require.Equal(t, store.RewardRevoked, w.reward(r.ID).State)
	})
}

// A shop with Shopify that cannot be asked gets no code of another kind.
func TestNoCodeThatTheCheckoutDoesNotTake(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.rewarding()
		r := w.redeem("five", "a")
		w.lookAfterRewards()
		require.Equal(t, store.RewardMaking, w.reward(r.ID).State)
		require.Contains(t, w.reward(r.ID).Note, "Shopify")
	})
}

// At Stripe a lost answer is overcome by its own key, and what is taken back ends there.
func TestARewardsCodeIsMadeAtStripe(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.rewarding()
		fake := w.stripe(func(c *commerce.Connection) { c.Live = true })
		w.exec(`UPDATE shops SET currency = 'GBP'`)
		d := club.Desk{Store: w.Store}
		_, err := d.Redeem(t.Context(), w.theShop(), w.adasID(), "ship", 1, "x")
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		r := w.redeem("five", "a")
		fake.Fail(1, http.StatusInternalServerError)
		w.lookAfterRewards()
		require.Equal(t, store.RewardUnknown, w.reward(r.ID).State)
		require.Equal(t, []int64{500, 0, 900}, w.spent())
		w.pass(1, time.Minute)
		w.lookAfterRewards()
		got := w.reward(r.ID)
		require.Equal(t, store.RewardMade, got.State, got.Note)
		rows, err := w.Store.PromotionsFor(t.Context(), w.shop, "reward:"+r.ID, "five")
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.Equal(t, []any{got.Code, store.PromotionMade}, []any{rows[0].Code, rows[0].State})
		spent := w.redeem("tenth", "b")
		w.lookAfterRewards()
		of, err := w.Store.PromotionsFor(t.Context(), w.shop, "reward:"+spent.ID, "tenth")
		require.NoError(t, err)
		storetest.Do(t, w.Store, func(tx *store.Tx) error {
			return tx.UseRewards(w.shop, "o1", nil, []string{"promo_other", of[0].Promotion})
		})
		require.Equal(t, store.RewardUsed, w.reward(spent.ID).State, "Stripe tells of the promotion, not of its code")
		require.NoError(t, d.Revoke(t.Context(), w.theShop(), r.ID, "a slip", "owner"))
		w.lookAfterRewards()
		require.Equal(t, store.RewardRevoked, w.reward(r.ID).State)
		promotion, found := fake.Object(account, rows[0].Promotion)
		require.True(t, found)
		require.Equal(t, false, promotion["active"])
	})
}

// Whatever fails and whoever comes at once: the budget holds, each reward has at
// most one code, and what is reserved and settled is what the rewards say.
func TestRewardsAddUpWhateverFails(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(shopifyfake.Customer{ID: 6001, Email: ada})
		d := w.rewarding()
		var all sync.WaitGroup
		shop, person := w.theShop(), w.adasID()
		for n := range 40 {
			all.Go(func() {
				reward := []string{"five", "tenth", "ship", "mug"}[n%4]
				r, err := d.Redeem(t.Context(), shop, person, reward, 1, fmt.Sprint("r", n/2))
				if err != nil {
					if !errors.Is(err, loyalty.ErrBudget) && !errors.Is(err, loyalty.ErrTooFew) && !fault.Is(err, fault.Conflict) {
						t.Error(err)
					}
					return
				}
				switch n % 5 {
				case 0:
					fake.FailOn("CreateDiscount", shopifyfake.Lost)
				case 1:
					fake.FailOn("CreateDiscount", shopifyfake.Unavailable)
				case 2:
					if err := d.Revoke(t.Context(), shop, r.ID, "a slip", "owner"); err != nil && !fault.Is(err, fault.Conflict) {
						t.Error(err)
					}
				}
				for range 3 {
					due, err := w.Store.DueRewards(t.Context(), w.shop, 100)
					if err != nil {
						t.Error(err)
					}
					for _, one := range due {
						if taken, ok, err := w.Store.TakeReward(t.Context(), shop.ID, one); err != nil {
							t.Error(err)
						} else if ok {
							if err := w.lookAfterReward(t.Context(), shop, taken); err != nil {
								t.Error(err)
							}
						}
					}
				}
			})
		}
		all.Wait()
		w.addUp(fake)
		for range 30 {
			storetest.ClockOf(w.Store).Advance(10 * time.Minute)
			w.lookAfterRewards()
		}
		w.addUp(fake)
		require.Zero(t, w.count(`SELECT COUNT(*) FROM rewards WHERE state IN ('making', 'unknown')`), "all is known in the end")
	})
}

// addUp checks what must hold at any moment.
func (w *world) addUp(fake *shopifyfake.Fake) {
	w.t.Helper()
	all, err := w.Store.RewardsOf(w.t.Context(), w.shop, w.adasID(), 1000)
	require.NoError(w.t, err)
	var reserved, settled, cost int64
	live := map[string]bool{}
	for _, r := range all {
		switch {
		case r.Open():
			reserved += r.Offer.Worth
		case r.State != store.RewardFailed:
			settled += r.Offer.Worth
		}
		if r.State != store.RewardFailed {
			cost += r.Offer.Cost
		}
		if r.State == store.RewardMade {
			live[r.Code] = true
		}
	}
	require.Equal(w.t, []int64{reserved, settled, 1000 - cost}, w.spent())
	require.LessOrEqual(w.t, reserved+settled, int64(3000))
	codes := map[string]bool{}
	for _, c := range fake.Discounts(w.conn.ExternalID) {
		require.False(w.t, codes[c.Code], "made twice")
		codes[c.Code] = true
		delete(live, c.Code)
	}
	require.Empty(w.t, live, "each can be used")
}
