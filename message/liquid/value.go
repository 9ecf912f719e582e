package liquid

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Values are nil, bool, int64, float64, string, time.Time, []any, map[string]any
// and the three below. A func() any stands for a value made when it is asked for.

// Safe is text that is already what may stand in the target, such as HTML.
type Safe string

// Shown is a value that shows as one thing and counts as another: a price as
// "$49.00", and as 49 where it is compared or added up.
type Shown struct {
	Text string
	Raw  any
}

// value computes an expression.
func (s *state) value(e expression) any {
	v := s.operand(e.value)
	for _, f := range e.filters {
		var args []any
		for _, a := range f.args {
			args = append(args, s.operand(a))
		}
		v = bounded(f.do(s.env, v, args))
		size := 0
		switch v := v.(type) {
		case string:
			size = len(v)
		case Safe:
			size = len(v)
		case []any:
			size = len(v) * 64
		}
		if !s.charge(1 + size/256) {
			return nil
		}
	}
	return v
}

// bounded cuts what grew too large.
func bounded(v any) any {
	switch v := v.(type) {
	case string:
		return shorten(v)
	case []any:
		return v[:min(len(v), MaxList)]
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
	}
	return v
}

// shorten cuts text to MaxValue bytes, between characters.
func shorten(text string) string {
	if len(text) <= MaxValue {
		return text
	}
	return strings.ToValidUTF8(text[:MaxValue], "")
}

func (s *state) operand(o operand) any {
	if o.path == nil {
		return o.constant
	}
	root, _ := o.path[0].(string)
	v, local := s.locals[root]
	if !local {
		v = s.env.Vars[root]
	}
	v = ready(v)
	for _, step := range o.path[1:] {
		v = ready(follow(v, step))
	}
	return v
}

func ready(v any) any {
	if make, ok := v.(func() any); ok {
		return make()
	}
	return v
}

// follow takes one step of a path; nil where it leads nowhere.
func follow(v, step any) any {
	name, _ := step.(string)
	switch v := v.(type) {
	case map[string]any:
		return v[name]
	case turn:
		return v.get(name)
	case []any:
		at, index := step.(int)
		switch {
		case name == "size":
			return int64(len(v))
		case name == "last":
			at = -1
		case name != "first" && !index:
			return nil
		}
		if at < 0 {
			at += len(v)
		}
		if at >= 0 && at < len(v) {
			return v[at]
		}
		return nil
	}
	if name == "size" {
		return size(v)
	}
	return nil
}

// text is how a value shows.
func text(v any) string {
	switch v := v.(type) {
	case nil, blank, map[string]any, turn:
		return ""
	case string:
		return v
	case Safe:
		return string(v)
	case Shown:
		return v.Text
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case time.Time:
		return v.Format(time.DateOnly)
	case []any:
		var b strings.Builder
		for _, entry := range v {
			if b.WriteString(text(entry)); b.Len() > MaxValue {
				break
			}
		}
		return shorten(b.String())
	}
	return fmt.Sprint(v)
}

// Words is how a value shows, bounded, for the filters of a dialect.
func Words(v any) string { return shorten(text(v)) }

// isolates are marks around values in text of the other direction. They are no
// part of a word where words are compared or counted.
var isolates = strings.NewReplacer("\u2066", "", "\u2067", "", "\u2068", "", "\u2069", "")

// Bare returns text without the marks that isolate it.
func Bare(text string) string {
	if !strings.Contains(text, "\u2066"[:2]) {
		return text
	}
	return isolates.Replace(text)
}
