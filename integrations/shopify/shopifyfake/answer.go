package shopifyfake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// object is one GraphQL object with all the fields the fake knows, by the names
// of the 2026-10 schema. A list under a connection's field is a list of nodes.
type object map[string]any

// connection marks a list that is asked for in pages.
type connection []object

// askedOrder checks that a document asks for one order by its gid.
func askedOrder(root []selection, vars map[string]any) (string, error) {
	if len(root) != 1 || root[0].name != "order" || len(root[0].fields) == 0 {
		return "", fmt.Errorf("the fake answers order(id:) and nothing else")
	}
	gid, _ := value(root[0].args["id"], vars).(string)
	if !strings.HasPrefix(gid, "gid://shopify/Order/") {
		return "", fmt.Errorf("invalid global id %q", gid)
	}
	return gid, nil
}

// value resolves an argument: a variable, a string or a number.
func value(raw string, vars map[string]any) any {
	if name, ok := strings.CutPrefix(raw, "$"); ok {
		return vars[name]
	}
	if text, ok := strings.CutPrefix(raw, `"`); ok {
		return strings.TrimSuffix(text, `"`)
	}
	if n, err := strconv.Atoi(raw); err == nil {
		return n
	}
	return nil
}

// project picks the fields that were asked for; one that the schema does not
// have is an error, as is a list without a size.
func project(kind string, o object, asked selection, vars map[string]any) (map[string]any, error) {
	out := map[string]any{}
	for _, f := range asked.fields {
		v, known := o[f.name]
		if !known {
			return nil, said(fmt.Sprintf("Field '%s' doesn't exist on type '%s'", f.name, kind))
		}
		got, err := pick(v, f, vars)
		if err != nil {
			return nil, err
		}
		out[f.key()] = got
	}
	return out, nil
}

func pick(v any, f selection, vars map[string]any) (any, error) {
	switch v := v.(type) {
	case object:
		if len(f.fields) == 0 {
			return nil, said(fmt.Sprintf("Field must have selections (field '%s')", f.name))
		}
		if v == nil {
			return nil, nil
		}
		return project(f.name, v, f, vars)
	case []object:
		return list(v, f, vars)
	case connection:
		return page(v, f, vars)
	}
	if len(f.fields) > 0 {
		return nil, said(fmt.Sprintf("Selections can't be made on scalars (field '%s')", f.name))
	}
	return v, nil
}

func list(rows []object, f selection, vars map[string]any) (any, error) {
	out := []any{}
	first, sized := value(f.args["first"], vars).(int)
	for i, row := range rows {
		if sized && i >= first {
			break
		}
		node, err := project(f.name, row, f, vars)
		if err != nil {
			return nil, err
		}
		out = append(out, node)
	}
	return out, nil
}

// page answers a connection; its cursors are row numbers.
func page(rows connection, f selection, vars map[string]any) (any, error) {
	first, sized := value(f.args["first"], vars).(int)
	if !sized || first < 1 || first > 250 {
		return nil, fmt.Errorf("you must provide one of first or last, at most 250 (field '%s')", f.name)
	}
	start := 0
	if after, ok := value(f.args["after"], vars).(string); ok {
		start, _ = strconv.Atoi(after)
	}
	start = min(max(0, start), len(rows))
	end := min(start+first, len(rows))
	return project(f.name, object{
		"nodes":    []object(slices.Clone(rows[start:end])),
		"pageInfo": object{"hasNextPage": end < len(rows), "endCursor": strconv.Itoa(end)},
	}, f, vars)
}

// said is an error in Shopify's own words, which begin with a capital.
type said string

func (s said) Error() string { return string(s) }
