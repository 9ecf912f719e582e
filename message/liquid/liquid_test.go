package liquid

import (
	"fmt"
	"html"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// shop is the dialect of these tests; its variables are those of vars.
var shop = NewDialect([]string{
	"name", "empty", "count", "price", "lines[].title", "lines[].price", "lines[].qty", "shop.name", "shop.phone",
}, map[string]Filter{"env": {Do: func(env *Env, _ any, _ []any) any { return env.Reader }}})

func vars() map[string]any {
	line := func(title string, price float64, qty int64) any {
		return map[string]any{"title": title, "price": Shown{fmt.Sprintf("$%.2f", price), price}, "qty": qty}
	}
	return map[string]any{
		"name": "Ada", "empty": "", "count": int64(3), "price": Shown{"$49.50", 49.5},
		"lines": []any{line("Shirt", 49, 1), line("Tote", 18.5, 2), line("Soap", 6.5, 3)},
		"shop":  map[string]any{"name": "Nour & Co", "phone": ""},
	}
}

func fill(t testing.TB, source string) string {
	tpl, problems := shop.Parse(source)
	require.Empty(t, problems, source)
	out, err := tpl.Render(&Env{Vars: vars(), Reader: "reader"})
	require.NoError(t, err, source)
	return out
}

func TestTextsAreFilled(t *testing.T) {
	for source, want := range map[string]string{
		"":              "",
		"as it is":      "as it is",
		"a { b } %} {x": "a { b } %} {x",
		"{{ name }}, {{name|upcase}} {{ 'x' }}{{ 3 }}{{ -1.5 }}":                                                "Ada, ADA x3-1.5",
		"{{ lines[0].title }} {{ lines.last.title }} {{ lines[-1]['title'] }} {{ lines.size }} {{ name.size }}": "Shirt Soap Soap 3 3",
		"a {{- name -}} b":                       "aAdab",
		"a \n{%- if true -%}\n b {%- endif %} c": "ab c",

		"{% if count > 2 %}many{% else %}few{% endif %}":                                    "many",
		"{% if count > 3 %}a{% elsif count == 3 %}b{% else %}c{% endif %}":                  "b",
		"{% unless count == 3 %}a{% else %}b{% endunless %}":                                "b",
		"{% if shop.phone %}a{% else %}none{% endif %}":                                     "none",
		"{% if shop.phone == blank and empty == empty and nil == shop.phone %}a{% endif %}": "a",
		"{% if name != blank %}{{ name }}{% endif %}":                                       "Ada",
		"{% if price > 49 and price < 50 %}{{ price }}{% endif %}":                          "$49.50",
		"{% if name contains 'd' and shop.name contains 'Nour' %}a{% endif %}":              "a",
		"{% if false and false or true %}a{% else %}b{% endif %}":                           "b", // from the right: false and (false or true)
		"{% if name > 3 or 'x' < name %}a{% else %}b{% endif %}":                            "b",
		"{% case count %}{% when 1, 2 %}a{% when 3 or 4 %}b{% else %}c{% endcase %}":        "b",
		"{% case name %} {% when 'Bob' %}a{% else %}c{% endcase %}":                         "c",

		"{% for l in lines %}{{ forloop.index }}{{ l.title }}{% unless forloop.last %}, {% endunless %}{% endfor %}": "1Shirt, 2Tote, 3Soap",
		"{% for l in lines limit: 1 offset:1 %}{{ l.title }}{% endfor %}":                                            "Tote",
		"{% for l in lines reversed limit:2 %}{{ l.qty }}{% endfor %}":                                               "21",
		"{% for i in (2..4) %}{{ i }}{% if i == 3 %}{% break %}{% endif %}{% endfor %}":                              "23",
		"{% for i in (1..4) %}{% if i == 3 %}{% continue %}{% endif %}{{ i }}{% endfor %}":                           "124",
		"{% for i in (3..1) %}x{% else %}none{% endfor %}":                                                           "none",
		"{% for a in (1..2) %}{% for b in (1..2) %}{{ a }}{{ b }} {% endfor %}{% endfor %}":                          "11 12 21 22 ",
		"{% for name in lines %}{{ name.qty }}{% endfor %}{{ name }}":                                                "123Ada",

		"{% assign n = count | times: 2 %}{{ n }}":                              "6",
		"{% assign first = lines | where: 'qty', 2 | first %}{{ first.title }}": "Tote",
		"{% assign all = lines %}{% for l in all %}{{ l.qty }}{% endfor %}":     "123",
		"{% capture x %}{{ name }}!{% endcapture %}{{ x | downcase }}{{ x }}":   "ada!Ada!",
		"{% comment %}{{ }} {% if %}{% endcomment %}a":                          "a",
		"{% raw %}{{ name }}{% if %}{% endraw %}{{ name }}":                     "{{ name }}{% if %}Ada",
		"{{ name | env }}": "reader",
		"one\n{% for l in lines %}\n- {{ l.title }}\n{% endfor %}\ntwo\n  {% comment %}x{% endcomment %}  \nend": "one\n- Shirt\n- Tote\n- Soap\ntwo\nend",
	} {
		require.Equal(t, want, fill(t, source), source)
	}
}

func TestFilters(t *testing.T) {
	for source, want := range map[string]string{
		`'éa' | capitalize`: "Éa", `'' | capitalize`: "", `' y ' | strip`: "y", `' y ' | lstrip | append: "|"`: "y |", `' y ' | rstrip`: " y",
		`'a-b-a' | replace: 'a', 'x'`: "x-b-x", `'a-b-a' | replace_first: 'a', 'x'`: "x-b-a", `'a-b-a' | remove: 'a'`: "-b-", `'aa' | remove_first: 'a'`: "a", `'a' | replace: '', 'x'`: "a",
		`'a b&c/é' | url_encode`: "a+b%26c%2F%C3%A9", `'<b>x</b><script>y</script>' | strip_html`: "x", `'<b>' | escape`: "<b>", `'a' | newline_to_br`: "a",
		`'one two three' | truncate: 7`: "one ...", `'one two three' | truncate: 5, '…'`: "one …", `'one' | truncate: 0`: "...", `'one two three' | truncatewords: 2`: "one two...", `'one' | truncate`: "one",
		`'' | prefixed: ', '`: "", `name | prefixed: ', ' | suffixed: '!'`: ", Ada!", `empty | default: 'x'`: "x", `count | default: 1`: "3",
		`'a,b,a' | split: ',' | uniq | join: '+'`: "a+b", `'' | split: ',' | size`: "0", `'b,a' | split: ',' | sort | join`: "a b", `'b,a' | split: ',' | reverse | first`: "a",
		`lines | map: 'title' | join: ', '`: "Shirt, Tote, Soap", `lines | sort: 'price' | map: 'title' | first`: "Soap", `lines | sum: 'qty'`: "6", `lines | sum: 'price'`: "74",
		`lines | where: 'qty', 3 | map: 'title'`: "Soap", `lines | where: 'nothing' | size`: "0", `lines | where: 'title' | size`: "3", `lines | concat: lines | size`: "6", `lines | map: 'nothing' | compact | size`: "0",
		`lines | slice: 1, 2 | map: 'qty' | join: ''`: "23", `'abcd' | slice: -2, 9`: "cd", `'abcd' | slice: 9`: "", `'abcd' | slice: 1`: "b", "'\u2068ab\u2069' | size": "2", `lines | last | size`: "0",
		`5 | plus: 2`: "7", `5 | minus: 7`: "-2", `5 | times: 1.5`: "7.5", `7 | divided_by: 2`: "3", `-7 | divided_by: 2`: "-4", `7.0 | divided_by: 2`: "3.5", `7 | modulo: 3`: "1", `-7 | modulo: 3`: "2", `5 | divided_by: 0`: "", `'4' | plus: '5'`: "9",
		`2.5 | round`: "3", `2.345 | round: 2`: "2.35", `2.1 | ceil`: "3", `2.9 | floor`: "2", `-3 | abs`: "3", `5 | at_least: 7`: "7", `5 | at_most: 3.5`: "3.5", `price | plus: 1`: "50.5", `price | round`: "50",
		`1 | divided_by: 3.0 | round: 3`: "0.333", `9007199254740993 | times: 9007199254740993`: "81129638414606680000000000000000",
	} {
		require.Equal(t, want, fill(t, "{{ "+source+" }}"), source)
	}
}

// What is escaped is escaped once, whatever way it takes.
func TestOutputsAreEscapedOnce(t *testing.T) {
	d := shop.With(map[string]Block{"own": func(_ *Env, inner string) string { return "[" + inner + "]" }})
	for source, want := range map[string]string{
		"<b>{{ shop.name }}</b>{{ '<' }}":                               "<b>Nour &amp; Co</b>&lt;",
		"{{ shop.name | escape }}{{ shop.name | escape | escape }}":     "Nour &amp; CoNour &amp; Co",
		"{% capture x %}{{ shop.name }}{% endcapture %}{{ x }}":         "Nour &amp; Co",
		"{% capture x %}{{ '<' }}{% endcapture %}{{ x | append: '<' }}": "&amp;lt;&lt;", // text again after a filter: more than once is safe
		"{% own %}{{ shop.name }}{% endown %}":                          "[Nour & Co]",
		"{{ '<i>\n2' | newline_to_br }}":                                "&lt;i&gt;<br>\n2",
	} {
		tpl, problems := d.Parse(source)
		require.Empty(t, problems, source)
		out, err := tpl.Render(&Env{Vars: vars(), Escape: html.EscapeString})
		require.NoError(t, err)
		require.Equal(t, want, out, source)
	}
}

// Values that isolates guard compare as the words they are.
func TestIsolatesAreNoPartOfAWord(t *testing.T) {
	v := map[string]any{"name": "\u2068Ada\u2069", "lines": []any{}}
	for _, source := range []string{"name == 'Ada'", "name contains 'Ada'", "name.size == 3", "lines == blank"} {
		tpl, _ := shop.Parse("{% if " + source + " %}yes{% endif %}")
		out, err := tpl.Render(&Env{Vars: v})
		require.NoError(t, err)
		require.Equal(t, "yes", out, source)
	}
}

func TestLazyValuesAreMadeWhenAskedFor(t *testing.T) {
	asked := 0
	v := map[string]any{"name": func() any { asked++; return "Ada" }}
	tpl, _ := shop.Parse("{{ count }}")
	_, err := tpl.Render(&Env{Vars: v})
	require.NoError(t, err)
	require.Zero(t, asked)
	tpl, _ = shop.Parse("{{ name }}")
	out, err := tpl.Render(&Env{Vars: v})
	require.NoError(t, err)
	require.Equal(t, "Ada", out)
}

// A text that would run on ends in an error, soon, and says why.
func TestWhatRunsOnIsStopped(t *testing.T) {
	doubled := strings.Repeat("{% capture x %}{{ x }}{{ x }}{% endcapture %}", 40)
	for source, want := range map[string]string{
		"{% capture x %}abcdefgh{% endcapture %}" + doubled:                                                                                         "grows larger than 64 KB",
		"{% for a in (1..50) %}{% for b in (1..20) %}" + strings.Repeat("x", 200) + "{% endfor %}{% endfor %}":                                      "grows larger than 64 KB",
		"{% for a in (1..50) %}{% for b in (1..20) %}{{ name" + strings.Repeat(" | upcase", 60) + " }}{% endfor %}{% endfor %}":                     "too many turns",
		"{% for a in (1..50) %}{% for b in (1..20) %}{% if " + strings.Repeat("name == 1 or ", 60) + "1 == 2 %}{% endif %}{% endfor %}{% endfor %}": "too many turns",
	} {
		tpl, problems := shop.Parse(source)
		require.Empty(t, problems)
		_, err := tpl.Render(&Env{Vars: vars()})
		require.ErrorContains(t, err, want)
	}
	for _, source := range []string{
		"{{ name" + strings.Repeat(" | append: name", 900) + " | size }}", // by hand as long as may be
		"{% assign x = 'aaaaaaaaaaaaaaaa' %}" + strings.Repeat("{% assign x = x | replace: 'a', x %}", 20) + "{{ x | size }}",
		"{% assign x = lines %}" + strings.Repeat("{% assign x = x | concat: x %}", 20) + "{{ x | size }}",
		"{% assign x = 2 %}" + strings.Repeat("{% assign x = x | times: x %}", 20) + "{{ x }}",
	} {
		require.LessOrEqual(t, len(fill(t, source)), MaxValue, source)
	}
	require.Equal(t, "50", fill(t, "{% assign x = lines %}"+strings.Repeat("{% assign x = x | concat: x %}", 9)+"{{ x | size }}"))
	long := fill(t, "{% assign x = 'aaaaaaaa' %}"+strings.Repeat("{% assign x = x | append: x %}", 20)+"{{ x }}")
	require.Len(t, long, MaxValue)
	require.Less(t, len(replace(long, "a", long, -1)), 4*MaxValue, "it stops before it has made all of it")
}

func TestAFiltersPanicCostsOneText(t *testing.T) {
	d := NewDialect(nil, map[string]Filter{"bang": {Do: func(*Env, any, []any) any { panic("bang") }}})
	tpl, _ := d.Parse("{{ 1 | bang }}")
	_, err := tpl.Render(&Env{})
	require.ErrorContains(t, err, "bang")
}

func BenchmarkRender(b *testing.B) {
	tpl, problems := shop.Parse("Hello {{ name }},\n{% for l in lines %}{{ l.title | upcase }} {{ l.price }}{% unless forloop.last %}, {% endunless %}{% endfor %}")
	require.Empty(b, problems)
	env := Env{Vars: vars()}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tpl.Render(&env); err != nil {
			b.Fatal(err)
		}
	}
}
