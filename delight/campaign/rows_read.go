package campaign

import (
	"strconv"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// RowsOf reads rows back from CEL. It says no of an expression that rows would
// not give letter by letter: that one was written by hand, and stays so.
func RowsOf(expression string) ([]Row, bool) {
	expression = strings.TrimSpace(expression)
	if expression == "" {
		return nil, true
	}
	env, err := environment()
	if err != nil || len(expression) > maxExpression {
		return nil, false
	}
	parsed, issues := env.Parse(expression)
	if issues.Err() != nil {
		return nil, false
	}
	reader := rowReader{parsed.NativeRep().SourceInfo()}
	var rows []Row
	for group, alternative := range operands(parsed.NativeRep().Expr(), operators.LogicalOr) {
		parts := operands(alternative, operators.LogicalAnd)
		for i := 0; i < len(parts); i++ {
			row, ok := reader.row(parts[i])
			if row.Op == OpSet && i+1 < len(parts) { // the first half of a comparison
				if next, isRow := reader.row(parts[i+1]); isRow && next.Field == row.Field && comparisons[next.Op] != "" && byName()[row.Field].maybe {
					row, i = next, i+1
				}
			}
			if !ok {
				return nil, false
			}
			row.Group = group
			rows = append(rows, row)
		}
	}
	again, err := CompileRows(rows)
	return rows, err == nil && again == expression
}

// operands are what one operator joins, from left to right.
func operands(e ast.Expr, operator string) []ast.Expr {
	if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != operator {
		return []ast.Expr{e}
	}
	var all []ast.Expr
	for _, arg := range e.AsCall().Args() {
		all = append(all, operands(arg, operator)...)
	}
	return all
}

// rowReader reads rows from parsed CEL. It may take more for a row than rows
// would give: RowsOf compares.
type rowReader struct{ info *ast.SourceInfo }

func (r rowReader) row(e ast.Expr) (Row, bool) {
	if macro, ok := r.info.GetMacroCall(e.ID()); ok && macro.AsCall().FunctionName() == operators.Exists {
		return r.anyOf(macro.AsCall())
	}
	if field := fieldName(e); field != "" {
		if e.Kind() == ast.SelectKind && e.AsSelect().IsTestOnly() {
			return Row{Field: field, Op: OpSet}, true
		}
		return Row{Field: field, Op: OpIs, Value: "yes"}, true
	}
	if e.Kind() != ast.CallKind {
		return Row{}, false
	}
	call := e.AsCall()
	switch {
	case call.IsMemberFunction() && len(call.Args()) == 1:
		return r.member(call)
	case call.FunctionName() == operators.LogicalNot:
		row, ok := r.row(call.Args()[0])
		return inverse(row), ok
	case call.FunctionName() == operators.In:
		if field := fieldName(call.Args()[1]); field != "" {
			value, ok := r.value(call.Args()[0])
			return Row{Field: field, Op: OpContains, Value: value}, ok
		}
		values, ok := r.list(call.Args()[1])
		return Row{Field: fieldName(call.Args()[0]), Op: OpOneOf, List: values}, ok
	}
	sign := strings.Trim(call.FunctionName(), "_")
	for op, is := range comparisons {
		if is == sign && len(call.Args()) == 2 {
			value, ok := r.value(call.Args()[1])
			return Row{Field: fieldName(call.Args()[0]), Op: op, Value: value}, ok
		}
	}
	return Row{}, false
}

// member reads field.contains(...) and field.speaks(...).
func (r rowReader) member(call ast.CallExpr) (Row, bool) {
	row := Row{Field: fieldName(call.Target()), Op: OpContains}
	value, plain := r.value(call.Args()[0])
	if row.Value = value; call.FunctionName() != "speaks" {
		return row, plain && call.FunctionName() == "contains"
	}
	row.Op = OpIs
	if plain {
		return row, true
	}
	values, ok := r.list(call.Args()[0])
	return Row{Field: row.Field, Op: OpOneOf, List: values}, ok
}

// anyOf reads field.exists(x, x in [...]).
func (r rowReader) anyOf(call ast.CallExpr) (Row, bool) {
	if len(call.Args()) != 2 || call.Args()[1].Kind() != ast.CallKind || len(call.Args()[1].AsCall().Args()) != 2 {
		return Row{}, false
	}
	values, ok := r.list(call.Args()[1].AsCall().Args()[1])
	return Row{Field: fieldName(call.Target()), Op: OpOneOf, List: values}, ok
}

// inverse is what a row says behind a not.
func inverse(row Row) Row {
	for negative, positive := range negations {
		if row.Op == positive {
			row.Op = negative
			break
		}
	}
	if row.Op == OpIsNot && row.Value == "yes" && byName()[row.Field] != nil && byName()[row.Field].Type == YesNoVar {
		row.Op, row.Value = OpIs, "no"
	}
	return row
}

// fieldName is the variable that e reads; "" if it is none.
func fieldName(e ast.Expr) string {
	name := ""
	switch {
	case e.Kind() == ast.IdentKind:
		name = e.AsIdent()
	case e.Kind() == ast.SelectKind && e.AsSelect().Operand().Kind() == ast.IdentKind:
		name = e.AsSelect().Operand().AsIdent() + "." + e.AsSelect().FieldName()
	}
	if byName()[name] == nil {
		return ""
	}
	return name
}

// value is a literal, or the moment or the day that a literal names.
func (r rowReader) value(e ast.Expr) (string, bool) {
	if macro, ok := r.info.GetMacroCall(e.ID()); ok && isDay(macro.AsCall().FunctionName()) {
		e = macro.AsCall().Args()[0]
	}
	if e.Kind() == ast.CallKind && e.AsCall().FunctionName() == "timestamp" && len(e.AsCall().Args()) == 1 {
		e = e.AsCall().Args()[0]
	}
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	switch v := e.AsLiteral().(type) {
	case types.String:
		return string(v), true
	case types.Int:
		return strconv.FormatInt(int64(v), 10), true
	case types.Double:
		return strconv.FormatFloat(float64(v), 'f', -1, 64), true
	}
	return "", false
}

func (r rowReader) list(e ast.Expr) (values []string, ok bool) {
	if e.Kind() != ast.ListKind {
		return nil, false
	}
	for _, element := range e.AsList().Elements() {
		value, ok := r.value(element)
		if !ok {
			return nil, false
		}
		values = append(values, value)
	}
	return values, true
}
