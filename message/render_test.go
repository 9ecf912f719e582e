package message

import (
	"cmp"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// everything shows every variable, so that what strangers type goes everywhere.
var everything = campaign.Email{
	Subject:   `{{ order.name }} {{ person.first_name }} {{ shop.name }} {{ order.first_item }}`,
	Preheader: `{{ order.summary }}`,
	Heading:   `{{ person.first_name | upcase }} {{ order.first_item }}`,
	Body:      []string{`{{ greeting }}`, `{{ order.summary }} {{ order.items }} {{ order.total }} {{ shop.email }}`},
	ShowLines: true,
	Button:    &campaign.Button{Label: `{{ order.first_item }}`, URL: `{{ shop.review_url }}`, Otherwise: `{{ order.first_item }}`},
	Closing:   []string{`{{ shop.name }}`},
}

func compiled(t testing.TB, lang string, e campaign.Email) *Template {
	tpl, err := Compile(lang, e)
	require.NoError(t, err)
	return tpl
}

// hostile puts one text wherever a stranger can type.
func hostile(text string) Facts {
	f := factsOf(campaign.Definition{Class: gate.Service, Topic: "reviews"}, "en")
	f.Person.FirstName, f.Person.LastName, f.Shop.Name, f.Order.Detail.Name = text, text, text, text
	f.Order.Detail.Lines[0].Title, f.Order.Detail.Lines[0].Variant = text, text
	f.Shop.Settings.PostalAddress = text
	f.Order.Detail.Language, f.Person.Language = text, text
	return f
}

func TestStrangersWordsStayWords(t *testing.T) {
	for name, text := range map[string]string{
		"script":    `<script>alert(1)</script>`,
		"attribute": `" onmouseover="alert(1)`,
		"image":     `<img src=x onerror=alert(1)>`,
		"liquid":    `{{ shop.email }}{% for i in (1..9999999) %}x{% endfor %}`,
		"crlf":      "Ada\r\nBcc: everybody@example.com\r\n\r\n<b>new body</b>",
		"nul":       "Ada\x00\x01\x1b[31m",
		"override":  "Ada\u202egnp.exe\u202c\u202d",
		"broken":    "Ada\xff\xfe\xc0\x80",
		"isolates":  "Ada\u2066\u2067\u2068 x",
		"stray pdi": "Ada\u2069\u2069 x",
		"mark":      "zqMARKaaaz",
		"long":      strings.Repeat("Ada ", 2500),
		"one word":  strings.Repeat("A", 10_000),
	} {
		for _, lang := range []string{"en", "ar"} {
			m, err := compiled(t, lang, everything).Render(hostile(text))
			require.NoError(t, err, name)
			require.NotRegexp(t, regexp.MustCompile(`(?i)<(script|img src=x|b>)`), m.HTML, name)
			require.Empty(t, handlers(t, m.HTML), name)
			for part, s := range map[string]string{"subject": m.Subject, "to": m.ToName, "from": m.FromName} {
				require.NotRegexp(t, regexp.MustCompile("[\x00-\x1f\x7f]"), s, "%s %s", name, part)
				require.LessOrEqual(t, len([]rune(s)), maxSubject+10, "%s %s", name, part)
			}
			for _, h := range m.Headers {
				require.NotRegexp(t, regexp.MustCompile("[\x00-\x1f\x7f]"), h[0]+h[1], name)
				require.Less(t, len(h[1]), 200, name)
			}
			for _, s := range []string{m.Subject, m.HTML, m.Text} {
				require.NotRegexp(t, regexp.MustCompile("[\u202a-\u202e\ufeff\x00\x1b]"), s, name)
				require.True(t, strings.ToValidUTF8(s, "?") == s, name)
				require.Equal(t, strings.Count(s, "<bdi"), strings.Count(s, "</bdi>"), name)
				require.Less(t, len(s), 30_000, name)
			}
			if name == "liquid" {
				require.Contains(t, m.Text, "{{ shop.email }}{%", "it is shown, not run")
				require.NotContains(t, m.Text, "xxxx")
			}
			require.Contains(t, m.HTML, `<html lang="`+lang+`"`, "%s: a language that is none is not taken", name)
		}
	}
}

// handlers lists the attributes of a page that would run something.
func handlers(t testing.TB, page string) (found []string) {
	tree, err := html.Parse(strings.NewReader(page))
	require.NoError(t, err)
	eachNode(tree, func(n *html.Node) {
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") {
				found = append(found, n.Data+" "+a.Key)
			}
		}
	})
	return found
}

