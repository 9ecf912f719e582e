package jobs

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// withTiers has silver from 50 and gold from 150 pounds within a year.
func withTiers(change ...func(*loyalty.Program)) loyalty.Program {
	p := fivePerPound()
	p.Tiers = loyalty.Tiers{By: loyalty.BySpend, Months: 12, Grace: 30, Levels: []loyalty.Tier{
		{ID: "silver", From: 5_000, Multiplier: 100, Tag: "Silver"}, {ID: "gold", From: 15_000, Multiplier: 200, Tag: "Gold", Reward: "gift"},
	}}
	p.Rewards, p.Budget = []loyalty.Reward{{ID: "gift", Kind: loyalty.PercentOff, Percent: 1000, Worth: 800}}, -1
	for _, f := range change {
		f(&p)
	}
	return p
}

// tells Shopify of the tags that are due.
func (w *world) tellTags() {
	w.t.Helper()
	require.NoError(w.t, w.handleTags(w.t.Context(), nil))
}

func TestTiersRiseAndFall(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(shopifyfake.Customer{ID: 6001, Email: ada, FirstName: "Ada", Tags: []string{"press"}})
		w.alone()
		w.withProgram(withTiers())
		tags := func() []string {
			w.tellTags()
			return fake.Tags(w.conn.ExternalID, 6001)
		}
		w.merge(w.decode("orders/paid", w.order(1).Body())) // 78 of goods
		w.goesBy(time.Minute)
		require.Equal(t, "silver", w.adasPoints().Tier)
		require.JSONEq(t, `{"tier": "silver", "from": ""}`, w.props(commerce.TierReached))
		require.Equal(t, []string{"Silver", "press"}, tags())
		second := w.order(2)
		w.merge(w.decode("orders/paid", second.Body()))
		w.goesBy(time.Minute)
		w.goesBy(time.Minute)
		require.Equal(t, "gold", w.adasPoints().Tier)
		require.Equal(t, 2, w.events(commerce.TierReached))
		require.Equal(t, []string{"Gold", "press"}, tags())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM rewards WHERE cause_kind = 'tier' AND reward = 'gift'`), "what the level gives, once")

		w.merge(w.decode("refunds/create", second.Refund(w.now(), second.Total(), shopifyfake.RefundLine{Line: 0, Quantity: 1}, shopifyfake.RefundLine{Line: 1, Quantity: 2}).Body()))
		w.goesBy(time.Minute)
		require.Equal(t, "gold", w.adasPoints().Tier, "the grace runs")
		require.JSONEq(t, fmt.Sprintf(`{"tier": "gold", "ends_at": %d}`, w.adasPoints().Below.Add(30*day)), w.props(commerce.TierEnding))
		w.goesBy(31 * day)
		require.Equal(t, "silver", w.adasPoints().Tier)
		require.JSONEq(t, `{"tier": "gold", "from": "silver"}`, w.props(commerce.TierLost))
		require.Equal(t, []string{"Silver", "press"}, tags())
		w.goesBy(400 * day)
		w.goesBy(31 * day)
		require.Empty(t, w.adasPoints().Tier, "a year is over")
		require.Equal(t, []string{"press"}, tags())
		require.Zero(t, w.count(`SELECT COUNT(*) FROM loyalty_members WHERE tier_look_at > 0`), "there is nothing to look at any more")
	})
}

// A level multiplies what is earned while somebody has it; who comes back has it still and is given nothing again.
func TestALevelMultipliesAndOutlastsALeave(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customersOf(shopifyfake.Customer{ID: 6001, Email: ada, FirstName: "Ada"})
		w.alone()
		w.withProgram(withTiers())
		w.merge(w.decode("orders/paid", w.order(1).Body(), w.order(2).Body()))
		w.goesBy(time.Minute)
		before := w.adasPoints()
		require.Equal(t, "gold", before.Tier)
		w.merge(w.decode("orders/paid", w.order(3).Body()))
		require.EqualValues(t, 2*5*78, w.adasPoints().Pending-before.Pending)
		w.does(func(d club.Desk, shop commerce.Shop, ada commerce.PersonID) error {
			return d.Leave(t.Context(), shop, ada)
		})
		w.goesBy(time.Minute)
		w.does(func(d club.Desk, shop commerce.Shop, ada commerce.PersonID) error {
			return d.Join(t.Context(), shop, ada, "account")
		})
		w.goesBy(time.Minute)
		require.Equal(t, before.Standing, w.adasPoints().Standing)
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM rewards`))
		require.Equal(t, 1, w.events(commerce.TierReached))
	})
}

// By points a level counts what was earned at its order's date, less what was taken back.
func TestTiersByPoints(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.withProgram(withTiers(func(p *loyalty.Program) {
			p.Tiers.By, p.Tiers.Grace = loyalty.ByPoints, 0
			p.Tiers.Levels = []loyalty.Tier{{ID: "silver", From: 400, Multiplier: 100}}
		}))
		o := w.order(1)
		w.merge(w.decode("orders/paid", o.Body()))
		w.goesBy(time.Minute)
		require.Equal(t, "silver", w.adasPoints().Tier)
		w.merge(w.decode("refunds/create", o.Refund(w.now(), 4900, shopifyfake.RefundLine{Line: 0, Quantity: 1}).Body()))
		w.goesBy(time.Minute)
		require.Empty(t, w.adasPoints().Tier)
		require.Equal(t, 1, w.events(commerce.TierLost))
	})
}

