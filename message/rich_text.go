package message

import (
	"html"
	"regexp"
	"strings"
)

var (
	blanks = regexp.MustCompile(`[ \t\r\n]+`)
	breaks = regexp.MustCompile(` *\n *`)
	gaps   = regexp.MustCompile(`\n{3,}`)
)

// breaksOf is what an element's beginning and end are in text. A line ends by \v
// until the text is filled: a tag alone on its line would take the line with it.
var breaksOf = map[string][2]string{
	"p": {"\v\v", "\v\v"}, "ul": {"\v\v", "\v\v"}, "ol": {"\v\v", "\v\v"}, "li": {"\v• ", ""}, "br": {"\v", ""},
}

// twin writes clean HTML as Liquid that gives text: paragraphs and lists as lines,
// links behind their labels, <bdi> as isolates.
func (s shielded) twin(clean string) string {
	var b strings.Builder
	text := func(part string) { b.WriteString(s.open(html.UnescapeString(blanks.ReplaceAllString(part, " ")))) }
	last, link := 0, ""
	for _, m := range s.tokens(clean) {
		if m[4] < 0 {
			continue
		}
		text(clean[last:m[0]])
		last = m[1]
		name, attributes, ends := clean[m[4]:m[5]], clean[m[6]:m[7]], m[3] > m[2]
		switch {
		case name == "a" && !ends:
			link = ""
			if address := href.FindStringSubmatch(attributes); address != nil {
				link = html.UnescapeString(address[1])
			}
		case name == "a" && link != "":
			b.WriteString("{% linkhere %}" + s.open(link) + "{% endlinkhere %}")
		case name == "bdi" && ends:
			b.WriteString("\u2069")
		case name == "bdi" && strings.Contains(attributes, "ltr"):
			b.WriteString("\u2066")
		case name == "bdi" && strings.Contains(attributes, "rtl"):
			b.WriteString("\u2067")
		case name == "bdi":
			b.WriteString("\u2068")
		case ends:
			b.WriteString(breaksOf[name][1])
		default:
			b.WriteString(breaksOf[name][0])
		}
	}
	text(clean[last:])
	return b.String()
}

// tidy takes out what loops and gaps left of white space.
func tidy(text string) string {
	text = strings.ReplaceAll(text, "\v", "\n")
	return strings.TrimSpace(gaps.ReplaceAllString(breaks.ReplaceAllString(text, "\n"), "\n\n"))
}
