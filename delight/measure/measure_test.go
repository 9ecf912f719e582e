package measure

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

const day = commerce.Instant(24 * time.Hour / time.Millisecond)

const now = 1000 * day

func bought(daysAgo int, amount int64) Purchase {
	return Purchase{Purchase: commerce.Purchase{At: now - commerce.Instant(daysAgo)*day, Amount: amount, Known: true, Counts: true}}
}

func TestStages(t *testing.T) {
	for name, c := range map[string]struct {
		purchases   []Purchase
		now, before Stages
	}{
		"new":                     {[]Purchase{bought(3, 100)}, Stages{New: 1}, Stages{}},
		"new a month ago":         {[]Purchase{bought(40, 100)}, Stages{Once: 1}, Stages{New: 1}},
		"bought once":             {[]Purchase{bought(100, 100)}, Stages{Once: 1}, Stages{Once: 1}},
		"came back this month":    {[]Purchase{bought(3, 100), bought(100, 50)}, Stages{Back: 1}, Stages{Once: 1}},
		"came back within a week": {[]Purchase{bought(3, 100), bought(9, 50)}, Stages{Back: 1}, Stages{}},
		"gone for a year":         {[]Purchase{bought(500, 100), bought(400, 50)}, Stages{}, Stages{}},
		"gone since last month":   {[]Purchase{bought(380, 100)}, Stages{}, Stages{Once: 1}},
		"nothing that counts":     {[]Purchase{{}}, Stages{}, Stages{}},
	} {
		t.Run(name, func(t *testing.T) {
			w := Wheel{At: now}
			w.Add(c.purchases)
			require.Equal(t, c.now, w.Now)
			require.Equal(t, c.before, w.Before)
		})
	}
}

func TestWhatComesIn(t *testing.T) {
	w := Wheel{At: now}
	w.Add([]Purchase{bought(3, 100), bought(9, 50), bought(100, 1000)})
	free := bought(5, 70)
	free.Known = false
	w.Add([]Purchase{free})
	require.EqualValues(t, 150, w.Earned)
	require.EqualValues(t, 150, w.FromBack)
	require.EqualValues(t, 1, w.Unpriced)
}

// Every customer of the last year stands in one place, in whatever order their purchases are told.
func TestEverybodyStandsSomewhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []Purchase
		active := false
		for _, ago := range rapid.SliceOfN(rapid.IntRange(0, 700), 1, 6).Draw(t, "days ago") {
			all = append(all, bought(ago, 10))
			active = active || ago < 365
		}
		w := Wheel{At: now}
		w.Add(all)
		want := int64(0)
		if active {
			want = 1
		}
		require.Equal(t, want, w.Now.All())
		rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		other := Wheel{At: now}
		other.Add(all)
		require.Equal(t, w, other)
	})
}

// Those who wait are counted: of twenty who came back after ten days and twenty
// who could not have yet, half of all come back in ten days, not all of them.
func TestWhoWaitsIsCounted(t *testing.T) {
	var c Curve
	for range 20 {
		c.Add(now-40*day, now-30*day, now)
		c.Add(now-40*day, 0, now)
	}
	days, known := c.Median()
	require.True(t, known)
	require.Equal(t, 10, days)
	share, _ := c.Share(365)
	require.InDelta(t, 0.5, share, 1e-9)

	for range 40 { // who has been here for a day says nothing about the tenth
		c.Add(now-day, 0, now)
	}
	days, _ = c.Median()
	require.Equal(t, 10, days)
}

func TestTooFewSayNothing(t *testing.T) {
	var c Curve
	for range minSample - 1 {
		c.Add(now-2*day, now-day, now)
	}
	_, known := c.Median()
	require.False(t, known)
	_, known = c.Share(30)
	require.False(t, known)
	c.Add(now-2*day, now-day, now)
	days, known := c.Median()
	require.True(t, known)
	require.Equal(t, 1, days)
}

// Without anybody waiting the estimator is the plain share.
func TestWithoutWaitingItIsThePlainShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		took := rapid.SliceOfN(rapid.IntRange(0, 100), minSample, 60).Draw(t, "days")
		var c Curve
		within := 0
		for _, d := range took {
			c.Add(now-200*day, now-200*day+commerce.Instant(d)*day, now)
			if d <= 50 {
				within++
			}
		}
		share, known := c.Share(50)
		require.True(t, known)
		require.InDelta(t, float64(within)/float64(len(took)), share, 1e-9)
	})
}

func TestFrictionAddsUp(t *testing.T) {
	w := Wheel{Sent: 60, Lost: []Count{{gate.NoConsent, 30}, {gate.Capped, 10}}}
	lost, known := w.Friction()
	require.True(t, known)
	sum := 0.6
	for _, p := range lost {
		sum += p.Share
	}
	require.InDelta(t, 1, sum, 1e-9)
	require.Less(t, math.Abs(lost[0].Share-0.3), 1e-9)
	_, known = Wheel{}.Friction()
	require.False(t, known)
}
