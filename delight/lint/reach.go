package lint

import (
	"fmt"
	"slices"
	"sync"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"flywheel/delight/campaign"
)

// reach looks for steps that nobody gets to.
func reach(l *linter) {
	lists(l.Steps, "steps", func(list []campaign.Step, where string) {
		for i := range list {
			s, at := &list[i], fmt.Sprintf("%s[%d]", where, i)
			for j, arm := range s.Arms {
				if s.Kind == campaign.Split && arm.Weight <= 0 {
					l.find("arm-without-weight", fmt.Sprintf("%s.arms[%d].weight", at, j), "name", arm.Name)
				}
			}
			if i > 0 && ends(list[i-1:i]) {
				l.find("unreachable-step", at)
				return // what is behind it is unreachable too
			}
		}
	})
}

// constants looks for conditions that give everybody the same answer.
func constants(l *linter) {
	l.constant("condition", l.Condition, l.Rows)
	each(l.Steps, "steps", func(s *campaign.Step, where string) {
		if s.Kind != campaign.If {
			return
		}
		value, known := l.constant(where+".condition", s.Condition, s.Rows)
		dead, name := s.Else, "else"
		if !value {
			dead, name = s.Then, "then"
		}
		if known && len(dead) > 0 {
			l.find("unreachable-step", fmt.Sprintf("%s.%s[0]", where, name))
		}
	})
}

func (l *linter) constant(where, condition string, rows []campaign.Row) (value, known bool) {
	if condition == "" || len(rows) > 0 { // rows stand instead, and always ask about something
		return false, false
	}
	value, known = folded(condition)
	if known && value {
		l.find("condition-constant", where, "value.en", "true", "value.ar", "صحيح", "value.fa", "درست")
	} else if known {
		l.find("condition-constant", where, "value.en", "false", "value.ar", "خطأ", "value.fa", "نادرست")
	}
	return value, known
}

// folded evaluates a condition of whose variables nothing is known; known is
// false where the answer depends on them, or it cannot be read at all.
func folded(condition string) (value, known bool) {
	tree := parsed(condition)
	if tree == nil {
		return false, false
	}
	program, err := untyped().Program(tree, cel.EvalOptions(cel.OptPartialEval), cel.CostLimit(10_000))
	if err != nil {
		return false, false
	}
	var unknown []*cel.AttributePatternType
	for _, name := range names(tree) {
		unknown = append(unknown, cel.AttributePattern(name))
	}
	vars, err := cel.PartialVars(map[string]any{}, unknown...)
	if err != nil {
		return false, false
	}
	out, _, err := program.Eval(vars)
	answer, ok := out.(types.Bool)
	return bool(answer), ok && err == nil
}

// untyped reads expressions without their types, which are campaign's to check.
var untyped = sync.OnceValue(func() *cel.Env {
	env, err := cel.NewEnv()
	must(err)
	return env
})

// parsed reads an expression; nil where there is none or it cannot be read.
func parsed(condition string) *cel.Ast {
	if condition == "" {
		return nil
	}
	tree, issues := untyped().Parse(condition)
	if issues.Err() != nil {
		return nil
	}
	return tree
}

// names are the variables, fields and keys that an expression reads.
func names(tree *cel.Ast) (out []string) {
	celast.PreOrderVisit(tree.NativeRep().Expr(), celast.NewExprVisitor(func(e celast.Expr) {
		switch e.Kind() {
		case celast.IdentKind:
			out = append(out, e.AsIdent())
		case celast.SelectKind:
			out = append(out, e.AsSelect().FieldName())
		case celast.LiteralKind:
			if text, ok := e.AsLiteral().(types.String); ok {
				out = append(out, string(text))
			}
		}
	}))
	slices.Sort(out)
	return slices.Compact(out)
}
