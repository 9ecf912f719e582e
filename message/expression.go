package message

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxField bounds one field of an email in bytes.
const maxField = 16 << 10

// Variables are what texts may show, with what each is. All are plain text, in
// the digits and with the isolates the reader's language needs.
var Variables = map[string]string{
	"greeting":          "Hello Ada, (or only Hello, where no name is known)",
	"person.first_name": "the person's first name; may be empty",
	"shop.name":         "the shop's name",
	"shop.email":        "the shop's address for questions",
	"shop.review_url":   "the shop's own page for reviews; may be empty",
	"shop.url":          "the shop's home page; may be empty",
	"order.name":        "what the customer knows the order by, such as #1001",
	"order.total":       "what was paid, in the customer's currency",
	"order.items":       "how many pieces the customer keeps",
	"order.first_item":  "the first product the customer keeps",
	"order.summary":     "the first product and how many more",
	"product.title":     "the product that is new; empty in other campaigns",
	"product.url":       "its page; may be empty",
}

// NoteVariables are what notes to staff may show beside Variables.
var NoteVariables = map[string]string{
	"person.name":  "the person's whole name; may be empty",
	"person.phone": "their phone number; may be empty",
	"person.email": "their address; may be empty",
}

// Problem is something wrong with one field of a text.
type Problem struct {
	Field    string // subject, body 2, button label
	Column   int    // counted in characters from 1
	Sentence string
	// Harmless problems leave a gap in the mail; the others refuse the text.
	Harmless bool
	// Unknown is the variable that there is not, of a harmless problem.
	Unknown string
}

func (p Problem) String() string {
	return fmt.Sprintf("%s, column %d: %s", p.Field, p.Column, p.Sentence)
}

// inspect finds everything wrong with one field. Only outputs such as
// {{ order.name | upcase }} are allowed: tags could loop, and a Liquid engine
// cannot be stopped once it runs.
func inspect(field, text string, staff bool) (problems []Problem) {
	note := func(at int, unknown, format string, args ...any) {
		column := utf8.RuneCountInString(text[:at]) + 1
		problems = append(problems, Problem{field, column, fmt.Sprintf(format, args...), unknown != "", unknown})
	}
	if len(text) > maxField {
		note(0, "", "the text is larger than %d KB", maxField>>10)
		return problems
	}
	if !utf8.ValidString(text) {
		note(0, "", "the text is not UTF-8")
		return problems
	}
	if at := strings.IndexFunc(text, hidden); at >= 0 {
		r, _ := utf8.DecodeRuneInString(text[at:])
		note(at, "", "the character %U cannot be seen and may turn the text round; take it out", r)
	}
	for at := 0; at < len(text); {
		rest := text[at:]
		open := strings.IndexByte(rest, '{')
		if open < 0 || open+1 == len(rest) {
			break
		}
		at += open
		switch rest[open+1] {
		case '%':
			note(at, "", "tags such as {%% if %%} are not possible here, only outputs such as {{ order.name }}")
			at += 2
		case '{':
			end := strings.Index(text[at:], "}}")
			if end < 0 {
				note(at, "", "this {{ has no }}")
				return problems
			}
			inner := text[at+2 : at+end]
			for _, f := range parse(inner, staff) {
				note(at+2+f.at, f.unknown, "%s", f.sentence)
			}
			at += end + 2
		default:
			at++
		}
	}
	return problems
}

// finding is a problem within one output, at a byte offset.
type finding struct {
	at       int
	sentence string
	unknown  string // a variable that there is not: harmless
}

// parse checks one output: a value, then filters, each with its values.
func parse(inner string, staff bool) (found []finding) {
	p := parser{text: inner, staff: staff}
	if at := strings.IndexAny(inner, "\r\n"); at >= 0 {
		p.fail(at, "an output stands on one line")
		return p.found
	}
	p.skip("-")
	p.value()
	for p.skip("|") {
		p.filter()
	}
	p.skip("-")
	if p.space(); p.at < len(inner) && !slices.ContainsFunc(p.found, func(f finding) bool { return f.unknown == "" }) {
		p.fail(p.at, "%q cannot stand here; an output is a value and filters, as in {{ order.name | upcase }}", firstWord(inner[p.at:]))
	}
	return p.found
}

type parser struct {
	text  string
	staff bool // read by staff, who see more of a person
	at    int
	found []finding
}

func (p *parser) fail(at int, format string, args ...any) {
	p.found = append(p.found, finding{at: at, sentence: fmt.Sprintf(format, args...)})
}

func (p *parser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

func (p *parser) skip(sign string) bool {
	p.space()
	if !strings.HasPrefix(p.text[p.at:], sign) {
		return false
	}
	p.at += len(sign)
	return true
}

// value reads a variable, a quoted text or a number.
func (p *parser) value() {
	p.space()
	start := p.at
	if start == len(p.text) {
		p.fail(start, "a value is missing")
		return
	}
	if quote := p.text[start]; quote == '"' || quote == '\'' {
		end := strings.IndexByte(p.text[start+1:], quote)
		if end < 0 {
			p.fail(start, "this %c is never closed", quote)
			p.at = len(p.text)
			return
		}
		p.at = start + end + 2
		return
	}
	for p.at < len(p.text) && (wordly(p.text[p.at]) || p.text[p.at] == '.') {
		p.at++
	}
	switch name := p.text[start:p.at]; {
	case name == "":
		p.fail(start, "%q is no value", firstWord(p.text[start:]))
		p.at = len(p.text)
	case name[0] >= '0' && name[0] <= '9':
	case Variables[name] == "" && (!p.staff || NoteVariables[name] == ""):
		p.found = append(p.found, finding{start, fmt.Sprintf("there is no %s; it stays empty", name), name})
	}
}

func (p *parser) filter() {
	p.space()
	start := p.at
	for p.at < len(p.text) && wordly(p.text[p.at]) {
		p.at++
	}
	name := p.text[start:p.at]
	if _, ok := filters[name]; !ok {
		p.fail(start, "there is no filter %q; there are %s", name, strings.Join(filterNames(), ", "))
		p.at = len(p.text)
		return
	}
	takes, got := filterTakes[name], 0
	if p.skip(":") {
		for got = 1; ; got++ {
			p.value()
			if !p.skip(",") {
				break
			}
		}
	}
	if got != takes {
		p.fail(start, "%s takes %d values after a colon, not %d", name, takes, got)
	}
}

func wordly(b byte) bool {
	return b == '_' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

func firstWord(text string) string {
	if i := strings.IndexFunc(text, unicode.IsSpace); i > 0 {
		text = text[:i]
	}
	if len(text) > 40 {
		text = strings.ToValidUTF8(text[:40], "")
	}
	return text
}

func filterNames() []string {
	var names []string
	for name := range filters {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
