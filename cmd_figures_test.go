package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/gate"
	"flywheel/manage"
)

func TestFiguresSayWhy(t *testing.T) {
	said := printed(t, func() {
		require.NoError(t, printFigures(manage.Figures{
			Entered: 9, Active: 4,
			KeptOut: []manage.Share{{What: "refused", Reason: gate.BeforeLive, Count: 2, Tenths: 1000}},
			Steps: []manage.StepFigures{{
				Step: "ask", Kind: "send_email", Waiting: 1, Due: 3, Sent: 2, Held: 1,
				Shares: []manage.Share{{What: "sent", Count: 2, Tenths: 667}, {What: "hold", Reason: gate.NoConsent, Count: 1, Tenths: 333}},
			}},
		}))
	})
	require.Equal(t, `entered 9, on their way 4
kept out:
  100.0%  2  refused: it happened before somebody pressed Go live  [before_go_live]
STEP  KIND        NOT DUE YET  DUE  SENT  HELD  NOT SENT
ask   send_email  1            3    2     1     0
ask:
   66.7%  2  sent
   33.3%  1  held: where this customer lives a message of this kind needs their consent  [no_consent]
`, said)
}

// Before every arm has its sample no result is shown, not even those that have it.
func TestASplitShowsNothingEarly(t *testing.T) {
	split := manage.Split{Step: "which", Goal: "orders", Sample: 400, Arms: []manage.Arm{
		{Name: "short", Entered: 400, Converted: 120, Low: 0.2571, High: 0.3467},
		{Name: "long", Entered: 120, Converted: 3, Low: 0.0085, High: 0.0709},
	}}
	show := func() string { return printed(t, func() { require.NoError(t, printSplit(split)) }) }
	require.Equal(t, `split which, read by orders
ARM    ENTERED  RESULT
short  400      enough, once the others are
long   120      not enough data yet: 120 of 400
`, show())
	split.Enough = true
	require.Equal(t, `split which, read by orders
ARM    ENTERED  CONVERTED  SHARE  BETWEEN (95%)
short  400      120        30.0%  25.7% and 34.7%
long   120      3          2.5%   0.9% and 7.1%
`, show())
	split.Enough, split.Sample = false, 0
	require.Contains(t, show(), "no sample was stated")
}
