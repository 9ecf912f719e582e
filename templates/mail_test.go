package templates

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// evil is a text that must come out as a text wherever it is put.
const evil = `"><script>alert(1)</script>{{.Shop}}`

func fullMail(lang, text string) *Mail {
	return &Mail{
		Lang: lang, Subject: text, Preheader: text, Shop: text, Heading: text, Body: []string{text, text},
		Lines:        []MailLine{{Title: text, Variant: text, Quantity: text, Price: text, Image: "https://cdn.example.com/a.jpg"}, {Title: text, Quantity: text}},
		LinesHeading: text, LinesMore: text, TotalLabel: text, Total: text,
		Button: &MailButton{Label: text, URL: "https://shop.example.com/review?a=1&b=2"}, Otherwise: text, Closing: []string{text, text},
		Contact: text, Why: text, PreferencesLabel: text, PreferencesURL: "https://flywheel.example.com/u/abc", Address: []string{text},
	}
}

func rendered(t *testing.T, m *Mail) (string, string) {
	var h, p bytes.Buffer
	require.NoError(t, m.HTML(&h))
	require.NoError(t, m.Text(&p))
	return h.String(), p.String()
}

func TestMailEscapesEveryField(t *testing.T) {
	for _, lang := range languages {
		page, plain := rendered(t, fullMail(lang, evil))
		require.NotContains(t, page, "<script")
		require.NotContains(t, page, `="">`, "an attribute was left")
		require.Contains(t, page, "&lt;script&gt;")
		require.Contains(t, page, "{{.Shop}}", "braces of a value are only text")
		require.Contains(t, plain, "<script>", "the text part is text")
	}
}

// The fast way of shape.go must say what the layouts say, for every shape.
func TestShapesChangeNothing(t *testing.T) {
	for _, lang := range languages {
		rapid.Check(t, func(t *rapid.T) {
			some := func(name string) string {
				return rapid.SampledFrom([]string{"", "plain", "شكرًا \u2066#1001\u2069", `<b>"'&amp;`, "zqMARKaabz", "a+b"}).Draw(t, name)
			}
			list := func(name string) []string {
				return rapid.SliceOfN(rapid.Custom(func(*rapid.T) string { return some(name) }), 0, 4).Draw(t, name)
			}
			m := &Mail{
				Lang: lang, Subject: some("subject"), Preheader: some("preheader"), Shop: some("shop"), Heading: some("heading"),
				Body: list("body"), LinesHeading: some("lines"), LinesMore: some("more"), TotalLabel: some("label"), Total: some("total"),
				Otherwise: some("otherwise"), Closing: list("closing"), Contact: some("contact"), Why: some("why"),
				PreferencesLabel: some("preferences"), Address: list("address"),
			}
			if rapid.Bool().Draw(t, "button") {
				m.Button = &MailButton{Label: some("button"), URL: "https://example.com/?a=1&b='2'"}
			}
			if rapid.Bool().Draw(t, "link") {
				m.PreferencesURL = "https://example.com/u/x"
			}
			for range rapid.IntRange(0, 3).Draw(t, "n") {
				m.Lines = append(m.Lines, MailLine{Title: some("title"), Variant: some("variant"), Quantity: some("quantity"), Price: some("price")})
			}
			l := layouts()[lookOf(lang)]
			for _, part := range []*shaped{l.html, l.text} {
				var fast, slow bytes.Buffer
				if part.write(&fast, m) != nil || part.execute(&slow, m) != nil {
					t.Fatal("a layout failed")
				}
				// In <title> and URLs html/template writes + and ' in its own way, with the same meaning.
				want := strings.NewReplacer("&#43;", "+", "%27", "&#39;").Replace(slow.String())
				if fast.String() != want {
					t.Fatalf("fast:\n%s\nslow:\n%s", fast.String(), want)
				}
			}
		})
	}
}

