package templates

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	text "text/template"

	"github.com/preslavrachev/gomjml/mjml"
)

// look is what the layout needs to know of a script, filled into [[ ]] before it
// is compiled. Outlook knows neither "start" nor logical properties: sides are
// spelled out.
type look struct {
	Dir, Start, End string
	Body, Small     string // font sizes
	Line, Tight     string // line heights; Arabic script needs room above and below
	outlookFont     string
	fonts           map[string]string // font families by Brand.Font
}

var looks = map[string]look{
	"latin": {
		Dir: "ltr", Start: "left", End: "right", Body: "16px", Small: "13px", Line: "1.6", Tight: "1.3",
		outlookFont: "'Segoe UI',Arial,sans-serif",
		fonts: map[string]string{
			"":        "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif",
			"serif":   "Georgia,'Times New Roman',serif",
			"rounded": "ui-rounded,'SF Pro Rounded',Nunito,'Segoe UI',Roboto,Helvetica,Arial,sans-serif",
		},
	},
	"arabic": {
		Dir: "rtl", Start: "right", End: "left", Body: "17px", Small: "14px", Line: "1.8", Tight: "1.6",
		outlookFont: "Tahoma,Arial,sans-serif",
		fonts: map[string]string{
			"":      "Vazirmatn,'Segoe UI',Tahoma,'Geeza Pro','Noto Sans Arabic',Arial,sans-serif",
			"serif": "'Noto Naskh Arabic','Geeza Pro','Traditional Arabic',Tahoma,'Times New Roman',serif",
		},
	},
}

func lookOf(lang string) string {
	if Dir(lang) == "rtl" {
		return "arabic"
	}
	return "latin"
}

// font names the fonts of a script for a shop's choice.
func (l look) font(choice string) string {
	if fonts := l.fonts[choice]; fonts != "" {
		return fonts
	}
	return l.fonts[""]
}

// mailFrames are the compiled layouts by look.
var mailFrames = sync.OnceValue(func() map[string]*mailFrame {
	all := map[string]*mailFrame{}
	for name, l := range looks {
		f, err := l.compile(string(read("email/mail.mjml")))
		must(err)
		all[name] = f
	}
	return all
})

// compile makes a frame of the layout: MJML to HTML, mended, cut.
func (l look) compile(layout string) (*mailFrame, error) {
	filled, err := text.New("mail.mjml").Delims("[[", "]]").Parse(layout)
	if err != nil {
		return nil, err
	}
	var source bytes.Buffer
	if err := filled.Execute(&source, l); err != nil {
		return nil, err
	}
	if err := knownTags(source.String()); err != nil {
		return nil, err
	}
	page, err := mjml.Render(source.String())
	if err != nil {
		return nil, fmt.Errorf("the layout of mails: %w", err)
	}
	page = l.mend(page)
	if err := nothingLost(source.String(), page); err != nil {
		return nil, err
	}
	return cut(page)
}

// tags are the MJML elements that the layout may use.
var tags = []string{
	"mjml", "mj-head", "mj-title", "mj-preview", "mj-attributes", "mj-all", "mj-style", "mj-raw",
	"mj-body", "mj-section", "mj-column", "mj-text", "mj-table", "mj-button", "mj-image", "mj-divider",
}

var tag = regexp.MustCompile(`<(mj[a-z-]+)`)

// knownTags finds misspelled elements: the compiler drops what it does not know
// without a word.
func knownTags(source string) error {
	for _, found := range tag.FindAllStringSubmatch(source, -1) {
		if !slices.Contains(tags, found[1]) {
			return fmt.Errorf("the layout of mails has an unknown element <%s>", found[1])
		}
	}
	return nil
}

// nothingLost makes sure that every slot and every piece came through.
func nothingLost(source, page string) error {
	for _, s := range sign.FindAllString(source, -1) {
		if strings.Count(page, s) < strings.Count(source, s) {
			return fmt.Errorf("the layout of mails lost %s when it was compiled", s)
		}
	}
	return nil
}

var row = regexp.MustCompile(`(?s)<tr data-piece="([a-z_]+)">(.*?)</tr>`)

// mend sets right what the compiler leaves: directions and sides that it fixes
// at left to right, and what it has no attribute for.
func (l look) mend(page string) string {
	page = row.ReplaceAllString(page, "LQ+${1}LQ<tr>${2}</tr>LQ-${1}LQ")
	page = strings.NewReplacer(
		"text-align:left;direction:", "text-align:"+l.Start+";direction:",
		`dir="auto"`, `dir="`+l.Dir+`"`,
		"<body style=", `<body class="page" dir="`+l.Dir+`" style=`,
		"</head>", l.head()+"</head>",
		// White letters on nearly white are what spam filters look for, hidden or not; Outlook hides by a word of its own.
		"display:none;font-size:1px;color:#ffffff;", "display:none;mso-hide:all;font-size:1px;color:LQpage_inkLQ;",
		"border-collapse:separate;line-height:100%;", "border-collapse:separate;",
		"text-transform:none;", "",
		` class=""`, "",
	).Replace(page)
	if l.Dir == "rtl" { // Outlook does not inherit a direction into tables
		page = strings.ReplaceAll(page, "<table ", `<table dir="rtl" `)
	}
	return page
}

// head is what stands in the head beside what MJML writes. Outlook falls back to
// Times where it does not know the first font, so it gets one of its own.
func (l look) head() string {
	return `<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">` +
		`<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no"><meta name="x-apple-disable-message-reformatting">` +
		`<!--[if mso]><style type="text/css">body,table,td,div,p,a,h1,h2{font-family:` + l.outlookFont + ` !important;}</style><![endif]-->`
}

// filler keeps mailboxes from showing the heading behind a short preheader.
var filler = strings.Repeat("&#847;&zwnj;&nbsp;", 40)
