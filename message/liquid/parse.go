package liquid

import (
	"fmt"
	"slices"
	"strings"
)

// parser reads one source.
type parser struct {
	d        *Dialect
	pieces   []Piece
	next     int
	problems []Problem
	gaps     int               // among them: variables that there are not
	locals   map[string]string // own variables, with the path they stand for; "" = anything
	tags     int
	open     []string // blocks around, the innermost last
	loops    int      // among them
	turns    int      // of these loops, multiplied
	unsure   bool     // the blocks are in such disorder that more problems tell nothing
}

// Parse reads a source. A text can be filled if all its problems are about
// variables that there are not; else the template is nil.
func (d *Dialect) Parse(source string) (*Template, []Problem) {
	if d.blocks == nil && len(source) > MaxSource { // with own blocks it is one that was looked at already
		return nil, []Problem{{Sentence: fmt.Sprintf("the text is larger than %d KB", MaxSource>>10)}}
	}
	pieces, wrong := Pieces(source)
	if wrong != nil {
		return nil, []Problem{*wrong}
	}
	p := &parser{d: d, pieces: pieces, locals: map[string]string{}, turns: 1}
	trim(source, pieces)
	body, _ := p.body()
	for _, problem := range p.problems {
		if problem.Unknown == "" {
			return nil, p.problems
		}
	}
	t := &Template{body: body}
	if len(body) == 0 {
		t.static = true
	} else if only, ok := body[0].(words); ok && len(body) == 1 {
		t.static, t.text = true, string(only)
	}
	return t, p.problems
}

func (p *parser) problem(at int, unknown, format string, args ...any) {
	switch {
	case p.unsure:
		return
	case unknown == "":
		p.unsure = len(p.problems)-p.gaps == MaxProblems-1 // this one is the last
	case p.gaps == MaxProblems:
		return
	default:
		p.gaps++
	}
	p.problems = append(p.problems, Problem{At: at, Sentence: fmt.Sprintf(format, args...), Unknown: unknown})
}

// body reads parts up to a tag that ends them: one of ends, which it returns.
// Without ends it reads to the end of the source.
func (p *parser) body(ends ...string) (parts []node, end Piece) {
	for p.next < len(p.pieces) && !p.unsure {
		piece := p.pieces[p.next]
		p.next++
		if piece.Kind == Output || piece.Kind == Tag && p.d.blocks[strings.TrimPrefix(piece.Name, "end")] == nil {
			if p.tags++; p.tags == MaxTags+1 {
				p.problem(piece.At, "", "there are more than %d outputs and tags", MaxTags)
				p.unsure = true
				break
			}
		}
		switch piece.Kind {
		case Text:
			parts = joined(parts, piece.Source)
		case Raw:
			parts = joined(parts, piece.Inside)
		case Output:
			r := p.reader(piece)
			e := r.expression()
			r.end("an output is a value and filters, as in {{ order.name | upcase }}")
			if p.d.kinds[e.value.kind] == object && len(e.filters) == 0 {
				name := strings.TrimSpace(piece.Inside)
				p.problem(piece.Inner, name, "%s is no text; it stays empty", name)
			}
			parts = append(parts, output{e})
		case Tag:
			for _, name := range ends {
				if piece.Name == name {
					return parts, piece
				}
			}
			if n := p.tag(piece); n != nil {
				parts = append(parts, n)
			}
		}
	}
	return parts, Piece{Kind: Text}
}

// joined adds text, to the text before where there is some.
func joined(parts []node, text string) []node {
	if text == "" {
		return parts
	}
	if n := len(parts); n > 0 {
		if before, ok := parts[n-1].(words); ok {
			parts[n-1] = before + words(text)
			return parts
		}
	}
	return append(parts, words(text))
}

func (p *parser) reader(piece Piece) *reader {
	return &reader{p: p, text: piece.Inside, start: piece.Inner}
}

// block reads the parts of a block up to one of ends, the last of which closes
// it, and says so where it is missing.
func (p *parser) block(open Piece, ends ...string) (parts []node, end Piece) {
	p.open = append(p.open, open.Name)
	if len(p.open) > MaxDepth {
		p.problem(open.At, "", "blocks stand within blocks more than %d deep", MaxDepth)
		p.unsure = true
	}
	parts, end = p.body(ends...)
	p.open = p.open[:len(p.open)-1]
	if end.Kind != Tag {
		p.problem(open.At, "", "{%% %s %%} has no {%% %s %%}", open.Name, ends[len(ends)-1])
		p.unsure = true
	}
	return parts, end
}

var tagNames = []string{"if", "unless", "case", "for", "assign", "capture", "comment", "raw", "break", "continue"}

// tag reads one tag, and the block it opens.
func (p *parser) tag(piece Piece) node {
	r := p.reader(piece)
	switch piece.Name {
	case "if", "unless":
		return p.choice(piece)
	case "case":
		return p.cases(piece)
	case "for":
		return p.loop(piece)
	case "assign":
		return p.assign(r)
	case "capture":
		return p.capture(piece)
	case "break", "continue":
		r.end("it stands alone")
		if p.loops == 0 {
			p.problem(piece.At, "", "{%% %s %%} stands within {%% for %%} only", piece.Name)
		}
		return jump(piece.Name == "break")
	}
	if do := p.d.blocks[piece.Name]; do != nil {
		r.end("it stands alone")
		body, end := p.body("end" + piece.Name)
		if end.Kind != Tag {
			p.problem(piece.At, "", "{%% %s %%} is never closed", piece.Name)
		}
		return own{do, body}
	}
	p.stray(piece)
	return nil
}

// stray says what is wrong with a tag that there is not, or not here.
func (p *parser) stray(piece Piece) {
	name := piece.Name
	opener := strings.TrimPrefix(name, "end")
	switch {
	case name == "":
		p.problem(piece.At, "", "a tag begins with its name, as in {%% if %%}")
	case opener != name && (len(p.open) == 0 || !slices.Contains(tagNames, opener)):
		p.problem(piece.At, "", "{%% %s %%} closes nothing", name)
		p.unsure = true
	case name == "else" || name == "elsif" || name == "when":
		p.problem(piece.At, "", "{%% %s %%} stands within {%% if %%} or {%% case %%} only", name)
		p.unsure = true
	case opener != name:
		p.problem(piece.At, "", "{%% %s %%} stands here, but {%% %s %%} is what is open", name, p.open[len(p.open)-1])
		p.unsure = true
	default:
		near := mean(name, tagNames)
		if near == "" {
			near = "; there are " + strings.Join(tagNames, ", ")
		}
		p.problem(piece.At, "", "there is no tag {%% %s %%}%s", name, near)
		p.unsure = true
	}
}
