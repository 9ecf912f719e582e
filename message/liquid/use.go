package liquid

import (
	"fmt"
	"strings"
)

// filter reads a filter that is used on an expression.
func (r *reader) filter(on expression) (u use, ok bool) {
	r.space()
	from := r.at
	name := r.word()
	f, known := r.p.d.filters[name]
	if !known {
		names := r.p.d.Filters()
		if near := mean(name, names); near != "" {
			r.fail(from, "there is no filter %q%s", name, near)
		} else {
			r.fail(from, "there is no filter %q; there are %s", name, strings.Join(names, ", "))
		}
		return u, false
	}
	u.do = f.Do
	if r.skip(":") {
		r.args(name, f, &u)
	}
	if got := len(u.args); !r.bad && (got < f.Min || f.Max >= 0 && got > f.Max) {
		r.fail(from, "%s takes %s after a colon, not %d", name, amount(f), got)
	}
	if f.Check != nil && !r.bad && on.value.path == nil && on.filters == nil {
		if wrong := f.Check(on.value.constant); wrong != "" {
			r.fail(from, "%s", wrong)
		}
	}
	return u, !r.bad
}

// args reads what stands behind a filter's colon.
func (r *reader) args(filter string, f Filter, u *use) {
	for {
		r.space()
		from := r.at
		if name := r.word(); name != "" && r.skip(":") {
			if !f.Named {
				r.fail(from, "%s takes no values with names such as %s:", filter, name)
				return
			}
			u.args = append(u.args, operand{constant: name})
		} else {
			r.at = from
		}
		u.args = append(u.args, r.operand())
		if r.bad || !r.skip(",") {
			return
		}
	}
}

func amount(f Filter) string {
	switch {
	case f.Max < 0:
		return fmt.Sprintf("at least %d values", f.Min)
	case f.Min != f.Max:
		return fmt.Sprintf("%d to %d values", f.Min, f.Max)
	case f.Max == 1:
		return "1 value"
	}
	return fmt.Sprintf("%d values", f.Max)
}
