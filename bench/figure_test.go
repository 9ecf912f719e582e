package main

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestQuantile(t *testing.T) {
	sevenths := []float64{7, 1, 6, 2, 5, 3, 4}
	require.Equal(t, 4.0, quantile(sevenths, 0.5))
	require.Equal(t, 5.5, quantile(sevenths, 0.75), "between the fifth and the sixth of seven")
	require.Equal(t, 2.5, quantile(sevenths, 0.25))
	require.Equal(t, 7.0, quantile(sevenths, 1))
	require.Equal(t, 3.0, quantile([]float64{3}, 0.75))
	require.True(t, math.IsNaN(quantile(nil, 0.5)))
	require.Equal(t, []float64{7, 1, 6, 2, 5, 3, 4}, sevenths, "the values keep their order")
}

// ratios are pairs whose reference is 100.
func ratios(percent ...float64) (pairs []pair) {
	for _, p := range percent {
		pairs = append(pairs, pair{Ours: p, Reference: 100})
	}
	return pairs
}

func TestVerdict(t *testing.T) {
	for name, c := range map[string]struct {
		figure figure
		value  float64
		want   string
	}{
		"the upper quartile reaches the goal": {figure{Goal: atLeast(0.33), Pairs: ratios(20, 20, 20, 20, 33, 34, 35)}, 0.335, "ok"},
		"one lucky pair does not":             {figure{Goal: atLeast(0.33), Pairs: ratios(20, 20, 20, 20, 32, 32, 90)}, 0.32, "short"},
		"six pairs are few":                   {figure{Goal: atLeast(0.33), Pairs: ratios(50, 50, 50, 50, 50, 50)}, 0.5, "few"},
		"less is better: the lower quartile":  {figure{Goal: atMost(50), Values: []float64{49, 49, 50, 80, 80, 80, 80}}, 49.5, "ok"},
		"less is better: one lucky round":     {figure{Goal: atMost(50), Values: []float64{1, 51, 51, 80, 80, 80, 80}}, 51, "short"},
		"exactly the goal":                    {figure{Goal: atMost(2), Exact: true, Values: []float64{2}}, 2, "ok"},
		"an exact value is one":               {figure{Goal: atMost(0), Exact: true, Values: []float64{1}}, 1, "short"},
		"cost is ours by the reference":       {figure{Goal: atMost(2), Pairs: []pair{{Ours: 3, Reference: 1}}}, 3, "few"},
	} {
		require.InDelta(t, c.value, c.figure.value(), 1e-9, name)
		require.Equal(t, c.want, c.figure.verdict(), name)
	}
	require.Equal(t, "few", figure{Goal: atMost(1), Exact: true}.verdict(), "nothing was measured")
}

func TestLine(t *testing.T) {
	f := figure{Name: "ingest_embedded", Unit: "R", Goal: atLeast(0.33), Pairs: ratios(34, 34, 34, 34, 34, 34, 34)}
	require.Equal(t, "ingest_embedded                         0.34 R        >=0.33 ok", f.line())
	f = figure{Name: "p99", Unit: "ms", Goal: atMost(5000), Exact: true, Values: []float64{1234.5}}
	require.Equal(t, "p99                                     1234 ms       <=5000 ok", f.line())
}

func TestRates(t *testing.T) {
	require.Equal(t, 2500.0, perSecond(5000, 2*time.Second))
	require.Equal(t, []float64{1500, 0.25}, millis([]time.Duration{1500 * time.Millisecond, 250 * time.Microsecond}))
	require.Equal(t, 200.0, each(time.Second, 5000))
}

func TestChosen(t *testing.T) {
	require.True(t, chosen("mails_embedded", nil), "all, unless some are named")
	require.True(t, chosen("mails_embedded", []string{"ingest", "mails"}))
	require.True(t, chosen("mails_embedded", []string{"mails_embedded"}))
	require.False(t, chosen("mails_embedded", []string{"mails_servers", "claim"}))
}
