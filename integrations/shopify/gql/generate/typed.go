package main

import (
	"os"
	"path/filepath"

	"github.com/Khan/genqlient/generate"
)

// typed returns the Go code of the operations in dir, by schema.
func typed(dir, name string, schema []byte) ([]byte, error) {
	tmp, err := os.MkdirTemp("", "schema")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	path := filepath.Join(tmp, "schema.graphql")
	if err := os.WriteFile(path, schema, 0o600); err != nil {
		return nil, err
	}
	config := &generate.Config{
		Schema: []string{path}, Operations: []string{"operations/*.graphql"}, Generated: "generated.go",
		Package: name, StructReferences: true, Bindings: map[string]*generate.TypeBinding{},
	}
	// Moments and amounts are read by our own rules, and a code that is new must not break the rest.
	for _, scalar := range []string{"DateTime", "Decimal", "URL", "UnsignedInt64", "CurrencyCode", "CountryCode", "AppPricingInterval"} {
		config.Bindings[scalar] = &generate.TypeBinding{Type: "string"}
	}
	if err := config.ValidateAndFillDefaults(dir); err != nil {
		return nil, err
	}
	files, err := generate.Generate(config)
	if err != nil {
		return nil, err
	}
	return files[config.Generated], nil
}
