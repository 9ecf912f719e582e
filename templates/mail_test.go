package templates

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// evil is a text that must come out as a text wherever it is put.
const evil = `"><script>alert(1)</script>{{.Shop}}LQurlLQ`

// fullMail has every part there is, with one text everywhere.
func fullMail(lang, text string) *Mail {
	line := MailLine{Title: text, Variant: text, Quantity: text, Price: text, Image: "https://cdn.example.com/a.jpg"}
	return &Mail{
		Lang: lang, Subject: text, Preheader: text, Shop: text,
		Parts: []MailPart{
			{Kind: PartHeading, Text: text},
			{Kind: PartText, Text: text + "\n" + text},
			{Kind: PartRich, HTML: "<p>safe <b>as it is</b></p>", Text: text},
			{Kind: PartLines, Lines: &MailLines{Heading: text, Lines: []MailLine{line, {Title: text, Quantity: text}, {Title: text, Price: text}}, More: text, TotalLabel: text, Total: text}},
			{Kind: PartButton, Text: text, URL: "https://shop.example.com/review?a=1&b=2"},
			{Kind: PartImage, Text: text, Image: "https://cdn.example.com/b.jpg"},
			{Kind: PartImage, Text: text, Image: "https://cdn.example.com/c.jpg", URL: "https://shop.example.com/c"},
			{Kind: PartHeading, Text: text},
			{Kind: PartDivider},
			{Kind: PartCode, Text: text, Code: text, Note: text},
			{Kind: PartWays, Text: text, Ways: []MailWay{{Label: text, Text: text, URL: "tel:+442079460000"}, {Label: text, Text: text}}},
			{Kind: PartWays, Ways: []MailWay{{Text: text, URL: "https://wa.me/442079460000"}, {Text: text, URL: "mailto:a@shop.example.com"}}},
		},
		Foot: []string{text, text}, Why: text, PreferencesLabel: text, PreferencesURL: "https://flywheel.example.com/u/abc", Address: []string{text},
		Pixel: "https://flywheel.example.com/o/abc.gif",
	}
}

func rendered(t require.TestingT, m *Mail) (page, plain string) {
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
		require.Contains(t, page, "{{.Shop}}LQurlLQ", "signs of a value are only text")
		require.Contains(t, page, "<p>safe <b>as it is</b></p>")
		require.Contains(t, plain, "<script>", "the text part is text")
	}
}

// Elements stand in text alone: in an attribute or a title they would be letters.
func TestIsolatesAreElementsInTextAlone(t *testing.T) {
	page, _ := rendered(t, fullMail("ar", "طلب \u2066#1001\u2069"))
	require.Contains(t, page, `طلب <bdi dir="ltr">#1001</bdi>`)
	require.Contains(t, page, "<title>طلب \u2066#1001\u2069</title>")
	require.NotRegexp(t, `="[^"]*<bdi`, page)
}

func TestMailShowsEveryPart(t *testing.T) {
	page, plain := rendered(t, fullMail("en", "WORD"))
	require.Equal(t, 1, strings.Count(page, "<h1"))
	require.Equal(t, 1, strings.Count(page, "<h2"), "only the first heading is the title")
	for _, address := range []string{
		"https://shop.example.com/review?a=1&amp;b=2", "https://shop.example.com/c", "tel:+442079460000", "https://wa.me/442079460000", "mailto:a@shop.example.com", "https://flywheel.example.com/u/abc",
	} {
		require.Contains(t, page, `href="`+address+`"`)
	}
	for _, picture := range []string{"https://cdn.example.com/a.jpg", "https://cdn.example.com/b.jpg", "https://cdn.example.com/c.jpg"} {
		require.Regexp(t, `<img [^>]*"`+regexp.QuoteMeta(picture)+`"`, page)
	}
	for _, picture := range regexp.MustCompile(`<img [^>]*>`).FindAllString(page, -1) {
		require.Regexp(t, `alt="(WORD)?"`, picture)
		require.Equal(t, strings.Contains(picture, "/o/abc.gif"), strings.Contains(picture, `alt=""`), "only the counting picture says nothing")
	}
	require.NotContains(t, page, "LQ")
	require.Contains(t, plain, "WORD:\nhttps://shop.example.com/review?a=1&b=2\n", "addresses of the text part are as they are")
	require.Contains(t, plain, "\n--\nWORD\n")
}

