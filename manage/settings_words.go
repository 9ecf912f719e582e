package manage

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"flywheel/commerce"
)

// unreadable says in plain words why YAML cannot be settings, and where.
func unreadable(data []byte, err error) string {
	at := yaml.Error(nil)
	if !errors.As(err, &at) || at.GetToken() == nil {
		return err.Error()
	}
	here := at.GetToken()
	name, kind := settingAt(data, here.Position)
	said := cmp.Or(name, "it") + " must be " + kindWords(kind)
	switch at.(type) {
	case *yaml.UnknownFieldError:
		said = unknownField(name)
	case *yaml.SyntaxError:
		said = "this cannot be read as YAML; look for a bracket, a quote or a space that is missing (" + at.GetMessage() + ")"
		if strings.Contains(at.GetMessage(), "already defined") {
			said = here.Value + " stands there twice; one setting is said once"
		}
	}
	return fmt.Sprintf("line %d: %s", here.Position.Line, said)
}

// unknownField names the settings that there are at its level.
func unknownField(path string) string {
	level, _ := typeAt(parent(path))
	within := "there are "
	if parent(path) != "" {
		within = parent(path) + " takes "
	}
	return "there is no setting " + path + "; " + within + strings.Join(fields(level), ", ")
}

func parent(path string) string {
	if i := strings.LastIndex(path, "."); i >= 0 {
		return path[:i]
	}
	return ""
}

// notWhole finds a number with a fraction where only whole ones make sense: the
// library would cut it off. "" = there is none.
func notWhole(data []byte) string {
	wrong := ""
	walkSettings(data, func(n ast.Node, path string) {
		if f, ok := n.(*ast.FloatNode); ok && wrong == "" {
			if kind, known := typeAt(path); known && kind.Kind() == reflect.Int {
				wrong = fmt.Sprintf("line %d: %s must be %s", f.GetToken().Position.Line, path, kindWords(kind))
			}
		}
	})
	return wrong
}

// settingAt names the setting at a place of the file, such as caps.asks.limit,
// with its type; nil where there is none.
func settingAt(data []byte, at *token.Position) (name string, kind reflect.Type) {
	walkSettings(data, func(n ast.Node, path string) {
		if t := n.GetToken(); t != nil && t.Position.Line == at.Line && t.Position.Column == at.Column {
			name = path
		}
	})
	kind, _ = typeAt(name)
	return name, kind
}

func walkSettings(data []byte, do func(n ast.Node, path string)) {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return
	}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			ast.Walk(visitor(do), doc.Body)
		}
	}
}

type visitor func(n ast.Node, path string)

// Visit calls the visitor with a node's path below the top.
func (v visitor) Visit(n ast.Node) ast.Visitor {
	v(n, strings.TrimPrefix(strings.TrimPrefix(n.GetPath(), "$"), "."))
	return v
}

// typeAt is the type that the setting of a path has.
func typeAt(path string) (reflect.Type, bool) {
	kind := reflect.TypeFor[commerce.Settings]()
	for _, part := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' }) {
		for kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		switch kind.Kind() {
		case reflect.Slice, reflect.Map:
			kind = kind.Elem()
		case reflect.Struct:
			i := slices.Index(fields(kind), part)
			if i < 0 {
				return nil, false
			}
			kind = kind.Field(i).Type
		default:
			return nil, false
		}
	}
	return kind, true
}

// fields are the names of a struct's settings, in their order.
func fields(kind reflect.Type) (names []string) {
	for kind != nil && kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	if kind == nil || kind.Kind() != reflect.Struct {
		return nil
	}
	for f := range kind.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, cmp.Or(name, f.Name))
	}
	return names
}

// kindWords says what a setting of a type looks like.
func kindWords(kind reflect.Type) string {
	for kind != nil && kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	if kind == nil {
		return "something else"
	}
	switch kind.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.String:
		return "a text"
	case reflect.Slice:
		return "a list, such as [a, b]"
	case reflect.Map:
		return "a list of names, each with a value, such as {name: value}"
	}
	if kind == reflect.TypeFor[commerce.Settings]() {
		return "settings, one on each line, such as postal_address: 1 Harbour Road"
	}
	return "a group of settings in braces, with " + strings.Join(fields(kind), ", ")
}
