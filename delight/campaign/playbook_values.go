package campaign

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"flywheel/fault"
)

// plainValues refuses what the reader of YAML would quietly make something else
// of: 5.5 a whole number, 5 a text, nothing an empty one. The file has been
// read into a Definition before.
func plainValues(data []byte) error {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return fault.New(fault.Invalid, "the playbook cannot be read: %s", YAMLWords(err, fieldNames()))
	}
	for _, doc := range file.Docs {
		if line, why := unplain(doc.Body, reflect.TypeFor[Definition](), "playbook"); why != "" {
			return fault.New(fault.Invalid, "the playbook cannot be read: line %d: %s", line, why)
		}
	}
	return nil
}

// fillable are the lists that say something only when they hold something.
var fillable = []string{"rows", "list", "products", "related", "add", "remove", "blocks", "ways"}

// unplain says what is wrong with the value of a field that should be a t, and
// in which line; "" if nothing is.
func unplain(node ast.Node, t reflect.Type, name string) (line int, why string) {
	if node == nil {
		return 0, ""
	}
	says := func(format string, args ...any) (int, string) {
		return node.GetToken().Position.Line, fmt.Sprintf(format, args...)
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch n := node.(type) {
	case *ast.NullNode:
		return says("%s has no value; write one, or leave the field out", name)
	case *ast.MappingNode:
		for _, value := range n.Values {
			if line, why = unplain(value, t, name); why != "" {
				return line, why
			}
		}
	case *ast.MappingValueNode:
		key := strings.Trim(n.Key.String(), `"'`)
		if of := typeOfField(t, key); of != nil {
			return unplain(n.Value, of, key)
		}
	case *ast.SequenceNode:
		if len(n.Values) == 0 && slices.Contains(fillable, name) {
			return says("%s is an empty list; leave the field out", name)
		}
		for _, value := range n.Values {
			if t.Kind() != reflect.Slice {
				break
			}
			if line, why = unplain(value, t.Elem(), name); why != "" {
				return line, why
			}
		}
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		_, whole := n.(*ast.IntegerNode)
		switch {
		case t.Kind() == reflect.String:
			return says("%s is a text, and %s is read as something else; put it in quotes", name, node)
		case t.Kind() == reflect.Int && !whole:
			return says("%s must be a whole number, and not %s", name, node)
		}
	case *ast.StringNode:
		switch t.Kind() {
		case reflect.Int:
			return says("%s must be a whole number, without quotes", name)
		case reflect.Bool:
			return says("%s must be true or false, without quotes", name)
		}
	}
	return 0, ""
}

// typeOfField is the type of a field by its name in the file format; nil where there is none.
func typeOfField(t reflect.Type, key string) reflect.Type {
	switch t.Kind() {
	case reflect.Map:
		return t.Elem()
	case reflect.Struct:
		for i := range t.NumField() {
			if tag, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); tag == key {
				return t.Field(i).Type
			}
		}
	}
	return nil
}