func TestNamesThatAreNone(t *testing.T) {
	for name, want := range map[string]string{
		"Ada": "Ada", " سارة ": "سارة", "Anne-Marie": "Anne-Marie", "O'Neil": "O'Neil", "李": "李",
		"": "", ".": "", "-": "", "0501234567": "", "Win at www.x.example": "", "https://x.example": "", "ada@example.com": "", "{{ x }}": "",
		strings.Repeat("A", 1000): "",
	} {
		require.Equal(t, want, firstName(name), name)
	}
}

func TestFactsThatWouldBreakAHeaderAreRefused(t *testing.T) {
	tpl := compiled(t, "en", everything)
	for name, change := range map[string]func(*Facts){
		"recipient": func(f *Facts) { f.Person.Email = "a@example.com\r\nBcc: b@example.com" },
		"two":       func(f *Facts) { f.Person.Email = "a@example.com,b@example.com" },
		"shop":      func(f *Facts) { f.Shop.Email = "a@example.com>" },
		"effect":    func(f *Facts) { f.EffectID = "a b" },
		"link":      func(f *Facts) { f.UnsubscribeURL = "https://x.example/>\r\nX: y" },
		"script":    func(f *Facts) { f.UnsubscribeURL = "javascript:alert(1)" },
		"class":     func(f *Facts) { f.Class = "spam" },
	} {
		f := hostile("Ada")
		change(&f)
		_, err := tpl.Render(f)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "example.com", "%s: no personal data in errors", name)
	}
	f := hostile("Ada")
	f.IDHost = "evil\r\nX: y"
	m, err := tpl.Render(f)
	require.NoError(t, err)
	require.Equal(t, "<0EFFECT1@evilXy>", m.Header("Message-ID"))
}

func TestLanguageIsTheOrdersThenThePersonsThenTheShops(t *testing.T) {
	f := Facts{Shop: commerce.Shop{Locale: "fa"}, Person: commerce.Person{Language: "ar-EG"}, Order: &commerce.Order{Detail: commerce.Detail{Language: "fr"}}}
	require.Equal(t, "fr", Language(f))
	f.Order.Detail.Language = ""
	require.Equal(t, "ar-EG", Language(f))
	f.Person.Language = ""
	require.Equal(t, "fa", Language(f))
	f.Shop.Locale = ""
	require.Equal(t, "en", Language(f))
	f.Order.Detail.Language, f.Person.Choice = "fr", "ar"
	require.Equal(t, "ar", Language(f), "what they chose goes before all")
	require.Equal(t, "en", Language(Facts{}))
}

func TestSetPicksTheNearestText(t *testing.T) {
	text := func(s string) campaign.Email { return campaign.Email{Subject: s, Body: []string{s}} }
	set, err := CompileAll(map[string]campaign.Email{"en": text("en"), "ar": text("ar"), "pt-BR": text("pt-BR")})
	require.NoError(t, err)
	for tag, want := range map[string]string{"en": "en", "en-GB": "en", "ar-EG": "ar", "AR": "ar", "fr": "en", "pt": "pt-BR", "pt-PT": "pt-BR", "": "en"} {
		require.Equal(t, want, set.For(tag).subject.static, tag)
	}
	only, err := CompileAll(map[string]campaign.Email{"ar": text("ar")})
	require.NoError(t, err)
	require.Equal(t, "ar", only.For("fr").subject.static)
	_, err = CompileAll(nil)
	require.Error(t, err)
}

// A French reader of an English text gets an English mail, not a French page
// with English words; the region decides the digits.
// A shop that says in which languages it writes gets no other, though a playbook has more.
func TestLanguageIsOneOfTheShops(t *testing.T) {
	for _, tt := range []struct {
		written                     []string
		order, person, locale, want string
	}{
		{[]string{"en", "ar"}, "fa", "", "en", "en"},
		{[]string{"en", "ar"}, "fa", "ar-EG", "en", "ar-EG"}, // a region of one is that one, with its own digits
		{[]string{"en", "ar"}, "fa-IR", "fa", "ar", "ar"},
		{[]string{"ar", "en"}, "fa", "fa", "fa", "ar"},
		{[]string{"ar", "en"}, "", "", "", "ar"},
		{[]string{"pt-BR", "en"}, "pt-PT", "", "en", "pt-BR"},
		{[]string{"pt-BR", "pt-PT"}, "pt-PT", "", "en", "pt-PT"},
		{[]string{"en-GB"}, "EN_gb", "", "", "EN_gb"},
		{nil, "fa", "", "en", "fa"},
	} {
		f := Facts{
			Shop: commerce.Shop{Locale: tt.locale, Settings: commerce.Settings{Languages: tt.written}}, Person: commerce.Person{Language: tt.person},
			Order: &commerce.Order{Detail: commerce.Detail{Language: tt.order}},
		}
		require.Equal(t, tt.want, Language(f), "%+v", tt)
		f.Person.Choice = "en-GB"
		chosen := among(tt.written, "en-GB")
		if tt.written == nil {
			chosen = "en-GB"
		}
		require.Equal(t, cmp.Or(chosen, tt.want), Language(f), "%+v: what they chose, where the shop writes it", tt)
	}
}

