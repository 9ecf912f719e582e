package billing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
)

// What the Partner API answers, by what counted before.
func TestAfterAnAnswer(t *testing.T) {
	start := &Contract{Plan: "start", From: after(-3), Until: after(27)}
	trial := &Contract{Plan: "start", TrialEndsAt: after(11)}
	type e = commerce.Entitlement
	for name, c := range map[string]struct {
		last     e
		contract *Contract
		state    commerce.PlanState
		plan     string
		pending  string
	}{
		"never asked, no contract":        {e{}, nil, commerce.PlanNone, "", ""},
		"still none":                      {has(commerce.PlanNone, ""), nil, commerce.PlanNone, "", ""},
		"chose a trial":                   {has(commerce.PlanNone, ""), trial, commerce.PlanTrial, "start", ""},
		"the trial is over":               {has(commerce.PlanTrial, "start"), &Contract{Plan: "start", TrialEndsAt: noon}, commerce.PlanActive, "start", ""},
		"pays":                            {has(commerce.PlanTrial, "start"), start, commerce.PlanActive, "start", ""},
		"cancels":                         {has(commerce.PlanActive, "start"), &Contract{Plan: "start", Cancelling: true}, commerce.PlanCancelling, "start", ""},
		"cancels during the trial":        {has(commerce.PlanTrial, "start"), &Contract{Plan: "start", Cancelling: true, TrialEndsAt: after(1)}, commerce.PlanCancelling, "start", ""},
		"will have less":                  {has(commerce.PlanActive, "grow"), &Contract{Plan: "grow", Pending: "start"}, commerce.PlanPending, "grow", "start"},
		"an update that changes no plan":  {has(commerce.PlanActive, "grow"), &Contract{Plan: "grow", Pending: "grow"}, commerce.PlanActive, "grow", "grow"},
		"has less":                        {has(commerce.PlanPending, "grow", chosen("start")), start, commerce.PlanActive, "start", ""},
		"the contract is gone":            {has(commerce.PlanActive, "start"), nil, commerce.PlanCancelled, "start", ""},
		"the trial's contract is gone":    {has(commerce.PlanTrial, "start"), nil, commerce.PlanCancelled, "start", ""},
		"cancelled, and its time is over": {has(commerce.PlanCancelling, "start"), nil, commerce.PlanCancelled, "start", ""},
		"gone before less counted":        {has(commerce.PlanPending, "grow", chosen("start")), nil, commerce.PlanCancelled, "grow", ""},
		"still cancelled":                 {has(commerce.PlanCancelled, "start"), nil, commerce.PlanCancelled, "start", ""},
		"back again":                      {has(commerce.PlanCancelled, "grow"), start, commerce.PlanActive, "start", ""},
		"still frozen":                    {has(commerce.PlanFrozen, "start"), nil, commerce.PlanFrozen, "start", ""},
		"pays Shopify again":              {has(commerce.PlanFrozen, "start"), start, commerce.PlanActive, "start", ""},
		"still declined":                  {has(commerce.PlanDeclined, "", chosen("grow")), nil, commerce.PlanDeclined, "", "grow"},
		"approved after all":              {has(commerce.PlanDeclined, "", chosen("grow")), start, commerce.PlanActive, "start", ""},
		"waits for a yes":                 {has(commerce.PlanPending, "", chosen("grow"), since(after(-2))), nil, commerce.PlanPending, "", "grow"},
		"waited in vain":                  {has(commerce.PlanPending, "", chosen("grow"), since(after(-2)-1)), nil, commerce.PlanDeclined, "", "grow"},
	} {
		got := After(c.last, c.contract, noon)
		require.Equal(t, []any{c.state, c.plan, c.pending}, []any{got.State, got.Plan, got.PendingPlan}, name)
		require.Equal(t, noon, got.CheckedAt, name)
		same := c.state == c.last.State && c.plan == c.last.Plan && c.pending == c.last.PendingPlan
		require.Equal(t, !same, got.ChangedAt == noon, name)
		if c.contract == nil {
			require.Zero(t, got.PeriodFrom+got.PeriodUntil+got.TrialEndsAt, name)
		}
	}
	paid := After(e{}, start, noon)
	require.Equal(t, []commerce.Instant{after(-3), after(27)}, []commerce.Instant{paid.PeriodFrom, paid.PeriodUntil})
	require.Equal(t, after(11), After(e{}, trial, noon).TrialEndsAt)
}

