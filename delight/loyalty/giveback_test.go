package loyalty_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
)

// What is given back pays first for what refunds would have taken since, and only for that.
func TestGiveBack(t *testing.T) {
	of := func(kind loyalty.Kind, order string, points, forgiven int64, terms *loyalty.Terms) loyalty.Row {
		return loyalty.Row{ID: order + string(kind), Kind: kind, Cause: loyalty.Cause{Kind: loyalty.OfOrder, ID: order}, Rule: "r", Points: points, Forgiven: forgiven, Terms: terms}
	}
	terms := &loyalty.Terms{Rule: loyalty.Rule{ID: "r"}}
	reward := loyalty.Cause{Kind: loyalty.OfReward, ID: "w"}
	rows := []loyalty.Row{
		of(loyalty.Earn, "long ago", 10, 0, terms), of(loyalty.Clawback, "long ago", 0, 10, nil), // before it was spent
		of(loyalty.Earn, "1", 60, 0, terms), of(loyalty.Earn, "2", 40, 0, terms),
		{ID: "w", Kind: loyalty.Redeem, Cause: reward, Points: -100},
		of(loyalty.Clawback, "1", 0, 60, nil),
	}
	back := loyalty.GiveBack(rows, "w", "failed", noon)
	require.Equal(t, []loyalty.Row{
		{Kind: loyalty.Adjust, Cause: reward, Points: 100, At: noon, Note: "failed"},
		{Kind: loyalty.Clawback, Cause: loyalty.Cause{Kind: loyalty.OfOrder, ID: "1"}, Rule: "r", Points: -60, Forgiven: -60, At: noon},
	}, back)
	require.Empty(t, loyalty.GiveBack(append(rows, back...), "w", "again", noon), "once")
	require.Empty(t, loyalty.GiveBack(rows, "another", "", noon))
}

// An award follows what counted on its day, whatever the shop counts by now.
func TestCountsAreFrozen(t *testing.T) {
	o := &commerce.Order{ID: "1"}
	o.Merge(told("1", detail(func(d *commerce.Detail) { d.Lines[0].GiftCard = true })), commerce.Shopify)
	o.Freeze("EUR")
	p := program()
	p.Counts = loyalty.Counts{GiftCards: true}
	ledger := &loyalty.Ledger{}
	rows := ledger.Settle(loyalty.SaleOf(o, shop, p.Counts, loyalty.Policy{}, 1), nil, p, loyalty.Person{Member: true}, noon)
	require.NotEmpty(t, rows)
	require.Empty(t, ledger.Settle(loyalty.SaleOf(o, shop, loyalty.Counts{}, loyalty.Policy{}, 1), loyalty.Awards(rows), loyalty.Program{}, loyalty.Person{Member: true}, noon))
}
