package loyalty_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/loyalty"
)

func TestRulesThatMeanNothing(t *testing.T) {
	for name, r := range map[string]loyalty.Rule{
		"no id":                {Kind: loyalty.ForSignUp, Points: 1},
		"no kind":              {ID: "r", Kind: "luck", Points: 1},
		"no points":            {ID: "r", Kind: loyalty.ForSignUp},
		"too many":             {ID: "r", Kind: loyalty.ForSignUp, Points: 1_000_001},
		"for how much":         {ID: "r", Kind: loyalty.ForSpend, Points: 1},
		"a sign-up has no sum": {ID: "r", Kind: loyalty.ForSignUp, Points: 1, Per: 100},
		"which order":          {ID: "r", Kind: loyalty.ForSpend, Points: 1, Per: 1, Nth: 1},
		"which event":          {ID: "r", Kind: loyalty.ForEvent, Points: 1},
		"how to round":         {ID: "r", Kind: loyalty.ForSignUp, Points: 1, Round: "luckily"},
		"a bound below zero":   {ID: "r", Kind: loyalty.ForSignUp, Points: 1, Ever: -1},
	} {
		require.Error(t, r.Check(), name)
	}
	require.NoError(t, perEuro(1).Check())
	require.NoError(t, loyalty.Rule{ID: "r", Kind: loyalty.ForEvent, Event: "visit", Points: 3, PerDay: 3}.Check())
}

func TestRounding(t *testing.T) {
	for round, want := range map[loyalty.Round]int64{loyalty.Down: 7, loyalty.Nearest: 8, loyalty.Up: 8} {
		r := loyalty.Rule{ID: "r", Kind: loyalty.ForSpend, Points: 1, Per: 1000, Round: round} // a point for ten euros
		require.Equal(t, want, r.Freeze(1, 0, -1, euros(0)).Worth(7500, 1), string(round))
	}
	up := loyalty.Rule{ID: "r", Kind: loyalty.ForSpend, Points: 1, Per: 1000, Round: loyalty.Up}.Freeze(1, 0, -1, euros(0))
	require.EqualValues(t, 7, up.Worth(7000, 1), "what is whole stays")
	flat := loyalty.Rule{ID: "r", Kind: loyalty.ForOrder, Points: 10, Flat: true}.Freeze(1, 300, -1, euros(0))
	require.EqualValues(t, 10, flat.Worth(1, 1), "whatever the tier")
}
