package gql_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"flywheel/integrations/shopify/gql"
	"flywheel/integrations/shopify/gql/official"
	"flywheel/integrations/shopify/gql/partner"
)

// admin is the Admin API as Shopify publishes it, published its schema to ask. The
// package they are in is fetched once a machine.
var (
	admin     = sync.OnceValues(func() (*official.Schema, error) { return official.Admin(context.Background()) })
	published = sync.OnceValues(func() (*ast.Schema, error) {
		s, err := admin()
		if err != nil {
			return nil, err
		}
		return gqlparser.LoadSchema(&ast.Source{Name: "admin", Input: s.SDL})
	})
)

func TestDocumentsFitThePublishedSchema(t *testing.T) {
	schema, err := published()
	require.NoError(t, err)
	_, problems := gqlparser.LoadQueryWithRules(schema, documents(t, "."), nil)
	require.Empty(t, problems)

	s, err := official.Partner(t.Context())
	require.NoError(t, err)
	partners, err := gqlparser.LoadSchema(&ast.Source{Name: "partner", Input: s.SDL})
	require.NoError(t, err)
	_, problems = gqlparser.LoadQueryWithRules(partners, documents(t, "partner"), nil)
	require.Empty(t, problems)
}

// The part of the schema that we keep judges as the whole one does.
func TestAMisspeltFieldIsReported(t *testing.T) {
	schema, err := published()
	require.NoError(t, err)
	ours, err := gqlparser.LoadSchema(&ast.Source{Name: "ours", Input: gql.Schema})
	require.NoError(t, err)
	_, err = gqlparser.LoadSchema(&ast.Source{Name: "partner", Input: partner.Schema})
	require.NoError(t, err)
	for name, schema := range map[string]*ast.Schema{"published": schema, "ours": ours} {
		for _, document := range []string{
			`query { order(id: "1") { id cancelledOn } }`,
			`query { order { id } }`,
			`query($id: Int) { order(id: $id) { id } }`,
			`mutation { discountCodeDeactivate(id: "1") { userErrors { code message } refund } }`,
		} {
			_, problems := gqlparser.LoadQueryWithRules(schema, document, nil)
			assert.NotEmpty(t, problems, "%s: %s", name, document)
		}
		_, problems := gqlparser.LoadQueryWithRules(schema, documents(t, "."), nil)
		assert.Empty(t, problems, name)
	}
}

// The rules for bulk queries (shopify.dev/docs/api/usage/bulk-operations/queries):
// no variables, at most five connections and two levels of them, each with edges
// and nodes that have an id, no connection within a list.
func TestBulkQueryIsOneThatRunsInBulk(t *testing.T) {
	schema, err := published()
	require.NoError(t, err)
	doc, problems := gqlparser.LoadQueryWithRules(schema, gql.BulkQuery, nil)
	require.Empty(t, problems)
	require.Empty(t, doc.Fragments)
	require.Len(t, doc.Operations, 1)
	op := doc.Operations[0]
	assert.Empty(t, op.VariableDefinitions)
	assert.Equal(t, []string{"orders", "orders.edges.node.lineItems"}, connections(t, op.SelectionSet, "", false))
	whole, problems := gqlparser.LoadQueryWithRules(schema, documents(t, "."), nil)
	require.Empty(t, problems)
	assert.Equal(t, paths(whole.Operations.ForName("BulkOrders").SelectionSet, ""), paths(op.SelectionSet, ""), "nothing is lost without fragments")
}

func connections(t *testing.T, set ast.SelectionSet, at string, inList bool) (found []string) {
	for _, f := range fields(set) {
		path := at + f.Name
		list := inList || f.Definition.Type.Elem != nil && f.Name != "edges"
		if f.SelectionSet != nil && f.Definition.Arguments.ForName("first") != nil && f.Definition.Type.Elem == nil {
			assert.False(t, inList, "%s lies within a list", path)
			assert.Contains(t, paths(f.SelectionSet, ""), "edges.node.id", path)
			found = append(found, path)
		}
		found = append(found, connections(t, f.SelectionSet, path+".", list)...)
	}
	return found
}

// paths lists all fields of a selection, fragments opened, each once.
func paths(set ast.SelectionSet, at string) (all []string) {
	for _, f := range fields(set) {
		all = append(all, at+f.Name)
		all = append(all, paths(f.SelectionSet, at+f.Name+".")...)
	}
	return all
}

// fields are those of a selection, with those of its fragments.
func fields(set ast.SelectionSet) (all []*ast.Field) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			all = append(all, s)
		case *ast.FragmentSpread:
			all = append(all, fields(s.Definition.SelectionSet)...)
		case *ast.InlineFragment:
			all = append(all, fields(s.SelectionSet)...)
		}
	}
	return all
}

// documents are all operations of a package.
func documents(t *testing.T, dir string) (text string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "operations", "*.graphql"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		data, err := os.ReadFile(f)
		require.NoError(t, err)
		text += string(data) + "\n"
	}
	return text
}
