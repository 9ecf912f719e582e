package timeline

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/store"
)

// constants reads the values of the constants of a type from a source file.
func constants(t *testing.T, file, kind string) (values []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == kind {
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
				value, err := strconv.Unquote(lit.Value)
				require.NoError(t, err)
				values = append(values, value)
			}
		}
		return true
	})
	require.NotEmpty(t, values, kind)
	return values
}

func TestEverythingHasWords(t *testing.T) {
	for _, v := range constants(t, "../delight/gate/decision.go", "Reason") {
		require.NotEmpty(t, why[gate.Reason(v)], "reason %s", v)
	}
	for _, v := range constants(t, "../delight/gate/decision.go", "Answer") {
		require.NotEmpty(t, answerWords[gate.Answer(v)], "answer %s", v)
	}
	for _, v := range constants(t, "../commerce/event.go", "EventKind") {
		require.NotEmpty(t, happened[commerce.EventKind(v)], "event %s", v)
		require.Contains(t, eventOrder, commerce.EventKind(v))
	}
	for _, v := range constants(t, "../store/effects.go", "EffectState") {
		require.NotEmpty(t, effectWords[store.EffectState(v)], "effect %s", v)
	}
}
