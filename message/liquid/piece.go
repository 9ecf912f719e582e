package liquid

import (
	"regexp"
	"strings"
)

// Kinds of pieces.
const (
	Text = iota
	Output
	Tag
	Raw     // what stands between {% raw %} and {% endraw %}
	Comment // all from {% comment %} to {% endcomment %}
)

// Piece is a stretch of a source. All pieces together are the whole source,
// but for the braces around what is raw.
type Piece struct {
	Kind   int
	At     int    // offset of the piece, braces included
	Source string // the piece as it stands
	Inside string // between the braces, without trim signs
	Inner  int    // offset of Inside
	Name   string // of a tag
	// trims say that white space before or behind is left out: {%- -%}.
	trimBefore, trimBehind bool
}

var (
	endRaw     = regexp.MustCompile(`\{%-?\s*endraw\s*-?%\}`)
	endComment = regexp.MustCompile(`\{%-?\s*endcomment\s*-?%\}`)
)

// Pieces cuts a source. A problem ends it: braces that are never closed.
func Pieces(source string) (pieces []Piece, problem *Problem) {
	text := 0 // where the text before the next braces begins
	for at := 0; ; {
		open := strings.IndexByte(source[at:], '{')
		if open < 0 || at+open+1 >= len(source) {
			break
		}
		at += open
		if source[at+1] != '{' && source[at+1] != '%' {
			at++
			continue
		}
		p, wrong := cut(source, at)
		if wrong != "" {
			return pieces, &Problem{At: at, Sentence: wrong}
		}
		if text < at {
			pieces = append(pieces, Piece{Kind: Text, At: text, Source: source[text:at]})
		}
		at += len(p.Source)
		pieces = append(pieces, p)
		text = at
		if p.Kind == Tag && (p.Name == "raw" || p.Name == "comment") {
			block, wrong := shut(source, p)
			if wrong != "" {
				return pieces, &Problem{At: p.At, Sentence: wrong}
			}
			pieces[len(pieces)-1] = block
			at += len(block.Source) - len(p.Source)
			text = at
		}
	}
	if text < len(source) {
		pieces = append(pieces, Piece{Kind: Text, At: text, Source: source[text:]})
	}
	return pieces, nil
}

// cut reads the output or tag that opens at an offset.
func cut(source string, at int) (p Piece, wrong string) {
	p, closing := Piece{Kind: Output, At: at}, "}}"
	if source[at+1] == '%' {
		p.Kind, closing = Tag, "%}"
	}
	end := strings.Index(source[at+2:], closing)
	if end < 0 {
		return p, "this " + source[at:at+2] + " has no " + closing
	}
	p.Source = source[at : at+2+end+2]
	p.Inside, p.Inner = source[at+2:at+2+end], at+2
	if rest, ok := strings.CutPrefix(p.Inside, "-"); ok {
		p.Inside, p.Inner, p.trimBefore = rest, p.Inner+1, true
	}
	if rest, ok := strings.CutSuffix(p.Inside, "-"); ok {
		p.Inside, p.trimBehind = rest, true
	}
	if p.Kind == Tag {
		rest := strings.TrimLeft(p.Inside, space)
		p.Inner += len(p.Inside) - len(rest)
		end := 0
		for end < len(rest) && wordly(rest[end]) {
			end++
		}
		p.Name, p.Inside, p.Inner = rest[:end], rest[end:], p.Inner+end
	}
	return p, ""
}

// shut takes the block that begins with raw or comment as one piece.
func shut(source string, open Piece) (p Piece, wrong string) {
	from := open.At + len(open.Source)
	end, kind := endRaw, Raw
	if open.Name == "comment" {
		end, kind = endComment, Comment
	}
	m := end.FindStringIndex(source[from:])
	if m == nil {
		return p, "{% " + open.Name + " %} has no {% end" + open.Name + " %}"
	}
	closing := source[from+m[0] : from+m[1]]
	return Piece{
		Kind: kind, At: open.At, Source: source[open.At : from+m[1]], Inside: source[from : from+m[0]], Inner: from, Name: open.Name,
		trimBefore: open.trimBefore, trimBehind: strings.HasSuffix(closing, "-%}"),
	}, ""
}

const space = " \t\r\n"

func wordly(b byte) bool {
	return b == '_' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

// trim leaves out the white space that trim signs ask for, and the whole of lines
// on which nothing but a tag stands: in a text for people they would be empty.
func trim(source string, pieces []Piece) {
	for i, p := range pieces {
		var before, behind *Piece
		if i > 0 && pieces[i-1].Kind == Text {
			before = &pieces[i-1]
		}
		if i+1 < len(pieces) && pieces[i+1].Kind == Text {
			behind = &pieces[i+1]
		}
		if p.Kind == Tag || p.Kind == Comment {
			if alone(source, p) && before != nil {
				before.Source = strings.TrimRight(before.Source, " \t")
			}
			if alone(source, p) && behind != nil {
				_, behind.Source, _ = strings.Cut(behind.Source, "\n")
			}
		}
		if p.trimBefore && before != nil {
			before.Source = strings.TrimRight(before.Source, space)
		}
		if p.trimBehind && behind != nil {
			behind.Source = strings.TrimLeft(behind.Source, space)
		}
	}
}

// alone reports whether a piece has a line, or lines, of its own.
func alone(source string, p Piece) bool {
	from := strings.LastIndexByte(source[:p.At], '\n') + 1
	rest, _, _ := strings.Cut(source[p.At+len(p.Source):], "\n")
	return strings.Trim(source[from:p.At], space) == "" && strings.Trim(rest, space) == ""
}
