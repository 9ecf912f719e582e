package campaign

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/parser"

	"flywheel/delight/gate"
)

// What bounds the words about a condition that does not hold.
const (
	maxPart   = 160 // characters of a part
	maxWord   = 40  // characters of a text
	maxTold   = 4   // variables
	maxListed = 3   // texts of a list
)

// conjunct is one of the parts that must all hold.
type conjunct struct {
	text      string
	condition *Condition
}

// FirstFalse says which of the parts that must all hold is the first that does
// not, as CEL, and what the variables are that it reads, such as "order.total is
// 42.00". It tells numbers, codes and the shop's own texts, and of texts that may
// hold somebody's name only how many there are. Both are "" where the condition
// holds or cannot be answered.
func (c *Condition) FirstFalse(v Vars) (part, value string) {
	v = v.known()
	for _, p := range c.conjuncts() {
		if holds, err := p.condition.Matches(v); err == nil && !holds {
			return cut(p.text, maxPart), p.condition.told(v)
		}
	}
	return "", ""
}

// conjuncts compiles the parts one by one, when they are first asked for: most
// conditions never are.
func (c *Condition) conjuncts() []conjunct {
	c.apart.Do(func() {
		parts := operands(c.parsed.Expr(), operators.LogicalAnd)
		for _, e := range parts {
			text, err := parser.Unparse(e, c.parsed.SourceInfo(), parser.WrapOnColumn(maxExpression))
			condition := c
			if err == nil && len(parts) > 1 {
				condition, err = Compile(text)
			}
			if err == nil {
				c.parts = append(c.parts, conjunct{text, condition})
			}
		}
	})
	return c.parts
}

// told are the values of the variables that a condition reads.
func (c *Condition) told(v Vars) string {
	var out []string
	for _, spec := range variableTable() {
		if c.reads[spec.Name] && spec.Type != PropsVar {
			out = append(out, spec.Name+" "+spec.words(v.world))
		}
	}
	for _, key := range c.props {
		out = append(out, "event.props."+cut(key, maxWord)+" "+propWords(v.world.Cause.Props[key]))
	}
	return strings.Join(out[:min(len(out), maxTold)], ", ")
}

// words tell what a variable is.
func (v *VarSpec) words(w *world) string {
	value := v.of(w)
	if v.Type != NumberVar && v.Type != MoneyVar && v.Type != YesNoVar && !isSet(value) || v.maybe && !isSet(value) {
		return map[bool]string{true: "is not known", false: "is empty"}[v.maybe]
	}
	switch value := value.(type) {
	case types.Bool:
		return "is " + yesNo(bool(value))
	case types.Int:
		return "is " + strconv.FormatInt(int64(value), 10)
	case types.Double:
		return "is " + amount(float64(value))
	case types.Timestamp:
		return "is " + value.In(zone(w.Shop.Timezone)).Format("2006-01-02 15:04")
	case types.String:
		return "is " + quote(string(value))
	case traits.Lister:
		return v.listWords(value)
	}
	return "is known"
}

// listWords tell the first texts of a list, or only how many there are.
func (v *VarSpec) listWords(list traits.Lister) string {
	size := int(list.Size().(types.Int))
	if v.Type == LinesVar || v.private {
		return "has " + strconv.Itoa(size) + map[bool]string{true: " entry", false: " entries"}[size == 1]
	}
	var shown []string
	for i := range min(size, maxListed) {
		shown = append(shown, quote(asText(list.Get(types.Int(i)))))
	}
	out := "is " + strings.Join(shown, ", ")
	if size > maxListed {
		out += " and " + strconv.Itoa(size-maxListed) + " more"
	}
	return out
}

func asText(v ref.Val) string {
	text, _ := v.Value().(string)
	return text
}

// propWords tell a property of an event: its texts come from elsewhere and may name somebody.
func propWords(value any) string {
	switch value := value.(type) {
	case nil:
		return "was not told"
	case bool:
		return "is " + yesNo(value)
	case float64:
		return "is " + strconv.FormatFloat(value, 'f', -1, 64)
	case string:
		return "is a text"
	}
	return "is told"
}

func yesNo(b bool) string { return map[bool]string{true: "yes", false: "no"}[b] }

// amount writes money with two places or, where it has more, with all of them.
func amount(f float64) string {
	exact := strconv.FormatFloat(f, 'f', -1, 64)
	if _, places, _ := strings.Cut(exact, "."); len(places) > 2 && len(places) <= 4 {
		return exact
	}
	return strconv.FormatFloat(f, 'f', 2, 64)
}

func quote(text string) string { return `"` + cut(text, maxWord) + `"` }

// cut makes a text fit for one line of a log.
func cut(text string, most int) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200c' {
			return ' '
		}
		return r
	}, strings.TrimSpace(text))
	if runes := []rune(plain); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return plain
}

// propOf is the name of the property that e reads; "" where it reads none.
func propOf(e ast.Expr) string {
	if e.Kind() == ast.SelectKind && fieldName(e.AsSelect().Operand()) == "event.props" {
		return e.AsSelect().FieldName()
	}
	return ""
}

// noteProp keeps which properties are read, each once.
func (c *Condition) noteProp(key string) {
	if key != "" && !slices.Contains(c.props, key) {
		c.props = append(c.props, key)
	}
}

// judge puts the condition as a decision. Detail has FirstFalse in one line.
func (c *Condition) judge(v Vars) gate.Decision {
	switch ok, err := c.Matches(v); {
	case err != nil:
		return gate.Decision{Answer: gate.Skip, Reason: gate.ConditionBroken, Detail: err.Error()}
	case !ok:
		part, value := c.FirstFalse(v)
		return gate.Decision{Answer: gate.Skip, Reason: gate.ConditionNotMet, Detail: strings.Trim(part+" · "+value, " ·")}
	}
	return gate.Decision{Answer: gate.Send, Reason: gate.OK}
}
