package message

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func richly(t testing.TB, source string, vars map[string]any) (html, text string) {
	for _, p := range inspect("text", source, rich, false) {
		require.True(t, p.Harmless, p.String())
	}
	f, err := compileField("text", source, rich)
	require.NoError(t, err, source)
	html, err = f.render(vars)
	require.NoError(t, err, source)
	text, err = f.renderText(vars)
	require.NoError(t, err, source)
	return html, text
}

func TestRichTexts(t *testing.T) {
	en, fa := varsOf("en", nil), varsOf("fa", nil)
	for _, c := range []struct {
		vars               map[string]any
		source, html, text string
	}{
		{en, `a <b>{{ shop.name }}</b> & c`, `a <b>Nour &amp; Co</b> &amp; c`, "a Nour & Co & c"},
		{en, "<p>One</p>\n<p>Two<br>lines</p>", "<p>One</p>\n<p>Two<br>lines</p>", "One\n\nTwo\nlines"},
		{en, `<ul>{% for l in order.lines %}<li>{{ l.title }}</li>{% endfor %}</ul>`, `<ul><li>Linen shirt</li><li>Canvas tote</li><li>Olive soap</li></ul>`, "• Linen shirt\n• Canvas tote\n• Olive soap"},
		{en, `<a href="{{ shop.url }}">Shop</a>`, `<a href="https://nour.example">Shop</a>`, "Shop: https://nour.example"},
		{en, `<a href="https://nour.example/?a=1&b={{ order.name | url_encode }}">See</a>`, `<a href="https://nour.example/?a=1&amp;b=%231001">See</a>`, "See: https://nour.example/?a=1&b=%231001"},
		{en, `<a href="mailto:hello@nour.example?subject=x">Write</a>`, `<a href="mailto:hello@nour.example?subject=x">Write</a>`, "Write: hello@nour.example"},
		{en, `<a href='tel:{{ shop.phone }}'>Call</a>`, `<a href="tel:+966501234567">Call</a>`, "Call: +966501234567"},
		{en, `<a href="{{ shop.meeting }}">Meet</a>`, `<a>Meet</a>`, "Meet"},
		{en, `<a href="{{ 'javascript:alert(1)' }}">x</a>`, `<a>x</a>`, "x"},
		{en, `<a href="{{ 'https://127.0.0.1/' }}">x</a>`, `<a>x</a>`, "x"},
		{en, `{{ '<script>' }}{{ '" onclick="' }}`, `&lt;script&gt;&#34; onclick=&#34;`, `<script>" onclick="`},
		{en, `{{ '<b>a</b><a href="https://x.example">l</a><script>x</script>' | raw }}`, `<b>a</b>l`, "al"},
		{en, "{{ shop.address | newline_to_br }}", "Nour &amp; Co<br>\n12 Harbour Street<br>\nBoston MA 02110", "Nour & Co\n12 Harbour Street\nBoston MA 02110"},
		{en, `<script>alert(1)</script><p onclick="x" style="y" dir="rtl">a</p><img src=x>`, `<p dir="rtl">a</p>`, "a"},
		{en, `{% raw %}<b>{{ x }}</b><script>y</script>{% endraw %}{% comment %}<script>{% endcomment %}`, `<b>{{ x }}</b>`, "{{ x }}"},
		{en, `&#123;&#123; shop.name }}`, `{{ shop.name }}`, "{{ shop.name }}"},
		{en, `lq0lq <b>{{ shop.name }}</b> LQ1LQ`, `lq0lq <b>Nour &amp; Co</b> LQ1LQ`, "lq0lq Nour & Co LQ1LQ"},
		{fa, `<b>{{ order.name }}</b>`, `<b><bdi dir="ltr">#1001</bdi></b>`, "\u2066#1001\u2069"},
		{en, `{% if product.title %}<b>a</b>{% else %}<i>b</i>{% endif %}{% case 1 %}{% when 1 %}<b>c</b>{% endcase %}`, `<i>b</i><b>c</b>`, "bc"},
		{en, `<bdi dir="ltr">x</bdi>`, `<bdi dir="ltr">x</bdi>`, "\u2066x\u2069"},
		{en, "<ul>\n{% if order.name %}\n<li>a</li>\n{% endif %}\n<li>b</li>\n</ul>", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>", "• a\n• b"},
	} {
		html, text := richly(t, c.source, c.vars)
		require.Equal(t, c.html, html, c.source)
		require.Equal(t, c.text, text, c.source)
	}
}

func TestLinksOfRichTextsAreTheShops(t *testing.T) {
	vars := varsOf("en", nil)
	setLink(vars, func(address string) string {
		switch {
		case strings.HasPrefix(address, "mailto:"):
			return address
		case !strings.HasPrefix(address, "https://nour.example"):
			return ""
		}
		return "https://go.example/c?to=" + address
	})
	html, text := richly(t, `<a href="https://nour.example/a">in</a> <a href="https://other.example/">out</a> <a href="mailto:a@other.example">mail</a>`, vars)
	require.Equal(t, `<a href="https://go.example/c?to=https://nour.example/a">in</a> <a>out</a> <a href="mailto:a@other.example">mail</a>`, html)
	require.Equal(t, "in: https://go.example/c?to=https://nour.example/a out mail: a@other.example", text)
}

func TestRichTextsAreRefusedInWords(t *testing.T) {
	for source, want := range map[string]string{
		`<b>x`:                         "text, column 1: <b> is never closed",
		`x</b>`:                        "text, column 2: this closes <b>, which is not open",
		`<b><i>x</b></i>`:              "text, column 4: <i> must be closed before <b> is",
		`{% if order %}<b>{% endif %}`: "text, column 15: <b> must be closed before {% if %} is",
		`{% if order %}<b>{% else %}</b>{% endif %}`:                  "text, column 15: <b> must be closed before {% else %}",
		`<a href="javascript:alert(1)">x</a>`:                         "text, column 9: a link must be an address such as https://shop.example/",
		`<a href="JaVaScRiPt&colon;alert(1)">x</a>`:                   "a link must be an address",
		`<a href=" data:text/html,x">x</a>`:                           "a link must be an address",
		`<a href="http://shop.example/">x</a>`:                        "a link must be an address",
		`<a href="/relative">x</a>`:                                   "a link must be an address",
		`<a href="https://{{ shop.name }}/">x</a>`:                    "a link must be an address",
		`<a href="{% if order %}https://x.example/{% endif %}">x</a>`: "a link must be an address",
		`<b class="{{ shop.name }}">x</b>`:                            "text, column 11: outputs and tags stand in text",
		`<{{ shop.name }}>`:                                           "outputs and tags stand in text",
		`<script>{{ shop.name }}</script>`:                            "outputs and tags stand in text",
		`<b {{ shop.name }}>x</b>`:                                    "outputs and tags stand in text",
		`<!-- {{ shop.name }} -->`:                                    "outputs and tags stand in text",
		`{{ shop.name | upcas }}`:                                     `there is no filter "upcas"`,
	} {
		problems := inspect("text", source, rich, false)
		require.NotEmpty(t, problems, source)
		var said []string
		for _, p := range problems {
			if !p.Harmless {
				said = append(said, p.String())
			}
		}
		require.Contains(t, strings.Join(said, "\n"), want, source)
	}
	p := inspect("text", "<p>a</p>\n<div style='x'>b</div>", rich, false)
	require.Len(t, p, 1)
	require.Equal(t, "text, line 2, column 1: <div> is left out; possible are p, br, b, strong, i, em, a, ul, ol, li, bdi", strings.Split(p[0].String(), "\n")[0])
	require.True(t, p[0].Harmless)
}

// Whatever is written, only the few elements come out, closed, and never a handler or a bad address.
func TestRichTextsAreSafe(t *testing.T) {
	bits := []string{
		"x", "&lt;", "<", "\"", "{{ person.first_name }}", "{{ '<b onclick=x>' }}", "{{ order.summary | raw }}", "{{ '</p><b>x</i>' | raw }}", "{% if 1 == 1 %}{% break %}{% endif %}", "{% continue %}", "{% raw %}<i onclick=x>{{</i>{% endraw %}", "<script>y</script>", "<img src=x onerror=y>", "<svg/onload=x>",
		"<style>x</style>", "lq0lq", "&#123;&#123; x }}", "<!-- x -->", "<br>", "</div>", "<mj-raw>", "<b>", "</p>", "<!--", "<script>",
	}
	around := []string{
		"<b>…</b>", "<p onclick='x'>…</p>", "<a href=\"{{ shop.url }}\" onclick=x>…</a>", "<ul><li style=x>…</li></ul>", "{% if order.name %}…{% endif %}", "{% for i in (1..2) %}…{% endfor %}", "<div>…</div>",
		"<a href=javascript:x>…</a>", "<a href=\"{{ 'javascript:x' }}\">…</a>", "{% capture c %}…{% endcapture %}{{ c }}",
	}
	vars := varsOf("ar", func(f *Facts) {
		f.Person.FirstName = "Ada<script>"
		f.Order.Detail.Lines[0].Title = `<img src=x onerror=y><b>t</b>`
	})
	allowed := map[string]bool{}
	for _, name := range richElements {
		allowed[name] = true
	}
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		source := ""
		for range rapid.IntRange(1, 6).Draw(t, "parts") {
			part := rapid.SampledFrom(bits).Draw(t, "bit")
			if rapid.Bool().Draw(t, "within") {
				part = strings.Replace(rapid.SampledFrom(around).Draw(t, "around"), "…", source+part, 1)
				source = ""
			}
			source += part
		}
		for _, p := range inspect("text", source, rich, false) {
			if !p.Harmless {
				return
			}
		}
		taken++
		f, err := compileField("text", source, rich)
		require.NoError(t, err, source)
		html, err := f.render(vars)
		require.NoError(t, err, source)
		_, err = f.renderText(vars)
		require.NoError(t, err, source)
		var open []string
		rest := html
		for {
			at := strings.IndexByte(rest, '<')
			if at < 0 {
				break
			}
			tag, after, ok := strings.Cut(rest[at+1:], ">")
			require.True(t, ok, "%q gave %q", source, html)
			rest = after
			name, attributes, _ := strings.Cut(strings.TrimPrefix(tag, "/"), " ")
			require.True(t, allowed[strings.TrimSuffix(name, "/")], "%q gave %q", source, html)
			require.True(t, attributes == "" || attributes == `dir="ltr"` || attributes == `dir="rtl"` || attributes == `href="https://nour.example"`, "%q gave %q", source, html)
			switch {
			case strings.HasPrefix(name, "br"):
			case !strings.HasPrefix(tag, "/"):
				open = append(open, name)
			default:
				require.NotEmpty(t, open, "%q gave %q", source, html)
				require.Equal(t, name, open[len(open)-1], "%q gave %q", source, html)
				open = open[:len(open)-1]
			}
		}
		require.Empty(t, open, "%q gave %q", source, html)
		require.Empty(t, unbalanced(html), "%q gave %q", source, html)
	})
	require.Greater(t, taken, 10, "most must be such as are taken")
}
