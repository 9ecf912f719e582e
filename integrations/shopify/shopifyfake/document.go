package shopifyfake

import (
	"fmt"
	"strings"
)

// selection is one field of a GraphQL document.
type selection struct {
	name, alias string
	args        map[string]string // raw: $variable, "string", 50
	fields      []selection
}

func (s selection) key() string {
	if s.alias != "" {
		return s.alias
	}
	return s.name
}

// parseDocument reads the part of GraphQL that we write: one query, variables,
// fields with arguments and aliases. Fragments and directives are errors, since
// no query of ours has any.
func parseDocument(document string) ([]selection, error) {
	p := &parser{tokens: tokens(document)}
	if p.peek() != "{" {
		if err := p.want("query"); err != nil {
			return nil, err
		}
		if isName(p.peek()) {
			p.next()
		}
		if p.peek() == "(" {
			if err := p.skipParens(); err != nil {
				return nil, err
			}
		}
	}
	fields, err := p.selectionSet()
	if err == nil && p.peek() != "" {
		err = fmt.Errorf("syntax error, unexpected %s after the query", p.peek())
	}
	return fields, err
}

type parser struct {
	tokens []string
	at     int
}

func (p *parser) peek() string {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return ""
}

func (p *parser) next() string {
	t := p.peek()
	p.at++
	return t
}

func (p *parser) want(token string) error {
	if t := p.next(); t != token {
		return fmt.Errorf("syntax error, unexpected %q, expecting %q", t, token)
	}
	return nil
}

func (p *parser) selectionSet() ([]selection, error) {
	if err := p.want("{"); err != nil {
		return nil, err
	}
	var out []selection
	for p.peek() != "}" {
		f, err := p.field()
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	p.next()
	if len(out) == 0 {
		return nil, fmt.Errorf("syntax error, an empty selection")
	}
	return out, nil
}

func (p *parser) field() (selection, error) {
	var s selection
	if s.name = p.next(); !isName(s.name) {
		return s, fmt.Errorf("syntax error, %q is no field", s.name)
	}
	if p.peek() == ":" {
		p.next()
		s.alias, s.name = s.name, p.next()
	}
	if p.peek() == "(" {
		args, err := p.arguments()
		if err != nil {
			return s, err
		}
		s.args = args
	}
	if p.peek() != "{" {
		return s, nil
	}
	fields, err := p.selectionSet()
	s.fields = fields
	return s, err
}

func (p *parser) arguments() (map[string]string, error) {
	args := map[string]string{}
	p.next()
	for p.peek() != ")" {
		name := p.next()
		if !isName(name) {
			return nil, fmt.Errorf("syntax error, %q is no argument", name)
		}
		if err := p.want(":"); err != nil {
			return nil, err
		}
		args[name] = p.next()
	}
	p.next()
	return args, nil
}

func (p *parser) skipParens() error {
	for depth := 0; ; {
		switch p.next() {
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				return nil
			}
		case "":
			return fmt.Errorf("syntax error, a parenthesis is not closed")
		}
	}
}

// tokens splits a document; commas are blanks in GraphQL.
func tokens(document string) []string {
	var out []string
	for i := 0; i < len(document); {
		switch c := document[i]; {
		case strings.IndexByte(" \t\r\n,", c) >= 0:
			i++
		case c == '"':
			end := strings.IndexByte(document[i+1:], '"')
			if end < 0 {
				return append(out, document[i:])
			}
			out = append(out, document[i:i+end+2])
			i += end + 2
		case isWord(c):
			start := i
			for i++; i < len(document) && isWord(document[i]); i++ {
			}
			out = append(out, document[start:i])
		default:
			out = append(out, string(c))
			i++
		}
	}
	return out
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isName(token string) bool {
	return token != "" && isWord(token[0]) && token[0] != '$' && (token[0] < '0' || token[0] > '9')
}
