package message

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"

	"flywheel/message/liquid"
)

// anyHref finds addresses of links as people write them.
var anyHref = regexp.MustCompile(`(?i)\shref\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+)`)

// lintRich finds what refuses a rich text and what is only left out of it.
func lintRich(source string) (wrong, left []liquid.Problem) {
	s := shield(source)
	refuse := func(at int, sentence string) {
		if len(wrong) == maxTold {
			return
		}
		wrong = append(wrong, liquid.Problem{At: s.at(at), Sentence: sentence})
	}
	if len(s.pieces) > liquid.MaxTags { // braces count too: each is an output in what is compiled
		refuse(0, fmt.Sprintf("there are more than %d outputs, tags and braces", liquid.MaxTags))
		return wrong, left
	}
	for _, m := range s.tokens(s.text) {
		if m[4] < 0 {
			continue
		}
		if name := strings.ToLower(s.text[m[4]:m[5]]); !slices.Contains(richElements, name) && m[3] == m[2] && len(left) < maxTold {
			left = append(left, liquid.Problem{At: s.at(m[0]), Sentence: fmt.Sprintf("<%s> is left out; possible are %s", name, strings.Join(richElements, ", "))})
		}
	}
	for _, m := range anyHref.FindAllStringSubmatchIndex(s.text, -1) {
		address := html.UnescapeString(strings.Trim(s.text[m[2]:m[3]], `"'`))
		if !s.linkable(address) {
			refuse(m[2], "a link must be an address such as https://shop.example/, mailto: or tel:, or an output such as {{ shop.url }}")
		}
	}
	clean := visible(authors().Sanitize(s.text))
	for n, p := range s.pieces {
		if p.Source != brace.Source && !strings.Contains(clean, fmt.Sprintf("%s%d%s", s.mark, n, s.mark)) {
			wrong = append(wrong, liquid.Problem{At: p.At, Sentence: "outputs and tags stand in text, outputs in the address of a link too, but not inside of an element otherwise"})
			return wrong, left
		}
	}
	if at, sentence := s.nested(s.text); sentence != "" {
		refuse(at, sentence)
	} else if _, err := compileRich("it", source); err != nil && len(wrong) == 0 {
		refuse(0, err.Error())
	}
	return wrong, left
}

// linkable reports whether a link may have this address: its outputs are looked
// at when the mail is made.
func (s shielded) linkable(address string) bool {
	lower := strings.ToLower(strings.TrimSpace(address))
	if strings.HasPrefix(lower, "mailto:") || strings.HasPrefix(lower, "tel:") {
		return true
	}
	for _, place := range s.places.FindAllString(address, -1) {
		if s.piece(place).Kind == liquid.Tag {
			return false
		}
	}
	return strings.TrimSpace(address) != "" && leads(s.places.ReplaceAllString(address, "{{"))
}

// opened is an element or a block of Liquid, which stands as %if, that is not closed yet.
type opened struct {
	name string
	at   int
}

func (o opened) String() string {
	if block, ok := strings.CutPrefix(o.name, "%"); ok {
		return "{% " + block + " %}"
	}
	return "<" + o.name + ">"
}

// nested says where elements and the blocks of Liquid do not close in turn: half a
// link or a list would take the rest of the mail with it.
func (s shielded) nested(text string) (at int, sentence string) {
	var open []opened
	for _, m := range s.tokens(text) {
		name, way := s.turn(text, m)
		this := opened{name, m[0]}
		n := len(open)
		switch {
		case way == passes:
		case way == jumps:
			if at := heldOpen(open); at >= 0 {
				return open[at].at, fmt.Sprintf("%s must be closed before %s", open[at], this)
			}
		case way == opens:
			open = append(open, this)
		case way == parts:
			if n > 0 && !strings.HasPrefix(open[n-1].name, "%") {
				return open[n-1].at, fmt.Sprintf("%s must be closed before %s", open[n-1], this)
			}
		case n == 0:
			return m[0], fmt.Sprintf("this closes %s, which is not open", this)
		case open[n-1].name != name:
			return open[n-1].at, fmt.Sprintf("%s must be closed before %s is", open[n-1], this)
		default:
			open = open[:n-1]
		}
	}
	if n := len(open); n > 0 {
		return open[n-1].at, fmt.Sprintf("%s is never closed", open[n-1])
	}
	return 0, ""
}

// What a token does to the nesting around it.
const (
	passes = iota
	opens
	closes
	parts // else and its like end one stretch and begin another
	jumps // break and continue leave the loop around, or its turn
)

// heldOpen is which element a jump out of the innermost loop would leave open, -1 = none.
func heldOpen(open []opened) int {
	for at := len(open) - 1; at >= 0 && open[at].name != "%for"; at-- {
		if !strings.HasPrefix(open[at].name, "%") {
			return at
		}
	}
	return -1
}

// turn names what a token opens, closes or parts.
func (s shielded) turn(text string, m []int) (name string, way int) {
	if m[4] >= 0 {
		name = strings.ToLower(text[m[4]:m[5]])
		switch {
		case name == "br" || !slices.Contains(richElements, name):
			return name, passes
		case m[3] > m[2]:
			return name, closes
		}
		return name, opens
	}
	piece := s.piece(text[m[0]:m[1]])
	if piece.Kind != liquid.Tag {
		return "", passes
	}
	block, ends := strings.CutPrefix(piece.Name, "end")
	switch {
	case ends:
		return "%" + block, closes
	case slices.Contains([]string{"else", "elsif", "when"}, block):
		return "%" + block, parts
	case block == "break" || block == "continue":
		return "%" + block, jumps
	case slices.Contains([]string{"if", "unless", "case", "for", "capture"}, block):
		return "%" + block, opens
	}
	return "", passes
}
