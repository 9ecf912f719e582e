package liquid

import "strings"

// words is text as it stands.
type words string

func (n words) run(s *state) signal { return s.write(string(n)) }

// output writes a value.
type output struct{ expression expression }

func (n output) run(s *state) signal {
	v := s.value(n.expression)
	text := text(v)
	if _, safe := v.(Safe); !safe && s.bare == 0 && s.env.Escape != nil {
		text = s.env.Escape(text)
	}
	return s.write(text)
}

type assign struct {
	name       string
	expression expression
}

func (n assign) run(s *state) signal {
	s.set(n.name, s.value(n.expression))
	return onward
}

// capture keeps what its body writes. It was escaped when it was written.
type capture struct {
	name string
	body []node
}

func (n capture) run(s *state) signal {
	text, end := s.inner(n.body)
	if s.env.Escape != nil && s.bare == 0 {
		s.set(n.name, Safe(text))
	} else {
		s.set(n.name, text)
	}
	return end
}

// own is a block of the dialect.
type own struct {
	do   Block
	body []node
}

func (n own) run(s *state) signal {
	s.bare++
	text, end := s.inner(n.body)
	s.bare--
	if end == halt {
		return halt
	}
	return max(s.write(n.do(s.env, text)), end)
}

// choice is if or unless.
type choice struct {
	branches  []branch
	otherwise []node
}

type branch struct {
	test *test
	not  bool
	body []node
}

func (n choice) run(s *state) signal {
	for _, b := range n.branches {
		if s.test(b.test) != b.not {
			return s.run(b.body)
		}
	}
	return s.run(n.otherwise)
}

// cases is case.
type cases struct {
	value     operand
	whens     []when
	otherwise []node
}

type when struct {
	values []operand
	body   []node
}

func (n cases) run(s *state) signal {
	v := s.operand(n.value)
	for _, w := range n.whens {
		for _, o := range w.values {
			if equal(v, s.operand(o)) {
				return s.run(w.body)
			}
		}
	}
	return s.run(n.otherwise)
}

// choice reads if and unless.
func (p *parser) choice(open Piece) node {
	var c choice
	r := p.reader(open)
	branch := branch{test: r.test(), not: open.Name == "unless"}
	r.end("a condition is such as order.item_count > 2")
	for {
		body, end := p.block(open, "elsif", "else", "end"+open.Name)
		branch.body = body
		c.branches = append(c.branches, branch)
		switch end.Name {
		case "elsif":
			r := p.reader(end)
			branch.test, branch.not = r.test(), false
			r.end("a condition is such as order.item_count > 2")
		case "else":
			p.reader(end).end("{% else %} stands alone")
			c.otherwise, _ = p.block(open, "end"+open.Name)
			return c
		default:
			return c
		}
	}
}

// cases reads case with its whens.
func (p *parser) cases(open Piece) node {
	r := p.reader(open)
	c := cases{value: r.operand()}
	r.end("{% case %} takes one value")
	if before, end := p.block(open, "when", "else", "endcase"); !p.unsure {
		for _, n := range before {
			if text, ok := n.(words); !ok || strings.TrimSpace(string(text)) != "" {
				p.problem(open.At, "", "nothing can stand between {%% case %%} and the first {%% when %%}")
				break
			}
		}
		for end.Name == "when" {
			var w when
			r := p.reader(end)
			for {
				w.values = append(w.values, r.operand())
				if r.bad || !r.skip(",") && (r.peek() != "or" || !r.skip("or")) {
					break
				}
			}
			r.end("{% when %} takes values, as in {% when 1, 2 %}")
			w.body, end = p.block(open, "when", "else", "endcase")
			c.whens = append(c.whens, w)
		}
		if end.Name == "else" {
			p.reader(end).end("{% else %} stands alone")
			c.otherwise, _ = p.block(open, "endcase")
		}
	}
	return c
}

func (p *parser) assign(r *reader) node {
	name := r.name("{% assign name = value %}")
	if !r.bad && !r.skip("=") {
		r.fail(r.at, "it is written as {%% assign name = value %%}")
	}
	e := r.expression()
	r.end("it is written as {% assign name = value | filter %}")
	p.locals[name] = e.value.kind
	return assign{name, e}
}

func (p *parser) capture(open Piece) node {
	r := p.reader(open)
	name := r.name("{% capture name %}")
	r.end("it is written as {% capture name %}")
	body, _ := p.block(open, "endcapture")
	p.locals[name] = ""
	return capture{name, body}
}

// name reads the name of an own variable.
func (r *reader) name(such string) string {
	r.space()
	from := r.at
	name := r.word()
	_, constant := constants[name]
	if name == "" || constant || name == "forloop" || name[0] >= '0' && name[0] <= '9' {
		r.fail(from, "a name is missing; it is written as %s", such)
	}
	return name
}
