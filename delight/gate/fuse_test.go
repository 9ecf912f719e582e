package gate

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The bounds were worked out apart from this code. 10 of 100: p = 0.1, z*z =
// 3.8415, middle 0.1 + 0.0192 = 0.1192, half 1.96 * sqrt(0.0009 + 0.000096) =
// 0.0619, and 0.0573 / 1.0384 = 0.0552.
func TestAtLeast(t *testing.T) {
	for _, c := range []struct {
		k, n int
		want float64
	}{
		{0, 50, 0},
		{1, 50, 0.0035},
		{5, 50, 0.0435},
		{6, 50, 0.0562},
		{50, 50, 0.9287},
		{10, 100, 0.0552},
		{173, 1000, 0.1508},
		{60, 50, 0.9287},
	} {
		require.InDelta(t, c.want, atLeast(c.k, c.n), 0.00005, "%d of %d", c.k, c.n)
	}
}

func TestFuseBlows(t *testing.T) {
	for name, c := range map[string]struct {
		figures       Figures
		cause, detail string
	}{
		"nothing sent":                 {Figures{}, "", ""},
		"all well":                     {Figures{1000, 1, 2, 20, 0, 0}, "", ""},
		"too few to tell":              {Figures{49, 49, 49, 49, 0, 0}, "", ""},
		"just enough":                  {Figures{50, 6, 0, 0, 0, 0}, "failures", "6 of 50 sends, more than 5%"},
		"10% failures may be chance":   {Figures{50, 5, 0, 0, 0, 0}, "", ""},
		"of a hundred":                 {Figures{100, 10, 0, 0, 0, 0}, "failures", "10 of 100 sends, more than 5%"},
		"one less":                     {Figures{100, 9, 0, 0, 0, 0}, "", ""},
		"unsubscribes":                 {Figures{50, 0, 3, 0, 0, 0}, "unsubscribes", "3 of 50 sends, more than 2%"},
		"4% unsubscribes may be":       {Figures{50, 0, 2, 0, 0, 0}, "", ""},
		"many sends, fewer suffice":    {Figures{1000, 0, 29, 0, 0, 0}, "unsubscribes", "29 of 1000 sends, more than 2%"},
		"but not these":                {Figures{1000, 0, 28, 0, 0, 0}, "", ""},
		"refunds":                      {Figures{100, 0, 0, 22, 0, 0}, "refunds", "22 of 100 sends, more than 15%"},
		"21% refunds may be":           {Figures{100, 0, 0, 21, 0, 0}, "", ""},
		"of several the first":         {Figures{100, 50, 50, 50, 0, 0}, "failures", "50 of 100 sends, more than 5%"},
		"more failures than sends":     {Figures{50, 70, 0, 0, 0, 0}, "failures", "70 of 50 sends, more than 5%"},
		"figures that cannot be so":    {Figures{50, -1, -1, -1, 0, 0}, "", ""},
		"bounces":                      {Figures{100, 0, 0, 0, 10, 0}, "bounces", "10 of 100 sends, more than 5%"},
		"bounces and failures are one": {Figures{100, 5, 0, 0, 5, 0}, "bounces", "10 of 100 sends, more than 5%"},
		"one less of both":             {Figures{100, 4, 0, 0, 5, 0}, "", ""},
		"complaints":                   {Figures{50, 0, 0, 0, 0, 3}, "complaints", "3 of 50 sends, more than 0.3%"},
		"two people are no share":      {Figures{50, 0, 0, 0, 0, 2}, "", ""},
		"seven in a thousand":          {Figures{1000, 0, 0, 0, 0, 7}, "complaints", "7 of 1000 sends, more than 0.3%"},
		"six in a thousand":            {Figures{1000, 0, 0, 0, 0, 6}, "", ""},
		"refunds among a thousand":     {Figures{1000, 63, 28, 173, 0, 0}, "refunds", "173 of 1000 sends, more than 15%"},
		"just under it in every point": {Figures{1000, 63, 28, 172, 0, 0}, "", ""},
	} {
		blown, cause, detail := FuseBlows(c.figures)
		require.Equal(t, c.cause != "", blown, name)
		require.Equal(t, c.cause, cause, name)
		require.Equal(t, c.detail, detail, name)
	}
}

// What blows the fuse with some failures blows it with more, and twice as much
// of everything is twice as sure.
func TestTheFuseIsMonotonous(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(50, 5000).Draw(t, "sends")
		f := Figures{n, rapid.IntRange(0, n).Draw(t, "failures"), rapid.IntRange(0, n).Draw(t, "unsubscribes"), rapid.IntRange(0, n).Draw(t, "refunds"), rapid.IntRange(0, n).Draw(t, "bounces"), rapid.IntRange(0, n).Draw(t, "complaints")}
		if blown, _, _ := FuseBlows(f); !blown {
			return
		}
		double := Figures{2 * f.Sends, 2 * f.Failures, 2 * f.Unsubscribes, 2 * f.Refunds, 2 * f.Bounces, 2 * f.Complaints}
		worse := Figures{f.Sends, min(n, f.Failures+1), min(n, f.Unsubscribes+1), min(n, f.Refunds+1), min(n, f.Bounces+1), min(n, f.Complaints+1)}
		for _, g := range []Figures{double, worse} {
			blown, _, _ := FuseBlows(g)
			require.True(t, blown)
		}
	})
}
