package liquid

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// over makes a filter of a function of a list. What is no list is a list of one,
// and nothing an empty one.
func over(lo, hi int, do func(l []any, args []any) any) Filter {
	return Filter{Min: lo, Max: hi, Do: func(_ *Env, v any, args []any) any { return do(entries(v), args) }}
}

// listFilters choose among the entries of lists, or make one of text.
var listFilters = map[string]Filter{
	"size":    {Do: func(_ *Env, v any, _ []any) any { return size(v) }},
	"first":   {Do: func(_ *Env, v any, _ []any) any { return ready(follow(v, "first")) }},
	"last":    {Do: func(_ *Env, v any, _ []any) any { return ready(follow(v, "last")) }},
	"slice":   {Min: 1, Max: 2, Do: func(_ *Env, v any, args []any) any { return slice(v, whole(args[0]), arg(args, 1, 1)) }},
	"join":    over(0, 1, func(l, args []any) any { return join(l, args) }),
	"map":     over(1, 1, func(l, args []any) any { return each(l, Words(args[0])) }),
	"where":   over(1, 2, where),
	"sum":     over(0, 1, sum),
	"sort":    over(0, 1, sorted),
	"uniq":    over(0, 1, uniq),
	"concat":  over(1, 1, func(l, args []any) any { return slices.Concat(l, entries(args[0])) }),
	"compact": over(0, 0, func(l, _ []any) any { return slices.DeleteFunc(slices.Clone(l), func(v any) bool { return v == nil }) }),
	"reverse": over(0, 0, func(l, _ []any) any {
		l = slices.Clone(l)
		slices.Reverse(l)
		return l
	}),
	"split": {Min: 1, Max: 1, Do: func(_ *Env, v any, args []any) any {
		parts := []any{}
		for _, part := range strings.SplitN(Words(v), Words(args[0]), MaxList+1) {
			parts = append(parts, part)
		}
		if Words(v) == "" {
			return []any{}
		}
		return parts[:min(len(parts), MaxList)]
	}},
}

func entries(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v[:min(len(v), MaxList)]
	}
	return []any{v}
}

// size counts the entries of a list, or the characters of a text.
func size(v any) any {
	switch v := v.(type) {
	case []any:
		return int64(len(v))
	case string, Safe, Shown:
		return int64(utf8.RuneCountInString(Bare(Words(v))))
	}
	return int64(0)
}

// slice takes count entries or characters from an index on; one below 0 counts from the end.
func slice(v any, from, count int64) any {
	cut := func(n int) (int64, int64) {
		if from < 0 {
			from += int64(n)
		}
		if from < 0 || from > int64(n) {
			return 0, 0
		}
		return from, from + min(max(0, count), int64(n)-from)
	}
	if l, ok := v.([]any); ok {
		lo, hi := cut(len(l))
		return l[lo:hi]
	}
	runes := []rune(Words(v))
	lo, hi := cut(len(runes))
	return string(runes[lo:hi])
}

func join(l, args []any) string {
	between := " "
	if len(args) > 0 {
		between = Words(args[0])
	}
	var b strings.Builder
	for i, v := range l {
		if i > 0 {
			b.WriteString(between)
		}
		if b.WriteString(Words(v)); b.Len() > MaxValue {
			break
		}
	}
	return b.String()
}

// each takes one property of every entry.
func each(l []any, name string) []any {
	out := make([]any, 0, len(l))
	for _, v := range l {
		out = append(out, ready(follow(v, name)))
	}
	return out
}

// where keeps the entries whose property is a value, or is not empty.
func where(l, args []any) any {
	out := []any{}
	for _, v := range l {
		has := ready(follow(v, Words(args[0])))
		if len(args) > 1 && equal(has, args[1]) || len(args) == 1 && truth(has) {
			out = append(out, v)
		}
	}
	return out
}

func sum(l, args []any) any {
	if len(args) > 0 {
		l = each(l, Words(args[0]))
	}
	var total any = int64(0)
	for _, v := range l {
		total = reckon('+', total, v)
	}
	return total
}

// sorted puts entries in order, by a property where one is named. What has no
// order stands last.
func sorted(l, args []any) any {
	key := func(v any) any { return v }
	if len(args) > 0 {
		key = func(v any) any { return ready(follow(v, Words(args[0]))) }
	}
	l = slices.Clone(l)
	slices.SortStableFunc(l, func(a, b any) int {
		x, y := key(a), key(b)
		if way, ok := order(x, y); ok {
			return way
		}
		return rank(x) - rank(y)
	})
	return l
}

// rank orders values of different kinds.
func rank(v any) int {
	v = plain(v)
	if _, ok := number(v); ok {
		return 0
	}
	if _, ok := v.(string); ok {
		return 1
	}
	return 2
}

func uniq(l, args []any) any {
	var seen []any
	out := []any{}
	for _, v := range l {
		key := v
		if len(args) > 0 {
			key = ready(follow(v, Words(args[0])))
		}
		if !slices.ContainsFunc(seen, func(s any) bool { return equal(s, key) }) {
			seen, out = append(seen, key), append(out, v)
		}
	}
	return out
}
