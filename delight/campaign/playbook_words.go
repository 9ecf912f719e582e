package campaign

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	yamlast "github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// YAMLWords says in plain words what the reader of YAML found wrong: the line,
// the field, what is expected there and what stands there. fields are the names
// that an unknown one may be meant to be. Of other errors it is their text.
func YAMLWords(err error, fields []string) string {
	at := yaml.Error(nil)
	if !errors.As(err, &at) {
		return err.Error()
	}
	words := ""
	switch e := at.(type) {
	case *yaml.UnknownFieldError:
		words = e.Message
		_, name, _ := strings.Cut(e.Message, `"`)
		if near := guess(strings.Trim(name, `"`), fields); near != "" {
			words += "; did you mean " + near + "?"
		}
	case *yaml.TypeError:
		words = misplaced(e.Token, wordOf[e.DstType.Kind()], wordOf[e.SrcType.Kind()])
	case *yaml.UnexpectedNodeTypeError:
		words = misplaced(e.Token, nodeWords[e.Expected], nodeWords[e.Actual])
	case *yaml.OverflowError:
		words = cmp.Or(keyOf(e.Token), "this") + " is too large a number"
	default:
		words = syntaxWords(at.GetMessage())
	}
	if at.GetToken() == nil {
		return words
	}
	return fmt.Sprintf("line %d: %s", at.GetToken().Position.Line, words)
}

const (
	aText   = "a text"
	aNumber = "a number"
	aList   = "a list, each entry on a line of its own behind a dash"
	aSet    = "fields with their values, such as name: hello"
)

// wordOf is what Go's kinds of values are called.
var wordOf = map[reflect.Kind]string{
	reflect.String: aText, reflect.Bool: "true or false", reflect.Slice: aList, reflect.Map: aSet, reflect.Struct: aSet,
	reflect.Int: "a whole number", reflect.Int64: "a whole number", reflect.Uint64: "a whole number", reflect.Float64: aNumber,
}

// nodeWords is what YAML's kinds of values are called.
var nodeWords = map[yamlast.NodeType]string{
	yamlast.StringType: aText, yamlast.LiteralType: aText, yamlast.BoolType: "true or false", yamlast.NullType: "nothing",
	yamlast.IntegerType: aNumber, yamlast.FloatType: aNumber, yamlast.InfinityType: aNumber, yamlast.NanType: aNumber,
	yamlast.SequenceType: aList, yamlast.MappingType: aSet, yamlast.MappingValueType: aSet,
}

// misplaced says what should stand at a place, and what does.
func misplaced(at *token.Token, expected, found string) string {
	found, _, _ = strings.Cut(cmp.Or(found, "something else"), ",") // the form is for what is missing
	expected = cmp.Or(expected, "something else")
	switch key := keyOf(at); {
	case key == "":
		return fmt.Sprintf("here %s must stand, and not %s", expected, found)
	case at.Prev != nil && slices.Contains([]token.Type{token.SequenceEntryType, token.SequenceStartType, token.CollectEntryType}, at.Prev.Type):
		return fmt.Sprintf("each entry of %s must be %s, and not %s", key, expected, found)
	default:
		return fmt.Sprintf("%s must be %s, and not %s", key, expected, found)
	}
}

// keyOf is the field whose value stands at a place; "" where it is not plain.
func keyOf(at *token.Token) string {
	if at == nil {
		return ""
	}
	for t := at.Prev; t != nil; t = t.Prev {
		switch t.Type {
		case token.MappingEndType, token.SequenceEndType:
			return "" // that field is another's
		case token.MappingValueType:
			if t.Prev == nil {
				return ""
			}
			return t.Prev.Value
		}
	}
	return ""
}

// syntaxes are what cannot be read as YAML, by a part of the reader's message;
// the first that fits counts.
var syntaxes = []struct{ message, words string }{
	{"mapping value is not allowed", "there is a colon too many, or the line does not begin below its neighbours; a text with a colon needs quotation marks"},
	{"',' or '}' must be specified", "a } is missing before this, or a comma"},
	{"mapping end token '}'", "a } is missing"},
	{"',' or ']' must be specified", "a ] is missing before this, or a comma"},
	{"sequence end token ']'", "a ] is missing"},
	{"end character of", "a text begins here with a quotation mark and does not end"},
	{"pre-defined", "this belongs to no field; a quotation mark may be missing before it"},
	{`found character '	'`, "a tab stands here; only spaces may set a line in"},
	{"tab character", "a tab stands here; only spaces may set a line in"},
	{"non-map value is specified", "here a field with its value must stand, such as name: hello"},
	{"is a reserved character", "a text that begins with @ or ` needs quotation marks"},
	{"invalid header option", "behind | or > nothing else may stand on the line"},
	{"unknown escape character", `between "..." a backslash means something; write \\ for it, or use '...'`},
	{"value is not allowed in this context", "this belongs to no field; see where the line begins"},
}

var twice = regexp.MustCompile(`mapping key ("[^"]*") already defined at \[(\d+):`)

func syntaxWords(message string) string {
	if m := twice.FindStringSubmatch(message); m != nil {
		return m[1] + " stands here a second time; the first is on line " + m[2]
	}
	for _, s := range syntaxes {
		if strings.Contains(message, s.message) {
			return s.words
		}
	}
	return "this cannot be read as YAML: " + message
}

// fieldNames are the names of all fields of a playbook.
func fieldNames() (names []string) {
	for _, t := range []reflect.Type{
		reflect.TypeFor[Definition](), reflect.TypeFor[Trigger](), reflect.TypeFor[EntryRule](), reflect.TypeFor[Row](), reflect.TypeFor[Step](),
		reflect.TypeFor[Arm](), reflect.TypeFor[Email](), reflect.TypeFor[Block](), reflect.TypeFor[Button](), reflect.TypeFor[Note](),
	} {
		for f := range t.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			names = append(names, name)
		}
	}
	return names
}

// orNear lists the words that there are, or names the one that was probably meant.
func orNear[S ~string](word S, words []S) string {
	near := guess(string(word), texts(words...))
	if near == "" || word == "" {
		return "there are " + list(words)
	}
	return "did you mean " + near + "?"
}
