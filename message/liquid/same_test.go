package liquid

import (
	"testing"

	osteele "github.com/osteele/liquid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// bare are variables that another Liquid understands too.
func bare() map[string]any {
	line := func(title string, price float64, qty int) any {
		return map[string]any{"title": title, "price": price, "qty": qty}
	}
	return map[string]any{
		"name": "Ada", "count": 3, "price": 49.5, "lines": []any{line("Shirt", 49.5, 1), line("Tote", 18.25, 2), line("Soap", 6.5, 3)},
		"shop": map[string]any{"name": "Nour & Co"},
	}
}

// ours turns the ints of bare into ours.
func ours(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = ours(e)
		}
		return out
	case []any:
		out := []any{}
		for _, e := range v {
			out = append(out, ours(e))
		}
		return out
	}
	return v
}

// What merchants know from Shopify means the same here: random texts are held
// against an independent Liquid.
func TestTextsMeanWhatTheyMeanElsewhere(t *testing.T) {
	engine := osteele.NewEngine()
	pick := func(t *rapid.T, label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
	value := func(t *rapid.T) string {
		if rapid.Bool().Draw(t, "number") {
			return pick(t, "value", "count", "price", "lines.size", "7", "2.5", "lines.first.qty") +
				pick(t, "filter", "", " | plus: 2", " | times: 3", " | minus: 1.5", " | default: 'd'", " | append: 'z'", " | round", " | ceil", " | abs", " | modulo: 2")
		}
		return pick(t, "value", "name", "shop.name", "lines[1].title", "'x y'") +
			pick(t, "filter", "", " | upcase", " | append: 'z'", " | prepend: name", " | size", " | default: 'd'", " | replace: 'a', 'b'", " | remove: 'A'", " | truncate: 5",
				" | slice: 1, 2", " | split: 'd' | join: '-'", " | strip_html", " | url_encode", " | capitalize", " | split: '' | reverse | first")
	}
	condition := func(t *rapid.T) string {
		return pick(t, "condition", "count > 2", "count <= 2", "price == 49.5", "name == 'Ada'", "name != 'Ada'", "name contains 'd'", "lines.size >= 3 and count == 3", "count == 1 or name == 'Ada'", "name", "false", "nil")
	}
	var text func(t *rapid.T, depth int) string
	text = func(t *rapid.T, depth int) (out string) {
		for range rapid.IntRange(1, 3).Draw(t, "parts") {
			kind := rapid.IntRange(0, 6).Draw(t, "kind")
			if depth == 0 {
				kind = min(kind, 1)
			}
			switch kind {
			case 0:
				out += pick(t, "text", "a", " b ", "{ c }")
			case 1:
				out += "{{ " + value(t) + " }}"
			case 2:
				out += "{% if " + condition(t) + " %}" + text(t, depth-1) + "{% elsif " + condition(t) + " %}" + text(t, 0) + "{% else %}" + text(t, depth-1) + "{% endif %}"
			case 3:
				out += "{% unless " + condition(t) + " %}" + text(t, depth-1) + "{% endunless %}"
			case 4:
				out += "{% for l in " + pick(t, "list", "lines", "lines limit: 2", "lines offset: 1", "lines reversed", "(1..3)") + " %}{{ forloop.index }}{{ l.title }}" + text(t, 0) + "{% endfor %}"
			case 5:
				out += "{% assign own = " + value(t) + " %}{{ own }}"
			case 6:
				out += "{% capture own %}" + text(t, 0) + "{% endcapture %}{{ own | upcase }}"
			}
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		source := text(t, 2)
		tpl, problems := shop.Parse(source)
		require.Empty(t, problems, source)
		got, err := tpl.Render(&Env{Vars: ours(bare()).(map[string]any)})
		require.NoError(t, err)
		want, failed := engine.ParseAndRenderString(source, bare())
		require.NoError(t, failed)
		require.Equal(t, want, got, source)
	})
}

// FuzzParse: whatever is typed, the answer is a template or a problem, and what
// is a template ends.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"{{ name | upcase }}", "{% if name == 'x' %}a{% else %}b{% endif %}", "{{", "{% for l in lines limit:2 %}{{ l.title }}{% endfor %}", "{%- raw -%}{{{% endraw %}",
		"{% case count %}{% when 3 %}x{% endcase %}", "{% capture x %}{{ lines | map: 'qty' | sum }}{% endcapture %}", "{{ lines[0]['title'] | slice: -1, 3 }}", "{{ 1..2 }}", "{% comment %}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		tpl, problems := shop.Parse(source)
		if tpl == nil && len(problems) == 0 {
			t.Fatalf("%q is refused without a word", source)
		}
		for _, p := range problems {
			Place(source, p.At)
		}
		if tpl != nil {
			if out, err := tpl.Render(&Env{Vars: vars()}); err == nil && len(out) > MaxOutput {
				t.Fatalf("%q gave %d bytes", source, len(out))
			}
		}
	})
}
