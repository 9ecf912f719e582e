package loyalty_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
)

// An amount that overflows would make a budget of any size.
func TestAmountsAreBounded(t *testing.T) {
	r := loyalty.Reward{ID: "off", Kind: loyalty.AmountOff, Amount: 10_000_000_000_000, Sliding: true, Cost: 1}
	require.ErrorContains(t, r.Check(), "too large")
	r.Amount = 1_000_000_000
	require.NoError(t, r.Check())
	_, err := r.Issue(1_000_000, "EUR")
	require.ErrorContains(t, err, "does not come in that size")
	o, err := r.Issue(1_000, "EUR")
	require.NoError(t, err)
	require.EqualValues(t, 1_000_000_000_000, o.Worth)
	_, err = loyalty.Budget{Limit: -1}.Reserve(-1)
	require.Error(t, err)
}

// Whose tier the shop has done away with rises nowhere and falls nowhere.
func TestATierThatIsGone(t *testing.T) {
	gone := loyalty.Standing{Tier: "platinum", Since: noon}
	next, what := levels.Next(gone, levels.Levels[0].From, day(1))
	require.Equal(t, loyalty.Same, what)
	require.Equal(t, loyalty.Standing{Tier: levels.Levels[0].ID, Since: day(1)}, next)
	next, what = levels.Next(gone, 0, day(1))
	require.Equal(t, loyalty.Same, what)
	require.Zero(t, next)
}

// The window begins when the carrier says that it has come, however late that
// is; only what is assumed is cut short.
func TestALateParcelHasItsWholeWindow(t *testing.T) {
	o := &commerce.Order{ID: "1"}
	o.Merge(told("1", func(c *commerce.OrderChange) {
		c.FulfilledSeen = day(88)
		c.Fulfilments = []commerce.Fulfilment{{ID: "f", Status: commerce.FulfilmentShipped, ShippedAt: day(88), DeliveredAt: day(90)}}
	}), commerce.Shopify)
	o.Freeze("EUR")
	sale := loyalty.SaleOf(o, shop, loyalty.Counts{}, loyalty.Policy{ReturnDays: 14}, 1)
	require.Equal(t, day(104), sale.OpensAt)
}

// Tiers by points do not keep what a refund took, whether the balance could pay for it or not.
func TestForgivenPointsWereNotEarned(t *testing.T) {
	b := loyalty.Replay([]loyalty.Row{
		{ID: "1", Kind: loyalty.Earn, Cause: loyalty.Cause{Kind: loyalty.OfOrder, ID: "o"}, Rule: "r", Points: 100, Terms: &loyalty.Terms{}},
		{ID: "2", Kind: loyalty.Redeem, Cause: loyalty.Cause{Kind: loyalty.OfReward, ID: "w"}, Points: -100},
		{ID: "3", Kind: loyalty.Clawback, Cause: loyalty.Cause{Kind: loyalty.OfOrder, ID: "o"}, Rule: "r", Forgiven: 100},
		{ID: "4", Kind: loyalty.Pending, Cause: loyalty.Cause{Kind: loyalty.OfOrder, ID: "p"}, Rule: "r", Pending: 30, Terms: &loyalty.Terms{}},
		{ID: "5", Kind: loyalty.Expire, Cause: loyalty.Cause{Kind: loyalty.OfOrder, ID: "p"}, Rule: "r", Pending: -30},
	})
	require.Zero(t, b.Points)
	require.Zero(t, b.Earned)
}

// A busy customer's ledger is read in the time that its rows need, not their square.
func BenchmarkAwardsOf20000(b *testing.B) {
	rows := make([]loyalty.Row, 20_000)
	for i := range rows {
		rows[i] = loyalty.Row{Kind: loyalty.Pending, Cause: loyalty.Cause{Kind: loyalty.OfOrder, ID: string(rune(i))}, Rule: "r", Pending: 1, Terms: &loyalty.Terms{}}
	}
	for b.Loop() {
		loyalty.Awards(rows)
	}
}
