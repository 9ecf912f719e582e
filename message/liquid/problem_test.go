package liquid

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProblemsNameTheirPlace(t *testing.T) {
	for source, want := range map[string]struct {
		sentence string
		at       int
	}{
		"x {{ name":                      {"this {{ has no }}", 2},
		"x {% if name":                   {"this {% has no %}", 2},
		"{{ }}":                          {"a value is missing", 3},
		"{{}}":                           {"a value is missing", 2},
		"{{ name | }}":                   {`there is no filter ""`, 10},
		"{{ name | upcas }}":             {`there is no filter "upcas"; did you mean upcase?`, 10},
		"{{ name | zzzzzz }}":            {`there is no filter "zzzzzz"; there are abs, append`, 10},
		`{{ name | upcase: "x" }}`:       {"upcase takes 0 values after a colon, not 1", 10},
		"{{ name | default }}":           {"default takes 1 value after a colon, not 0", 10},
		"{{ name | truncate: 1, 2, 3 }}": {"truncate takes 0 to 2 values after a colon, not 3", 10},
		"{{ name | default: a: 1 }}":     {"default takes no values with names such as a:", 19},
		`{{ name | default: "a }}`:       {`this " is never closed`, 19},
		"{{ name == 'x' }}":              {`"==" cannot stand here`, 8},
		"{{ (1..9) }}":                   {`"(1..9)" is no value`, 3},
		"{{ lines[name] }}":              {`"[name]" cannot stand here`, 8},
		"{{ lines[0 }}":                  {"this [ has no ]", 8},
		"{{ lines[1.5] }}":               {"an index is a whole number", 8},
		"{{ name. }}":                    {"a name is missing after the dot", 9},
		"{{ 1.2.3 }}":                    {"is no number", 3},

		"{% if name %}x": {"{% if %} has no {% endif %}", 0},
		"{% if name %}{% for l in lines %}{% endif %}{% endfor %}": {"{% endif %} stands here, but {% for %} is what is open", 33},
		"a {% endif %}":                             {"{% endif %} closes nothing", 2},
		"{% else %}":                                {"{% else %} stands within {% if %} or {% case %} only", 0},
		"{% iff name %}{% endif %}":                 {"there is no tag {% iff %}; did you mean if?", 0},
		"{% include 'x' %}":                         {"there is no tag {% include %}; there are if, unless", 0},
		"{% render 'x' %}":                          {"there is no tag {% render %}", 0},
		"{% tablerow l in lines %}":                 {"there is no tag {% tablerow %}", 0},
		"{% cycle 'a', 'b' %}":                      {"there is no tag {% cycle %}", 0},
		"{% increment x %}":                         {"there is no tag {% increment %}", 0},
		"{% %}":                                     {"a tag begins with its name", 0},
		"{% if %}{% endif %}":                       {"a value is missing", 6},
		"{% if name = 'x' %}{% endif %}":            {`"=" cannot stand here; a condition is such as`, 11},
		"{% if (name) %}{% endif %}":                {`"(name)" is no value`, 6},
		"{% if name and %}{% endif %}":              {"a value is missing", 15},
		"{% break %}":                               {"{% break %} stands within {% for %} only", 0},
		"{% assign 1x = 2 %}":                       {"a name is missing", 10},
		"{% assign x %}":                            {"{% assign name = value %}", 12},
		"{% capture %}{% endcapture %}":             {"a name is missing", 11},
		"{% case name %}x{% when 1 %}{% endcase %}": {"nothing can stand between", 0},
		"{% raw %}x":                                {"{% raw %} has no {% endraw %}", 0},
		"{% comment %}x":                            {"{% comment %} has no {% endcomment %}", 0},
		"{% for lines %}{% endfor %}":               {"{% for line in order.lines %}", 12},
		"{% for l in name %}{% endfor %}":           {"name is no list", 6},
		"{% for l in lines wrong %}{% endfor %}":    {`"wrong" cannot stand here; behind a list there may be limit: 5`, 18},
		"{% for i in (1..99999999) %}{% endfor %}":  {"a range has at most 50 numbers", 13},
		"{% for i in (1..count) %}{% endfor %}":     {"the ends of a range are whole numbers", 13},
		"{% for i in (-9223372036854775808..9223372036854775807) %}{% endfor %}":       {"a range has at most 50 numbers", 13},
		"{% for i in (1..2 %}{% endfor %}":                                             {"a range is written as (1..5)", 13},
		"{% for a in lines %}{% for b in lines %}{% endfor %}{% endfor %}":             {"these loops would turn 2500 times, more than 1000", 20},
		strings.Repeat("{% for a in (1..2) %}", 3) + strings.Repeat("{% endfor %}", 3): {"loops stand within loops more than 2 deep", 42},
		strings.Repeat("{% if name %}", 5) + strings.Repeat("{% endif %}", 5):          {"blocks stand within blocks more than 4 deep", 52},
		strings.Repeat("{{ name }}", 201):                                              {"there are more than 200 outputs and tags", 2000},
		strings.Repeat("x", MaxSource+1):                                               {"the text is larger than 16 KB", 0},
	} {
		tpl, problems := shop.Parse(source)
		require.Nil(t, tpl, source)
		require.NotEmpty(t, problems, source)
		require.Contains(t, problems[0].Sentence, want.sentence, source)
		require.Equal(t, want.at, problems[0].At, source)
		require.Empty(t, problems[0].Unknown, source)
	}
}

