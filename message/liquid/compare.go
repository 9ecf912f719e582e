package liquid

import (
	"cmp"
	"strings"
	"time"
)

// plain is what counts of a value.
func plain(v any) any {
	switch v := v.(type) {
	case Shown:
		if v.Raw == nil {
			return Bare(v.Text)
		}
		return v.Raw
	case Safe:
		return Bare(string(v))
	case string:
		return Bare(v)
	}
	return v
}

// isBlank reports whether there is nothing to see of a value. As in Rails, which
// Shopify's blank comes from, false is blank too.
func isBlank(v any) bool {
	switch v := v.(type) {
	case nil, blank:
		return true
	case bool:
		return !v
	case Shown:
		return strings.TrimSpace(v.Text) == ""
	case string, Safe:
		return strings.TrimSpace(text(v)) == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// truth is what a value alone means in a condition. Unlike in Liquid an empty
// text means no: {% if shop.phone %} asks whether there is one.
func truth(v any) bool { return !isBlank(v) }

func equal(a, b any) bool {
	for range 2 {
		switch v := plain(a).(type) {
		case blank:
			return isBlank(b)
		case nil:
			_, no := b.(bool)
			return isBlank(b) && !no
		case string:
			if v == "" {
				_, no := b.(bool)
				return isBlank(b) && !no
			}
		}
		a, b = b, a
	}
	a, b = plain(a), plain(b)
	if x, ok := number(a); ok {
		y, ok := number(b)
		return ok && x == y
	}
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return ok && a == b
	case bool:
		b, ok := b.(bool)
		return ok && a == b
	case time.Time:
		b, ok := b.(time.Time)
		return ok && a.Equal(b)
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !equal(a[i], b[i]) {
				return false
			}
		}
		return true
	}
	return false
}

// order compares numbers, texts and times; ok is false for what has no order.
func order(a, b any) (way int, ok bool) {
	a, b = plain(a), plain(b)
	if x, ok := number(a); ok {
		y, ok := number(b)
		return cmp.Compare(x, y), ok
	}
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return strings.Compare(a, b), ok
	case time.Time:
		b, ok := b.(time.Time)
		return a.Compare(b), ok
	}
	return 0, false
}

// number is a value that is one; texts are not.
func number(v any) (n float64, ok bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

func (s *state) test(t *test) bool {
	if !s.charge(1) { // a condition may have thousands of parts
		return false
	}
	holds := s.compare(t)
	switch t.joint {
	case "and":
		return holds && s.test(t.next)
	case "or":
		return holds || s.test(t.next)
	}
	return holds
}

func (s *state) compare(t *test) bool {
	left := s.operand(t.left)
	if t.sign == "" {
		return truth(left)
	}
	right := s.operand(t.right)
	switch t.sign {
	case "==":
		return equal(left, right)
	case "!=", "<>":
		return !equal(left, right)
	case "contains":
		s.charge(len(text(left)) / 256)
		return contains(left, right)
	}
	way, ok := order(left, right)
	switch t.sign {
	case ">":
		return ok && way > 0
	case "<":
		return ok && way < 0
	case ">=":
		return ok && way >= 0
	}
	return ok && way <= 0
}

func contains(in, what any) bool {
	if l, ok := in.([]any); ok {
		for _, entry := range l {
			if equal(entry, what) {
				return true
			}
		}
		return false
	}
	part := Bare(text(what))
	return part != "" && strings.Contains(Bare(text(in)), part)
}
