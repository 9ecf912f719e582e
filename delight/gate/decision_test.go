package gate

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/delight/calendar"
)

// reasons reads the constants of decision.go: those of the gate, then the rest.
func reasons(t *testing.T) (blocks [][]Reason) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "decision.go", nil, 0)
	require.NoError(t, err)
	for _, decl := range file.Decls {
		var block []Reason
		if g, ok := decl.(*ast.GenDecl); ok && g.Tok == token.CONST {
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				if id, ok := v.Type.(*ast.Ident); ok && id.Name == "Reason" {
					text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
					require.NoError(t, err)
					block = append(block, Reason(text))
				}
			}
		}
		if block != nil {
			blocks = append(blocks, block)
		}
	}
	require.Len(t, blocks, 2)
	return blocks
}

func TestEveryReasonOfTheGateHasItsCase(t *testing.T) {
	tested := []Reason{OK}
	for _, c := range cases {
		tested = append(tested, c.reason)
	}
	require.Equal(t, reasons(t)[0], slices.Compact(tested), "in the order of the questions")
}

func TestReasonsAreToldApart(t *testing.T) {
	all := slices.Concat(reasons(t)...)
	slices.Sort(all)
	require.Len(t, slices.Compact(slices.Clone(all)), len(all))
}

// any draws facts of all kinds, spoilt and sound.
func anyFacts(t *rapid.T) Facts {
	f := facts()
	for range rapid.IntRange(0, 3).Draw(t, "spoilt") {
		cases[rapid.IntRange(0, len(cases)-1).Draw(t, "case")].spoil(&f)
	}
	f.Class = rapid.SampledFrom([]Class{Transactional, Service, Marketing, "other"}).Draw(t, "class")
	f.Rule.Need = rapid.SampledFrom([]Need{NeedNothing, NeedOptOut, NeedImplied, NeedOptIn, NeedDouble, ""}).Draw(t, "need")
	f.Rule.Months = rapid.SampledFrom([]int{0, 1, 24}).Draw(t, "months")
	f.LatestUseful = after(rapid.IntRange(0, 20).Draw(t, "latest"))
	f.Used = append(f.Used, rapid.SliceOfN(rapid.SampledFrom([]Use{{after(3), Service}, {after(8), Marketing}, {after(9), Transactional}}), 0, 3).Draw(t, "used")...)
	for _, due := range rapid.SliceOfN(rapid.IntRange(0, 20), 0, 3).Draw(t, "rivals") {
		f.Rivals = append(f.Rivals, rival(fmt.Sprint("rival ", due), after(due)))
	}
	f.Suppressions = append(f.Suppressions, rapid.SliceOfN(rapid.SampledFrom([]Suppression{
		{Scope: ScopeNonTransactional},
		{Scope: TopicScope("reviews")},
		{Scope: TopicScope("other")},
		{Scope: "unheard of"},
		{Scope: ScopePause, Until: after(12)},
		{Scope: ScopePause, Until: after(10)},
		{Scope: ScopeAll, Until: after(9)},
	}), 0, 1).Draw(t, "suppressions")...)
	f.Consents = rapid.SliceOfN(anyStatement, 0, 3).Draw(t, "consents")
	if rapid.Bool().Draw(t, "no order") {
		f.Order = nil
	}
	f.Answers, f.Internal = rapid.Bool().Draw(t, "answers"), rapid.IntRange(0, 3).Draw(t, "internal") == 0
	return f
}

var anyStatement = rapid.Custom(func(t *rapid.T) commerce.ConsentChange {
	c := said(rapid.SampledFrom([]Class{Service, Marketing}).Draw(t, "class"),
		rapid.SampledFrom([]commerce.ConsentState{commerce.Subscribed, commerce.Unsubscribed, commerce.Pending}).Draw(t, "state"),
		after(rapid.IntRange(0, 2).Draw(t, "day")))
	c.Double = rapid.Bool().Draw(t, "double")
	return c
})

// Whatever the facts: an answer with a reason, the same each time and in
// whatever order suppressions and consents are listed; and a yes only if
// nothing forbids it.
func TestDecideIsTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, now := anyFacts(t), after(rapid.IntRange(0, 20).Draw(t, "now")).Add(time.Duration(rapid.IntRange(-12, 12).Draw(t, "hours"))*time.Hour)
		told := fmt.Sprintf("%+v", f)
		d := Decide(f, now)
		require.NotEmpty(t, d.Reason)
		require.Contains(t, []Answer{Send, Defer, Hold, Skip}, d.Answer)
		require.Equal(t, d.Answer == Send, d.Reason == OK)

		require.Equal(t, told, fmt.Sprintf("%+v", f), "facts are only read")
		require.Equal(t, d, Decide(f, now))

		shuffled := f
		shuffled.Consents = rapid.Permutation(f.Consents).Draw(t, "order")
		shuffled.Used = rapid.Permutation(f.Used).Draw(t, "uses")
		shuffled.Rivals = rapid.Permutation(f.Rivals).Draw(t, "rivals")
		require.Equal(t, d, Decide(shuffled, now))

		switch d.Answer {
		case Defer:
			require.Greater(t, d.Until, now)
			require.LessOrEqual(t, d.Until, f.LatestUseful)
		case Hold:
			require.Equal(t, f.LatestUseful, d.Until)
			require.LessOrEqual(t, now, d.Until)
		case Send:
			mayGo(t, f, now)
		}
	})
}

func mayGo(t *rapid.T, f Facts, now commerce.Instant) {
	require.True(t, f.Shop.State == commerce.ShopActive && !f.PausedAll && f.CampaignLive && f.Connected)
	require.False(t, f.Person.Erased)
	require.LessOrEqual(t, now, f.LatestUseful)
	if f.Order != nil {
		standing := Standing(f.Order, f.Shop.Settings)
		if f.Answers || f.Internal {
			standing = Exists(f.Order, f.Shop.Settings)
		}
		require.Equal(t, OK, standing.Reason)
		require.LessOrEqual(t, f.Order.HeldUntil, now)
	}
	if f.Internal {
		return
	}
	require.NotEmpty(t, f.Person.Email)
	for _, s := range f.Suppressions {
		require.False(t, s.Scope.Stops(f.Class, f.Topic) && !s.Over(now))
	}
	if f.Class != Transactional {
		made := calendar.New(f.Shop.Settings.Calendar)
		_, quiet, _ := made.Quiet(now, f.Place)
		require.False(t, quiet || f.OpenCase)
	}
	switch f.Rule.Need {
	case NeedOptIn, NeedDouble:
		require.True(t, slices.ContainsFunc(f.Consents, func(c commerce.ConsentChange) bool {
			return c.State == commerce.Subscribed && (c.Double || f.Rule.Need == NeedOptIn)
		}))
	}
}

// Facts that stand still are asked again after a Hold or Defer ends: it never
// turns into a yes by time alone, but for the wait for more.
func TestHoldDoesNotPassByItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t)
		if d := Decide(f, after(10)); d.Answer == Hold {
			again := Decide(f, d.Until)
			require.Equal(t, d.Reason, again.Reason)
			require.Equal(t, Skip, Decide(f, d.Until+1).Answer)
		}
	})
}