// Levels that come later are for those who were members before, by what they had bought.
func TestNewLevelsAreForMembersOfBefore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.withProgram(fivePerPound())
		w.merge(w.decode("orders/paid", w.order(1).Body()))
		w.goesBy(day)
		require.Empty(t, w.adasPoints().Tier)
		saved, err := w.Store.LoyaltyProgram(t.Context(), w.shop)
		require.NoError(t, err)
		saved.Tiers = withTiers().Tiers
		saved.Tiers.Levels = saved.Tiers.Levels[:1]
		_, err = w.Store.SaveProgram(t.Context(), w.shop, saved.Program, saved.Rev, "owner")
		require.NoError(t, err)
		w.goesBy(time.Minute)
		require.Equal(t, "silver", w.adasPoints().Tier)
	})
}

// Who became one with somebody has one level, and is told of it once.
func TestWhoBecameOneHasOneLevel(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.withProgram(withTiers())
		w.merge(w.decode("orders/paid", w.order(1).Body()))
		w.merge(w.decode("orders/paid", w.order(2).For(shopifyfake.Customer{ID: 6002, Email: bea}, "GB").Body()))
		w.goesBy(time.Minute)
		require.Equal(t, 2, w.events(commerce.TierReached), "silver, each of them")
		into := w.adasPoints().Person
		storetest.Do(t, w.Store, func(tx *store.Tx) error {
			found, err := tx.PersonsByIdentity(w.shop, []commerce.Identity{{Kind: commerce.ByEmail, Value: bea}})
			if err != nil {
				return err
			}
			from := found[commerce.Identity{Kind: commerce.ByEmail, Value: bea}]
			return tx.MergePersons(w.shop, from, into, "same")
		})
		w.goesBy(time.Minute)
		w.goesBy(time.Minute)
		require.Equal(t, "gold", w.adasPoints().Tier)
		require.Equal(t, 3, w.events(commerce.TierReached))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM rewards`))
	})
}

// A reward of a level that the month's budget does not hold comes next month.
func TestALevelsRewardWaitsForTheBudget(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.withProgram(withTiers(func(p *loyalty.Program) { p.Budget = 100 }))
		w.merge(w.decode("orders/paid", w.order(1).Body(), w.order(2).Body()))
		w.goesBy(time.Minute)
		require.Equal(t, "gold", w.adasPoints().Tier, "the level is theirs all the same")
		require.Zero(t, w.count(`SELECT COUNT(*) FROM rewards`))
		saved, err := w.Store.LoyaltyProgram(t.Context(), w.shop)
		require.NoError(t, err)
		saved.Budget = 1000
		_, err = w.Store.SaveProgram(t.Context(), w.shop, saved.Program, saved.Rev, "owner")
		require.NoError(t, err)
		w.goesBy(25 * time.Hour)
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM rewards`))
	})
}

// A reward of a level whose code could not be made is given again a day later, once.
func TestALevelsRewardThatCouldNotBeMadeIsGivenAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.withProgram(withTiers())
		w.merge(w.decode("orders/paid", w.order(1).Body(), w.order(2).Body()))
		w.goesBy(time.Minute)
		w.cannotBeMade()
		w.goesBy(time.Hour)
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM rewards`), "not at once")
		w.goesBy(25 * time.Hour)
		w.goesBy(25 * time.Hour)
		require.Equal(t, 2, w.count(`SELECT COUNT(*) FROM rewards`))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM rewards WHERE state = 'making'`))
	})
}

// Shopify is away, or was told and nobody heard its answer: the tags are there in the end.
func TestTagsOfTiersSurviveTrouble(t *testing.T) {
	for _, failure := range []shopifyfake.Failure{shopifyfake.Unavailable, shopifyfake.Lost} {
		t.Run(string(failure), func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.customersOf(shopifyfake.Customer{ID: 6001, Email: ada, FirstName: "Ada"})
				fake.FailOn("AddTags", failure)
				w.alone()
				w.withProgram(withTiers())
				w.merge(w.decode("orders/paid", w.order(1).Body()))
				w.goesBy(time.Minute)
				w.tellTags()
				require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM loyalty_members WHERE tag_at > 0`), "it is not certain")
				w.goesBy(time.Minute)
				w.tellTags()
				require.Equal(t, []string{"Silver"}, fake.Tags(w.conn.ExternalID, 6001))
				require.Zero(t, w.count(`SELECT COUNT(*) FROM loyalty_members WHERE tag_at > 0`))
			})
		})
	}
}

// Where Shopify does not let us, the shop is told of it in the end.
func TestTagsThatCannotBe(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(shopifyfake.Customer{ID: 6001, Email: ada, FirstName: "Ada"})
		fake.Scopes(w.conn.ExternalID, "read_customers")
		w.alone()
		w.withProgram(withTiers())
		w.merge(w.decode("orders/paid", w.order(1).Body()))
		for range 12 {
			w.goesBy(73 * time.Hour)
			w.tellTags()
		}
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM findings WHERE kind = 'tier_not_tagged'`))
		require.Zero(t, w.count(`SELECT COUNT(*) FROM loyalty_members WHERE tag_at > 0`))
		require.Equal(t, store.Joined, w.adasPoints().State)
	})
}