// What a delivery tells is only believed where the answer says nothing.
func TestHeard(t *testing.T) {
	type e = commerce.Entitlement
	for name, c := range map[string]struct {
		last    e
		word    commerce.PlanWord
		state   commerce.PlanState
		plan    string
		pending string
	}{
		"a first choice waits":         {e{}, commerce.PlanWord{State: commerce.PlanPending, Plan: "grow"}, commerce.PlanPending, "", "grow"},
		"and was declined":             {has(commerce.PlanPending, "", chosen("grow")), commerce.PlanWord{State: commerce.PlanDeclined, Plan: "grow"}, commerce.PlanDeclined, "", "grow"},
		"declined a change":            {has(commerce.PlanActive, "start"), commerce.PlanWord{State: commerce.PlanDeclined, Plan: "grow"}, commerce.PlanActive, "start", ""},
		"a change waits":               {has(commerce.PlanActive, "start"), commerce.PlanWord{State: commerce.PlanPending, Plan: "grow"}, commerce.PlanActive, "start", ""},
		"does not pay Shopify":         {has(commerce.PlanActive, "start"), commerce.PlanWord{State: commerce.PlanFrozen, Plan: "start"}, commerce.PlanFrozen, "start", ""},
		"the same, no plan named":      {has(commerce.PlanTrial, "grow"), commerce.PlanWord{State: commerce.PlanFrozen}, commerce.PlanFrozen, "grow", ""},
		"declined while frozen":        {has(commerce.PlanFrozen, "start"), commerce.PlanWord{State: commerce.PlanDeclined, Plan: "grow"}, commerce.PlanFrozen, "start", ""},
		"the former one is cancelled":  {has(commerce.PlanActive, "grow"), commerce.PlanWord{State: commerce.PlanCancelled, Plan: "start"}, commerce.PlanActive, "grow", ""},
		"one is active":                {has(commerce.PlanNone, ""), commerce.PlanWord{State: commerce.PlanActive, Plan: "start"}, commerce.PlanNone, "", ""},
		"only that something happened": {e{}, commerce.PlanWord{}, commerce.PlanNone, "", ""},
	} {
		c.word.At = noon
		got := Heard(c.last, c.word, noon)
		require.Equal(t, []any{c.state, c.plan, c.pending}, []any{got.State, got.Plan, got.PendingPlan}, name)
		require.Equal(t, noon, got.NextAt, "%s: the platform is asked at once", name)
		require.Equal(t, c.last.CheckedAt, got.CheckedAt, name)
	}
	late := Heard(has(commerce.PlanActive, "start"), commerce.PlanWord{State: commerce.PlanFrozen, At: after(-2)}, noon)
	require.Equal(t, commerce.PlanActive, late.State, "it was told before the plan last changed")
}

// A delivery may come twice, and before or after the answer that it asks for.
func TestAWordAndTheAnswerInAnyOrder(t *testing.T) {
	start := &Contract{Plan: "start"}
	declined := commerce.PlanWord{State: commerce.PlanDeclined, Plan: "grow", At: noon}
	before := After(Heard(has(commerce.PlanNone, ""), declined, noon), start, noon)
	behind := Heard(Heard(After(has(commerce.PlanNone, ""), start, noon), declined, noon), declined, noon.Add(time.Minute))
	require.Equal(t, commerce.PlanActive, before.State)
	require.Equal(t, commerce.PlanActive, behind.State)
}
