package liquid

import (
	"maps"
	"slices"
	"strings"
)

// Filter changes a value: {{ value | name: arg, arg }}.
type Filter struct {
	// Min and Max bound the values after the colon; a Max below 0 is any number.
	Min, Max int
	// Named says that values may have names, as in name: value. Each comes as two: its name, then the value.
	Named bool
	// Check says what is wrong with a use whose value is written in the text, "" = nothing.
	Check func(value any) string
	Do    func(env *Env, value any, args []any) any
}

// Block is what a dialect's own tag {% name %} ... {% endname %} makes of what stands in it.
type Block func(env *Env, inner string) string

// Dialect is what texts may use.
type Dialect struct {
	filters map[string]Filter
	blocks  map[string]Block
	kinds   map[string]kind
}

// kind is what stands at the path of a variable.
type kind int

const (
	nothing kind = iota
	value
	object
	list
)

// NewDialect makes a dialect of the variables' paths, such as order.lines[].title
// for what each entry of a list has, and of filters beside the usual ones.
func NewDialect(variables []string, filters map[string]Filter) *Dialect {
	d := &Dialect{filters: map[string]Filter{}, kinds: map[string]kind{}}
	for _, usual := range []map[string]Filter{textFilters, listFilters, numberFilters, filters} {
		maps.Copy(d.filters, usual)
	}
	for _, path := range variables {
		d.kinds[path] = value
		for i := range path {
			switch {
			case path[i] == '.':
				d.kinds[path[:i]] = object
			case strings.HasPrefix(path[i:], "[]"):
				d.kinds[path[:i]] = list
			}
		}
	}
	return d
}

// With returns the dialect with own blocks.
func (d *Dialect) With(blocks map[string]Block) *Dialect {
	return &Dialect{filters: d.filters, blocks: blocks, kinds: d.kinds}
}

// Filters lists the names of all filters.
func (d *Dialect) Filters() []string { return slices.Sorted(maps.Keys(d.filters)) }

// step follows a path by one name or index. Lists have a size, a first and a
// last, texts a size. ok is false where there is no such thing.
func (d *Dialect) step(path, name string) (next string, ok bool) {
	switch d.kinds[path] {
	case list:
		switch name {
		case "size":
			return "", true
		case "first", "last", "[]":
			return path + "[]", true
		}
		return "", false
	case object:
		if next = path + "." + name; d.kinds[next] != nothing {
			return next, true
		}
		return "", false
	}
	return "", name == "size"
}

// near lists what may have been meant by a path that is not known.
func (d *Dialect) near(path string) string {
	known := make([]string, 0, len(d.kinds))
	for k, is := range d.kinds {
		if !strings.Contains(k, "[]") && is == value {
			known = append(known, k)
		}
	}
	return mean(path, known)
}