func TestManyShapesStayBounded(t *testing.T) {
	s := newShaped(func(w io.Writer, _ any) error { _, err := io.WriteString(w, "x"); return err }, asIs)
	for n := range 2 * maxShapes {
		require.NoError(t, s.write(io.Discard, &Mail{Body: make([]string, n)}))
	}
	require.LessOrEqual(t, len(s.shapes), maxShapes)
}

func TestMailRefusesScriptURLs(t *testing.T) {
	m := fullMail("en", "x")
	m.Button.URL, m.PreferencesURL, m.Lines[0].Image = "javascript:alert(1)", "javascript:alert(2)", "javascript:alert(3)"
	page, _ := rendered(t, m)
	require.NotContains(t, page, "javascript")
}

// Everything a right-to-left mail needs stands in the markup itself, since mail
// programs drop style sheets.
func TestRightToLeftIsWhole(t *testing.T) {
	for _, lang := range []string{"ar", "fa-IR"} {
		page, _ := rendered(t, fullMail(lang, "نص"))
		require.Contains(t, page, `<html lang="`+lang+`" dir="rtl">`)
		require.NotContains(t, page, `align="left"`+` style="padding:0`)
		require.NotContains(t, page, "[[")
		require.NotContains(t, page, "letter-spacing")
		require.NotContains(t, page, "uppercase")
		require.Contains(t, page, "Tahoma")
		require.Equal(t, strings.Count(page, "<table"), strings.Count(page, `<table role="presentation"`)+1, "only the lines are a real table")
		for _, table := range regexp.MustCompile(`<table[^>]*>`).FindAllString(page, -1) {
			require.Contains(t, table, `dir="rtl"`, "Outlook does not inherit dir into tables")
		}
		for _, height := range regexp.MustCompile(`line-height:(1\.\d+)`).FindAllStringSubmatch(page, -1) {
			require.Contains(t, []string{"1.6", "1.8", "1.25"}, height[1])
		}
		for _, start := range regexp.MustCompile(`text-align:(\w+)`).FindAllStringSubmatch(page, -1) {
			require.Contains(t, []string{"right", "left"}, start[1], "Outlook does not know start and end")
		}
	}
	page, _ := rendered(t, fullMail("en", "x"))
	require.Contains(t, page, `<html lang="en" dir="ltr">`)
	require.NotContains(t, page, `dir="rtl"`)
}

func TestMailIsWellFormed(t *testing.T) {
	for _, lang := range languages {
		for name, m := range map[string]*Mail{"full": fullMail(lang, "x"), "bare": {Lang: lang, Heading: "x", Body: []string{"x"}}} {
			page, plain := rendered(t, m)
			z := html.NewTokenizer(strings.NewReader(page))
			var open []string
			for z.Next() != html.ErrorToken {
				switch tok := z.Token(); tok.Type {
				case html.StartTagToken:
					if !strings.Contains(" meta img br ", " "+tok.Data+" ") {
						open = append(open, tok.Data)
					}
				case html.EndTagToken:
					require.Equal(t, open[len(open)-1], tok.Data, "%s %s", lang, name)
					open = open[:len(open)-1]
				}
			}
			require.Empty(t, open)
			require.Less(t, len(page), 20_000, "far below the 102 KB at which Gmail cuts")
			require.NotContains(t, plain, "\n\n\n", "%s %s:\n%s", lang, name, plain)
			require.NotContains(t, page, "<no value>")
		}
	}
}

func BenchmarkMailHTML(b *testing.B) {
	m := fullMail("ar", "شكرًا لك على طلبك \u2066#1001\u2069")
	b.ReportAllocs()
	var buf bytes.Buffer
	for b.Loop() {
		buf.Reset()
		_ = m.HTML(&buf)
	}
	b.ReportMetric(float64(buf.Len()), "bytes")
}

func BenchmarkMailText(b *testing.B) {
	m := fullMail("ar", "شكرًا لك على طلبك \u2066#1001\u2069")
	var buf bytes.Buffer
	for b.Loop() {
		buf.Reset()
		_ = m.Text(&buf)
	}
}
