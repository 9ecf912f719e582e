package commerce

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBilledOf(t *testing.T) {
	shop := Shop{Installed: map[Platform]Instant{Shopify: after(-10)}}
	today := noon.DayOf()
	counts, back := Billed{Day: today, Paid: true}, Billed{Day: today, Paid: true, Back: true}
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
		"not paid":                    {merged(snapshot(status("pending"))), Billed{}},
		"to the courier, not yet":     {merged(snapshot(onDelivery)), Billed{}},
		"a refund before the order":   {merged(refund("r", 7000, RefundSucceeded, after(1))), Billed{}},
		"refunded in part":            {merged(snapshot(), refund("r", 6999, RefundSucceeded, after(1))), counts},
		"refunded whole":              {merged(snapshot(), refund("r", 7000, RefundSucceeded, after(40))), back},
		"in two parts":                {merged(snapshot(), refund("a", 3000, RefundSucceeded, after(1)), refund("b", 4000, RefundSucceeded, after(2))), back},
		"the refund is under way":     {merged(snapshot(), refund("r", 7000, RefundPending, after(1))), counts},
		"the refund failed":           {merged(snapshot(), refund("r", 7000, RefundSucceeded, after(1)), refund("r", 7000, RefundFailed, after(2))), counts},
		"a test":                      {merged(snapshot(func(d *Detail) { d.Test = true })), Billed{}},
		"another row's purchase":      {other, Billed{}},
		"paid before the app came":    {merged(old), Billed{}},
		"cancelled and not paid back": {merged(snapshot(), OrderChange{Keys: []SourceKey{shopifyKey}, Cancel: Cancel{Told: after(1), Seen: after(1)}}), counts},
	} {
		require.Equal(t, c.want, BilledOf(c.order, shop), name)
	}
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
