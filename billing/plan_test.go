package billing

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
)

func TestPlansAreRead(t *testing.T) {
	ps := plans(t)
	require.Equal(t, "free", ps.Free().Handle)
	grow, known := ps.By("grow")
	require.True(t, known)
	require.Equal(t, Plan{Handle: "grow", Orders: 2500, Trial: 14, Name: map[string]string{"en": "Grow"}}, grow)
	require.Equal(t, "مجاني", ps.Free().Called("ar"))
	require.Equal(t, "Free", ps.Free().Called("fa"), "in English where there is no other name")
}

func TestPlansThatCannotBe(t *testing.T) {
	for name, text := range map[string]string{
		"none":               `[]`,
		"five":               four + "\n- {handle: more, orders: 0, name: {en: More}}",
		"no list":            `plan: free`,
		"an unknown field":   `[{handle: free, price: 3, name: {en: Free}}]`,
		"no handle":          `[{orders: 5, name: {en: Free}}]`,
		"a handle twice":     `[{handle: free, orders: 5, name: {en: Free}}, {handle: free, orders: 6, name: {en: Free}}]`,
		"no English name":    `[{handle: free, orders: 5, name: {ar: مجاني}}]`,
		"orders below zero":  `[{handle: free, orders: -1, name: {en: Free}}]`,
		"a free trial":       `[{handle: free, orders: 5, trial: 1, name: {en: Free}}]`,
		"not in their order": `[{handle: free, orders: 5, name: {en: Free}}, {handle: start, orders: 5, name: {en: Start}}]`,
		"more than any":      `[{handle: free, orders: 0, name: {en: Free}}, {handle: start, orders: 5, name: {en: Start}}]`,
	} {
		_, err := ParsePlans([]byte(text))
		require.True(t, fault.Is(err, fault.Invalid), "%s: %v", name, err)
	}
}

// What counts in each state.
func TestThePlanThatCounts(t *testing.T) {
	ps := plans(t)
	for _, c := range []struct {
		e    commerce.Entitlement
		want string
	}{
		{has(commerce.PlanNone, ""), "free"},
		{has(commerce.PlanTrial, "start"), "start"},
		{has(commerce.PlanActive, "grow"), "grow"},
		{has(commerce.PlanCancelling, "grow"), "grow"},
		{has(commerce.PlanPending, "", chosen("grow")), "free"},
		{has(commerce.PlanPending, "grow", chosen("start")), "grow"},
		{has(commerce.PlanDeclined, "", chosen("grow")), "free"},
		{has(commerce.PlanFrozen, "grow"), "free"},
		{has(commerce.PlanCancelled, "grow"), "free"},
	} {
		require.Equal(t, c.want, ps.Of(c.e).Handle, "%s %s", c.e.State, c.e.Plan)
	}
	unknown := ps.Of(has(commerce.PlanActive, "gold"))
	require.Equal(t, "gold", unknown.Called("ar"))
	require.Zero(t, unknown.Orders, "nobody is held for less than what they pay for")
}
