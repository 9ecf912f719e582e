package shopifyfake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

// question is a GraphQL request that could be read.
type question struct {
	Query     string         `json:"query"`
	Name      string         `json:"operationName"`
	Variables map[string]any `json:"variables"`

	op *ast.OperationDefinition
}

// readQuestion reads a request, or answers it.
func readQuestion(w http.ResponseWriter, r *http.Request) *question {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "the request must be application/json")
		return nil
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		refuse(w, http.StatusBadRequest, "the request broke off")
		return nil
	}
	var q question
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&q); err != nil {
		refuse(w, http.StatusBadRequest, "the request is not JSON")
		return nil
	}
	return &q
}

// check holds a question to the schema: its document, variables and arguments.
func (q *question) check(schema *ast.Schema) []problem {
	doc, err := parser.ParseQuery(&ast.Source{Input: q.Query})
	if err != nil {
		return refused(gqlerror.List{gqlerror.Wrap(err)})
	}
	if len(doc.Operations) == 0 {
		return []problem{{Message: "syntax error, unexpected end of file"}}
	}
	if list := validator.ValidateWithRules(schema, doc, nil); len(list) > 0 {
		return refused(list)
	}
	if q.op = doc.Operations.ForName(q.Name); q.op == nil || (q.Name == "" && len(doc.Operations) > 1) {
		return []problem{{Message: "An operation name is required"}}
	}
	vars := map[string]any{}
	for _, v := range q.op.VariableDefinitions {
		value, given := q.Variables[v.Variable]
		if !given && v.DefaultValue != nil {
			value, _ = v.DefaultValue.Value(nil)
			given = true
		}
		got, err := coerce(schema, v.Type, value)
		if err != nil {
			return []problem{{
				Message:    fmt.Sprintf("Variable $%s of type %s was provided invalid value (%s)", v.Variable, v.Type, err),
				Extensions: map[string]any{"code": "INVALID_VARIABLE", "value": value, "problems": []any{map[string]any{"explanation": err.Error()}}},
			}}
		}
		if given {
			vars[v.Variable] = got
		}
	}
	q.Variables = vars
	return checkArguments(schema, q.op.SelectionSet, vars)
}

func checkArguments(schema *ast.Schema, set ast.SelectionSet, vars map[string]any) (found []problem) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			args := s.ArgumentMap(vars)
			for _, a := range s.Definition.Arguments {
				if _, err := coerce(schema, a.Type, args[a.Name]); err != nil {
					found = append(found, problem{
						Message: fmt.Sprintf("Argument '%s' on Field '%s' has an invalid value. %s", a.Name, s.Name, err), Path: []any{"query", s.Name, a.Name},
						Extensions: map[string]any{"code": "argumentLiteralsIncompatible", "typeName": "CoercionError"},
					})
				}
			}
			found = append(found, checkArguments(schema, s.SelectionSet, vars)...)
		case *ast.FragmentSpread:
			found = append(found, checkArguments(schema, s.Definition.SelectionSet, vars)...)
		case *ast.InlineFragment:
			found = append(found, checkArguments(schema, s.SelectionSet, vars)...)
		}
	}
	return found
}
