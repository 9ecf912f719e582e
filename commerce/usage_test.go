package commerce

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBilledOf(t *testing.T) {
	since := after(-10)
	today := noon.DayOf()
	no, counts, back := Billed{Since: since}, Billed{Since: since, Day: today}, Billed{Since: since, Day: today, Back: true}
	merged := func(changes ...OrderChange) *Order {
		o := &Order{ID: "1"}
		for _, c := range changes {
			o.Merge(c, Shopify)
		}
		return o
	}
	other := merged(snapshot())
	other.SameAs = "2"
	old := snapshot()
	old.Payment = Payment{Told: after(-11)}
	for name, c := range map[string]struct {
		order *Order
		want  Billed
	}{
		"paid":                        {merged(snapshot()), counts},
		"told twice":                  {merged(snapshot(), snapshot()), counts},
		"not paid":                    {merged(snapshot(status("pending"))), no},
		"to the courier, not yet":     {merged(snapshot(onDelivery)), no},
		"a refund before the order":   {merged(refund("r", 7000, RefundSucceeded, after(1))), no},
		"refunded in part":            {merged(snapshot(), refund("r", 6999, RefundSucceeded, after(1))), counts},
		"refunded whole":              {merged(snapshot(), refund("r", 7000, RefundSucceeded, after(40))), back},
		"in two parts":                {merged(snapshot(), refund("a", 3000, RefundSucceeded, after(1)), refund("b", 4000, RefundSucceeded, after(2))), back},
		"the refund is under way":     {merged(snapshot(), refund("r", 7000, RefundPending, after(1))), counts},
		"the refund failed":           {merged(snapshot(), refund("r", 7000, RefundSucceeded, after(1)), refund("r", 7000, RefundFailed, after(2))), counts},
		"a test":                      {merged(snapshot(func(d *Detail) { d.Test = true })), no},
		"another row's purchase":      {other, no},
		"paid before the app came":    {merged(old), no},
		"cancelled and not paid back": {merged(snapshot(), OrderChange{Keys: []SourceKey{shopifyKey}, Cancel: Cancel{Told: after(1), Seen: after(1)}}), counts},
	} {
		require.Equal(t, c.want, BilledOf(c.order, since), name)
	}
	for since, counts := range map[Instant]bool{1: true, noon: true, noon + 999: true, noon + 1000: false} {
		require.Equal(t, counts, BilledOf(merged(snapshot(func(d *Detail) { d.UpdatedAt = noon })), since).Day != 0, "%d", since)
	}
}

func TestBillsFromTheFirstWhoTold(t *testing.T) {
	shop := Shop{Installed: map[Platform]Instant{Shopify: 20, Stripe: 10}}
	for _, c := range []struct {
		tellers []Platform
		want    Instant
	}{
		{[]Platform{Shopify}, 20},
		{[]Platform{Shopify, Stripe}, 10},
		{[]Platform{Stripe, Shopify}, 10},
		{[]Platform{API, Shopify}, 20},
		{[]Platform{API}, 1},
		{nil, 1},
	} {
		require.Equal(t, c.want, shop.BillsFrom(c.tellers), "%v", c.tellers)
	}
	told := &Order{Keys: []SourceKey{{Platform: Stripe, ID: "1"}, {Platform: Stripe, ID: "2"}, {Platform: Shopify, ID: "3"}}}
	require.Equal(t, []Platform{Stripe, Shopify}, told.Tellers())
	require.Empty(t, (&Order{}).Tellers())
}

func TestDayOf(t *testing.T) {
	const day = 24 * 3600 * 1000
	for at, want := range map[Instant]int64{0: 0, 1: 0, day - 1: 0, day: 1, 10*day + 5: 10, -1: -1, -day: -1, -day - 1: -2} {
		require.Equal(t, want, at.DayOf(), "%d", at)
	}
}

func TestEntitlementHolds(t *testing.T) {
	require.False(t, Entitlement{}.Holds(noon))
	require.False(t, Entitlement{HoldsFrom: noon + 1}.Holds(noon))
	require.True(t, Entitlement{HoldsFrom: noon}.Holds(noon))
}

// A contract is what is in force: until it is, what was chosen beside none is none.
func TestContract(t *testing.T) {
	for _, in := range []PlanState{PlanTrial, PlanActive, PlanCancelling, PlanPending} {
		require.True(t, Entitlement{Plan: "grow", State: in}.Contract(), in)
	}
	require.False(t, Entitlement{State: PlanPending, PendingPlan: "grow"}.Contract())
	for _, out := range []PlanState{"", PlanNone, PlanDeclined, PlanFrozen, PlanCancelled} {
		require.False(t, Entitlement{Plan: "grow", State: out}.Contract(), out)
	}
}
