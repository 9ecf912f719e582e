package loyalty_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/delight/loyalty"
)

var levels = loyalty.Tiers{By: loyalty.BySpend, Months: 12, Grace: 30, Levels: []loyalty.Tier{
	{ID: "silver", From: 10_000, Multiplier: 120}, {ID: "gold", From: 50_000, Multiplier: 150},
}}

func TestTiersRiseAtOnceAndFallAfterAGrace(t *testing.T) {
	require.NoError(t, levels.Check())
	s, what := levels.Next(loyalty.Standing{}, 9_999, noon)
	require.Equal(t, loyalty.Same, what)
	s, what = levels.Next(s, 60_000, day(1))
	require.Equal(t, loyalty.Rose, what, "past a level at once")
	require.Equal(t, loyalty.Standing{Tier: "gold", Since: day(1)}, s)
	s, what = levels.Next(s, 40_000, day(2))
	require.Equal(t, loyalty.Warned, what)
	s, what = levels.Next(s, 50_000, day(3))
	require.Equal(t, loyalty.Recovers, what)
	s, _ = levels.Next(s, 40_000, day(10))
	s, what = levels.Next(s, 40_000, day(39))
	require.Equal(t, loyalty.Same, what, "the grace runs")
	s, what = levels.Next(s, 40_000, day(40))
	require.Equal(t, loyalty.Fell, what)
	require.Equal(t, "silver", s.Tier)
	require.EqualValues(t, 120, levels.Of(s.Tier).Multiplier)
}

func TestAWindowCountsAtTheOriginalDate(t *testing.T) {
	points := []loyalty.Point{{At: day(-366), Amount: 99}, {At: day(-10), Amount: 500}, {At: day(-10), Amount: -200}, {At: day(1), Amount: 9}}
	require.EqualValues(t, 300, levels.Sum(points, noon))
}

// A look is planned at the first moment at which a tier can be another one, and never late.
func TestALookIsNeverLate(t *testing.T) {
	require.Equal(t, day(30), levels.Look(loyalty.Standing{Tier: "gold", Below: noon}, nil, day(1)), "the grace ends")
	require.Zero(t, levels.Look(loyalty.Standing{}, nil, noon))
	rapid.Check(t, func(t *rapid.T) {
		var points []loyalty.Point
		for range rapid.IntRange(1, 5).Draw(t, "points") {
			points = append(points, loyalty.Point{At: day(rapid.IntRange(-500, 30).Draw(t, "at")), Amount: rapid.Int64Range(1, 100).Draw(t, "amount")})
		}
		look := levels.Look(loyalty.Standing{}, points, noon)
		sum := levels.Sum(points, noon)
		for n := range 400 {
			at := day(n)
			if look != 0 && at >= look {
				break
			}
			require.Equal(t, sum, levels.Sum(points, at), "nothing moves before it")
		}
		if look != 0 {
			require.Greater(t, look, noon)
		}
	})
}

func TestTiersThatCannotBe(t *testing.T) {
	for name, change := range map[string]func(*loyalty.Tiers){
		"by what":        func(l *loyalty.Tiers) { l.By = "luck" },
		"no window":      func(l *loyalty.Tiers) { l.Months = 0 },
		"twice the id":   func(l *loyalty.Tiers) { l.Levels[1].ID = "silver" },
		"not rising":     func(l *loyalty.Tiers) { l.Levels[1].From = 10_000 },
		"less than once": func(l *loyalty.Tiers) { l.Levels[0].Multiplier = 99 },
	} {
		l := levels
		l.Levels = append([]loyalty.Tier(nil), levels.Levels...)
		change(&l)
		require.Error(t, l.Check(), name)
	}
	require.NoError(t, loyalty.Tiers{}.Check(), "no tiers are fine")
}

// However sums move, a level is only lost after its grace, and never while it is reached.
func TestNobodyFallsWhileTheyReachTheirLevel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s loyalty.Standing
		now := 0
		for range 30 {
			now += rapid.IntRange(1, 20).Draw(t, "days")
			sum := rapid.Int64Range(0, 100_000).Draw(t, "sum")
			before := s
			var what loyalty.Happening
			s, what = levels.Next(s, sum, day(now))
			has := levels.Of(s.Tier).From
			switch what {
			case loyalty.Fell:
				require.GreaterOrEqual(t, day(now), before.Below+30*24*3600*1000)
				require.Less(t, sum, levels.Of(before.Tier).From)
			case loyalty.Rose:
				require.Greater(t, has, levels.Of(before.Tier).From)
			}
			if s.Below == 0 {
				require.True(t, s.Tier == "" || sum >= has)
			}
		}
	})
}
