package commerce

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhenAnOrderWasPaid(t *testing.T) {
	for name, c := range map[string]struct {
		seen []Payment
		want Instant
	}{
		"nothing known":                {nil, 0},
		"only seen unpaid":             {[]Payment{{UnpaidSeen: second(1)}}, 0},
		"told by the platform":         {[]Payment{{PaidSeen: second(9), Processed: second(3)}, {Told: second(5)}}, second(5)},
		"told twice: the first":        {[]Payment{{Told: second(7)}, {Told: second(5)}}, second(5)},
		"seen paid after unpaid":       {[]Payment{{UnpaidSeen: second(1)}, {PaidSeen: second(9), Processed: second(0)}}, second(9)},
		"in one second with unpaid":    {[]Payment{{UnpaidSeen: second(9)}, {PaidSeen: second(9), Processed: second(0)}}, second(9)},
		"first seen when paid already": {[]Payment{{PaidSeen: second(9), Processed: second(3)}}, second(3)},
		"no word when it was made":     {[]Payment{{PaidSeen: second(9)}}, second(9)},
		"several paid snapshots":       {[]Payment{{UnpaidSeen: second(1)}, {PaidSeen: second(12)}, {PaidSeen: second(9)}}, second(9)},
		"unpaid, paid, then added to": {[]Payment{
			{UnpaidSeen: second(1)}, {PaidSeen: second(9), Processed: second(0)}, {UnpaidSeen: second(20)},
		}, second(9)},
		"an edit added to a paid order": {[]Payment{
			{PaidSeen: second(9), Processed: second(3)}, {UnpaidSeen: second(20)}, {PaidSeen: second(30), Processed: second(3)},
		}, second(3)},
	} {
		var forward, backward Payment
		for i := range c.seen {
			forward.merge(c.seen[i])
			backward.merge(c.seen[len(c.seen)-1-i])
		}
		require.Equal(t, c.want, forward.At(), name)
		require.Equal(t, forward, backward, name)
	}
}

func TestSale(t *testing.T) {
	require.Equal(t, noon, merged(snapshot()).Sale(Settings{}))
	require.Zero(t, merged(snapshot(status("pending"))).Sale(cash), "no gateway of the list")

	courier := merged(snapshot(onDelivery))
	require.Zero(t, courier.Sale(Settings{}), "the shop does not list the gateway")
	require.Equal(t, noon, courier.Sale(cash), "placed is sold")
	courier.Merge(OrderChange{Keys: []SourceKey{shopifyKey}, Payment: Payment{Told: after(9)}}, Shopify)
	require.Equal(t, noon, courier.Sale(cash), "the courier's money moves nothing")
	require.Equal(t, after(9), courier.Sale(Settings{}))
}

func TestPaysOnDelivery(t *testing.T) {
	require.True(t, cash.PaysOnDelivery([]string{"gift_card", "cash on delivery (COD) "}))
	require.False(t, cash.PaysOnDelivery([]string{"Cash"}))
	require.False(t, cash.PaysOnDelivery(nil))
	require.False(t, Settings{}.PaysOnDelivery([]string{""}))
}

func TestFreeze(t *testing.T) {
	in := func(total, shop Money) *Order {
		return merged(snapshot(func(d *Detail) { d.Total, d.ShopTotal = total, shop }))
	}
	for name, c := range map[string]struct {
		order     *Order
		reporting string
		want      Reporting
	}{
		"paid in the shop's currency": {in(euros(7000), euros(7000)), "EUR", Reporting{euros(7000), "1", "same"}},
		"paid in another":             {in(Money{41240, "KWD"}, Money{50313, "SAR"}), "SAR", Reporting{Money{50313, "SAR"}, "12.200048496605", "shopify"}},
		"yen for euros":               {in(Money{12000, "JPY"}, euros(7500)), "EUR", Reporting{euros(7500), "0.00625", "shopify"}},
		"a tiny rate keeps digits":    {in(Money{100_000_000_000, "IRR"}, Money{238, "KWD"}), "KWD", Reporting{Money{238, "KWD"}, "0.000000000238", "shopify"}},
		"a third currency is unknown": {in(Money{41240, "KWD"}, Money{50313, "SAR"}), "USD", Reporting{}},
		"no reporting currency yet":   {in(euros(7000), euros(7000)), "", Reporting{}},
		"nothing paid gives no rate":  {in(Money{0, "KWD"}, Money{0, "SAR"}), "SAR", Reporting{}},
		"a stub":                      {merged(refund("r", 1, RefundSucceeded, noon)), "EUR", Reporting{}},
	} {
		c.order.Freeze(c.reporting)
		require.Equal(t, c.want, c.order.Reporting, name)
	}
}

func TestFreezeForgetsWhatNoLongerHolds(t *testing.T) {
	o := merged(snapshot())
	o.Freeze("EUR")
	o.Merge(snapshot(asOf(second(5)), func(d *Detail) { d.Total, d.ShopTotal = Money{}, Money{} }), Shopify)
	o.Freeze("EUR")
	require.Equal(t, Reporting{}, o.Reporting)
}