// What is empty is left out with everything around it.
func TestMailLeavesOutWhatIsEmpty(t *testing.T) {
	page, plain := rendered(t, &Mail{Lang: "en", Subject: "x", NoLogo: true, Parts: []MailPart{{Kind: PartText, Text: "x"}}})
	for _, gone := range []string{"<img", "<a ", "<h1", "<h2", "data-piece", `class="in logo"`, "<td class"} {
		require.NotContains(t, page, gone)
	}
	require.Equal(t, "x\n\n--\n", plain)
}

func TestMailRefusesScriptURLs(t *testing.T) {
	m := fullMail("en", "x")
	m.PreferencesURL, m.Pixel, m.Brand.Logo = "javascript:alert(2)", "data:text/html,x", "javascript:alert(3)"
	for i := range m.Parts {
		m.Parts[i].URL, m.Parts[i].Image = "javascript:alert(1)", "JaVaScRiPt:x"
	}
	page, _ := rendered(t, m)
	require.NotContains(t, strings.ToLower(page), "javascript")
	require.NotContains(t, page, "data:")
}

// Everything a right-to-left mail needs stands in the markup itself, since mail
// programs drop style sheets.
func TestRightToLeftIsWhole(t *testing.T) {
	for _, lang := range []string{"ar", "fa-IR"} {
		page, _ := rendered(t, fullMail(lang, "نص"))
		require.Contains(t, page, `<html lang="`+lang+`" dir="rtl"`)
		require.Contains(t, page, `<body class="page" dir="rtl"`)
		for _, wrong := range []string{`dir="auto"`, `dir="ltr"`, "direction:ltr", "letter-spacing", "uppercase", "text-transform", "[["} {
			require.NotContains(t, page, wrong)
		}
		require.Contains(t, page, "Vazirmatn,'Segoe UI',Tahoma,'Geeza Pro','Noto Sans Arabic'")
		for _, table := range regexp.MustCompile(`<table[^>]*>`).FindAllString(page, -1) {
			require.Contains(t, table, `dir="rtl"`, "Outlook does not inherit dir into tables")
		}
		body := page[strings.Index(page, "<body"):]
		for _, height := range regexp.MustCompile(`line-height:([\d.]+);`).FindAllStringSubmatch(body, -1) {
			require.Contains(t, []string{"1.6", "1.8", "1.2", "0"}, height[1], "what is not 1.6 or more holds no line of text")
		}
		// The only thing that stands at the other side is a price.
		for _, cell := range regexp.MustCompile(`<[^>]*(?:align="left"|text-align:left)[^>]*>`).FindAllString(body, -1) {
			require.Contains(t, cell, "white-space:nowrap")
		}
		require.NotRegexp(t, `padding(-left|-right):`, body)
	}
	page, _ := rendered(t, fullMail("en", "x"))
	require.Contains(t, page, `<html lang="en" dir="ltr"`)
	require.NotContains(t, page, `rtl`)
	require.NotRegexp(t, `text-align:right[^>]*>[^<]*<h1`, page)
}

func TestMailIsWellFormed(t *testing.T) {
	for _, lang := range languages {
		for name, m := range map[string]*Mail{"full": fullMail(lang, "x"), "bare": {Lang: lang, Parts: []MailPart{{Kind: PartHeading, Text: "x"}}}} {
			page, plain := rendered(t, m)
			wellFormed(t, page)
			wellFormed(t, outlook(page))
			require.Less(t, len(page), 30_000, "far below the 102 KB at which Gmail cuts")
			require.NotContains(t, plain, "\n\n\n", "%s %s:\n%s", lang, name, plain)
			require.NotContains(t, page, "mj-raw")
			require.Equal(t, name == "full", strings.Contains(page, `<table `+map[bool]string{true: `dir="rtl" `}[Dir(lang) == "rtl"]+`border="0" cellpadding="0" cellspacing="0" width="100%" style="color`), "the lines are a real table")
		}
	}
}

