// Generate writes the typed operations of the Admin and the Partner API: it
// fetches Shopify's published schemas, cuts them to what our documents ask for
// (schema.graphql) and has genqlient write generated.go. Run it with
//
//	go generate ./integrations/shopify/gql
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/Khan/genqlient/generate"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"flywheel/integrations/shopify/gql/official"
)

func main() {
	ctx := context.Background()
	for _, api := range []struct {
		dir, name string
		load      func(context.Context) (*official.Schema, error)
	}{
		{".", "gql", official.Admin},
		{"partner", "partner", official.Partner},
	} {
		s, err := api.load(ctx)
		if err == nil {
			err = write(api.dir, api.name, s)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "generate:", err)
			os.Exit(1)
		}
	}
}

func write(dir, name string, s *official.Schema) error {
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: name, Input: s.SDL})
	if err != nil {
		return err
	}
	docs, err := documents(schema, filepath.Join(dir, "operations"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "schema.graphql"), []byte(pruned(schema, docs)), 0o644); err != nil {
		return err
	}
	return typed(dir, name)
}

// documents reads the operations as one: their fragments are shared.
func documents(schema *ast.Schema, dir string) ([]*ast.QueryDocument, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.graphql"))
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
	doc, problems := gqlparser.LoadQuery(schema, text)
	if len(problems) > 0 {
		return nil, problems
	}
	return []*ast.QueryDocument{doc}, nil
}

func typed(dir, name string) error {
	text := func(names ...string) map[string]*generate.TypeBinding {
		m := map[string]*generate.TypeBinding{}
		for _, n := range names {
			m[n] = &generate.TypeBinding{Type: "string"}
		}
		return m
	}
	config := &generate.Config{
		Schema: []string{"schema.graphql"}, Operations: []string{"operations/*.graphql"}, Generated: "generated.go",
		Package: name, StructReferences: true,
		// Moments and amounts are read by our own rules, and a code that is new must not break the rest.
		Bindings: text("DateTime", "Decimal", "URL", "UnsignedInt64", "CurrencyCode", "CountryCode", "AppPricingInterval"),
	}
	if err := config.ValidateAndFillDefaults(dir); err != nil {
		return err
	}
	files, err := generate.Generate(config)
	if err != nil {
		return err
	}
	for path, data := range files {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
