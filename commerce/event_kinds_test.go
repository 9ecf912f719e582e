package commerce

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every kind that is declared is in the list, so that its name is taken.
func TestEveryEventKindIsListed(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "event.go", nil, 0)
	require.NoError(t, err)
	declared := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, named := spec.Type.(*ast.Ident); !named || kind.Name != "EventKind" {
			return true
		}
		name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		require.NoError(t, err)
		require.True(t, Reserved(name), name)
		declared++
		return true
	})
	require.Len(t, EventKinds(), declared)
	require.False(t, Reserved("quiz"))
	require.False(t, Reserved(""))
}
