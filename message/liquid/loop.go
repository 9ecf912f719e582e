package liquid

import (
	"maps"
	"slices"
)

// loop is for: over a list, or the numbers from one to another.
type loop struct {
	name          string
	over          operand
	numbers       bool // low to high instead of over
	low, high     int64
	limit, offset *operand
	reversed      bool
	body          []node
	otherwise     []node
}

// loopWords are what forloop knows.
var loopWords = []string{"index", "index0", "rindex", "rindex0", "first", "last", "length"}

// turn is forloop: which turn of how many this is.
type turn struct{ at, of int }

func (t turn) get(word string) any {
	switch word {
	case "index":
		return int64(t.at + 1)
	case "index0":
		return int64(t.at)
	case "rindex":
		return int64(t.of - t.at)
	case "rindex0":
		return int64(t.of - t.at - 1)
	case "first":
		return t.at == 0
	case "last":
		return t.at == t.of-1
	case "length":
		return int64(t.of)
	}
	return nil
}

func (n loop) run(s *state) signal {
	entries := n.entries(s)
	if len(entries) == 0 {
		return s.run(n.otherwise)
	}
	outer, had := s.locals[n.name]
	around := s.locals["forloop"]
	defer func() {
		s.set("forloop", around)
		if s.set(n.name, outer); !had {
			delete(s.locals, n.name)
		}
	}()
	for i, entry := range entries {
		s.set(n.name, entry)
		s.set("forloop", turn{i, len(entries)})
		switch end := s.run(n.body); end {
		case halt:
			return halt
		case endLoop:
			return onward
		}
	}
	return onward
}

// entries are what the loop turns over. As in Liquid offset and limit choose
// first, then the rest is turned round.
func (n loop) entries(s *state) (entries []any) {
	if n.numbers {
		for i := n.low; i <= n.high; i++ {
			entries = append(entries, i)
		}
	} else if l, ok := s.operand(n.over).([]any); ok {
		entries = l[:min(len(l), MaxList)]
	}
	if n.offset != nil {
		entries = entries[min(max(0, whole(s.operand(*n.offset))), int64(len(entries))):]
	}
	if n.limit != nil {
		entries = entries[:min(max(0, whole(s.operand(*n.limit))), int64(len(entries)))]
	}
	if n.reversed {
		entries = slices.Clone(entries)
		slices.Reverse(entries)
	}
	return entries
}

// jump is break or continue.
type jump bool

func (n jump) run(*state) signal {
	if n {
		return endLoop
	}
	return nextTurn
}

const loopForm = "it is written as {% for line in order.lines %} or {% for i in (1..5) %}"

// loop reads for.
func (p *parser) loop(open Piece) node {
	var n loop
	r := p.reader(open)
	n.name = r.name("{% for line in order.lines %}")
	if !r.bad && (r.peek() != "in" || !r.skip("in")) {
		r.fail(r.at, "%s", loopForm)
	}
	turns, kind := int64(MaxList), ""
	if r.skip("(") {
		n.numbers = true
		if n.low, n.high = r.ends(); !r.bad {
			turns = max(0, n.high-n.low+1)
		}
	} else if n.over = r.operand(); n.over.path != nil && n.over.kind != "" {
		switch p.d.kinds[n.over.kind] {
		case list:
			kind = n.over.kind + "[]"
		default:
			r.fail(0, "%s is no list; %s", n.over.kind, loopForm)
		}
	}
	for r.space(); !r.bad && r.at < len(r.text); r.space() {
		switch word := r.word(); {
		case word == "reversed":
			n.reversed = true
		case (word == "limit" || word == "offset") && r.skip(":"):
			o := r.operand()
			if word == "offset" {
				n.offset = &o
			} else if n.limit = &o; o.path == nil {
				turns = min(turns, max(0, whole(o.constant)))
			}
		default:
			r.fail(r.at-len(word), "%q cannot stand here; behind a list there may be limit: 5, offset: 2 and reversed", firstWord(r.text[r.at-len(word):]))
		}
	}
	n.body, n.otherwise = p.within(open, n.name, kind, int(turns))
	return n
}

// ends reads the numbers of a range. They are constants, so that its length is known.
func (r *reader) ends() (low, high int64) {
	from := r.at
	a := r.operand()
	if !r.bad && !r.skip("..") {
		r.fail(from, "a range is written as (1..5)")
	}
	b := operand{}
	if !r.bad {
		b = r.operand()
	}
	if !r.bad && !r.skip(")") {
		r.fail(from, "a range is written as (1..5)")
	}
	low, first := a.constant.(int64)
	high, last := b.constant.(int64)
	switch {
	case r.bad:
	case !first || !last:
		r.fail(from, "the ends of a range are whole numbers, as in (1..5), so that its length is known")
	case max(low, high) > far || min(low, high) < -far || high-low+1 > MaxList:
		r.fail(from, "a range has at most %d numbers", MaxList)
	}
	return low, high
}

// within reads the body of a loop, where its variable is known.
func (p *parser) within(open Piece, name, kind string, turns int) (body, otherwise []node) {
	before, outer := maps.Clone(p.locals), p.turns
	p.locals[name], p.locals["forloop"] = kind, ""
	p.loops++
	p.turns *= turns
	switch {
	case p.loops > MaxLoops:
		p.problem(open.At, "", "loops stand within loops more than %d deep", MaxLoops)
	case p.turns > MaxTurns:
		p.problem(open.At, "", "these loops would turn %d times, more than %d; a limit makes it less, as in {%% for line in order.lines limit: 10 %%}", p.turns, MaxTurns)
	}
	body, end := p.block(open, "else", "endfor")
	p.loops--
	p.turns = outer
	for _, restored := range []string{name, "forloop"} {
		if was, ok := before[restored]; ok {
			p.locals[restored] = was
		} else {
			delete(p.locals, restored)
		}
	}
	if end.Name == "else" {
		otherwise, _ = p.block(open, "endfor")
	}
	return body, otherwise
}
