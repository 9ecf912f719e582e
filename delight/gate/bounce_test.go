package gate

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
)

const day = 24 * time.Hour

func TestJudge(t *testing.T) {
	noon := commerce.At(time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC))
	run := func(n int) BounceRun { return BounceRun{n, noon} }
	later := noon.Add(10 * day)
	for name, c := range map[string]struct {
		run    BounceRun
		bounce Bounce
		want   BounceAnswer
	}{
		"nobody there":                      {run(0), Bounce{Kind: HardBounce, At: later}, BounceAnswer{Run: run(0), Stop: "bounced"}},
		"a complaint":                       {run(2), Bounce{Kind: Complaint, At: later}, BounceAnswer{Run: run(2), Stop: "complained", Withdrawn: true}},
		"the first soft one":                {BounceRun{}, Bounce{Kind: SoftBounce, At: later}, BounceAnswer{Run: BounceRun{1, later}}},
		"the fourth":                        {run(3), Bounce{Kind: SoftBounce, At: later}, BounceAnswer{Run: BounceRun{4, later}}},
		"the fifth":                         {run(4), Bounce{Kind: SoftBounce, At: later}, BounceAnswer{Stop: "soft_bounces"}},
		"a block counts among them":         {run(4), Bounce{Kind: Blocked, At: later}, BounceAnswer{Stop: "soft_bounces"}},
		"the same mail again":               {run(4), Bounce{Kind: SoftBounce, At: later, Repeated: true}, BounceAnswer{Run: run(4)}},
		"something arrived":                 {run(4), Bounce{Kind: Arrived, At: later}, BounceAnswer{}},
		"something older arrived":           {run(4), Bounce{Kind: Arrived, At: noon - 1}, BounceAnswer{Run: run(4)}},
		"a mail was taken and was silent":   {run(4), Bounce{Kind: SoftBounce, At: later, Arrived: later.Add(-3 * day)}, BounceAnswer{Run: BounceRun{1, later}}},
		"taken too lately to tell":          {run(3), Bounce{Kind: SoftBounce, At: later, Arrived: later.Add(-3*day + 1)}, BounceAnswer{Run: BounceRun{4, later}}},
		"taken before the run's last":       {run(3), Bounce{Kind: SoftBounce, At: later, Arrived: noon}, BounceAnswer{Run: BounceRun{4, later}}},
		"one that is told late":             {run(3), Bounce{Kind: SoftBounce, At: noon - 5}, BounceAnswer{Run: BounceRun{4, noon}}},
		"what nobody knows changes nothing": {run(3), Bounce{Kind: "opened", At: later}, BounceAnswer{Run: run(3)}},
	} {
		require.Equal(t, c.want, Judge(c.run, c.bounce), name)
	}
}

// Whatever happens to an address, soft bounces stop it only after five since
// anything arrived, and a block never says that there is nobody.
func TestFiveInARow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		run, since := BounceRun{}, 0
		at := commerce.Instant(1)
		for range rapid.IntRange(1, 30).Draw(t, "mails") {
			at++
			b := Bounce{Kind: rapid.SampledFrom([]BounceKind{SoftBounce, Blocked, Arrived}).Draw(t, "kind"), At: at, Repeated: rapid.Bool().Draw(t, "again")}
			answer := Judge(run, b)
			switch {
			case b.Kind == Arrived:
				since = 0
			case !b.Repeated:
				since++
			}
			require.False(t, answer.Withdrawn)
			require.NotEqual(t, StoppedBounced, answer.Stop)
			require.Equal(t, since == 5, answer.Stop != "", "after %d", since)
			if answer.Stop != "" {
				since = 0
			}
			run = answer.Run
			require.Equal(t, since, run.Length)
		}
	})
}
