package message

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"flywheel/message/liquid"
)

// Problem is something wrong with one field of a text.
type Problem struct {
	Field    string // subject, body 2, button label
	Line     int    // of the field, from 1
	Column   int    // of that line, counted in characters from 1
	Excerpt  string // the line, and below it a caret under the column; "" where it is about the whole
	Sentence string
	// Harmless problems leave a gap in the mail; the others refuse the text.
	Harmless bool
	// Unknown is the variable that there is not, of a harmless problem.
	Unknown string
}

// String says where and what, then shows the place.
func (p Problem) String() string {
	place := fmt.Sprintf("column %d", p.Column)
	if p.Line > 1 {
		place = fmt.Sprintf("line %d, %s", p.Line, place)
	}
	said := fmt.Sprintf("%s, %s: %s", p.Field, place, p.Sentence)
	if p.Excerpt != "" {
		said += "\n    " + strings.ReplaceAll(p.Excerpt, "\n", "\n    ")
	}
	return said
}

// Bounds of what is told of one field and of one text at once, and of one sentence in
// characters: names that nobody meant may be as long as the text itself.
const (
	maxTold     = 20
	maxToldOf   = 100
	maxSentence = 300
)

// most keeps as many problems as somebody reads. What refuses the text goes before
// what is harmless, so that a text with a fault never looks harmless.
func most(problems []Problem, limit int) []Problem {
	if len(problems) <= limit {
		return problems
	}
	refusing := 0
	for _, p := range problems {
		if !p.Harmless {
			refusing++
		}
	}
	room := map[bool]int{false: limit, true: limit - min(refusing, limit)}
	return slices.DeleteFunc(problems, func(p Problem) bool {
		room[p.Harmless]--
		return room[p.Harmless] < 0
	})
}

// inspect finds what is wrong with one field, at most maxTold problems; staff says
// that only the shop's own people read it.
func inspect(name, source string, m mode, staff bool) (problems []Problem) {
	add := func(found ...liquid.Problem) {
		for _, f := range found {
			problems = append(problems, problemAt(name, source, f))
		}
	}
	switch {
	case len(source) > liquid.MaxSource:
		return []Problem{{Field: name, Line: 1, Column: 1, Sentence: fmt.Sprintf("the text is larger than %d KB", liquid.MaxSource>>10)}}
	case !utf8.ValidString(source):
		return []Problem{{Field: name, Line: 1, Column: 1, Sentence: "the text is not UTF-8"}}
	}
	if at := strings.IndexFunc(source, hidden); at >= 0 {
		r, _ := utf8.DecodeRuneInString(source[at:])
		add(liquid.Problem{At: at, Sentence: fmt.Sprintf("the character %U cannot be seen and may turn the text round; take it out", r)})
	}
	dialect := plainDialect()
	switch {
	case staff:
		dialect = noteDialect()
	case m == rich:
		dialect = richDialect()
	}
	tpl, found := dialect.Parse(source)
	add(found...)
	if m == rich && tpl != nil {
		wrong, left := lintRich(source)
		add(wrong...)
		for _, f := range left {
			p := problemAt(name, source, f)
			p.Harmless = true
			problems = append(problems, p)
		}
	}
	return most(problems, maxTold)
}

func problemAt(name, source string, f liquid.Problem) Problem {
	p := Problem{Field: name, Sentence: shortened(f.Sentence, maxSentence), Harmless: f.Unknown != "", Unknown: shortened(f.Unknown, maxSentence)}
	p.Line, p.Column, p.Excerpt = liquid.Place(source, f.At)
	return p
}
