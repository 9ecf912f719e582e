package campaign

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The operators of the builder.
const (
	OpIs          = "is"
	OpIsNot       = "is_not"
	OpGreater     = "greater"
	OpLess        = "less"
	OpAtLeast     = "at_least"
	OpAtMost      = "at_most"
	OpContains    = "contains"
	OpContainsNot = "contains_not"
	OpOneOf       = "one_of"
	OpNoneOf      = "none_of"
	OpSet         = "set"
	OpNotSet      = "not_set"
)

var (
	amountOps = []string{OpIs, OpIsNot, OpGreater, OpLess, OpAtLeast, OpAtMost}
	choiceOps = []string{OpIs, OpIsNot, OpOneOf, OpNoneOf, OpSet, OpNotSet}
	opsOf     = map[VarType][]string{
		NumberVar: amountOps, MoneyVar: amountOps,
		TextVar:    {OpIs, OpIsNot, OpContains, OpContainsNot, OpOneOf, OpNoneOf, OpSet, OpNotSet},
		CountryVar: choiceOps, LanguageVar: choiceOps,
		ChoiceVar: {OpIs, OpIsNot, OpOneOf, OpNoneOf},
		ListVar:   {OpContains, OpContainsNot, OpOneOf, OpNoneOf, OpSet, OpNotSet},
		YesNoVar:  {OpIs},
		MomentVar: {OpGreater, OpLess, OpAtLeast, OpAtMost},
	}
	comparisons = map[string]string{OpIs: "==", OpIsNot: "!=", OpGreater: ">", OpLess: "<", OpAtLeast: ">=", OpAtMost: "<="}
	negations   = map[string]string{OpContainsNot: OpContains, OpNoneOf: OpOneOf, OpNotSet: OpSet, OpIsNot: OpIs}
)

// CompileRows writes the builder's rows as CEL: groups joined by or, the rows of
// one by and. No rows give "". Its error is an *Explained whose Line is the row.
func CompileRows(rows []Row) (string, error) {
	rows, err := normalRows(rows)
	if err != nil {
		return "", err
	}
	var groups []string
	for len(rows) > 0 {
		n := slices.IndexFunc(rows, func(r Row) bool { return r.Group != rows[0].Group })
		if n < 0 {
			n = len(rows)
		}
		var parts []string
		for _, row := range rows[:n] {
			parts = append(parts, row.cel())
		}
		groups, rows = append(groups, strings.Join(parts, " && ")), rows[n:]
	}
	if len(groups) > 1 {
		for i, g := range groups {
			if strings.Contains(g, " && ") {
				groups[i] = "(" + g + ")"
			}
		}
	}
	expression := strings.Join(groups, " || ")
	if len(expression) > maxExpression {
		return "", explain("", 0, 0, say(tooLong))
	}
	return expression, nil
}

// normalRows checks rows and brings them into the one form in which they come
// back from RowsOf: groups numbered from 0, values trimmed and in their own form.
func normalRows(rows []Row) ([]Row, error) {
	out := make([]Row, len(rows))
	for i, row := range rows {
		normal, wrong := row.normal()
		if wrong != nil {
			return nil, &Explained{Line: i + 1, Texts: wrong, Excerpt: strings.TrimSpace(row.Field + " " + row.Op + " " + row.Value + strings.Join(row.List, ", "))}
		}
		out[i] = normal
	}
	slices.SortStableFunc(out, func(a, b Row) int { return cmp.Compare(a.Group, b.Group) })
	group, last := -1, 0
	for i := range out {
		if i == 0 || out[i].Group != last {
			group++
		}
		last, out[i].Group = out[i].Group, group
	}
	return out, nil
}

// cel writes one normal row.
func (r Row) cel() string {
	spec := byName()[r.Field]
	if positive, negated := negations[r.Op]; negated && (r.Op != OpIsNot || spec.Type == LanguageVar) {
		r.Op = positive
		plain := r.cel()
		if strings.HasPrefix(plain, r.Field+".") || r.Op == OpSet { // a call
			return "!" + plain
		}
		return "!(" + plain + ")"
	}
	value := spec.literal(r.Op, r.Value)
	if spec.Type == MoneyVar && (r.Op == OpIs || r.Op == OpIsNot) && !strings.Contains(value, ".") {
		value += ".0" // CEL orders 1.0 and 1, and takes them for equal only where both have a point
	}
	compared := r.Field + " " + comparisons[r.Op] + " " + value
	switch {
	case r.Op == OpSet:
		return "has(" + r.Field + ")"
	case spec.Type == YesNoVar && r.Value == "no":
		return "!" + r.Field
	case spec.Type == YesNoVar:
		return r.Field
	case spec.Type == LanguageVar && r.Op == OpIs:
		return r.Field + ".speaks(" + value + ")"
	case spec.Type == LanguageVar:
		return r.Field + ".speaks(" + literals(r.List) + ")"
	case r.Op == OpContains && spec.Type == ListVar:
		return value + " in " + r.Field
	case r.Op == OpContains:
		return r.Field + ".contains(" + value + ")"
	case r.Op == OpOneOf && spec.Type == ListVar:
		return r.Field + ".exists(x, x in " + literals(r.List) + ")"
	case r.Op == OpOneOf:
		return r.Field + " in " + literals(r.List)
	case spec.maybe:
		return "has(" + r.Field + ") && " + compared
	}
	return compared
}

// literal writes a value as CEL has it. Of a day, what is after it or at most it
// looks at its end.
func (v *VarSpec) literal(op, value string) string {
	switch v.Type {
	case NumberVar, MoneyVar:
		return value
	case MomentVar:
		function := "timestamp"
		if len(value) == len(time.DateOnly) {
			function = map[bool]string{true: dayEnds, false: dayBegins}[op == OpGreater || op == OpAtMost]
		}
		return function + "(" + strconv.Quote(value) + ")"
	}
	return strconv.Quote(value)
}

func literals(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = strconv.Quote(v)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