// Names that stand for nothing are told of and leave a gap.
func TestUnknownVariablesStayEmpty(t *testing.T) {
	for source, want := range map[string]string{
		"{{ nmae }}":        "there is no nmae; it stays empty; did you mean name?",
		"{{ shop.phnoe }}":  "there is no shop.phnoe; it stays empty; did you mean shop.phone?",
		"{{ name.x }}":      "there is no name.x; it stays empty",
		"{{ customer }}":    "there is no customer; it stays empty",
		"{{ shop }}":        "shop is no text; it stays empty",
		"{{ lines.title }}": "there is no lines.title",
		"{% for l in lines %}{{ l.titel }}{% endfor %}":      "there is no l.titel",
		"{% for l in lines %}{% endfor %}{{ l.title }}":      "there is no l.title",
		"{% for l in lines %}{{ forloop.indx }}{% endfor %}": "there is no forloop.indx",
		"{% if __proto__ %}x{% endif %}":                     "there is no __proto__",
	} {
		tpl, problems := shop.Parse(source)
		require.Len(t, problems, 1, source)
		require.Contains(t, problems[0].Sentence, want, source)
		require.NotEmpty(t, problems[0].Unknown, source)
		out, err := tpl.Render(&Env{Vars: vars()})
		require.NoError(t, err)
		require.Empty(t, out, source)
	}
	_, problems := shop.Parse("{% assign x = lines | first %}{{ x.anything }}{% capture y %}a{% endcapture %}{{ y }}")
	require.Empty(t, problems, "what own variables hold is not known before")
	_, problems = shop.Parse("{{ a }}{{ b }}{{ name | what }}{{ c }}")
	require.Len(t, problems, 4, "all at once")
}

// Of each sort some are told, and a fault is told of behind any number of gaps.
func TestProblemsAreBounded(t *testing.T) {
	tpl, problems := shop.Parse(strings.Repeat("{{ a }}", 150))
	require.NotNil(t, tpl)
	require.Len(t, problems, MaxProblems)
	tpl, problems = shop.Parse(strings.Repeat("{{ a }}", 150) + "{{ name | what }}")
	require.Nil(t, tpl)
	require.Len(t, problems, MaxProblems+1)
	tpl, problems = shop.Parse(strings.Repeat("{{ a }}{{ name | what }}", 90))
	require.Nil(t, tpl)
	require.Len(t, problems, 2*MaxProblems)
}

func TestPlace(t *testing.T) {
	source := "سلام\nxy {{ نام }}\tz\r\nend"
	line, column, excerpt := Place(source, strings.Index(source, "{{"))
	require.Equal(t, []any{2, 4}, []any{line, column})
	require.Equal(t, "xy {{ نام }} z\n   ^", excerpt)
	line, column, excerpt = Place(source, len(source)+9)
	require.Equal(t, []any{3, 4, "end\n   ^"}, []any{line, column, excerpt})
	_, column, excerpt = Place(strings.Repeat("x", 300), 200)
	require.Equal(t, 201, column)
	require.Equal(t, strings.Repeat("x", 80)+"\n"+strings.Repeat(" ", 40)+"^", excerpt)
	_, _, excerpt = Place("a\u202eb", 0)
	require.Equal(t, "a b\n^", excerpt)
}
