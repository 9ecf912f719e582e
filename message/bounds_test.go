package message

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
)

// costly are texts made to find much wrong with them, or to take long to look at.
var costly = map[string]string{
	"unknown variables": strings.Repeat("{{a}}", 3200),
	"unknown filters":   strings.Repeat("{{ 1 | upcas }}", 1000),
	"unknown values":    "{% case 1 %}{% when " + strings.Repeat("a,", 8000) + "a %}{% endcase %}",
	"unknown arguments": "{{ 'order_heading' | t: " + strings.Repeat("a,", 8000) + "a }}",
	"unknown parts":     "{% if " + strings.Repeat("a or ", 3200) + "a %}{% endif %}",
	"long names":        strings.Repeat("{{ "+strings.Repeat("a", 600)+" }}", 25),
	"a long filter":     "{{ 1 | " + strings.Repeat("a", 16000) + " }}",
	"a long element":    "<" + strings.Repeat("a", 16000) + ">",
	"elements":          strings.Repeat("<z>", 5400),
	"open elements":     strings.Repeat("<b>", 2700) + strings.Repeat("</b>", 2000),
	"links":             strings.Repeat(`<a href=x>`, 1600),
	"placeholders":      strings.Repeat("lq", 8000),
	"a long mark":       "l" + strings.Repeat("q", 15000) + strings.Repeat("{{ shop.name }}", 60),
	"counted marks":     strings.Repeat("lqalqblqclqdlqelqflqglqhlqilqjlqaalqba", 400),
	"braces":            strings.Repeat("{", 16000),
	"raw braces":        "{% raw %}" + strings.Repeat("{", 16000) + "{% endraw %}",
	"entities":          strings.Repeat("&#123;", 2600),
	"unclosed":          strings.Repeat("{% if order %}", 1100),
	"a megabyte":        strings.Repeat("{{ a }}<z>", 100_000),
	"lines":             strings.Repeat("\n", 15000) + strings.Repeat("{{ a }}", 100),
	"hidden":            strings.Repeat("\u202e", 5000),
}

// However much is wrong with a text, its author is told what can be read, and soon.
func TestProblemsAreBounded(t *testing.T) {
	for name, source := range costly {
		blocks, body := []campaign.Block{}, []string{}
		for i := range 40 {
			kind := []campaign.BlockKind{campaign.BlockRich, campaign.BlockText}[i%2]
			blocks, body = append(blocks, campaign.Block{Kind: kind, Text: source}), append(body, source)
		}
		small := func(n int) []campaign.Block { return blocks[:n] }
		for shape, e := range map[string]campaign.Email{
			"one":           {Subject: "x", Blocks: small(1)},
			"two":           {Subject: source, Heading: source},
			"as many as go": {Subject: "x", Blocks: small(max(1, min(40, maxText/len(source))))},
			"forty":         {Subject: source, Blocks: blocks},
			"forty, short":  {Subject: source, Preheader: source, Heading: source, Body: body, Closing: body},
			"thousands":     {Subject: "x", Body: strings.Split(strings.Repeat("{{a}}\n", 20_000), "\n")},
		} {
			bounded(t, name+", "+shape, func() []Problem { return Lint(e) })
			_, err := Compile("en", e)
			if err != nil {
				require.Less(t, len(err.Error()), 100<<10, "%s, %s", name, shape)
			}
		}
		bounded(t, name+", a note", func() []Problem { return LintNote(campaign.Note{Title: source, Body: body}) })
	}
}

// bounded looks at a text and counts what is said of it, and what that takes.
func bounded(t *testing.T, what string, look func() []Problem) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	problems := look()
	require.Less(t, time.Since(began), 2*time.Minute, what) // a busy machine has its time
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(100<<20), what)
	require.LessOrEqual(t, len(problems), maxToldOf, what)
	size, fields := 0, map[string]int{}
	for _, p := range problems {
		fields[p.Field]++
		require.LessOrEqual(t, fields[p.Field], maxTold, what)
		shown, _, _ := strings.Cut(p.Excerpt, "\n")
		require.LessOrEqual(t, len([]rune(shown)), 80, what)
		size += len(p.String())
	}
	require.Less(t, size, 100<<10, what)
}

// A fault behind any number of gaps still refuses the text.
func TestAFaultIsNeverCrowdedOut(t *testing.T) {
	gaps := strings.Repeat("{{ a }}", 150)
	for _, fault := range []string{"{{ 1 | upcas }}", "{% fro %}", "{{ order.name | raw }}"} {
		problems := inspect("text", gaps+fault, plain, false)
		require.Len(t, problems, maxTold)
		require.False(t, problems[maxTold-1].Harmless, "%s: %v", fault, problems[maxTold-1])
	}
	problems := inspect("text", gaps+"<a href=x>y</a>"+strings.Repeat("<z>", 100), rich, false)
	require.Len(t, problems, maxTold)
	require.False(t, problems[maxTold-1].Harmless)

	e := campaign.Email{Subject: "x"}
	for i := range 30 {
		e.Body = append(e.Body, fmt.Sprint(i)+strings.Repeat("{{ a }}", 25))
	}
	e.Body[29] += "{{ 1 | upcas }}"
	problems = Lint(e)
	require.Len(t, problems, maxToldOf)
	_, err := Compile("en", e)
	require.ErrorContains(t, err, `there is no filter "upcas"`)
	e.Body[29] = "sound"
	_, err = Compile("en", e)
	require.NoError(t, err, "gaps refuse nothing")
}

func TestMarksAreNew(t *testing.T) {
	for source, want := range map[string]string{"": "lq", "xlqx": "lqa", "lqa": "lqb", "lqalqblqclqdlqelqflqglqhlqilqj": "lqaa"} {
		require.Equal(t, want, markFor(source), source)
	}
}
