package campaign

import (
	"math"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/parser"
)

var (
	neverBoth  = phrase{"{1} and {2} are never true together.", "لا يتحقق {1} و{2} معًا أبدًا.", "{1} و {2} هرگز با هم درست نیستند."}
	neverBelow = phrase{"{1} is never true: {2} is 0 or more.", "لا يتحقق {1} أبدًا: {2} صفر أو أكثر.", "{1} هرگز درست نیست: {2} صفر یا بیشتر است."}
	askHas     = phrase{"Where it is not known, {1} is true.", "حيث لا تُعرف القيمة يتحقق {1}.", "هر جا دانسته نیست، {1} درست است."}
)

// mayHold refuses what plainly never holds: in one of its alternatives, two
// parts that exclude each other, such as order.total > 10 && order.total < 5. It
// looks at comparisons of a variable with a value and at yes and no; what it
// cannot read it lets pass.
func (c *Condition) mayHold() error {
	var wrong error
	ast.PreOrderVisit(c.parsed.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if wrong == nil {
			wrong = c.fits(e)
		}
	}))
	if wrong != nil {
		return wrong
	}
	for _, alternative := range operands(c.parsed.Expr(), operators.LogicalOr) {
		known := map[string]*limits{}
		for _, part := range operands(alternative, operators.LogicalAnd) {
			if words := c.narrow(known, part); words != nil {
				return c.refusal(part, words)
			}
		}
	}
	return nil
}

// limits are what the parts so far leave of a variable, each with the part that set it.
type limits struct {
	low, high           float64
	openLow, openHigh   bool // the limit itself is out
	setLow, setHigh, by ast.Expr
	words               []string // nil = any
}

// narrow adds a part to what is known, and says why nothing is left.
func (c *Condition) narrow(known map[string]*limits, part ast.Expr) Texts {
	field, sign, value := c.comparison(part)
	if field == "" {
		return nil
	}
	l := known[field]
	if l == nil {
		l = &limits{low: math.Inf(-1), high: math.Inf(1)}
		if spec := byName()[field]; spec != nil && spec.Type == NumberVar {
			l.low = 0
		}
		known[field] = l
	}
	if words, texts := value.([]string); texts {
		left := slices.Clone(words)
		if l.by != nil {
			left = slices.DeleteFunc(left, func(w string) bool { return !slices.Contains(l.words, w) })
		}
		if len(left) == 0 && l.by != nil {
			return say(neverBoth, c.text(l.by), c.text(part))
		}
		l.words, l.by = left, part
		return nil
	}
	l.cut(sign, value.(float64), part)
	if l.low < l.high || l.low == l.high && !l.openLow && !l.openHigh {
		return nil
	}
	if l.setLow == nil || l.setHigh == nil {
		words := say(neverBelow, c.text(part), field)
		if spec := byName()[field]; spec.maybe {
			words = join(words, say(askHas, "!has("+field+")"))
		}
		return words
	}
	other := l.setLow
	if other == part {
		other = l.setHigh
	}
	return say(neverBoth, c.text(other), c.text(part))
}

// cut takes away what a comparison leaves out.
func (l *limits) cut(sign string, value float64, by ast.Expr) {
	switch sign {
	case operators.Greater, operators.GreaterEquals, operators.Equals:
		open := sign == operators.Greater
		if value > l.low || value == l.low && open {
			l.low, l.openLow, l.setLow = value, open, by
		}
	}
	switch sign {
	case operators.Less, operators.LessEquals, operators.Equals:
		open := sign == operators.Less
		if value < l.high || value == l.high && open {
			l.high, l.openHigh, l.setHigh = value, open, by
		}
	}
}

// comparison reads a part that compares a variable with a number (a float64), or
// says which texts it may be, or asks yes or no; "" of any other.
func (c *Condition) comparison(part ast.Expr) (field, sign string, value any) {
	if field, no := yesOrNo(part); field != "" {
		return field, operators.In, []string{yesNo(!no)}
	}
	if part.Kind() != ast.CallKind || len(part.AsCall().Args()) != 2 {
		return "", "", nil
	}
	left, right := part.AsCall().Args()[0], part.AsCall().Args()[1]
	sign, field = part.AsCall().FunctionName(), fieldName(left)
	if turned, is := turns[sign]; is && field == "" {
		sign, field, right = turned, fieldName(right), left
	}
	spec := byName()[field]
	if spec == nil || !comparing[sign] || sign == operators.NotEquals {
		return "", "", nil
	}
	switch {
	case sign == operators.In && spec.Type != ListVar:
		if words, ok := (rowReader{c.parsed.SourceInfo()}).list(right); ok && right.AsList().Size() > 0 && onlyTexts(right) {
			return field, sign, words
		}
	case right.Kind() != ast.LiteralKind || sign == operators.In:
	default:
		switch literal := right.AsLiteral().(type) {
		case types.Int:
			return field, sign, float64(literal)
		case types.Double:
			return field, sign, float64(literal)
		case types.String:
			if sign == operators.Equals {
				return field, sign, []string{string(literal)}
			}
		}
	}
	return "", "", nil
}

// turns are the signs as they are read from the right.
var turns = map[string]string{
	operators.Less: operators.Greater, operators.LessEquals: operators.GreaterEquals, operators.Greater: operators.Less,
	operators.GreaterEquals: operators.LessEquals, operators.Equals: operators.Equals,
}

// yesOrNo reads a variable that is asked for by itself, or has() of one, and
// whether not is before it.
func yesOrNo(e ast.Expr) (field string, no bool) {
	if e.Kind() == ast.CallKind && e.AsCall().FunctionName() == operators.LogicalNot {
		field, no = yesOrNo(e.AsCall().Args()[0])
		return field, !no
	}
	if field = fieldName(e); field != "" && e.Kind() == ast.SelectKind && e.AsSelect().IsTestOnly() {
		field = "has(" + field + ")"
	}
	return field, false
}

func onlyTexts(list ast.Expr) bool {
	return !slices.ContainsFunc(list.AsList().Elements(), func(e ast.Expr) bool {
		return e.Kind() != ast.LiteralKind || e.AsLiteral().Type() != types.StringType
	})
}

// text is a part as CEL.
func (c *Condition) text(part ast.Expr) string {
	text, err := parser.Unparse(part, c.parsed.SourceInfo(), parser.WrapOnColumn(maxExpression))
	if err != nil {
		return ""
	}
	return cut(strings.TrimSpace(text), maxPart)
}
