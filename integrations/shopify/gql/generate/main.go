// Generate writes the typed operations of the Admin and the Partner API: it
// fetches Shopify's published schemas, cuts them to what our documents ask for
// (schema.graphql), puts the bulk query into the form Shopify takes
// (bulk.graphql) and has genqlient write generated.go. Run it with
//
//	go generate ./integrations/shopify/gql
//
// Its test holds what is committed to what it would write today.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"flywheel/integrations/shopify/gql/official"
)

// api is a package of typed operations.
type api struct {
	dir, name string // dir is relative to package gql
	load      func(context.Context) (*official.Schema, error)
	bulk      string // the operation that runs in bulk; "" = none does
}

var apis = []api{
	{dir: ".", name: "gql", load: official.Admin, bulk: "BulkOrders"},
	{dir: "partner", name: "partner", load: official.Partner},
}

func main() {
	for _, a := range apis {
		if err := a.write(context.Background(), "."); err != nil {
			fmt.Fprintln(os.Stderr, "generate:", err)
			os.Exit(1)
		}
	}
}

func (a api) write(ctx context.Context, root string) error {
	files, err := a.files(ctx, root)
	if err != nil {
		return err
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(root, a.dir, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// files returns what is generated, by name.
func (a api) files(ctx context.Context, root string) (map[string][]byte, error) {
	s, err := a.load(ctx)
	if err != nil {
		return nil, err
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: a.name, Input: s.SDL})
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(root, a.dir)
	doc, err := operations(schema, dir)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{"schema.graphql": []byte(pruned(schema, doc))}
	if a.bulk != "" {
		files["bulk.graphql"] = []byte(flat(doc.Operations.ForName(a.bulk)))
	}
	files["generated.go"], err = typed(dir, a.name, files["schema.graphql"])
	return files, err
}

// operations reads the operations of dir as one document: their fragments are shared.
func operations(schema *ast.Schema, dir string) (*ast.QueryDocument, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "operations", "*.graphql"))
	if err != nil {
		return nil, err
	}
	text := ""
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		text += string(data) + "\n"
	}
	doc, problems := gqlparser.LoadQueryWithRules(schema, text, nil)
	if len(problems) > 0 {
		return nil, problems
	}
	return doc, nil
}
