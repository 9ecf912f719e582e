package shopifyfake

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// plan is one field of an answer: the fields of a document that share its key,
// fragments laid out. It is made once for each type and used for each object.
type plan struct {
	key, name string
	owner     *ast.Definition
	def       *ast.FieldDefinition
	args      map[string]any
	sets      []ast.SelectionSet
	below     map[string][]*plan // by the type of the object that came
	judged    bool               // whether denied says if it may be seen
	denied    *denial
}

// planner lays documents out.
type planner struct {
	schema *ast.Schema
	vars   map[string]any
}

// under plans what is asked of p where an object of type def came.
func (pl *planner) under(p *plan, def *ast.Definition) []*plan {
	if known, ok := p.below[def.Name]; ok {
		return known
	}
	var fields []*plan
	for _, set := range p.sets {
		fields = pl.collect(fields, def, set)
	}
	if p.below == nil {
		p.below = map[string][]*plan{}
	}
	p.below[def.Name] = fields
	return fields
}

func (pl *planner) collect(fields []*plan, def *ast.Definition, set ast.SelectionSet) []*plan {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if pl.wanted(s.Directives) {
				fields = pl.field(fields, def, s)
			}
		case *ast.FragmentSpread:
			if pl.wanted(s.Directives) && pl.is(def, s.Definition.TypeCondition) {
				fields = pl.collect(fields, def, s.Definition.SelectionSet)
			}
		case *ast.InlineFragment:
			if pl.wanted(s.Directives) && (s.TypeCondition == "" || pl.is(def, s.TypeCondition)) {
				fields = pl.collect(fields, def, s.SelectionSet)
			}
		}
	}
	return fields
}

func (pl *planner) field(fields []*plan, def *ast.Definition, f *ast.Field) []*plan {
	for _, known := range fields {
		if known.key == f.Alias {
			known.sets = append(known.sets, f.SelectionSet)
			return fields
		}
	}
	p := &plan{key: f.Alias, name: f.Name, owner: def, def: f.Definition, sets: []ast.SelectionSet{f.SelectionSet}}
	if f.Name != "__typename" {
		p.def = def.Fields.ForName(f.Name)
		p.args = f.ArgumentMap(pl.vars)
	}
	return append(fields, p)
}

// wanted heeds @skip and @include.
func (pl *planner) wanted(directives ast.DirectiveList) bool {
	for _, d := range directives {
		if on, _ := d.ArgumentMap(pl.vars)["if"].(bool); (d.Name == "skip" && on) || (d.Name == "include" && !on) {
			return false
		}
	}
	return true
}

// is reports whether an object of type def may stand where a fragment is on name.
func (pl *planner) is(def *ast.Definition, name string) bool {
	if def.Name == name {
		return true
	}
	for _, possible := range pl.schema.PossibleTypes[name] {
		if possible.Name == def.Name {
			return true
		}
	}
	return false
}
