package stripefake

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// answer serves one admitted request.
func (a *account) answer(w http.ResponseWriter, r *http.Request) {
	kind, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	query := r.URL.Query()
	switch {
	case kind == "refunds" && id == "":
		limit, err := strconv.Atoi(query.Get("limit"))
		if err != nil || limit < 1 || limit > 100 {
			limit = 10
		}
		reply(w, a.refundsOf(query.Get("charge"), query.Get("starting_after"), limit))
		return
	case (kind == "charges" || kind == "payment_intents") && id != "":
		o, found := a.objects[id]
		if what := strings.TrimSuffix(kind, "s"); !found || o.text("object") != what {
			refuse(w, 404, "resource_missing", "No such "+what+": '"+id+"'")
			return
		}
		out := a.current(o)
		for _, path := range query["expand[]"] {
			if !a.expand(out, strings.Split(path, ".")) {
				refuse(w, 400, "", "This property cannot be expanded ("+path+").")
				return
			}
		}
		reply(w, out)
		return
	}
	refuse(w, 404, "", "Unrecognized request URL (GET: "+r.URL.Path+").")
}

func reply(w http.ResponseWriter, o Object) { _ = json.NewEncoder(w).Encode(o) }

// current is a copy of o; a charge's amount_refunded follows its refunds, of
// which those that failed or were canceled no longer count.
func (a *account) current(o Object) Object {
	o = maps.Clone(o)
	if o.text("object") != "charge" {
		return o
	}
	delete(o, "refunds") // since 2022-11-15 only where expanded
	var refunded int64
	rows := 0
	for _, id := range a.refunds {
		if r := a.objects[id]; r.text("charge") == o.text("id") {
			rows++
			if s := r.text("status"); s != "failed" && s != "canceled" {
				refunded += r.number("amount")
			}
		}
	}
	if rows > 0 {
		o["amount_refunded"], o["refunded"] = refunded, refunded >= o.number("amount")
	}
	return o
}

// expand puts the object named by path in the place of its id.
func (a *account) expand(o Object, path []string) bool {
	field, kind := path[0], o.text("object")
	switch {
	case kind == "charge" && field == "refunds":
		o[field] = a.refundsOf(o.text("id"), "", 10)
		return len(path) == 1
	case kind == "payment_intent" && (field == "latest_charge" || field == "invoice"),
		kind == "charge" && (field == "payment_intent" || field == "invoice"):
	default:
		return false
	}
	inner, expanded := o[field].(Object)
	if !expanded {
		known, found := a.objects[o.text(field)]
		if !found {
			return true // null, or an object the test did not need
		}
		inner = a.current(known)
		o[field] = inner
	}
	return len(path) == 1 || a.expand(inner, path[1:])
}

// refundsOf lists a charge's refunds, the newest first.
func (a *account) refundsOf(charge, after string, limit int) Object {
	rows, more, started := []Object{}, false, after == ""
	for _, id := range a.refunds {
		r := a.objects[id]
		switch {
		case charge != "" && r.text("charge") != charge:
		case !started:
			started = id == after
		case len(rows) == limit:
			more = true
		default:
			rows = append(rows, r)
		}
	}
	return Object{"object": "list", "data": rows, "has_more": more, "url": "/v1/refunds"}
}
