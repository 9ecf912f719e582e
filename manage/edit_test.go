package manage_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/delight/campaign"
	"flywheel/delight/lint"
	"flywheel/fault"
	"flywheel/manage"
)

// flow makes a definition from a line such as "a b(c d|e) f": a step b that
// branches, with c and d in its first way and e in its second.
func flow(line string) *campaign.Definition {
	steps, _ := flowSteps(line)
	return &campaign.Definition{Name: "flow", Steps: steps}
}

func flowSteps(line string) (out []campaign.Step, rest string) {
	for line != "" {
		switch c := line[:1]; c {
		case " ":
			line = line[1:]
		case "|", ")":
			return out, line
		case "(":
			s := &out[len(out)-1]
			s.Kind = campaign.If
			s.Then, line = flowSteps(line[1:])
			s.Else, line = flowSteps(line[1:])
			line = line[1:]
		default:
			out, line = append(out, campaign.Step{ID: c, Kind: campaign.Wait}), line[1:]
		}
	}
	return out, ""
}

// drawing writes a definition as such a line.
func drawing(steps []campaign.Step) string {
	var parts []string
	for i := range steps {
		text := steps[i].ID
		if ways := manage.Branches(&steps[i]); ways != nil {
			text += "(" + drawing(*ways[0].Steps) + "|" + drawing(*ways[1].Steps) + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}

func TestStepsAreMoved(t *testing.T) {
	to := func(branch, after string) func(*campaign.Definition, string) error {
		return func(d *campaign.Definition, id string) error {
			return manage.Move(d, id, manage.Spot{Branch: branch, After: after})
		}
	}
	for name, one := range map[string]struct {
		do       func(*campaign.Definition, string) error
		before   string
		id, want string
	}{
		"up":                           {manage.Up, "a b c", "c", "a c b"},
		"down":                         {manage.Down, "a b c", "a", "b a c"},
		"up out of a branch":           {manage.Up, "a b(c d|e) f", "c", "a c b(d|e) f"},
		"down out of a branch":         {manage.Down, "a b(c d|e) f", "d", "a b(c|e) d f"},
		"out":                          {manage.Out, "a b(c d|e) f", "c", "a b(d|e) c f"},
		"into the one before":          {manage.Into, "a b(c|) f", "f", "a b(c f|)"},
		"into the one behind":          {manage.Into, "a b(c|) f", "a", "b(a c|) f"},
		"to the beginning":             {to("", ""), "a b(c|e) f", "e", "e a b(c|) f"},
		"into another branch":          {to("b:else", "e"), "a b(c|e) f", "c", "a b(|e c) f"},
		"with all its branches":        {to("", "f"), "a b(c|e) f", "b", "a f b(c|e)"},
		"behind itself":                {to("", "a"), "a b", "a", "a b"},
		"down over one that branches":  {manage.Down, "a b(c|e) f", "a", "b(c|e) a f"},
		"removed with what is in it":   {manage.Remove, "a b(c|e) f", "b", "a f"},
		"the only one out of a branch": {manage.Out, "b(c(d|)|)", "d", "b(c(|) d|)"},
	} {
		d := flow(one.before)
		require.NoError(t, one.do(d, one.id), name)
		require.Equal(t, one.want, drawing(d.Steps), name)
	}
}

func TestWhatCannotBeMovedIsRefused(t *testing.T) {
	for name, one := range map[string]struct {
		err  error
		kind fault.Kind
	}{
		"above the first":      {manage.Up(flow("a b"), "a"), fault.Conflict},
		"below the last":       {manage.Down(flow("a b"), "b"), fault.Conflict},
		"out of no branch":     {manage.Out(flow("a b"), "b"), fault.Conflict},
		"into no branch":       {manage.Into(flow("a b"), "b"), fault.Conflict},
		"nothing":              {manage.Up(flow("a b"), "z"), fault.NotFound},
		"into itself":          {manage.Move(flow("b(c|)"), "b", manage.Spot{Branch: "b:then"}), fault.Invalid},
		"into what is in it":   {manage.Move(flow("b(c(d|)|)"), "b", manage.Spot{Branch: "c:then", After: "d"}), fault.Invalid},
		"behind nothing":       {manage.Move(flow("a b"), "a", manage.Spot{After: "z"}), fault.NotFound},
		"into no such branch":  {manage.Move(flow("b(c|) d"), "d", manage.Spot{Branch: "b:maybe"}), fault.NotFound},
		"behind one elsewhere": {manage.Move(flow("b(c|) d e"), "e", manage.Spot{After: "c"}), fault.NotFound},
		"too deep":             {manage.Insert(flow("a(b(c(d(e(f(g(h|)|)|)|)|)|)|)"), manage.Spot{Branch: "h:then"}, campaign.Step{ID: "i"}), fault.NotFound},
	} {
		require.True(t, fault.Is(one.err, one.kind), "%s: %v", name, one.err)
	}
	deep := flow("a(b(c(d(e(f(g(h(|)|)|)|)|)|)|)|)")
	err := manage.Insert(deep, manage.Spot{Branch: "h:then"}, campaign.Step{ID: "i", Kind: campaign.Wait})
	require.True(t, fault.Is(err, fault.Invalid), "%v", err)
	require.Equal(t, "a(b(c(d(e(f(g(h(|)|)|)|)|)|)|)|)", drawing(deep.Steps), "nothing was changed")

	many := flow(strings.Repeat("a ", 100))
	require.True(t, fault.Is(manage.Insert(many, manage.Spot{}, campaign.Step{ID: "z"}), fault.Invalid))
	require.Len(t, many.Steps, 100)
}

// A copy has ids of its own, all the way down, and shares nothing with the first.
func TestACopyIsAnother(t *testing.T) {
	d := flow("a b(c|e)")
	id, err := manage.Duplicate(d, "b")
	require.NoError(t, err)
	require.Len(t, d.Steps, 3)
	require.Equal(t, id, d.Steps[2].ID)
	seen := map[string]bool{}
	for s := range d.AllSteps() {
		require.False(t, seen[s.ID], s.ID)
		seen[s.ID] = true
	}
	require.Len(t, seen, 7)
	d.Steps[2].Then[0].At = "10:00"
	require.Empty(t, d.Steps[1].Then[0].At)
}

// Whatever is done in whatever order: no step is lost or doubled but by being
// removed or copied, the bounds hold, and the linter reads what comes of it.
func TestEditsKeepTheFlowWhole(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := flow("a b(c d|e) f")
		for range rapid.IntRange(1, 40).Draw(r, "acts") {
			var ids []string
			for s := range d.AllSteps() {
				ids = append(ids, s.ID)
			}
			if len(ids) == 0 {
				return
			}
			slices.Sort(ids)
			id := rapid.SampledFrom(ids).Draw(r, "step")
			whole, err := json.Marshal(d)
			require.NoError(r, err)
			next := &campaign.Definition{}
			require.NoError(r, json.Unmarshal(whole, next))
			act := rapid.SampledFrom([]string{"up", "down", "in", "out", "copy", "add", "move"}).Draw(r, "act")
			switch act {
			case "up":
				err = manage.Up(next, id)
			case "down":
				err = manage.Down(next, id)
			case "in":
				err = manage.Into(next, id)
			case "out":
				err = manage.Out(next, id)
			case "copy":
				_, err = manage.Duplicate(next, id)
			case "move":
				err = manage.Move(next, id, manage.Spot{Branch: rapid.SampledFrom(ids).Draw(r, "into") + ":then"})
			case "add":
				spec := rapid.SampledFrom(campaign.StepKinds()).Draw(r, "kind")
				err = manage.Insert(next, manage.Spot{Branch: id + ":" + rapid.SampledFrom([]string{"then", "else"}).Draw(r, "way")}, campaign.Step{ID: manage.NewStepID(spec.Kind), Kind: spec.Kind})
			}
			if err != nil {
				require.NotEmpty(r, fault.Sentence(err), act)
				continue
			}
			var after []string
			for s := range next.AllSteps() {
				after = append(after, s.ID)
			}
			slices.Sort(after)
			require.Equal(r, len(slices.Compact(slices.Clone(after))), len(after), "an id twice")
			if act != "copy" && act != "add" {
				require.Equal(r, ids, after, act)
			}
			for _, p := range next.Problems() {
				require.NotContains(r, p, "deep")
				require.NotContains(r, p, "needs an id")
			}
			lint.Lint(*next, shopFor(r))
			d = next
		}
	})
}
