package message

import (
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/osteele/liquid"
)

// maxValue bounds what one filter may give and maxOutput what a field may
// become, in bytes: texts are short, and only a mistake or an attack is not.
const (
	maxValue  = 8 << 10
	maxOutput = 64 << 10
)

// filters are those a text needs, and no others: Liquid's own set has some that
// grow without end (replace) or read what is not text.
var filters = map[string]any{
	"default": func(value, other string) string {
		if value == "" {
			return other
		}
		return value
	},
	"upcase":     strings.ToUpper,
	"downcase":   strings.ToLower,
	"capitalize": capitalize,
	"strip":      strings.TrimSpace,
	"append":     func(value, more string) string { return value + more },
	"prepend":    func(value, more string) string { return more + value },
	// prefixed and suffixed add only to what is not empty: they keep the comma of
	// "Thank you, Ada" away where no name is known.
	"prefixed": func(value, before string) string {
		if value == "" {
			return ""
		}
		return before + value
	},
	"suffixed": func(value, behind string) string {
		if value == "" {
			return ""
		}
		return value + behind
	},
}

var filterTakes = map[string]int{"default": 1, "append": 1, "prepend": 1, "prefixed": 1, "suffixed": 1}

func capitalize(value string) string {
	r, size := utf8.DecodeRuneInString(value)
	return strings.ToUpper(string(r)) + value[size:]
}

var engine = newEngine()

func newEngine() *liquid.Engine {
	e := liquid.NewBasicEngine()
	for name, f := range filters {
		switch f := f.(type) {
		case func(string) string:
			e.RegisterFilter(name, func(value any) string { return bounded(f(text(value))) })
		case func(string, string) string:
			e.RegisterFilter(name, func(value, arg any) string { return bounded(f(text(value), text(arg))) })
		default:
			panic("message: filter " + name + " has the type " + reflect.TypeOf(f).String())
		}
	}
	return e
}

func text(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return fmt.Sprint(value)
}

func bounded(value string) string {
	if len(value) <= maxValue {
		return value
	}
	return strings.ToValidUTF8(value[:maxValue], "")
}

// field is one compiled text. Most have no outputs and need no engine.
type field struct {
	name   string
	static string
	liquid *liquid.Template
}

func compileField(name, source string) (f field, err error) {
	f = field{name: name, static: source}
	if !strings.Contains(source, "{{") {
		return f, nil
	}
	defer rescue(name, &err)
	tpl, failed := engine.ParseString(source)
	if failed != nil {
		return f, fmt.Errorf("%s: %w", name, failed)
	}
	f.liquid = tpl
	return f, nil
}

// render fills the text. What comes out is plain text and is never read as
// Liquid or HTML again.
func (f field) render(vars map[string]any) (out string, err error) {
	if f.liquid == nil {
		return f.static, nil
	}
	defer rescue(f.name, &err)
	var w writer
	if failed := f.liquid.FRender(&w, vars); failed != nil {
		return "", fmt.Errorf("%s: %w", f.name, failed)
	}
	return w.String(), nil
}

// writer stops a field from growing: the engine itself cannot be stopped.
type writer struct{ strings.Builder }

func (w *writer) Write(p []byte) (int, error) {
	if w.Len()+len(p) > maxOutput {
		return 0, fmt.Errorf("it grows larger than %d KB", maxOutput>>10)
	}
	return w.Builder.Write(p)
}

func (w *writer) WriteString(s string) (int, error) {
	if w.Len()+len(s) > maxOutput {
		return 0, fmt.Errorf("it grows larger than %d KB", maxOutput>>10)
	}
	return w.Builder.WriteString(s)
}

// rescue turns a panic of the engine into an error: it panics on some input and
// whenever its writer fails.
func rescue(name string, err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%s: %v", name, r)
	}
}
