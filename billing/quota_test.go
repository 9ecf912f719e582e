package billing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
)

func TestQuota(t *testing.T) {
	ps := plans(t)
	for name, c := range map[string]struct {
		e     commerce.Entitlement
		used  int64
		level Level
		limit int64
	}{
		"nothing sold":                      {has(commerce.PlanNone, ""), 0, Within, 50},
		"room":                              {has(commerce.PlanNone, ""), 39, Within, 50},
		"four fifths":                       {has(commerce.PlanNone, ""), 40, Near, 50},
		"full":                              {has(commerce.PlanNone, ""), 50, Near, 50},
		"over":                              {has(commerce.PlanNone, ""), 51, Over, 50},
		"over for less than seven days":     {has(commerce.PlanNone, "", holding(noon+1)), 51, Over, 50},
		"over for seven days":               {has(commerce.PlanNone, "", holding(noon)), 51, Held, 50},
		"a trial":                           {has(commerce.PlanTrial, "start"), 51, Within, 500},
		"any number":                        {has(commerce.PlanActive, "scale"), 1 << 40, Within, 0},
		"cancelled, paid for until the end": {has(commerce.PlanCancelling, "start"), 51, Within, 500},
		"will have less than it sells":      {has(commerce.PlanPending, "grow", chosen("start")), 600, Within, 2500},
		"has less than it sells":            {has(commerce.PlanActive, "start"), 600, Over, 500},
		"declined":                          {has(commerce.PlanDeclined, "", chosen("grow")), 51, Over, 50},
		"frozen":                            {has(commerce.PlanFrozen, "grow"), 51, Over, 50},
		"cancelled":                         {has(commerce.PlanCancelled, "grow"), 51, Over, 50},
		"a plan we do not know":             {has(commerce.PlanActive, "gold"), 9000, Within, 0},
		"more went back than was paid":      {has(commerce.PlanNone, ""), -1, Within, 50},
	} {
		got := ps.Quota(c.e, c.used, noon)
		require.Equal(t, Quota{c.level, max(0, c.used), c.limit, c.e.HoldsFrom}, got, name)
	}
}

// A shop goes over, is in grace for seven days, and is held until a larger plan or a new period.
func TestGrace(t *testing.T) {
	ps := plans(t)
	e := ps.Weigh(has(commerce.PlanNone, ""), 50, noon)
	require.Zero(t, e.HoldsFrom)
	e = ps.Weigh(e, 51, noon)
	require.Equal(t, after(7), e.HoldsFrom)
	e = ps.Weigh(e, 90, after(3))
	require.Equal(t, after(7), e.HoldsFrom, "grace does not begin anew")
	require.False(t, e.Holds(after(7)-1))
	require.True(t, e.Holds(after(7)))

	large := After(e, &Contract{Plan: "start"}, after(8))
	require.Zero(t, ps.Weigh(large, 90, after(8)).HoldsFrom, "a larger plan")
	require.Zero(t, ps.Weigh(e, 0, after(12)).HoldsFrom, "a new period")
	require.Equal(t, after(7), ps.Weigh(large, 501, after(8)).HoldsFrom, "larger, and still too small")

	less := ps.Weigh(After(has(commerce.PlanActive, "grow"), &Contract{Plan: "start"}, noon), 600, noon)
	require.Equal(t, after(7), less.HoldsFrom, "whoever chooses less has seven days too")
}

func TestPeriod(t *testing.T) {
	day := func(month time.Month, d int) commerce.Instant {
		return commerce.At(time.Date(2026, month, d, 0, 0, 0, 0, time.UTC))
	}
	for name, c := range map[string]struct {
		e           commerce.Entitlement
		from, until commerce.Instant
	}{
		"free: the month":             {has(commerce.PlanNone, ""), day(time.March, 1), day(time.April, 1)},
		"a trial names no cycle":      {has(commerce.PlanTrial, "start"), day(time.March, 1), day(time.April, 1)},
		"the cycle":                   {has(commerce.PlanActive, "start", cycleFrom(after(-3))), after(-3), after(27)},
		"its last moment":             {has(commerce.PlanActive, "start", cycleFrom(after(-30)+1)), after(-30) + 1, after(0) + 1},
		"the next one, not asked yet": {has(commerce.PlanActive, "start", cycleFrom(after(-30))), noon, after(30)},
		"a year, in months":           {has(commerce.PlanActive, "start", cycleFrom(after(-70))), after(-10), after(20)},
		"a cycle that is to come":     {has(commerce.PlanActive, "start", cycleFrom(after(1))), day(time.March, 1), day(time.April, 1)},
		"one that has ended":          {has(commerce.PlanCancelled, "start", cycleFrom(after(-3))), day(time.March, 1), day(time.April, 1)},
	} {
		from, until := Period(c.e, noon)
		require.Equal(t, []commerce.Instant{c.from, c.until}, []commerce.Instant{from, until}, name)
	}
}

// Every moment lies in just one period, and the next one begins where it ends.
func TestPeriodsFollowOneAnother(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := has(commerce.PlanActive, "start", cycleFrom(noon))
		now := noon + commerce.Instant(rapid.Int64Range(0, 400*24*3600*1000).Draw(t, "now"))
		from, until := Period(e, now)
		require.True(t, from <= now && now < until)
		next, _ := Period(e, until)
		require.Equal(t, until, next)
	})
}
