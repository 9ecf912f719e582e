// Package liquid reads and fills texts in Liquid, the language of Shopify's
// themes: outputs, filters, conditions, loops and own variables, as far as a
// mail needs them. A text is checked and bounded when it is read, with the place
// of every problem, and counted while it is filled: no text runs on, whatever
// its author meant. Which variables and further filters there are a Dialect
// says; how a language writes its numbers and dates is package message's matter.
package liquid

import (
	"errors"
	"fmt"
	"strings"
)

// Bounds of one text when it is read.
const (
	MaxSource = 16 << 10 // bytes
	MaxTags   = 200      // {% ... %} and {{ ... }} each
	MaxDepth  = 4        // of blocks within blocks
	MaxLoops  = 2        // of loops within loops
	MaxTurns  = 1000     // of loops within loops, multiplied
	MaxList   = 50       // entries of a range or a list
)

// Bounds of one text while it is filled.
const (
	MaxValue  = 8 << 10  // bytes of what one filter gives
	MaxOutput = 64 << 10 // bytes of all that is written, captures included
	maxWork   = 50_000   // parts run and filters applied
)

var (
	errLong = fmt.Errorf("it grows larger than %d KB", MaxOutput>>10)
	errWork = errors.New("it takes too many turns")
)

// Template is a text, read. It is safe for concurrent use.
type Template struct {
	body   []node
	static bool
	text   string // all of it, if static
}

// Env is what one filling of a text needs.
type Env struct {
	Vars map[string]any
	// Escape turns an output into what may stand in the text, such as HTML; nil = it stands as it is.
	Escape func(text string) string
	// Reader is what the dialect's own filters need; this package does not look at it.
	Reader any
}

// Render fills the text. What values give is never read as Liquid again.
func (t *Template) Render(env *Env) (out string, err error) {
	if t.static {
		return t.text, nil
	}
	defer func() {
		if r := recover(); r != nil { // a filter's mistake costs one mail, not the process
			err = fmt.Errorf("%v", r)
		}
	}()
	s := state{env: env, out: &strings.Builder{}}
	s.run(t.body)
	return s.out.String(), s.err
}

// Static reports whether the text has nothing to fill.
func (t *Template) Static() bool { return t.static }

// state is one filling on its way.
type state struct {
	env    *Env
	locals map[string]any
	out    *strings.Builder
	bare   int // within own blocks, whose outputs are not escaped
	size   int // bytes written so far, captures included
	work   int
	err    error
}

// signal says how a part ended.
type signal int

const (
	onward signal = iota
	nextTurn
	endLoop
	halt // s.err says why
)

// node is a part of a text.
type node interface{ run(s *state) signal }

func (s *state) run(body []node) signal {
	for _, n := range body {
		if !s.charge(1) {
			return halt
		}
		if end := n.run(s); end != onward {
			return end
		}
		if s.err != nil {
			return halt
		}
	}
	return onward
}

// charge counts work and reports whether there may be more.
func (s *state) charge(work int) bool {
	if s.work += work; s.work > maxWork && s.err == nil {
		s.err = errWork
	}
	return s.err == nil
}

func (s *state) write(text string) signal {
	if s.size += len(text); s.size > MaxOutput {
		s.err = errLong
		return halt
	}
	s.out.WriteString(text)
	return onward
}

// inner runs a body and returns what it wrote.
func (s *state) inner(body []node) (string, signal) {
	outer := s.out
	s.out = &strings.Builder{}
	end := s.run(body)
	text := s.out.String()
	s.out = outer
	return text, end
}

func (s *state) set(name string, value any) {
	if s.locals == nil {
		s.locals = map[string]any{}
	}
	s.locals[name] = value
}
