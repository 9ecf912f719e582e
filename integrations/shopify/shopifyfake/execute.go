package shopifyfake

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// object is one GraphQL object with the fields the fake knows, by their names in
// the schema. A value is a string, number, bool, nil, object, list of them,
// *connection or resolver; __typename names the type where the schema leaves it open.
type object map[string]any

// resolver is a field that needs its arguments to be answered.
type resolver func(args map[string]any) (any, error)

// execution answers one document. What does not fit the schema is a fault of the
// fake's own and goes to broken.
type execution struct {
	planner
	access   func(owner, field string) *denial // nil: everything may be seen
	nodes    int                               // objects written, which is what an answer costs
	aside    func(p *plan, rows *connection)   // bulk: takes connections instead of the answer
	path     []any
	problems []problem
	broken   []string
}

// root answers the root object; false means that no data is left of it.
func (x *execution) root(buf []byte, def *ast.Definition, o object, set ast.SelectionSet) ([]byte, bool) {
	return x.object(buf, def, o, x.under(&plan{sets: []ast.SelectionSet{set}}, def))
}

func (x *execution) object(buf []byte, def *ast.Definition, o object, fields []*plan) ([]byte, bool) {
	buf = append(buf, '{')
	first := true
	for _, p := range fields {
		if x.aside != nil && p.def != nil && isConnection(p.def.Type) {
			if rows, ok := o[p.name].(*connection); ok {
				x.aside(p, rows)
				continue
			}
		}
		if !first {
			buf = append(buf, ',')
		}
		first = false
		buf = appendString(buf, p.key)
		buf = append(buf, ':')
		x.path = append(x.path, p.key)
		var ok bool
		buf, ok = x.field(buf, def, o, p)
		x.path = x.path[:len(x.path)-1]
		if !ok {
			return buf, false
		}
	}
	return append(buf, '}'), true
}

func (x *execution) field(buf []byte, def *ast.Definition, o object, p *plan) ([]byte, bool) {
	if p.name == "__typename" {
		return appendString(buf, def.Name), true
	}
	if !p.judged && x.access != nil {
		p.denied = x.access(def.Name, p.name)
	}
	if p.judged = true; p.denied != nil {
		return x.withhold(buf, p, p.denied.problem(x.here()))
	}
	v, known := o[p.name]
	if !known {
		x.breaks("the fake has no %s.%s", def.Name, p.name)
		return buf, false
	}
	if ask, ok := v.(resolver); ok {
		answer, err := ask(p.args)
		if err != nil {
			return x.withhold(buf, p, explain(err, x.here()))
		}
		v = answer
	}
	return x.value(buf, p.def.Type, v, p)
}

// withhold makes a field null and says why.
func (x *execution) withhold(buf []byte, p *plan, why problem) ([]byte, bool) {
	x.problems = append(x.problems, why)
	return append(buf, "null"...), !p.def.Type.NonNull
}

// value writes v as a t. What fails below a type that may be null is null there
// and no further.
func (x *execution) value(buf []byte, t *ast.Type, v any, p *plan) ([]byte, bool) {
	mark := len(buf)
	if absent(v) {
		if t.NonNull {
			x.breaks("null for %s", t)
		}
		return append(buf, "null"...), !t.NonNull
	}
	var ok bool
	if t.Elem != nil {
		buf, ok = x.list(buf, t, v, p)
	} else {
		buf, ok = x.one(buf, x.schema.Types[t.NamedType], v, p)
	}
	if !ok && !t.NonNull {
		return append(buf[:mark], "null"...), true
	}
	return buf, ok
}

func (x *execution) one(buf []byte, def *ast.Definition, v any, p *plan) ([]byte, bool) {
	if def.IsLeafType() {
		text, err := leaf(def, v)
		if err != nil {
			x.breaks("%s", err)
			return buf, false
		}
		return append(buf, text...), true
	}
	if rows, ok := v.(*connection); ok {
		o, err := rows.page(p.args)
		if err != nil {
			x.problems = append(x.problems, explain(err, x.here()))
			return buf, false
		}
		x.nodes++
		return x.object(buf, def, o, x.under(p, def))
	}
	o, ok := v.(object)
	if !ok {
		x.breaks("%T for the object %s", v, def.Name)
		return buf, false
	}
	if def.IsAbstractType() {
		name, _ := o["__typename"].(string)
		concrete := x.schema.Types[name]
		if concrete == nil || !x.is(concrete, def.Name) {
			x.breaks("%q is no %s", name, def.Name)
			return buf, false
		}
		def = concrete
		if x.access != nil {
			if d := x.access(def.Name, ""); d != nil {
				x.problems = append(x.problems, d.problem(x.here()))
				return buf, false
			}
		}
	}
	if p.name != "edges" && p.name != "pageInfo" {
		x.nodes++
	}
	return x.object(buf, def, o, x.under(p, def))
}

func (x *execution) list(buf []byte, t *ast.Type, v any, p *plan) ([]byte, bool) {
	rows, ok := items(v)
	if !ok {
		x.breaks("%T for the list %s", v, t)
		return buf, false
	}
	if first, sized := whole(p.args["first"]); sized && first < int64(len(rows)) {
		rows = rows[:max(0, first)]
	}
	buf = append(buf, '[')
	for i, row := range rows {
		if i > 0 {
			buf = append(buf, ',')
		}
		x.path = append(x.path, i)
		buf, ok = x.value(buf, t.Elem, row, p)
		x.path = x.path[:len(x.path)-1]
		if !ok {
			return buf, false
		}
	}
	return append(buf, ']'), true
}

func items(v any) ([]any, bool) {
	var out []any
	switch v := v.(type) {
	case []any:
		return v, true
	case []object:
		for _, o := range v {
			out = append(out, o)
		}
	case []string:
		for _, s := range v {
			out = append(out, s)
		}
	default:
		return nil, false
	}
	return out, true
}

func absent(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case *string:
		return v == nil
	case object:
		return v == nil
	}
	return false
}

func (x *execution) here() []any { return append([]any(nil), x.path...) }

func (x *execution) breaks(format string, args ...any) {
	at := fmt.Sprint(x.path...)
	x.broken = append(x.broken, fmt.Sprintf(format, args...)+" at "+strings.TrimSpace(at))
}

func isConnection(t *ast.Type) bool { return strings.HasSuffix(t.NamedType, "Connection") }
