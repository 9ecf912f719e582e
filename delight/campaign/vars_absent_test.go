package campaign

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
)

// Who has no value is in no comparison, on whichever side of it.
func TestComparisonsWithWhatIsAbsentAreFalse(t *testing.T) {
	for _, expression := range []string{
		`person.days_since_last_order < 30`, `person.days_since_last_order != 5`, `30 > person.days_since_last_order`, `person.days_since_last_order + 1 == 0`,
		`order.paid_at < timestamp("2026-01-01T00:00:00Z")`, `now - order.paid_at > duration("720h")`, `order.paid_at == order.placed_at`,
		`order.paid_at <= dayEnd("2026-03-21")`, `order.paid_at.getFullYear() == 1970`, `order.paid_at.getFullYear() in [1970]`,
		`person.days_since_last_order in [-1, 1]`, `[order.paid_at].exists(p, p < now)`, `order.tags.all(t, order.paid_at < now) && order.paid_at < now`,
		`enrollment.days < 100`, `event.at < now`, `(order.total < 1.0 ? order.paid_at : now) < now`, `size([now, order.paid_at].filter(p, p < now)) > 0`,
	} {
		got, err := mustCompile(t, expression).Matches(VarsOf(Facts{}, Enrollment{}, thatNight))
		require.NoError(t, err, expression)
		require.False(t, got, expression)
	}
	for _, expression := range []string{ // what is asked otherwise is answered
		`!has(order.paid_at)`, `!(person.days_since_last_order < 30)`, `order.paid_at < now || order.items == 0`,
		`(has(order.paid_at) ? order.paid_at : now) == now`, `has(order.paid_at) ? order.paid_at < now : true`, `(order.total < 1.0 ? now : order.paid_at) == now`,
	} {
		got, err := mustCompile(t, expression).Matches(VarsOf(Facts{}, Enrollment{}, thatNight))
		require.NoError(t, err, expression)
		require.True(t, got, expression)
	}
}

// What is no comparison has no answer: it says what to ask first.
func TestWhatIsAbsentIsNoText(t *testing.T) {
	_, err := mustCompile(t, `string(order.paid_at).contains("1970")`).Matches(Vars{})
	require.ErrorContains(t, wantExplained(t, err), `"order.paid_at" is not known here. Ask "has(order.paid_at)" first.`)
}

func mustCompile(t require.TestingT, expression string) *Condition {
	c, err := Compile(expression)
	require.NoError(t, err, expression)
	return c
}

// A comparison written by hand says the same as a row, which asks has() first.
func TestComparisonsByHandAreThoseOfRows(t *testing.T) {
	worlds := []Vars{
		VarsOf(herFacts(), herWalk, thatNight), VarsOf(Facts{}, Enrollment{}, thatNight),
		VarsOf(herFacts(func(f *Facts) { f.Order.Payment.Told, f.History = 0, nil }), herWalk, thatNight),
	}
	literals := map[VarType][]string{
		NumberVar: {"0", "2", "4", "30"},
		MomentVar: {`timestamp("2026-03-18T22:30:00Z")`, `day("2026-03-19")`, `dayEnd("2026-03-18")`, `now`, `now - duration("72h")`},
	}
	var may []VarSpec
	for _, spec := range Variables() {
		if spec.maybe {
			may = append(may, spec)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		spec := rapid.SampledFrom(may).Draw(t, "variable")
		sign := rapid.SampledFrom([]string{"==", "!=", "<", "<=", ">", ">="}).Draw(t, "sign")
		compared := spec.Name + " " + sign + " " + rapid.SampledFrom(literals[spec.Type]).Draw(t, "value")
		if compared == spec.Name+" < 0" {
			return // refused: it never holds
		}
		bare, asked := mustCompile(t, compared), mustCompile(t, "has("+spec.Name+") && "+compared)
		for i, v := range worlds {
			want, err := asked.Matches(v)
			require.NoError(t, err)
			got, err := bare.Matches(v)
			require.NoError(t, err, compared)
			require.Equal(t, want, got, "%s of world %d", compared, i)
		}
	})
}

// A day is the shop's, also where its clocks are turned at midnight.
func TestDaysAreTheShops(t *testing.T) {
	for _, c := range []struct{ zone, expression, from, until string }{ // from and until are the first and the last moment at which it holds
		{"Asia/Riyadh", `now >= day("2026-03-21") && now <= dayEnd("2026-03-21")`, "2026-03-20T21:00:00Z", "2026-03-21T20:59:59.999Z"},
		{"America/New_York", `now >= day("2026-03-08") && now <= dayEnd("2026-03-08")`, "2026-03-08T05:00:00Z", "2026-03-09T03:59:59.999Z"}, // 23 hours
		{"Africa/Cairo", `now >= day("2026-04-24") && now <= dayEnd("2026-04-24")`, "2026-04-23T22:00:00Z", "2026-04-24T20:59:59.999Z"},     // there is no midnight
		{"Mars/Crater", `now >= day("2026-03-21") && now <= dayEnd("2026-03-21")`, "2026-03-21T00:00:00Z", "2026-03-21T23:59:59.999Z"},
		{"Asia/Tehran", `now == dayEnd("2026-03-21")`, "2026-03-21T20:29:59.999Z", "2026-03-21T20:29:59.999Z"},
	} {
		condition := mustCompile(t, c.expression)
		holds := func(at time.Time) bool {
			f := herFacts(func(f *Facts) { f.Shop.Timezone = c.zone })
			got, err := condition.Matches(VarsOf(f, herWalk, commerce.At(at)))
			require.NoError(t, err)
			return got
		}
		from, err := time.Parse(time.RFC3339Nano, c.from)
		require.NoError(t, err)
		until, err := time.Parse(time.RFC3339Nano, c.until)
		require.NoError(t, err)
		require.False(t, holds(from.Add(-time.Millisecond)), c.zone)
		require.True(t, holds(from), c.zone)
		require.True(t, holds(until), c.zone)
		require.False(t, holds(until.Add(time.Millisecond)), c.zone)
	}
}
