package campaign

import (
	"errors"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// absent is what reading a moment gives, or a count of days since one, that
// nobody told of. It is an error, so that whatever is reckoned with it is
// absent, too; a comparison with it is false. So who never ordered is not among
// those whose last order lies less than 30 days back, nor among the others.
type absent struct{ variable string }

func (a *absent) Error() string { return a.variable + " is not known" }

// comparing are the calls that answer false of what is absent.
var comparing = map[string]bool{
	operators.Equals: true, operators.NotEquals: true, operators.Less: true, operators.LessEquals: true,
	operators.Greater: true, operators.GreaterEquals: true, operators.In: true,
}

// guarded finds the parts of a condition that compare or go through something
// in which a moment or a count is read that may be absent.
func guarded(checked *ast.AST) map[int64]bool {
	found := map[int64]bool{}
	ast.PreOrderVisit(ast.NavigateAST(checked), ast.NewExprVisitor(func(e ast.Expr) {
		if spec := byName()[fieldName(e)]; spec == nil || !spec.maybe || e.Kind() != ast.SelectKind || e.AsSelect().IsTestOnly() {
			return
		}
		for at, has := e.(ast.NavigableExpr).Parent(); has; at, has = at.Parent() {
			if at.Kind() == ast.CallKind && comparing[at.AsCall().FunctionName()] || at.Kind() == ast.ComprehensionKind && at.Type() == types.BoolType {
				found[at.ID()] = true
				return
			}
		}
	}))
	return found
}

// absentIsFalse makes those parts answer false where they meet what is absent.
func absentIsFalse(parts map[int64]bool) cel.ProgramOption {
	return cel.CustomDecoratorV2(func(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
		if !parts[i.ID()] {
			return i, nil
		}
		return falseOfAbsent{i}, nil
	})
}

type falseOfAbsent struct{ interpreter.InterpretableV2 }

// Exec answers the part, false where it meets what is absent.
func (f falseOfAbsent) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	out := f.InterpretableV2.Exec(frame)
	if err, failed := out.(*types.Err); failed {
		if meets := (*absent)(nil); errors.As(err, &meets) {
			return types.False
		}
	}
	return out
}

// Eval is Exec for those who bring no frame.
func (f falseOfAbsent) Eval(known interpreter.Activation) ref.Val {
	return interpreter.EvalActivation(known, f.Exec)
}
