package official

import (
	"fmt"
	"strings"
)

// introspection is the answer to GraphQL's introspection query, as far as a
// schema without descriptions needs it.
type introspection struct {
	Query    *named     `json:"queryType"`
	Mutation *named     `json:"mutationType"`
	Types    []fullType `json:"types"`
}

type named struct {
	Name string `json:"name"`
}

type fullType struct {
	Kind       string  `json:"kind"`
	Name       string  `json:"name"`
	Fields     []field `json:"fields"`
	Inputs     []field `json:"inputFields"`
	Interfaces []named `json:"interfaces"`
	Possible   []named `json:"possibleTypes"`
	Values     []named `json:"enumValues"`
	OneOf      bool    `json:"isOneOf"`
}

type field struct {
	Name    string  `json:"name"`
	Args    []field `json:"args"`
	Type    typeRef `json:"type"`
	Default *string `json:"defaultValue"`
}

type typeRef struct {
	Kind string   `json:"kind"`
	Name string   `json:"name"`
	Of   *typeRef `json:"ofType"`
}

func (t typeRef) String() string {
	switch t.Kind {
	case "NON_NULL":
		return t.Of.String() + "!"
	case "LIST":
		return "[" + t.Of.String() + "]"
	}
	return t.Name
}

var builtIn = map[string]bool{"Int": true, "Float": true, "String": true, "Boolean": true, "ID": true}

// sdl writes the schema in GraphQL's own language.
func (s introspection) sdl() string {
	var b strings.Builder
	b.WriteString("schema {\n  query: " + s.Query.Name + "\n")
	if s.Mutation != nil {
		b.WriteString("  mutation: " + s.Mutation.Name + "\n")
	}
	b.WriteString("}\n")
	for _, t := range s.Types {
		if !strings.HasPrefix(t.Name, "__") && !builtIn[t.Name] {
			t.write(&b)
		}
	}
	return b.String()
}

func (t fullType) write(b *strings.Builder) {
	switch t.Kind {
	case "SCALAR":
		fmt.Fprintf(b, "scalar %s\n", t.Name)
	case "UNION":
		fmt.Fprintf(b, "union %s = %s\n", t.Name, names(t.Possible, " | "))
	case "ENUM":
		fmt.Fprintf(b, "enum %s {\n  %s\n}\n", t.Name, names(t.Values, "\n  "))
	case "INPUT_OBJECT":
		oneOf := ""
		if t.OneOf {
			oneOf = " @oneOf"
		}
		fmt.Fprintf(b, "input %s%s {\n", t.Name, oneOf)
		writeFields(b, t.Inputs)
	default:
		fmt.Fprintf(b, "%s %s", map[string]string{"OBJECT": "type", "INTERFACE": "interface"}[t.Kind], t.Name)
		if len(t.Interfaces) > 0 {
			b.WriteString(" implements " + names(t.Interfaces, " & "))
		}
		b.WriteString(" {\n")
		writeFields(b, t.Fields)
	}
}

func writeFields(b *strings.Builder, fields []field) {
	for _, f := range fields {
		b.WriteString("  " + f.Name)
		if len(f.Args) > 0 {
			args := make([]string, len(f.Args))
			for i, a := range f.Args {
				args[i] = a.declared()
			}
			b.WriteString("(" + strings.Join(args, ", ") + ")")
			fmt.Fprintf(b, ": %s\n", f.Type)
			continue
		}
		fmt.Fprintf(b, "%s\n", strings.TrimPrefix(f.declared(), f.Name))
	}
	b.WriteString("}\n")
}

func (f field) declared() string {
	text := f.Name + ": " + f.Type.String()
	if f.Default != nil {
		text += " = " + *f.Default
	}
	return text
}

func names(list []named, between string) string {
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = n.Name
	}
	return strings.Join(words, between)
}
