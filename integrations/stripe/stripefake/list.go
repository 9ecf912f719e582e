package stripefake

import (
	"slices"
	"strconv"
	"strings"
)

// list answers with a page of the route's kind, the newest first, of what fits
// the filters given.
func (q *request) list() (Object, *problem) {
	var rows []Object
	for _, o := range q.all(q.rule.kind) {
		if o = q.current(q.book, o); q.matches(o) {
			rows = append(rows, o)
		}
	}
	return q.page(rows)
}

// matches reports whether o is what was asked for; a reference is compared by its id.
func (q *request) matches(o Object) bool {
	if !q.params.during("created", o.number("created")) {
		return false
	}
	for path := range q.params {
		want := q.params.text(path)
		switch path {
		case "charge", "payment_intent", "customer", "coupon", "transfer_group":
			if o.ref(path) != want {
				return false
			}
		case "code":
			if !strings.EqualFold(o.text(path), want) {
				return false
			}
		case "active":
			if o[path] != (want == "true") {
				return false
			}
		}
	}
	return true
}

// page cuts the page out of rows, which are the newest first, that limit and
// cursors ask for. ending_before pages backwards: the rows just before it.
func (q *request) page(rows []Object) (Object, *problem) {
	limit := int64(10)
	if q.params.has("limit") {
		limit = q.params.int("limit")
	}
	after, before := q.params.text("starting_after"), q.params.text("ending_before")
	switch {
	case limit < 1:
		return nil, invalid("limit", "This value must be greater than or equal to 1.")
	case limit > 100:
		return nil, invalid("limit", "This value must be less than or equal to 100.")
	case after != "" && before != "":
		return nil, invalid("", "You may only specify one of these parameters: ending_before, starting_after.")
	}
	at := 0
	if cursor := after + before; cursor != "" {
		if at = slices.IndexFunc(rows, func(o Object) bool { return o.text("id") == cursor }); at < 0 {
			return q.pageFromElsewhere(cursor, rows)
		}
	}
	from, to := 0, len(rows)
	if after != "" {
		from = at + 1
	}
	if before != "" {
		to = at
	}
	more := int64(to-from) > limit
	switch {
	case more && before != "":
		from = to - int(limit)
	case more:
		to = from + int(limit)
	}
	return q.listOf(rows[from:to], more), nil
}

// pageFromElsewhere pages from a cursor that the filters leave out: where it
// stands among all of its kind is where the page begins.
func (q *request) pageFromElsewhere(cursor string, rows []Object) (Object, *problem) {
	at := q.standing(cursor)
	if at < 0 {
		param := "starting_after"
		if q.params.has("ending_before") {
			param = "ending_before"
		}
		return nil, missing(q.rule.kind, cursor, param)
	}
	rows = slices.Clone(rows)
	i := slices.IndexFunc(rows, func(o Object) bool { return q.standing(o.text("id")) > at })
	if i < 0 {
		i = len(rows)
	}
	return q.page(slices.Insert(rows, i, Object{"id": cursor}))
}

// standing is the place of an object among all of its kind, the newest first.
func (q *request) standing(id string) int {
	if q.rule.kind == "event" {
		return slices.IndexFunc(q.kept(), func(e *told) bool { return e.id == id })
	}
	return slices.IndexFunc(q.all(q.rule.kind), func(o Object) bool { return o.text("id") == id })
}

func (q *request) listOf(rows []Object, more bool) Object {
	return Object{"object": "list", "data": append([]Object{}, rows...), "has_more": more, "url": "/v1/" + q.rule.path}
}

// ref is the id in a field that holds an id or the object itself.
func (o Object) ref(field string) string {
	if inner := o.inner(field); inner != nil {
		return inner.text("id")
	}
	return o.text(field)
}

// inner is the object in a field, nil where there is none.
func (o Object) inner(field string) Object {
	switch v := o[field].(type) {
	case Object:
		return v
	case map[string]any:
		return v
	}
	return nil
}

// whole is a number as text, for a message.
func whole(n int64) string { return strconv.FormatInt(n, 10) }
