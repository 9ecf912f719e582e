package liquid

import (
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"
)

// path reads a variable, such as order.lines[0].title, and notes one that there is not.
func (r *reader) path() operand {
	from := r.at
	root := r.word()
	o := operand{path: []any{root}}
	kind, known, anything := root, r.p.d.kinds[root] != nothing, false
	if alias, ok := r.p.locals[root]; ok {
		kind, known, anything = alias, true, alias == ""
	}
	for r.at < len(r.text) {
		name, as := "", any(nil)
		switch r.text[r.at] {
		case '.':
			r.at++
			name = r.word()
			as = name
		case '[':
			if as = r.index(); as == nil {
				return o
			}
			name = "[]"
			if s, ok := as.(string); ok {
				name = s
			}
		}
		if as == nil {
			break
		}
		if name == "" {
			r.fail(r.at, "a name is missing after the dot")
			return o
		}
		o.path = append(o.path, as)
		if known && !anything {
			kind, known = r.p.d.step(kind, name)
		}
	}
	name := r.text[from:r.at]
	if root == "forloop" && known && len(o.path) == 2 {
		known = slices.Contains(loopWords, fmt.Sprint(o.path[1]))
	}
	if !known {
		if r.p.gaps < MaxProblems { // to look for what was meant takes time
			r.p.problem(r.start+from, name, "there is no %s; it stays empty%s", name, r.p.d.near(name))
		}
		return operand{}
	}
	o.kind = kind
	return o
}

// index reads [0] or ['title'].
func (r *reader) index() any {
	from := r.at
	r.at++
	r.space()
	if c, _ := utf8.DecodeRuneInString(r.text[r.at:]); c != '"' && c != '\'' && c != '-' && !unicode.IsDigit(c) {
		r.fail(from, "%q cannot stand here; an index is a number, as in order.lines[0]", firstWord(r.text[from:]))
		return nil
	}
	o := r.operand()
	if !r.skip("]") {
		r.fail(from, "this [ has no ]")
		return nil
	}
	switch as := o.constant.(type) {
	case string:
		return as
	case int64:
		return int(as)
	}
	r.fail(from, "an index is a whole number")
	return nil
}
