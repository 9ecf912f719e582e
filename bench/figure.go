package main

import (
	"fmt"
	"math"
	"slices"
	"syscall"
	"time"
)

// wanted is how many pairs, or rounds without a reference, a verdict rests on.
const wanted = 7

// goal is a bound. Least says that more is better.
type goal struct {
	Bound float64
	Least bool
}

func atLeast(bound float64) goal { return goal{bound, true} }
func atMost(bound float64) goal  { return goal{bound, false} }

func (g goal) String() string {
	if g.Least {
		return fmt.Sprintf(">=%g", g.Bound)
	}
	return fmt.Sprintf("<=%g", g.Bound)
}

func (g goal) met(v float64) bool {
	if g.Least {
		return v >= g.Bound
	}
	return v <= g.Bound
}

// pair is a measurement of ours with its reference, taken one right after the
// other. The CPU is what this process used for one delivery or mail, load and
// sink included, a database server not: it says what a busy machine hides.
type pair struct {
	Ours         float64 `json:"ours"`
	Reference    float64 `json:"reference"`
	OursCPU      float64 `json:"ours_cpu_us"`
	ReferenceCPU float64 `json:"reference_cpu_us"`
}

// figure is one line of the output. What varies with the machine's mood is
// measured in several rounds: with a reference beside it as pairs, whose ratios
// count, else as values. What cannot vary has one exact value.
type figure struct {
	Name   string
	Unit   string
	Goal   goal
	Pairs  []pair
	Values []float64
	Exact  bool
	Note   string // what else is worth knowing, for results.json
}

// rounds are the numbers the figure rests on.
func (f figure) rounds() []float64 {
	if len(f.Pairs) == 0 {
		return f.Values
	}
	out := make([]float64, len(f.Pairs))
	for i, p := range f.Pairs {
		out[i] = p.Ours / p.Reference
	}
	return out
}

// value is the better quartile of the rounds: the upper where more is better,
// else the lower. On a busy machine a round of ours suffers as often as one of
// the reference, so ratios stray both ways: read them beside the median and the
// pairs, and take figures that count on an idle machine.
func (f figure) value() float64 {
	if f.Goal.Least {
		return quantile(f.rounds(), 0.75)
	}
	return quantile(f.rounds(), 0.25)
}

func (f figure) median() float64 { return quantile(f.rounds(), 0.5) }

// verdict is ok or short, or few if it rests on too few rounds to say.
func (f figure) verdict() string {
	switch n := len(f.rounds()); {
	case n == 0, n < wanted && !f.Exact:
		return "few"
	case f.Goal.met(f.value()):
		return "ok"
	}
	return "short"
}

// line is `name value unit goal verdict`.
func (f figure) line() string {
	return fmt.Sprintf("%-34s %9s %-6s %8s %s", f.Name, short(f.value()), f.Unit, f.Goal, f.verdict())
}

// short writes three digits, more only before the point.
func short(v float64) string {
	switch {
	case v >= 100 || v == math.Trunc(v):
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// quantile interpolates between the neighbours of rank q of the values.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	at := q * float64(len(sorted)-1)
	below := int(at)
	above := min(below+1, len(sorted)-1)
	return sorted[below] + (sorted[above]-sorted[below])*(at-float64(below))
}

// millis are durations as numbers of milliseconds.
func millis(ds []time.Duration) []float64 {
	out := make([]float64, len(ds))
	for i, d := range ds {
		out[i] = d.Seconds() * 1000
	}
	return out
}

// perSecond is a rate.
func perSecond(n int, d time.Duration) float64 { return float64(n) / d.Seconds() }

// cpuTime is what this process has used so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // fails only for a bad address
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// each is a duration of CPU by the number of things it was used for, in microseconds.
func each(d time.Duration, n int) float64 { return float64(d.Microseconds()) / float64(n) }
