package loyalty_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/delight/loyalty"
)

var fiveOff = loyalty.Reward{ID: "five", Kind: loyalty.AmountOff, Cost: 500, Amount: 500, MinSpend: 2000}

func TestARewardIsFrozenWhenItIsIssued(t *testing.T) {
	require.NoError(t, fiveOff.Check())
	o, err := fiveOff.Issue(1, "EUR")
	require.NoError(t, err)
	require.Equal(t, loyalty.Offer{Reward: "five", Kind: loyalty.AmountOff, Cost: 500, Amount: euros(500), MinSpend: euros(2000), Days: 90, Worth: 500}, o)
	_, err = fiveOff.Issue(2, "EUR")
	require.Error(t, err, "it does not slide")

	sliding := loyalty.Reward{ID: "any", Kind: loyalty.AmountOff, Cost: 100, Amount: 100, Sliding: true, Least: 2, Most: 10}
	require.NoError(t, sliding.Check())
	o, err = sliding.Issue(7, "EUR")
	require.NoError(t, err)
	require.Equal(t, []int64{700, 700, 700}, []int64{o.Cost, o.Amount.Amount, o.Worth})
	for points, steps := range map[int64]int64{0: 0, 199: 0, 200: 2, 350: 3, 5000: 10} {
		require.Equal(t, steps, sliding.Steps(points))
	}
	require.EqualValues(t, 1, fiveOff.Steps(5000))
	hidden := fiveOff
	hidden.Hidden = true
	_, err = hidden.Issue(1, "EUR")
	require.Error(t, err)
}

func TestRewardsThatMeanNothing(t *testing.T) {
	for name, r := range map[string]loyalty.Reward{
		"no id":              {Kind: loyalty.AmountOff, Amount: 1},
		"no kind":            {ID: "r", Kind: "luck", Worth: 1},
		"nothing off":        {ID: "r", Kind: loyalty.AmountOff},
		"more than all":      {ID: "r", Kind: loyalty.PercentOff, Percent: 10_001, Worth: 1},
		"no product":         {ID: "r", Kind: loyalty.FreeProduct, Worth: 1},
		"worth nobody knows": {ID: "r", Kind: loyalty.PercentOff, Percent: 1000},
		"a sliding percent":  {ID: "r", Kind: loyalty.PercentOff, Percent: 1000, Worth: 1, Cost: 1, Sliding: true},
		"most below least":   {ID: "r", Kind: loyalty.AmountOff, Amount: 1, Cost: 1, Sliding: true, Least: 3, Most: 2},
	} {
		require.Error(t, r.Check(), name)
	}
}

// Whatever is reserved, settled and released, a budget is never overspent.
func TestABudgetIsNeverOverspent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := loyalty.Budget{Limit: rapid.Int64Range(0, 10_000).Draw(t, "limit")}
		var open []int64
		for range 50 {
			worth := rapid.Int64Range(1, 3000).Draw(t, "worth")
			switch act := rapid.IntRange(0, 2).Draw(t, "act"); {
			case act == 0 || len(open) == 0:
				next, err := b.Reserve(worth)
				if err == nil {
					b, open = next, append(open, worth)
				} else {
					require.Greater(t, worth+b.Reserved+b.Settled, b.Limit)
				}
			case act == 1:
				b, open = b.Settle(open[0]), open[1:]
			default:
				b, open = b.Release(open[0]), open[1:]
			}
			require.LessOrEqual(t, b.Reserved+b.Settled, b.Limit)
			require.GreaterOrEqual(t, b.Reserved, int64(0))
		}
	})
}
