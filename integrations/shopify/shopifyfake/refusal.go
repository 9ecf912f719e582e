package shopifyfake

import (
	"errors"
	"regexp"
	"strings"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// problem is one error of a GraphQL answer.
type problem struct {
	Message    string         `json:"message"`
	Locations  any            `json:"locations,omitempty"`
	Path       []any          `json:"path,omitempty"`
	Extensions map[string]any `json:"extensions,omitempty"`
}

// refusal is an error with its code, in Shopify's own words.
type refusal struct{ code, message string }

func (r refusal) Error() string { return r.message }

func (r refusal) problem(path []any) problem {
	return problem{Message: r.message, Path: path, Extensions: map[string]any{"code": r.code}}
}

// said is an error without a code in Shopify's own words, which begin with a capital.
type said string

func (s said) Error() string { return string(s) }

// explain puts an error of a resolver into an answer.
func explain(err error, path []any) problem {
	var r refusal
	if errors.As(err, &r) {
		return r.problem(path)
	}
	return refusal{"INTERNAL_SERVER_ERROR", err.Error()}.problem(path)
}

// wordings say what the validator says as Shopify does. The code follows the rule.
var wordings = []struct {
	rule, code string
	says       *regexp.Regexp
	words      string
}{
	{"FieldsOnCorrectType", "undefinedField", regexp.MustCompile(`^Cannot query field "(\w+)" on type "(\w+)".*`), "Field '$1' doesn't exist on type '$2'"},
	{"ScalarLeafs", "selectionMismatch", regexp.MustCompile(`^Field "(\w+)" must not have a selection since type "([^"]+)".*`), "Selections can't be made on scalars (field '$1' returns $2 but has selections)"},
	{"ScalarLeafs", "selectionMismatch", regexp.MustCompile(`^Field "(\w+)" of type "([^"]+)" must have .*`), "Field must have selections (field '$1' returns $2 but has no selections. Did you mean '$1 { ... }'?)"},
	{"ProvidedRequiredArguments", "missingRequiredArguments", regexp.MustCompile(`^Field "(\w+)" argument "(\w+)".*`), "Field '$1' is missing required arguments: $2"},
	{"KnownArgumentNames", "argumentNotAccepted", regexp.MustCompile(`^Unknown argument "(\w+)" on field "(?:\w+\.)?(\w+)".*`), "Field '$2' doesn't accept argument '$1'"},
	{"NoUndefinedVariables", "variableNotDefined", regexp.MustCompile(`^Variable "\$(\w+)" is not defined.*`), "Variable $$$1 is used but not declared"},
	{"NoUnusedVariables", "variableNotUsed", regexp.MustCompile(`^Variable "\$(\w+)" is never used.*`), "Variable $$$1 is declared but not used"},
	{"NoUnusedFragments", "useAndDefineFragment", regexp.MustCompile(`^Fragment "(\w+)" is never used.*`), "Fragment $1 was defined, but not used"},
	{"KnownFragmentNames", "useAndDefineFragment", regexp.MustCompile(`^Unknown fragment "(\w+)".*`), "Fragment $1 was used, but not defined"},
	{"VariablesInAllowedPosition", "variableMismatch", regexp.MustCompile(`^(.*)$`), "Type mismatch on variable: $1"},
	{"ValuesOfCorrectType", "argumentLiteralsIncompatible", regexp.MustCompile(`^(.*)$`), "$1"},
}

// refused puts what the parser or the validator found into an answer.
func refused(list gqlerror.List) []problem {
	var out []problem
	for _, e := range list {
		p := problem{Message: "syntax error, " + e.Message, Locations: e.Locations}
		if e.Rule != "" {
			p.Message, p.Extensions = e.Message, map[string]any{"code": strings.ToLower(e.Rule[:1]) + e.Rule[1:]}
		}
		for _, w := range wordings {
			if w.rule == e.Rule && w.says.MatchString(e.Message) {
				p.Message, p.Extensions = w.says.ReplaceAllString(e.Message, w.words), map[string]any{"code": w.code}
				break
			}
		}
		out = append(out, p)
	}
	return out
}