// outlook is the page as Outlook on Windows reads it: what stands in its conditional comments is open.
func outlook(page string) string {
	page = regexp.MustCompile(`<!--\[if (?:mso \| IE|mso|lte mso 11)\]>`).ReplaceAllString(page, "")
	return strings.NewReplacer(`<!--[if !mso]><!-->`, "", `<!--<![endif]-->`, "", "<![endif]-->", "").Replace(page)
}

func wellFormed(t *testing.T, page string) {
	z := html.NewTokenizer(strings.NewReader(page))
	var open []string
	for z.Next() != html.ErrorToken {
		switch tok := z.Token(); tok.Type {
		case html.StartTagToken:
			if !strings.Contains(" meta img br ", " "+tok.Data+" ") {
				open = append(open, tok.Data)
			}
		case html.EndTagToken:
			require.NotEmpty(t, open)
			require.Equal(t, open[len(open)-1], tok.Data)
			open = open[:len(open)-1]
		}
	}
	require.Empty(t, open)
}

// However much is said, the mail stays whole and its footer is shown.
func TestMailStaysBelowTheSizeGmailCuts(t *testing.T) {
	for _, text := range []string{strings.Repeat("word ", 40_000), strings.Repeat("\u2066'\u2069", 40_000), strings.Repeat("سلام", 40_000), strings.Repeat("&", 200_000)} {
		m := fullMail("ar", "x")
		m.Parts = nil
		for range 40 {
			m.Parts = append(m.Parts, MailPart{Kind: PartText, Text: text}, MailPart{Kind: PartRich, Text: text, HTML: text}, MailPart{Kind: PartButton, Text: "Go", URL: "https://x.example/" + strings.Repeat("&", 2000)})
		}
		page, plain := rendered(t, m)
		require.Less(t, len(page), 100_000)
		require.Less(t, len(plain), 100_000)
		require.Contains(t, page, `href="https://flywheel.example.com/u/abc"`)
		require.Contains(t, plain, "https://flywheel.example.com/u/abc")
		require.Contains(t, page, "…", "what is shortened says so")
		wellFormed(t, page)
	}
}

func TestLogoStandsForTheName(t *testing.T) {
	m := fullMail("en", "Nour & Co")
	page, _ := rendered(t, m)
	require.Contains(t, page, `<td align="left" class="in ink" style="font-size:0px;padding:0 36px 16px;`)
	m.Brand = MailBrand{Logo: "https://cdn.example.com/logo.png"}
	page, _ = rendered(t, m)
	require.Contains(t, page, `<img src="https://cdn.example.com/logo.png" alt="Nour &amp; Co" width="140"`)
	require.NotContains(t, page, `href="#"`)
	m.Brand.Home, m.Brand.LogoWidth = "https://shop.example.com", 90
	page, _ = rendered(t, m)
	require.Contains(t, page, `<a href="https://shop.example.com" target="_blank" style="color:#1b1a19;text-decoration:none;"><img src="https://cdn.example.com/logo.png" alt="Nour &amp; Co" width="90"`)
	require.Equal(t, 1, strings.Count(page, "logo.png"))
	m.NoLogo = true
	page, _ = rendered(t, m)
	require.NotContains(t, page, "logo.png")
}

