package main

import (
	"bytes"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

// flat is a query without a name and with each fragment's fields in its place.
// That is how all of Shopify's own examples of bulk queries look; whether named
// fragments are taken there is not said (shopify.dev/docs/api/usage/bulk-operations/queries).
func flat(op *ast.OperationDefinition) string {
	unnamed := *op
	unnamed.Name, unnamed.Comment, unnamed.SelectionSet = "", nil, inlined(op.SelectionSet)
	var b bytes.Buffer
	formatter.NewFormatter(&b, formatter.WithIndent("  ")).FormatQueryDocument(&ast.QueryDocument{Operations: ast.OperationList{&unnamed}})
	return b.String()
}

// inlined needs no type condition: our fragments are on the very type they are used in.
func inlined(set ast.SelectionSet) (out ast.SelectionSet) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.FragmentSpread:
			out = append(out, inlined(s.Definition.SelectionSet)...)
		case *ast.Field:
			f := *s
			f.Comment, f.SelectionSet = nil, inlined(s.SelectionSet)
			out = append(out, &f)
		default:
			out = append(out, s)
		}
	}
	return out
}
