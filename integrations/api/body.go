// Package api is the door of our own REST API: the JSON that POST
// /api/v1/events, POST /api/v1/touches and PUT /api/v1/products take, the rules
// it is held to, and what a saved event or product tells (Decode). It also knows
// what a token looks like. It does no I/O and reads no clock; answering HTTP is
// package server's matter, keeping is package store's.
package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep a body may nest; ours need four.
const maxDepth = 8

// item is one thing of a body with its place in it: "" or "events[3]".
type item[T any] struct {
	at    string
	value T
}

// items reads a body that is one T, where one may stand alone, or an object
// whose only field, called many, lists up to limit of them. What cannot be read is noted in w and left out.
func items[T any](w *wrongs, body []byte, many string, limit int, alone bool) []item[T] {
	if what := strict(body); what != (Wrong{}) {
		w.add(what.Where, "%s", what.What)
		return nil
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(body, &top); err != nil || top == nil {
		w.add("", "the body must be a JSON object")
		return nil
	}
	list, listed := top[many]
	switch {
	case !listed && alone:
		if value, ok := one[T](w, "", body); ok {
			return []item[T]{{"", value}}
		}
		return nil
	case !listed:
		w.add(many, "is missing")
		return nil
	case len(top) > 1:
		w.add("", "beside %s nothing else may stand", many)
		return nil
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(list, &raw); err != nil {
		w.add(many, "must be a list")
		return nil
	}
	if len(raw) == 0 || len(raw) > limit {
		w.add(many, "must hold 1 to %d, and holds %d", limit, len(raw))
		return nil
	}
	var out []item[T]
	for i, r := range raw {
		at := fmt.Sprintf("%s[%d]", many, i)
		if value, ok := one[T](w, at, r); ok {
			out = append(out, item[T]{at, value})
		}
	}
	return out
}

// one reads a single thing. Its fields must all be known, by their very names:
// encoding/json takes Email for email.
func one[T any](w *wrongs, at string, raw []byte) (value T, ok bool) {
	var told map[string]json.RawMessage
	if err := json.Unmarshal(raw, &told); err != nil || told == nil {
		w.add(at, "must be an object")
		return value, false
	}
	known := fields[T]()
	ok = true
	for _, name := range slices.Sorted(maps.Keys(told)) {
		if !slices.Contains(known, name) {
			w.add(join(at, printable(name)), "is no field: there are %s", strings.Join(known, ", "))
			ok = false
		}
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var mismatch *json.UnmarshalTypeError
	if err := d.Decode(&value); errors.As(err, &mismatch) {
		w.add(join(at, mismatch.Field), "must be %s, not %s", kind(mismatch.Type), article(mismatch.Value))
		ok = false
	}
	return value, ok
}

// fields lists the names that T has in JSON.
func fields[T any]() (names []string) {
	t := reflect.TypeFor[T]()
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// kind names a Go type in the words of JSON.
func kind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}

// article says what encoding/json calls a value; a number comes with its digits.
func article(value string) string {
	switch word, _, _ := strings.Cut(value, " "); word {
	case "bool":
		return "true or false"
	case "array":
		return "a list"
	case "object":
		return "an object"
	default:
		return "a " + word
	}
}

// strict walks a body before it is read: JSON alone would take the last of two
// equal names, any depth, and bytes that are no text.
func strict(body []byte) Wrong {
	if len(bytes.TrimSpace(body)) == 0 {
		return Wrong{"", "the body is empty"}
	}
	if !utf8.Valid(body) {
		return Wrong{"", "the body is not UTF-8"}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if what := walk(d, "", 0); what != (Wrong{}) {
		return what
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Wrong{"", "something follows the JSON value"}
	}
	return Wrong{}
}

func walk(d *json.Decoder, at string, depth int) Wrong {
	token, err := d.Token()
	if err != nil {
		return broken(d)
	}
	open, nested := token.(json.Delim)
	if !nested {
		return Wrong{}
	}
	if depth == maxDepth {
		return Wrong{at, fmt.Sprintf("nests deeper than %d", maxDepth)}
	}
	seen := map[string]bool{}
	for i := 0; d.More(); i++ {
		inner := fmt.Sprintf("%s[%d]", at, i)
		if open == '{' {
			name, err := d.Token()
			key, text := name.(string)
			if err != nil || !text {
				return broken(d)
			}
			inner = join(at, printable(key))
			if seen[key] {
				return Wrong{inner, "stands there twice"}
			}
			seen[key] = true
		}
		if what := walk(d, inner, depth+1); what != (Wrong{}) {
			return what
		}
	}
	if _, err := d.Token(); err != nil {
		return broken(d)
	}
	return Wrong{}
}

func broken(d *json.Decoder) Wrong {
	return Wrong{"", fmt.Sprintf("the body is not JSON, from byte %d on", d.InputOffset())}
}

func join(at, field string) string {
	if at == "" || field == "" {
		return at + field
	}
	return at + "." + field
}
