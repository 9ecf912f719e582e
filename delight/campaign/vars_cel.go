package campaign

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"flywheel/commerce"
)

// scopes are the names under which conditions find the variables.
var scopes = []string{"order", "person", "loyalty", "referral", "event", "shop", "enrollment"}

// typePrefix stands before our types' names, so that no variable is taken for a type.
const typePrefix = "flywheel."

// scopeType is the CEL type behind a scope, or behind a line.
func scopeType(scope string) *cel.Type { return cel.ObjectType(typePrefix + scope) }

// celType is the CEL type of a variable.
func (t VarType) celType() *cel.Type {
	switch t {
	case NumberVar:
		return cel.IntType
	case MoneyVar:
		return cel.DoubleType
	case ListVar:
		return cel.ListType(cel.StringType)
	case YesNoVar:
		return cel.BoolType
	case MomentVar:
		return cel.TimestampType
	case LinesVar:
		return cel.ListType(scopeType("line"))
	case PropsVar:
		return cel.MapType(cel.StringType, cel.DynType)
	}
	return cel.StringType
}

// provider tells CEL the parts of our types. It reads them straight from the
// world, without reflection and only those that are asked for.
type provider struct{ types.Provider }

// FindStructType knows our types beside CEL's own.
func (p provider) FindStructType(name string) (*types.Type, bool) {
	if scope, ours := strings.CutPrefix(name, typePrefix); ours && (scope == "line" || slices.Contains(scopes, scope)) {
		return types.NewTypeTypeWithParam(scopeType(scope)), true
	}
	return p.Provider.FindStructType(name)
}

// FindStructFieldType finds a part of one of our types.
func (p provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	scope, ours := strings.CutPrefix(name, typePrefix)
	if !ours {
		return p.Provider.FindStructFieldType(name, field)
	}
	if scope == "line" {
		i := slices.IndexFunc(lineParts, func(part linePart) bool { return part.name == field })
		if i < 0 {
			return nil, false
		}
		return fieldType(lineParts[i].kind, lineParts[i].of, nil), true
	}
	if scope == "shop" && field == zoneField {
		return fieldType(TextVar, func(w *world) ref.Val { return celText(w.Shop.Timezone) }, nil), true
	}
	spec, ok := byName()[scope+"."+field]
	if !ok {
		return nil, false
	}
	if spec.maybe {
		return fieldType(spec.Type, spec.of, &absent{spec.Name}), true
	}
	return fieldType(spec.Type, spec.of, nil), true
}

// fieldType reads one part of an object that is held as a T; with missing, that
// is what reading it gives where it is not set.
func fieldType[T any](kind VarType, of func(T) ref.Val, missing *absent) *types.FieldType {
	return &types.FieldType{
		Type: kind.celType(),
		IsSet: func(object any) bool {
			t, ok := object.(T)
			return ok && isSet(of(t))
		},
		GetFrom: func(object any) (any, error) {
			t, ok := object.(T)
			if !ok {
				return nil, fmt.Errorf("no such part of %T", object)
			}
			value := of(t)
			if missing != nil && !isSet(value) {
				return nil, missing
			}
			return value, nil
		},
	}
}

// NewValue makes none of ours: conditions only read.
func (p provider) NewValue(name string, fields map[string]ref.Val) ref.Val {
	if strings.HasPrefix(name, typePrefix) {
		return types.NewErr("%s cannot be made", name)
	}
	return p.Provider.NewValue(name, fields)
}

// linePart is one part of a line.
type linePart struct {
	name  string
	kind  VarType
	needs need
	of    func(lineVal) ref.Val
}

// lineVal is a line of an order as CEL has it.
type lineVal struct {
	commerce.Line
	world *world
}

// ConvertToNative is not offered.
func (l lineVal) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("a line is no %s", t)
}

// ConvertToType is not offered.
func (l lineVal) ConvertToType(t ref.Type) ref.Val {
	return types.NewErr("a line is no %s", t.TypeName())
}

// Equal compares lines by id.
func (l lineVal) Equal(other ref.Val) ref.Val {
	o, ok := other.(lineVal)
	return types.Bool(ok && o.ID == l.ID)
}

// Type is the CEL type of lines.
func (l lineVal) Type() ref.Type { return scopeType("line") }

// Value is the line itself.
func (l lineVal) Value() any { return l }

// Values as CEL has them.

func celText(s string) ref.Val { return types.String(s) }

func celInt[N int | int64](n N) ref.Val { return types.Int(n) }

func celMoment(at commerce.Instant) ref.Val {
	return types.Timestamp{Time: time.UnixMilli(int64(at)).UTC()}
}

func celList(texts []string) ref.Val { return types.NewStringList(types.DefaultTypeAdapter, texts) }

// gather lists what get finds in each of some things, each text once, sorted.
func gather[T any](things []T, get func(T) []string) ref.Val {
	var all []string
	for _, thing := range things {
		all = append(all, get(thing)...)
	}
	slices.Sort(all)
	return celList(slices.DeleteFunc(slices.Compact(all), func(s string) bool { return s == "" }))
}

// isSet is what has(x) answers.
func isSet(v ref.Val) bool {
	switch v := v.(type) {
	case types.String:
		return v != ""
	case types.Timestamp:
		return v.UnixMilli() != 0
	case types.Int:
		return v >= 0
	case interface{ Size() ref.Val }:
		return v.Size() != types.IntZero
	}
	return true
}
