package shopifyfake

import (
	"encoding/json"
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
)

// coerce holds an input to its type, more strictly than the validator does: exact
// kinds, known enum values, moments and amounts that can be read, exactly one
// member of a @oneOf. It returns v with the defaults of input objects filled in.
func coerce(schema *ast.Schema, t *ast.Type, v any) (any, error) {
	if v == nil {
		if t.NonNull {
			return nil, said("Expected value to not be null")
		}
		return nil, nil
	}
	if t.Elem != nil {
		list, ok := v.([]any)
		if !ok {
			list = []any{v} // as the specification has it
		}
		out := make([]any, len(list))
		for i, row := range list {
			got, err := coerce(schema, t.Elem, row)
			if err != nil {
				return nil, fmt.Errorf("%d: %w", i, err)
			}
			out[i] = got
		}
		return out, nil
	}
	def := schema.Types[t.NamedType]
	if def.Kind == ast.InputObject {
		return coerceInput(schema, def, v)
	}
	return v, coerceLeaf(def, v)
}

func coerceInput(schema *ast.Schema, def *ast.Definition, v any) (any, error) {
	given, ok := v.(map[string]any)
	if !ok {
		return nil, said(fmt.Sprintf("Expected %v to be a key-value object responding to `to_h` or `to_unsafe_h`.", v))
	}
	out, set := map[string]any{}, 0
	for name := range given {
		if def.Fields.ForName(name) == nil {
			return nil, fmt.Errorf("%s: Field is not defined on %s", name, def.Name)
		}
	}
	for _, f := range def.Fields {
		value, has := given[f.Name]
		if !has && f.DefaultValue != nil {
			value, _ = f.DefaultValue.Value(nil)
			has = true
		}
		got, err := coerce(schema, f.Type, value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		if has {
			out[f.Name] = got
		}
		if value != nil {
			set++
		}
	}
	if def.Directives.ForName("oneOf") != nil && (set != 1 || len(given) != 1) {
		return nil, fmt.Errorf("'%s' requires exactly one argument, but %d were provided", def.Name, len(given))
	}
	return out, nil
}

func coerceLeaf(def *ast.Definition, v any) error {
	switch s, isText := v.(string); {
	case def.Kind == ast.Enum:
		if isText && def.EnumValues.ForName(s) != nil {
			return nil
		}
	case def.Name == "Boolean":
		if _, ok := v.(bool); ok {
			return nil
		}
	case def.Name == "Int":
		if n, ok := whole(v); ok && n == int64(int32(n)) {
			return nil
		}
	case def.Name == "Float":
		if _, ok := float(v); ok {
			return nil
		}
	case isText && text(def.Name, s):
		return nil
	case isText && def.Name == "ID":
		return said(fmt.Sprintf("Invalid global id '%s'", s))
	case def.Name == "Decimal" || def.Name == "UnsignedInt64":
		if _, ok := float(v); ok {
			return nil
		}
	}
	return said(fmt.Sprintf("Could not coerce value %v to %s", v, def.Name))
}

// float reads an argument that is a number.
func float(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	}
	return 0, false
}
