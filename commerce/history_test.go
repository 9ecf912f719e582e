package commerce

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestPurchaseOf(t *testing.T) {
	is := func(change func(*Detail)) []OrderChange { return []OrderChange{snapshot(change)} }
	for name, c := range map[string]struct {
		told   []OrderChange
		amount int64
		counts bool
	}{
		"paid":                    {[]OrderChange{snapshot()}, 7000, true},
		"unpaid":                  {is(status("pending")), 7000, false},
		"paid to the courier":     {is(onDelivery), 7000, true},
		"a test":                  {is(func(d *Detail) { d.Test = true }), 7000, false},
		"voided":                  {is(status("voided")), 7000, false},
		"deleted":                 {[]OrderChange{snapshot(), {DeletedAt: after(1)}}, 7000, false},
		"cancelled":               {[]OrderChange{snapshot(), {Cancel: Cancel{Told: after(1), Seen: after(1)}}}, 7000, false},
		"parcel refused":          {[]OrderChange{snapshot(onDelivery), parcel(Fulfilment{FailedAt: after(3)})}, 7000, false},
		"refunded in part":        {[]OrderChange{snapshot(), refund("r", 1500, RefundSucceeded, after(1), cups(1))}, 5500, true},
		"a refund under way":      {[]OrderChange{snapshot(), refund("r", 1500, RefundPending, after(1))}, 7000, true},
		"a refund failed":         {[]OrderChange{snapshot(), refund("r", 7000, RefundFailed, after(1))}, 7000, true},
		"refunded":                {[]OrderChange{snapshot(), refund("r", 7000, RefundSucceeded, after(1))}, 0, false},
		"more than all went back": {[]OrderChange{snapshot(), refund("r", 9000, RefundSucceeded, after(1))}, 0, false},
		"dispute lost":            {[]OrderChange{snapshot(), dispute("d", DisputeLost, after(1), after(2))}, 7000, false},
		"dispute won":             {[]OrderChange{snapshot(), dispute("d", DisputeWon, after(1), after(2))}, 7000, true},
		"dispute open":            {[]OrderChange{snapshot(), dispute("d", DisputeOpen, after(1), 0)}, 7000, true},
		"nothing to pay":          {is(func(d *Detail) { d.Total, d.ShopTotal = euros(0), euros(0) }), 0, true},
		"a stub":                  {[]OrderChange{refund("r", 100, RefundSucceeded, after(1))}, 0, false},
	} {
		o := merged(c.told...)
		o.Freeze("EUR")
		p := PurchaseOf(o, Shop{Settings: cash})
		require.Equal(t, c.amount, p.Amount, name)
		require.Equal(t, c.counts, p.Counts, name)
		require.Equal(t, OrderID("order"), p.Order)
		require.Equal(t, name != "a stub", p.Known, name)
	}
	same := merged(snapshot())
	same.SameAs = "another"
	require.False(t, PurchaseOf(same, Shop{}).Counts, "the other row is the purchase")
	require.Equal(t, noon, PurchaseOf(merged(snapshot()), Shop{}).At)
	require.Equal(t, Purchase{Order: "order", At: noon, Counts: true}, PurchaseOf(merged(snapshot()), Shop{}), "no rate, no amount")
}

// What goes back is turned into the shop's currency by the order's own rate.
func TestPurchaseInAnotherCurrency(t *testing.T) {
	total, shop := Money{41240, "KWD"}, Money{50313, "SAR"}
	o := merged(snapshot(func(d *Detail) { d.Total, d.ShopTotal = total, shop }))
	back := OrderChange{Keys: o.Keys, Refunds: []Refund{{ID: "r", Status: RefundSucceeded, Amount: Money{12500, "KWD"}, At: after(1)}}}
	o.Merge(back, Shopify)
	o.Freeze("SAR")
	require.Equal(t, int64(50313-15250), PurchaseOf(o, Shop{}).Amount, "12.5 dinars at 12.2")

	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(0, maxAmount)
		paid, ours := Money{amount.Draw(t, "paid"), "IRR"}, Money{amount.Draw(t, "ours"), "EUR"}
		net := func(back int64) int64 {
			o := merged(snapshot(func(d *Detail) { d.Total, d.ShopTotal = paid, ours }))
			o.Merge(OrderChange{Keys: o.Keys, Refunds: []Refund{{ID: "r", Status: RefundSucceeded, Amount: Money{back, "IRR"}, At: after(1)}}}, Shopify)
			o.Freeze("EUR")
			return PurchaseOf(o, Shop{}).Amount
		}
		some := amount.Draw(t, "back")
		more := amount.Draw(t, "more")
		require.GreaterOrEqual(t, net(some), int64(0))
		require.LessOrEqual(t, net(max(some, more)), net(min(some, more)), "what goes back adds nothing")
		require.Zero(t, net(paid.Amount))
	})
}

func TestHistory(t *testing.T) {
	h := History{
		{"d", after(40), 100, true, true},
		{"a", after(0), 1000, true, true},
		{"x", after(5), 9900, true, false},
		{"c", after(30), 300, true, true},
		{"b", after(10), 0, false, true},
		{"y", 0, 50, true, false},
	}
	SortHistory(h)
	require.Equal(t, OrderID("y"), h[0].Order, "not sold yet")
	require.Equal(t, 4, h.Count())
	require.Len(t, h.Counted(), 4)
	require.EqualValues(t, 1400, h.Spent())
	require.Equal(t, OrderID("a"), h.First().Order)
	require.Equal(t, OrderID("d"), h.Last().Order)
	for order, want := range map[OrderID]int{"a": 0, "b": 1, "c": 2, "d": 3, "x": -1, "y": -1, "z": -1} {
		require.Equal(t, want, h.Index(order), order)
	}
	day := 24 * time.Hour
	require.Equal(t, 10*day, h.MedianGap(), "of 10, 20 and 10 days")
	require.Equal(t, 15*day, h[:5].MedianGap(), "between 10 and 20")
	require.Zero(t, h[:4].MedianGap(), "two purchases are no rhythm")
	require.Equal(t, Purchase{}, History{}.First())
	require.Equal(t, Purchase{}, History{}.Last())
}

func TestHistoryIsOneOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := History{}
		for i := range rapid.IntRange(1, 6).Draw(t, "purchases") {
			h = append(h, Purchase{Order: OrderID(rune('a' + i)), At: after(rapid.IntRange(0, 3).Draw(t, "day")), Counts: rapid.Bool().Draw(t, "counts")})
		}
		other := History(rapid.Permutation(h).Draw(t, "other"))
		SortHistory(h)
		SortHistory(other)
		require.Equal(t, h, other)
		for i, p := range h.Counted() {
			require.Equal(t, i, h.Index(p.Order))
		}
	})
}
