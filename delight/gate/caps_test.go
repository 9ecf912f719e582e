package gate

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/delight/calendar"
)

// exact leaves no time to spread a Defer that ends at until.
func exact(until commerce.Instant) func(*Facts) {
	return func(f *Facts) { f.LatestUseful = until }
}

func TestCaps(t *testing.T) {
	s, m, x := Service, Marketing, Transactional
	marketing := func(limit, days int) func(*Facts) {
		return settings(func(s *commerce.Settings) { s.Caps.Marketing = commerce.Cap{Limit: limit, Days: days} })
	}
	free := func(*Facts) {}
	for name, c := range map[string]struct {
		class  Class
		caps   func(*Facts)
		used   []Use
		until  commerce.Instant // 0 = it goes
		detail string
	}{
		"none yet":                        {s, free, nil, 0, ""},
		"one of two":                      {s, free, []Use{{after(9), s}}, 0, ""},
		"two of two":                      {s, free, []Use{{after(9), s}, {after(7), m}}, after(14), "asks: 2 in 7 days"},
		"in any order":                    {s, free, []Use{{after(7), m}, {after(9), s}}, after(14), "asks: 2 in 7 days"},
		"more than two":                   {s, free, []Use{{after(6), s}, {after(9), s}, {after(7), m}}, after(14), "asks: 2 in 7 days"},
		"one has just left":               {s, free, []Use{{after(9), s}, {after(3), s}}, 0, ""},
		"one is about to":                 {s, free, []Use{{after(9), s}, {after(3) + 2*minute, s}}, after(10) + 2*minute, "asks: 2 in 7 days"},
		"within the minute":               {s, free, []Use{{after(9), s}, {after(3) + 1, s}}, after(10) + minute, "asks: 2 in 7 days"},
		"thanks do not count":             {s, free, []Use{{after(9), x}, {after(8), x}}, 0, ""},
		"thanks are not bound":            {x, free, []Use{{after(9), s}, {after(8), s}, {after(8), m}}, 0, ""},
		"marketing among service":         {m, free, []Use{{after(9), s}}, 0, ""},
		"marketing after marketing":       {m, free, []Use{{after(9), m}}, after(12), "marketing: 1 in 3 days"},
		"service after marketing":         {s, free, []Use{{after(9), m}}, 0, ""},
		"both full, the longer answers":   {m, free, []Use{{after(8), s}, {after(9), m}}, after(15), "asks: 2 in 7 days"},
		"lifted":                          {s, capped(-1, 7), []Use{{after(9), s}, {after(8), s}, {after(7), s}}, 0, ""},
		"lifted for asks, not marketing":  {m, capped(-1, 7), []Use{{after(9), s}, {after(8), s}, {after(8), m}}, after(11), "marketing: 1 in 3 days"},
		"lifted for marketing, not asks":  {m, marketing(-1, 3), []Use{{after(9), m}}, 0, ""},
		"of no days":                      {s, capped(1, 0), []Use{{after(9), s}, {after(11), s}}, 0, ""},
		"a use that is still to come":     {s, capped(1, 2), []Use{{after(10) + 1, s}}, after(12) + 1, "asks: 1 in 2 days"},
		"what the gate does not know of":  {"other", free, []Use{{after(9), s}, {after(8), m}}, after(15), "asks: 2 in 7 days"},
		"a limit of 3, the oldest leaves": {s, capped(3, 7), []Use{{after(9), s}, {after(6), s}, {after(5), s}}, after(12), "asks: 3 in 7 days"},
	} {
		f := facts(of(c.class), c.caps, func(f *Facts) { f.Used, f.Rule.Need = c.used, NeedNothing })
		if c.until == 0 {
			require.Equal(t, send(), Decide(f, after(10)), name)
			continue
		}
		exact(c.until)(&f)
		require.Equal(t, Decision{Answer: Defer, Reason: Capped, Detail: c.detail, Until: c.until}, Decide(f, after(10)), name)
		f.LatestUseful--
		require.Equal(t, Decision{Answer: Skip, Reason: TooLate, Detail: "frequency_cap (" + c.detail + ") until after the latest useful time"}, Decide(f, after(10)), name)
		f.Internal = true
		require.Equal(t, send(), Decide(f, after(10)), "%s, to the team", name)
	}
}

func TestALimitOfNoneAllowsNone(t *testing.T) {
	f := facts(capped(0, 7))
	require.Equal(t, Decision{Answer: Skip, Reason: Capped, Detail: "asks: 0 in 7 days"}, Decide(f, after(10)))
	require.Equal(t, send(), Decide(facts(capped(0, 7), of(Transactional)), after(10)))
}

// When a cap's Defer ends, there is room, and not a moment before.
func TestACapFreesInTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := facts(capped(rapid.IntRange(1, 3).Draw(t, "limit"), rapid.IntRange(1, 5).Draw(t, "days")), exact(after(60)))
		f.Used = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Use {
			return Use{noon + minute*commerce.Instant(rapid.IntRange(0, 60*24*10).Draw(t, "at")), rapid.SampledFrom([]Class{Service, Marketing}).Draw(t, "class")}
		}), 0, 6).Draw(t, "used")
		now, days := after(10), calendar.New(f.Shop.Settings.Calendar)
		full := withinCaps(&f, &days, now)
		f.Used = rapid.Permutation(f.Used).Draw(t, "order")
		require.Equal(t, full, withinCaps(&f, &days, now))
		if full.Answer != Send {
			require.Equal(t, send(), withinCaps(&f, &days, full.Until))
			bounds, _ := f.bounds()
			require.GreaterOrEqual(t, bounds[0].used(f.Used, bounds[0].frees(f.Used, now)-1), bounds[0].limit)
		}
	})
}
