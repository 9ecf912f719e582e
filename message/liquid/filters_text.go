package liquid

import (
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// of makes a filter of a function of text alone.
func of(do func(text string) string) Filter {
	return Filter{Do: func(_ *Env, v any, _ []any) any { return do(Words(v)) }}
}

// with makes a filter of a function of text and one more.
func with(do func(text, other string) string) Filter {
	return Filter{Min: 1, Max: 1, Do: func(_ *Env, v any, args []any) any { return do(Words(v), Words(args[0])) }}
}

// swap makes a filter of two texts: what to look for and what to put there.
func swap(times int) Filter {
	return Filter{Min: 2, Max: 2, Do: func(_ *Env, v any, args []any) any {
		return replace(Words(v), Words(args[0]), Words(args[1]), times)
	}}
}

// textFilters change text. The usual ones give what they give in Shopify.
var textFilters = map[string]Filter{
	"upcase":     of(strings.ToUpper),
	"downcase":   of(strings.ToLower),
	"capitalize": of(capitalize),
	"strip":      of(strings.TrimSpace),
	"lstrip":     of(func(t string) string { return strings.TrimLeft(t, space) }),
	"rstrip":     of(func(t string) string { return strings.TrimRight(t, space) }),
	"append":     with(func(t, more string) string { return t + more }),
	"prepend":    with(func(t, more string) string { return more + t }),
	// prefixed and suffixed add only to what is not empty: they keep the comma of
	// "Thank you, Ada" away where no name is known.
	"prefixed": with(func(t, before string) string {
		if t == "" {
			return ""
		}
		return before + t
	}),
	"suffixed": with(func(t, behind string) string {
		if t == "" {
			return ""
		}
		return t + behind
	}),
	"replace":        swap(-1),
	"replace_first":  swap(1),
	"remove":         with(func(t, what string) string { return replace(t, what, "", -1) }),
	"remove_first":   with(func(t, what string) string { return replace(t, what, "", 1) }),
	"strip_newlines": of(func(t string) string { return strings.NewReplacer("\r", "", "\n", "").Replace(t) }),
	"strip_html":     of(StripHTML),
	"url_encode":     of(func(t string) string { return url.QueryEscape(Bare(t)) }),
	"truncate": {Max: 2, Do: func(_ *Env, v any, args []any) any {
		return truncate(Words(v), arg(args, 0, 50), ending(args))
	}},
	"truncatewords": {Max: 2, Do: func(_ *Env, v any, args []any) any {
		return truncateWords(Words(v), max(1, arg(args, 0, 15)), ending(args))
	}},
	"escape": {Do: func(env *Env, v any, _ []any) any { return escaped(env, v) }},
	"newline_to_br": {Do: func(env *Env, v any, _ []any) any {
		if env.Escape == nil {
			return Words(v)
		}
		return Safe(strings.ReplaceAll(string(escaped(env, v).(Safe)), "\n", "<br>\n"))
	}},
	"default": {Min: 1, Max: 1, Do: func(_ *Env, v any, args []any) any {
		if isBlank(v) {
			return args[0]
		}
		return v
	}},
}

// escaped is text made fit for the target once: where that is text, it is as it was.
func escaped(env *Env, v any) any {
	if _, done := v.(Safe); done {
		return v
	}
	if env.Escape == nil {
		return Words(v)
	}
	return Safe(env.Escape(Words(v)))
}

func capitalize(t string) string {
	r, size := utf8.DecodeRuneInString(t)
	if size == 0 {
		return t
	}
	return strings.ToUpper(string(r)) + t[size:]
}

// replace puts other in place of what, times times or wherever it stands, and
// stops when the text has become too large.
func replace(t, what, other string, times int) string {
	if what == "" {
		return t
	}
	var b strings.Builder
	for ; times != 0 && b.Len() <= MaxValue; times-- {
		before, rest, found := strings.Cut(t, what)
		if !found {
			break
		}
		b.WriteString(before)
		b.WriteString(other)
		t = rest
	}
	b.WriteString(t)
	return b.String()
}

var markup = regexp.MustCompile(`(?is)<script.*?</script>|<!--.*?-->|<style.*?</style>|<[^>]*>`)

// StripHTML leaves out elements and keeps the text between them.
func StripHTML(t string) string { return markup.ReplaceAllString(t, "") }

// arg is a whole number among a filter's values, other where there is none.
func arg(args []any, i int, other int64) int64 {
	if i >= len(args) {
		return other
	}
	return whole(args[i])
}

func ending(args []any) string {
	if len(args) > 1 {
		return Words(args[1])
	}
	return "..."
}

// truncate cuts text to limit characters, its ending among them.
func truncate(t string, limit int64, ending string) string {
	runes, tail := []rune(t), []rune(ending)
	if int64(len(runes)) <= limit {
		return t
	}
	return string(runes[:max(0, min(limit, int64(len(runes)))-int64(len(tail)))]) + ending
}

func truncateWords(t string, limit int64, ending string) string {
	all := strings.Fields(t)
	if int64(len(all)) <= limit {
		return t
	}
	return strings.Join(all[:limit], " ") + ending
}