func TestTheMailSaysWhichLanguageItIsIn(t *testing.T) {
	set := mailOf(t, playbook(t, "thank_you"))
	f := factsOf(playbook(t, "thank_you"), "en")
	for tag, want := range map[string][2]string{
		"fr": {`<html lang="en" dir="ltr" `, "$105.50"}, "en-GB": {`<html lang="en-GB" dir="ltr" `, "US$105.50"},
		"ar-AE": {`<html lang="ar-AE" dir="rtl" `, "105.50"}, "ar-EG": {`<html lang="ar-EG" dir="rtl" `, "١٠٥٫٥٠"},
	} {
		f.Order.Detail.Language = tag
		m := render(t, set, f)
		require.Contains(t, m.HTML, want[0], tag)
		require.Contains(t, m.Text, want[1], tag)
	}
}

func TestOnlyWhatIsKeptIsSpokenOf(t *testing.T) {
	set := mailOf(t, playbook(t, "thank_you"))
	f := factsOf(playbook(t, "thank_you"), "en")
	f.Order.Refunds = map[string]commerce.Refund{"r": {ID: "r", Status: commerce.RefundSucceeded, Lines: []commerce.RefundLine{{Line: "1", Quantity: 1}, {Line: "3", Quantity: 1}}}}
	m := render(t, set, f)
	require.NotContains(t, m.HTML, "Linen shirt")
	require.NotContains(t, m.Text, "Linen shirt")
	require.Contains(t, m.Text, "Canvas tote and one more product")
	require.Contains(t, m.Text, "Olive soap · Quantity: 2 · $13.00")
	require.NotContains(t, m.Text, "Total", "the sum as paid is no longer theirs")
}

func TestLongOrdersAreCounted(t *testing.T) {
	f := factsOf(playbook(t, "thank_you"), "en")
	f.Order.Detail.Lines = nil
	for range 30 {
		f.Order.Detail.Lines = append(f.Order.Detail.Lines, commerce.Line{Title: "Soap", Quantity: 1, Current: 1})
	}
	m := render(t, mailOf(t, playbook(t, "thank_you")), f)
	require.Equal(t, maxLines, strings.Count(m.Text, "Soap · "))
	require.Contains(t, m.Text, "and 18 more products")
}

func TestAButtonThatLeadsNowhereIsLeftOut(t *testing.T) {
	set := mailOf(t, playbook(t, "review_request"))
	for _, url := range []string{"", "javascript:alert(1)", "/reviews", "nour.example/reviews", "https://", "ftp://x.example", "https://x.example/ y"} {
		f := factsOf(playbook(t, "review_request"), "en")
		f.Shop.Settings.ReviewURL = url
		m := render(t, set, f)
		require.NotContains(t, m.HTML, `class="in button"`, url)
		require.Contains(t, m.Text, "Just reply to this mail", url)
	}
	m := render(t, set, factsOf(playbook(t, "review_request"), "en"))
	require.Contains(t, m.HTML, `href="https://nour.example/reviews?order=1001&amp;x=1"`)
	require.NotContains(t, m.Text, "Just reply to this mail")
}

func BenchmarkRender(b *testing.B) {
	for _, lang := range []string{"en", "ar"} {
		for sender, hosts := range map[string][]string{"own": nil, "shared": {"nour.example", "flywheel.example"}} {
			b.Run(lang+"/"+sender, func(b *testing.B) {
				d := playbook(b, "thank_you")
				set, f := mailOf(b, d), factsOf(d, lang)
				f.LinkHosts = hosts
				b.ReportAllocs()
				for b.Loop() {
					if _, err := set.Render(f); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
