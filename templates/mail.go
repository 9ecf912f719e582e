package templates

import (
	"bytes"
	"html/template"
	"io"
	"strings"
	"sync"
	text "text/template"
)

// Mail is everything a mail layout shows. All strings are plain text: the
// layouts escape them and turn Unicode isolates into markup. Empty ones are left out.
type Mail struct {
	Lang      string // BCP 47 tag of the text; gives lang and dir
	Subject   string
	Preheader string // the line mailboxes show beside the subject
	Shop      string
	Heading   string
	Body      []string // paragraphs

	Lines        []MailLine
	LinesHeading string
	LinesMore    string // what stands for lines that are left out
	TotalLabel   string
	Total        string

	Button    *MailButton
	Otherwise string // stands in the button's place
	Closing   []string

	Contact          string // how to reach a person
	Why              string // why this mail came
	PreferencesLabel string
	PreferencesURL   string
	Address          []string // the shop's postal address, line by line
}

// MailLine is one product in the table of lines.
type MailLine struct {
	Title    string
	Variant  string
	Quantity string // in words: "Quantity: 2"
	Price    string
	Image    string // absolute https URL; "" = none
}

// MailButton is the one thing a mail asks for.
type MailButton struct{ Label, URL string }

// HTML writes the mail's HTML part.
func (m *Mail) HTML(w io.Writer) error { return layouts()[lookOf(m.Lang)].html.write(w, m) }

// Text writes the mail's text part: made for reading, not stripped from HTML.
func (m *Mail) Text(w io.Writer) error {
	name := lookOf(m.Lang)
	return layouts()[name].text.write(w, m.spoken(looks[name].Dir))
}

// layout is both parts for one look.
type layout struct{ html, text *shaped }

// look is what a layout needs to know of a script, filled into [[ ]] once when
// the program starts, so that {{ }} is left with what differs from mail to mail.
// Outlook knows neither "start" nor logical properties: sides are spelled out.
type look struct {
	Dir, Start, End string
	Font            string // a CSS declaration
	Body, Small     string // font sizes
	Line, Tight     string // line heights; Arabic script needs room above and below
	outlookFont     string
}

var looks = map[string]look{
	"latin": {
		Dir: "ltr", Start: "left", End: "right", Body: "16px", Small: "13px", Line: "1.6", Tight: "1.3",
		Font:        "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;",
		outlookFont: "'Segoe UI',Arial,sans-serif",
	},
	"arabic": {
		Dir: "rtl", Start: "right", End: "left", Body: "17px", Small: "14px", Line: "1.8", Tight: "1.6",
		Font:        "font-family:Vazirmatn,'Segoe UI',Tahoma,'Geeza Pro','Noto Sans Arabic',Arial,sans-serif;",
		outlookFont: "Tahoma,Arial,sans-serif",
	},
}

var layouts = sync.OnceValue(func() map[string]layout {
	all := map[string]layout{}
	for name, l := range looks {
		page := template.Must(template.New("layout.html").Funcs(template.FuncMap{
			"text":    markup,
			"bare":    func(s string) template.HTML { return template.HTML(template.HTMLEscapeString(s)) },
			"outlook": func() template.HTML { return outlookHead(l) },
			"filler":  func() template.HTML { return filler },
			// Outlook knows no max-width and gets a table of 600 around ours.
			"column": func() template.HTML {
				return template.HTML(`<!--[if mso]><table role="presentation" width="600" align="center" cellpadding="0" cellspacing="0" border="0" dir="` + l.Dir + `"><tr><td><![endif]-->`)
			},
			"columnEnd": func() template.HTML { return `<!--[if mso]></td></tr></table><![endif]-->` },
		}).Parse(l.fill("email/layout.html")))
		plain := text.Must(text.New("layout.txt").Parse(string(read("email/layout.txt"))))
		all[name] = layout{html: newShaped(page.Execute, escape), text: newShaped(plain.Execute, asIs)}
	}
	return all
})

func lookOf(lang string) string {
	if Dir(lang) == "rtl" {
		return "arabic"
	}
	return "latin"
}

// fill does the first of the two passes over a layout.
func (l look) fill(name string) string {
	var b bytes.Buffer
	must(text.Must(text.New(name).Delims("[[", "]]").Parse(string(read(name)))).Execute(&b, l))
	return b.String()
}

// outlookHead is for Outlook on Windows alone: it falls back to Times where it
// does not know the first font. html/template drops comments, hence a function.
func outlookHead(l look) template.HTML {
	return template.HTML(`<!--[if mso]><style>body,table,td,h1,a{font-family:` + l.outlookFont + ` !important;}</style>` +
		`<xml><o:OfficeDocumentSettings xmlns:o="urn:schemas-microsoft-com:office:office"><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml><![endif]-->`)
}

// filler keeps mailboxes from showing the heading behind a short preheader.
var filler = template.HTML(strings.Repeat("&#847;&zwnj;&nbsp;", 40))

// spoken returns the mail as its text part says it: one string for each line,
// led by a direction mark where that is needed.
func (m *Mail) spoken(dir string) *Mail {
	t := *m
	t.Subject, t.Preheader, t.Shop = "", "", ""
	for _, field := range []*string{&t.Heading, &t.LinesHeading, &t.LinesMore, &t.Otherwise, &t.Contact, &t.Why} {
		*field = guide(dir, *field)
	}
	t.Body, t.Closing, t.Address = guided(dir, m.Body), guided(dir, m.Closing), guided(dir, m.Address)
	t.Lines = make([]MailLine, len(m.Lines))
	for i, l := range m.Lines {
		t.Lines[i].Title = guide(dir, l.words())
	}
	if m.Total != "" {
		t.Total, t.TotalLabel = guide(dir, m.TotalLabel+": "+m.Total), ""
	}
	if m.Button != nil {
		t.Button = &MailButton{Label: guide(dir, m.Button.Label+":"), URL: m.Button.URL}
	}
	if m.PreferencesURL != "" {
		t.PreferencesLabel = guide(dir, m.PreferencesLabel+":")
	}
	return &t
}

func guided(dir string, lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = guide(dir, l)
	}
	return out
}

// words writes a line of the order as text.
func (l MailLine) words() string {
	var b strings.Builder
	for _, part := range []string{l.Title, l.Variant, l.Quantity, l.Price} {
		if part != "" && b.Len() > 0 {
			b.WriteString(" · ")
		}
		b.WriteString(part)
	}
	return b.String()
}
