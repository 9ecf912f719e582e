package shopifyfake

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

var (
	decimal  = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
	unsigned = regexp.MustCompile(`^[0-9]{1,20}$`)
	someGID  = regexp.MustCompile(`^gid://(?:shopify|partners)/[A-Za-z]+/[^/]+$`)
)

// leaf writes what the fake answers for a scalar or an enum, or says why it is none.
func leaf(def *ast.Definition, v any) ([]byte, error) {
	if p, ok := v.(*string); ok {
		v = *p
	}
	if def.Kind == ast.Enum {
		if s, ok := v.(string); ok && def.EnumValues.ForName(s) != nil {
			return appendString(nil, s), nil
		}
		return nil, fmt.Errorf("%v is no %s", v, def.Name)
	}
	switch v := v.(type) {
	case bool:
		if def.Name == "Boolean" {
			return strconv.AppendBool(nil, v), nil
		}
	case int:
		return leaf(def, int64(v))
	case int64:
		if def.Name == "Int" && math.MinInt32 <= v && v <= math.MaxInt32 {
			return strconv.AppendInt(nil, v, 10), nil
		}
	case float64:
		if def.Name == "Float" {
			return json.Marshal(v)
		}
	case string:
		if text(def.Name, v) {
			return appendString(nil, v), nil
		}
	}
	return nil, fmt.Errorf("%v (%T) is no %s", v, v, def.Name)
}

// text reports whether s is a scalar of that name, of those that JSON writes as strings.
func text(name, s string) bool {
	switch name {
	case "String":
		return true
	case "ID":
		return someGID.MatchString(s)
	case "DateTime":
		_, err := time.Parse(time.RFC3339, s)
		return err == nil
	case "Decimal":
		return decimal.MatchString(s)
	case "UnsignedInt64":
		return unsigned.MatchString(s)
	case "URL":
		u, err := url.Parse(s)
		return err == nil && u.Host != ""
	}
	return false
}

// whole reads an argument that is a whole number.
func whole(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case json.Number:
		n, err := v.Int64()
		return n, err == nil
	}
	return 0, false
}

// appendString writes s as JSON.
func appendString(buf []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			return append(buf, write(s)...)
		}
	}
	buf = append(buf, '"')
	buf = append(buf, s...)
	return append(buf, '"')
}

// asText writes an argument that may be a number or a string.
func asText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case nil:
		return ""
	}
	return string(write(v))
}

func jsonNumber(s string) json.Number { return json.Number(s) }

func or64(n, otherwise int64) int64 {
	if n == 0 {
		return otherwise
	}
	return n
}