func TestFontsFitTheScript(t *testing.T) {
	for _, c := range []struct{ lang, font, want string }{
		{"en", "", "font-family:-apple-system,'Segoe UI'"},
		{"en", "serif", "font-family:Georgia"},
		{"en", "rounded", "font-family:ui-rounded"},
		{"en", "wingdings", "font-family:-apple-system"},
		{"fa", "rounded", "font-family:Vazirmatn"},
		{"fa", "serif", "font-family:'Noto Naskh Arabic'"},
	} {
		m := fullMail(c.lang, "x")
		m.Brand.Font = c.font
		page, _ := rendered(t, m)
		require.Contains(t, page, c.want, "%+v", c)
	}
}

// Whatever colours a shop chose, everybody can read the mail, in the dark too.
func TestColoursCanBeRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hue := func(name string) string {
			c := rapid.SliceOfN(rapid.Byte(), 3, 3).Draw(t, name)
			return fmt.Sprintf("#%02X%02x%02x", c[0], c[1], c[2])
		}
		var v [slots]string
		brand := MailBrand{Accent: hue("accent"), Page: hue("page")}
		brand.paint(&v)
		at := func(s slot) rgb {
			c, ok := parseRGB(v[s])
			require.True(t, ok, "%s %q", slotNames[s], v[s])
			return c
		}
		white, dark := rgbOr(cardLight, ""), rgbOr(cardDark, "")
		require.Equal(t, strings.ToLower(brand.Accent), v[slotAccent], "what was chosen is kept")
		require.GreaterOrEqual(t, contrast(at(slotAccent), at(slotAccentInk)), enoughForText)
		require.GreaterOrEqual(t, contrast(at(slotAccentDark), at(slotAccentDarkInk)), enoughForText)
		require.GreaterOrEqual(t, contrast(at(slotPage), at(slotPageInk)), enoughForText)
		require.GreaterOrEqual(t, contrast(at(slotPage), at(slotPageSoft)), enoughForText)
		require.GreaterOrEqual(t, contrast(white, at(slotLink)), enoughForText)
		require.GreaterOrEqual(t, contrast(dark, at(slotLinkDark)), enoughForText)
		require.GreaterOrEqual(t, contrast(dark, at(slotAccentDark)), float64(enoughForEdge))
	})
}

func TestColoursThatAreNone(t *testing.T) {
	var plain, odd [slots]string
	MailBrand{}.paint(&plain)
	require.Equal(t, inkLight, plain[slotAccent])
	require.Equal(t, inkDark, plain[slotAccentDark], "nearly black turns nearly white in the dark")
	for _, c := range []string{"red", "#12345", "#12345g", "#1234567", "#-12345", `";}</style>`, "#+1+2+3"} {
		MailBrand{Accent: c, Page: c}.paint(&odd)
		require.Equal(t, plain, odd, c)
	}
}

// A mistake in the layout is an error when it is compiled, not a gap in a mail.
func TestLayoutMistakesAreFound(t *testing.T) {
	layout := string(read("email/mail.mjml"))
	for want, wrong := range map[string]string{
		"unknown element <mj-buton>":               strings.ReplaceAll(layout, "mj-button", "mj-buton"),
		"there is no slot labell":                  strings.Replace(layout, "LQlabelLQ", "LQlabellLQ", 1),
		"the piece image never ends":               strings.Replace(strings.Replace(layout, "<mj-raw>LQ-imageLQ</mj-raw>", "", 1), "LQ-partsLQ", "", 1),
		"the piece parts ends within":              strings.Replace(layout, "<mj-raw>LQ-imageLQ</mj-raw>", "", 1),
		"the piece image is there twice":           strings.Replace(strings.Replace(layout, "LQ+image_linkLQ", "LQ+imageLQ", 1), "LQ-image_linkLQ", "LQ-imageLQ", 1),
		"the layout of mails lost LQ+lines_moreLQ": strings.Replace(layout, `<tr data-piece="lines_more">`, `LQ+lines_moreLQ<tr>`, 1),
		"the layout of mails: ":                    strings.Replace(layout, "</mj-button>", "", 1),
	} {
		_, err := looks["latin"].compile(wrong)
		require.ErrorContains(t, err, want)
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
