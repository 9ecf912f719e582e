package shopify

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// number is a JSON number, or a string that holds one, kept as it was written:
// ids above 2^53 and amounts of money must never pass through a float64.
type number string

// UnmarshalJSON takes the literal over. Its error is json's own, so that the
// decoder adds the name of the field.
func (n *number) UnmarshalJSON(literal []byte) error {
	if string(literal) == "null" {
		return nil
	}
	digits := literal
	if len(literal) > 1 && literal[0] == '"' {
		digits = literal[1 : len(literal)-1]
	}
	if len(digits) == 0 || len(digits) > 40 || len(bytes.Trim(digits, "0123456789.-+eE")) > 0 {
		return &json.UnmarshalTypeError{Value: "value", Type: reflect.TypeFor[number]()}
	}
	*n = number(digits)
	return nil
}

func (n number) id() string {
	if isID(string(n)) {
		return string(n)
	}
	return ""
}

// gidNumber returns the number of gid://shopify/KIND/NUMBER. Where a body has a
// gid its number is the truth: the documentation's samples went through
// JavaScript, which rounded their plain ids.
func gidNumber(kind, gid string) string {
	id, ok := strings.CutPrefix(gid, "gid://shopify/"+kind+"/")
	id, _, _ = strings.Cut(id, "?")
	if !ok || !isID(id) {
		return ""
	}
	return id
}

func isID(s string) bool {
	return s != "" && len(s) <= 20 && s[0] != '0' && strings.Trim(s, "0123456789") == ""
}

func gid(kind, id string) string { return "gid://shopify/" + kind + "/" + id }
