package liquid

import (
	"strconv"
	"strings"
	"unicode"
)

// expression is a value and filters: order.name | upcase.
type expression struct {
	value   operand
	filters []use
}

// use is one filter with its values.
type use struct {
	do   func(env *Env, value any, args []any) any
	args []operand
}

// operand is a constant, or a variable's path.
type operand struct {
	constant any
	path     []any  // names, and indexes as int; nil = constant
	kind     string // the path as the dialect knows it, "" = it could be anything
}

// test is one condition, and what it is joined with. As in Liquid they are
// joined from the right: a and b or c is a and (b or c).
type test struct {
	left, right operand
	sign        string // "" = left alone
	joint       string // and, or; "" = the last
	next        *test
}

// words that stand for values, as in {% if order.name != blank %}.
var constants = map[string]any{"true": true, "false": false, "nil": nil, "null": nil, "blank": blank{}, "empty": blank{}}

// blank is what compares equal to all that is empty.
type blank struct{}

// reader reads what stands within one output or tag.
type reader struct {
	p     *parser
	text  string
	start int // of text in the source
	at    int
	bad   bool
}

func (r *reader) fail(at int, format string, args ...any) {
	if !r.bad { // the first tells most
		r.p.problem(r.start+at, "", format, args...)
	}
	r.bad = true
}

func (r *reader) space() {
	for r.at < len(r.text) && strings.IndexByte(space, r.text[r.at]) >= 0 {
		r.at++
	}
}

func (r *reader) skip(sign string) bool {
	r.space()
	if !strings.HasPrefix(r.text[r.at:], sign) {
		return false
	}
	r.at += len(sign)
	return true
}

// word reads a name, "" = there is none.
func (r *reader) word() string {
	r.space()
	from := r.at
	for r.at < len(r.text) && (wordly(r.text[r.at]) || r.text[r.at] == '-' && r.at > from) {
		r.at++
	}
	return r.text[from:r.at]
}

// peek is the word that comes next.
func (r *reader) peek() string {
	at := r.at
	word := r.word()
	r.at = at
	return word
}

// end refuses what is left over; such says what may stand here.
func (r *reader) end(such string) {
	if r.space(); r.at < len(r.text) {
		r.fail(r.at, "%q cannot stand here; %s", firstWord(r.text[r.at:]), such)
	}
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

func (r *reader) expression() expression {
	e := expression{value: r.operand()}
	for !r.bad && r.skip("|") {
		if f, ok := r.filter(e); ok {
			e.filters = append(e.filters, f)
			e.value.kind = ""
		}
	}
	return e
}

// operand reads a variable, a quoted text or a number.
func (r *reader) operand() operand {
	r.space()
	from := r.at
	if from == len(r.text) {
		r.fail(from, "a value is missing")
		return operand{}
	}
	switch c := r.text[from]; {
	case c == '"' || c == '\'':
		end := strings.IndexByte(r.text[from+1:], c)
		if end < 0 {
			r.fail(from, "this %c is never closed", c)
			return operand{}
		}
		r.at = from + end + 2
		return operand{constant: r.text[from+1 : from+1+end]}
	case c >= '0' && c <= '9' || c == '-':
		return r.number()
	case c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		if constant, ok := constants[r.peek()]; ok {
			r.word()
			return operand{constant: constant}
		}
		return r.path()
	}
	r.fail(from, "%q is no value", firstWord(r.text[from:]))
	return operand{}
}

func (r *reader) number() operand {
	from := r.at
	r.at++
	for r.at < len(r.text) {
		c := r.text[r.at]
		if c == '.' && strings.HasPrefix(r.text[r.at:], "..") || c != '.' && (c < '0' || c > '9') {
			break
		}
		r.at++
	}
	digits := r.text[from:r.at]
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
		return operand{constant: n}
	}
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		r.fail(from, "%q is no number", firstWord(r.text[from:]))
	}
	return operand{constant: n}
}

// signs of conditions, the longer ones first.
var signs = []string{"==", "!=", "<>", ">=", "<=", ">", "<", "contains"}

// test reads a condition: order.item_count > 2 and person.first_name != blank.
func (r *reader) test() *test {
	t := &test{left: r.operand()}
	if r.space(); !r.bad {
		for _, sign := range signs {
			if sign != "contains" && r.skip(sign) || sign == "contains" && r.peek() == sign && r.skip(sign) {
				t.sign, t.right = sign, r.operand()
				break
			}
		}
	}
	if word := r.peek(); !r.bad && (word == "and" || word == "or") {
		t.joint = r.word()
		t.next = r.test()
	}
	return t
}
