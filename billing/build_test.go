package billing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
)

var noon = commerce.At(time.Date(2026, time.March, 20, 12, 0, 0, 0, time.UTC))

func after(days int) commerce.Instant { return noon.Add(time.Duration(days) * 24 * time.Hour) }

const four = `
- {handle: free, orders: 50, name: {en: Free, ar: مجاني}}
- {handle: start, orders: 500, trial: 14, name: {en: Start}}
- {handle: grow, orders: 2500, trial: 14, name: {en: Grow}}
- {handle: scale, orders: 0, name: {en: Scale}}`

func plans(t *testing.T) Plans {
	t.Helper()
	ps, err := ParsePlans([]byte(four))
	require.NoError(t, err)
	return ps
}

// has is what a shop may have since a day ago.
func has(state commerce.PlanState, plan string, change ...func(*commerce.Entitlement)) commerce.Entitlement {
	e := commerce.Entitlement{State: state, Plan: plan, ChangedAt: after(-1), CheckedAt: after(-1)}
	for _, c := range change {
		c(&e)
	}
	return e
}

func chosen(plan string) func(*commerce.Entitlement) {
	return func(e *commerce.Entitlement) { e.PendingPlan = plan }
}

func since(at commerce.Instant) func(*commerce.Entitlement) {
	return func(e *commerce.Entitlement) { e.ChangedAt = at }
}

func cycleFrom(at commerce.Instant) func(*commerce.Entitlement) {
	return func(e *commerce.Entitlement) { e.PeriodFrom, e.PeriodUntil = at, at.Add(cycle) }
}

func holding(from commerce.Instant) func(*commerce.Entitlement) {
	return func(e *commerce.Entitlement) { e.HoldsFrom = from }
}
