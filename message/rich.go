package message

import (
	"errors"
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"

	"flywheel/message/liquid"
)

// A rich text is HTML of a few elements with Liquid in it. When it is saved its
// Liquid is put behind placeholders, the HTML is sanitised, and both are put
// together again: no HTML parser ever sees Liquid, none runs when a mail is sent.
// From the same HTML its twin is made, to be read as text.

// richElements are what rich texts may have.
var richElements = []string{"p", "br", "b", "strong", "i", "em", "a", "ul", "ol", "li", "bdi"}

func elements() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements(richElements...)
	p.AllowNoAttrs().OnElements("a", "bdi")
	p.AllowAttrs("dir").Matching(regexp.MustCompile(`^(rtl|ltr|auto)$`)).OnElements("p", "ul", "ol", "li", "bdi")
	return p
}

// authors is the policy for what merchants write.
var authors = sync.OnceValue(func() *bluemonday.Policy {
	p := elements()
	p.AllowAttrs("href").OnElements("a")
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(true) // a placeholder alone looks like one
	p.AllowURLSchemes("https", "http", "mailto", "tel")
	return p
})

// strangers is the policy for values: no links, for nobody looked at them.
var strangers = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "b", "strong", "i", "em", "ul", "ol", "li")
	return p
})

// visible leaves out characters that cannot be seen, which entities such as &#x202e;
// brought in: those of the bare text are refused, or cleaned where they are values.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if hidden(r) || r >= '\u206a' && r <= '\u206f' || r == '\ufeff' || r >= '\ufff9' && r <= '\ufffb' {
			return -1
		}
		return r
	}, text)
}

// shielded is a source with placeholders for its Liquid.
type shielded struct {
	text   string
	pieces []liquid.Piece // behind the placeholders, by number
	mark   string         // a placeholder is mark, number, mark
	places *regexp.Regexp // finds placeholders
	parts  *regexp.Regexp // finds tags and placeholders
	from   []stretch
}

// stretch says where a part of the shielded text stands in the source.
type stretch struct{ in, at int }

// brace is a placeholder's piece for a brace that is only text.
var brace = liquid.Piece{Kind: liquid.Raw, Source: `{{ "{" }}`}

// shield puts placeholders in place of Liquid. The source parsed without fault.
func shield(source string) (s shielded) {
	s.mark = markFor(strings.ToLower(source))
	place := s.mark + `\d+` + s.mark
	s.places, s.parts = regexp.MustCompile(place), regexp.MustCompile(`<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>|`+place)
	pieces, _ := liquid.Pieces(source)
	var b strings.Builder
	hide := func(p liquid.Piece) {
		fmt.Fprintf(&b, "%s%d%s", s.mark, len(s.pieces), s.mark)
		s.pieces = append(s.pieces, p)
	}
	for _, p := range pieces {
		s.from = append(s.from, stretch{b.Len(), p.At})
		switch p.Kind {
		case liquid.Text:
			b.WriteString(p.Source)
		case liquid.Raw: // its braces are text; its HTML is sanitised like all else
			for i, part := range strings.Split(p.Inside, "{") {
				if i > 0 {
					hide(brace)
				}
				b.WriteString(part)
			}
		case liquid.Comment:
		default:
			hide(p)
		}
	}
	s.text = b.String()
	return s
}

// markFor is a short word that a source in small letters does not hold: lq, else with
// letters behind it that count up.
func markFor(source string) string {
	mark := "lq"
	for n := 0; strings.Contains(source, mark); n++ {
		mark = "lq"
		for rest := n; rest >= 0; rest = rest/10 - 1 {
			mark += string("abcdefghij"[rest%10])
		}
	}
	return mark
}

// at is where an offset of the shielded text stands in the source.
func (s shielded) at(offset int) int {
	best := stretch{}
	for _, f := range s.from {
		if f.in <= offset {
			best = f
		}
	}
	return best.at + offset - best.in
}

// open puts Liquid back into text that was shielded.
func (s shielded) open(text string) string {
	text = strings.ReplaceAll(text, "{", brace.Source) // an entity that became a brace
	return s.places.ReplaceAllStringFunc(text, func(place string) string { return s.piece(place).Source })
}

func (s shielded) piece(place string) liquid.Piece {
	n, err := strconv.Atoi(strings.Trim(place, s.mark))
	if err != nil || n >= len(s.pieces) {
		return liquid.Piece{}
	}
	return s.pieces[n]
}

// tokens cuts clean HTML into tags, placeholders and the text between them. In
// what the sanitiser writes no < and no > stands anywhere but around tags.
func (s shielded) tokens(text string) [][]int {
	return s.parts.FindAllStringSubmatchIndex(text, -1)
}

// href finds the address of a link in clean HTML.
var href = regexp.MustCompile(`^ href="([^"]*)"`)

// compileRich makes the two templates of a rich text.
func compileRich(name, source string) (field, error) {
	f := field{name: name}
	tpl, problems := richDialect().Parse(source)
	if tpl == nil {
		return f, fmt.Errorf("%s: %s", name, sentences(problems))
	}
	s := shield(source)
	clean := visible(authors().Sanitize(s.text))
	if _, wrong := s.nested(clean); wrong != "" {
		return f, fmt.Errorf("%s: %s", name, wrong)
	}
	var page strings.Builder
	last := 0
	for _, m := range s.tokens(clean) {
		if m[4] < 0 || clean[m[4]:m[5]] != "a" || m[3] > m[2] {
			continue
		}
		page.WriteString(s.open(clean[last:m[4]]) + "a")
		if address := href.FindStringSubmatch(clean[m[6]:m[7]]); address != nil {
			page.WriteString("{% hrefhere %}" + s.open(html.UnescapeString(address[1])) + "{% endhrefhere %}")
		}
		page.WriteString(">")
		last = m[1]
	}
	page.WriteString(s.open(clean[last:]))
	made, err := compileText(name, page.String(), savedDialect())
	made.html = true
	twin, also := compileText(name, s.twin(clean), savedDialect())
	made.twin = &twin
	return made, errors.Join(err, also)
}
