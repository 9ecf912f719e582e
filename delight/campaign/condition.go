package campaign

import (
	"strings"
	"sync"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// Condition is a compiled CEL expression. It is safe for concurrent use.
type Condition struct {
	program cel.Program
	source  string
	parsed  *ast.AST
	info    *ast.SourceInfo // where each part stands, for errors
	reads   map[string]bool
	props   []string // of event.props, by name
	needs   need

	apart sync.Once
	parts []conjunct // of FirstFalse
}

// What bounds a condition. Ordinary ones are some hundred bytes and cost some tens.
const (
	maxExpression = 4 << 10 // bytes
	costLimit     = 10_000  // in units of CEL, counted while it runs
	maxRegexp     = 500     // instructions
)

var environment = sync.OnceValues(func() (*cel.Env, error) {
	known, err := types.NewRegistry()
	if err != nil {
		return nil, err
	}
	options := []cel.EnvOption{
		cel.CustomTypeProvider(provider{known}), cel.CustomTypeAdapter(known),
		cel.Variable("now", cel.TimestampType),
		cel.CrossTypeNumericComparisons(true),
		cel.RegexProgramSizeLimit(maxRegexp),
		cel.EnableMacroCallTracking(), // so that rows can be read back
		cel.Macros(dayMacros()...), dayFunction(),
	}
	for _, scope := range scopes {
		options = append(options, cel.Variable(scope, scopeType(scope)))
	}
	return cel.NewEnv(append(options, textFunctions()...)...)
})

// textFunctions are what conditions do with texts beside CEL's own. The library
// that comes with CEL is left out: its replace builds more than a limit that is
// looked at afterwards can stop.
func textFunctions() []cel.EnvOption {
	change := func(name string, do func(string) string) cel.EnvOption {
		return cel.Function(name, cel.MemberOverload("string_"+name, []*cel.Type{cel.StringType}, cel.StringType,
			cel.UnaryBinding(func(s ref.Val) ref.Val { return types.String(do(string(s.(types.String)))) })))
	}
	return []cel.EnvOption{
		change("lower", strings.ToLower), change("trim", strings.TrimSpace),
		cel.Function("speaks",
			cel.MemberOverload("string_speaks_string", []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType, cel.BinaryBinding(speaks)),
			cel.MemberOverload("string_speaks_list", []*cel.Type{cel.StringType, cel.ListType(cel.StringType)}, cel.BoolType, cel.BinaryBinding(speaksAny))),
	}
}

// speaks reports whether tag is the language or one of its kinds, as ar-SA is of ar.
func speaks(tag, language ref.Val) ref.Val {
	rest, found := strings.CutPrefix(strings.ToLower(string(tag.(types.String))), strings.ToLower(string(language.(types.String))))
	return types.Bool(found && (rest == "" || rest[0] == '-'))
}

func speaksAny(tag, languages ref.Val) ref.Val {
	for it := languages.(traits.Lister).Iterator(); it.HasNext() == types.True; {
		if speaks(tag, it.Next()) == types.True {
			return types.True
		}
	}
	return types.False
}

// Compile checks an expression once. Its error is an *Explained, a fault.Invalid
// that says in plain words what is wrong where.
func Compile(expression string) (*Condition, error) {
	switch {
	case len(expression) > maxExpression:
		return nil, explain(expression, 0, 0, say(tooLong))
	case !utf8.ValidString(expression):
		return nil, explain(expression, 0, 0, say(notUTF8))
	case strings.TrimSpace(expression) == "":
		return nil, explain(expression, 1, 1, say(empty))
	}
	env, err := environment()
	if err != nil {
		return nil, err
	}
	parsed, issues := env.Parse(expression)
	if issues.Err() != nil {
		return nil, explainSyntax(expression, issues.Errors())
	}
	checked, issues := env.Check(parsed)
	if issues.Err() != nil {
		return nil, explainCheck(expression, parsed.NativeRep(), issues.Errors())
	}
	c := &Condition{source: expression, parsed: parsed.NativeRep(), info: checked.NativeRep().SourceInfo(), reads: map[string]bool{}}
	if err := c.read(checked.NativeRep()); err != nil {
		return nil, err
	}
	if checked.OutputType() != cel.BoolType {
		return nil, explain(expression, 1, 1, say(notYesNo, typeWords(checked.OutputType().String())))
	}
	if err := c.mayHold(); err != nil {
		return nil, err
	}
	c.program, err = env.Program(checked, cel.CostLimit(costLimit), cel.EvalOptions(cel.OptOptimize), absentIsFalse(guarded(checked.NativeRep())))
	if err != nil {
		return nil, explain(expression, 0, 0, say(noPattern, err.Error()))
	}
	return c, nil
}

// read notes which variables the expression reads, and refuses what our types
// are not made for: an order by itself, or the making of one.
func (c *Condition) read(checked *ast.AST) (wrong error) {
	refuse := func(e ast.NavigableExpr, words Texts) {
		if wrong == nil {
			at := c.info.GetStartLocation(e.ID())
			wrong = explain(c.source, at.Line(), at.Column()+1, words)
		}
	}
	ast.PreOrderVisit(ast.NavigateAST(checked), ast.NewExprVisitor(func(e ast.Expr) {
		node := e.(ast.NavigableExpr)
		scope, ours := strings.CutPrefix(node.Type().TypeName(), typePrefix)
		switch node.Kind() {
		case ast.StructKind:
			refuse(node, say(unmakable, node.AsStruct().TypeName()))
		case ast.IdentKind:
			if node.AsIdent() == "now" && node.Type() == types.TimestampType {
				c.reads["now"] = true
			}
		case ast.SelectKind:
			c.noteProp(propOf(node))
			operand := checked.GetType(node.AsSelect().Operand().ID()).TypeName()
			if of, ok := strings.CutPrefix(operand, typePrefix); ok {
				c.note(of, node.AsSelect().FieldName())
			}
		}
		if parent, has := node.Parent(); ours && scope != "line" && (!has || parent.Kind() != ast.SelectKind) {
			refuse(node, say(bareScope, scope, scope+"."+fieldsOf(scope)[0]))
		}
	}))
	return wrong
}

func (c *Condition) note(scope, field string) {
	if field == zoneField {
		return // of a day, which nobody wrote
	}
	c.reads[scope+"."+field] = true
	if spec, ok := byName()[scope+"."+field]; ok {
		c.needs |= spec.needs
	}
	for _, part := range lineParts {
		if scope == "line" && part.name == field {
			c.needs |= part.needs
		}
	}
}

// Reads reports whether the condition reads a variable such as order.total, or
// a part of a line such as line.sku.
func (c *Condition) Reads(variable string) bool { return c.reads[variable] }

// NeedsHistory reports whether Facts.History must be loaded.
func (c *Condition) NeedsHistory() bool { return c.needs&needsHistory != 0 }

// NeedsProducts reports whether Facts.Products must be loaded.
func (c *Condition) NeedsProducts() bool { return c.needs&needsProducts != 0 }

// NeedsConsents reports whether Facts.Consents must be loaded.
func (c *Condition) NeedsConsents() bool { return c.needs&needsConsents != 0 }

// NeedsLoyalty reports whether Facts.Loyalty must be loaded.
func (c *Condition) NeedsLoyalty() bool { return c.needs&needsLoyalty != 0 }

// Matches evaluates the condition. An error means that the expression itself
// failed; it is an *Explained as Compile's.
func (c *Condition) Matches(v Vars) (bool, error) {
	out, _, err := c.program.Eval(v.known().world)
	if err != nil {
		return false, c.explainRun(err)
	}
	return out == types.True, nil
}
