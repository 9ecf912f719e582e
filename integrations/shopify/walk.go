package shopify

import (
	"encoding/json"
	"strconv"

	"github.com/tidwall/gjson"

	"flywheel/fault"
)

// The methods of this file read a value of one kind. null is absent, anything
// else of another kind is an error.

func (r *reader) wrong(field string, v gjson.Result) {
	r.fail(field, "holds a %s that does not belong there", v.Type.String())
}

// members calls take for each member of an object that is not null.
func (r *reader) members(field string, v gjson.Result, take func(key string, v gjson.Result)) {
	if !v.IsObject() {
		r.wrong(field, v)
		return
	}
	v.ForEach(func(key, v gjson.Result) bool {
		if v.Type != gjson.Null {
			take(key.Str, v)
		}
		return r.err == nil
	})
}

func (r *reader) each(field string, v gjson.Result, take func(v gjson.Result)) {
	if !v.IsArray() {
		r.wrong(field, v)
		return
	}
	v.ForEach(func(_, v gjson.Result) bool {
		take(v)
		return r.err == nil
	})
}

func (r *reader) string(field string, v gjson.Result) string {
	if v.Type != gjson.String {
		r.wrong(field, v)
	}
	return v.Str
}

func (r *reader) bool(field string, v gjson.Result) bool {
	if !v.IsBool() {
		r.wrong(field, v)
	}
	return v.Type == gjson.True
}

func (r *reader) int(field string, v gjson.Result) int64 {
	n, err := strconv.ParseInt(v.Raw, 10, 64)
	if v.Type != gjson.Number || err != nil {
		r.fail(field, "is not a whole number")
	}
	return n
}

func (r *reader) number(field string, v gjson.Result) number {
	var n number
	if err := n.UnmarshalJSON([]byte(v.Raw)); err != nil {
		r.wrong(field, v)
	}
	return n
}

func (r *reader) moneySet(field string, v gjson.Result) *moneySet {
	s := &moneySet{}
	r.members(field, v, func(side string, v gjson.Result) {
		switch side {
		case "shop_money":
			s.Shop = r.amount(field, v)
		case "presentment_money":
			s.Presentment = r.amount(field, v)
		}
	})
	return s
}

func (r *reader) amount(field string, v gjson.Result) *amount {
	a := &amount{}
	r.members(field, v, func(part string, v gjson.Result) {
		switch part {
		case "amount":
			a.Amount = r.number(field, v)
		case "currency_code":
			a.Currency = r.string(field, v)
		}
	})
	return a
}

// attributesOf reads attributes leniently: apps write there what they like, and
// no order is worth losing over it.
func attributesOf(v gjson.Result) (out []attribute) {
	v.ForEach(func(_, v gjson.Result) bool {
		if name := v.Get("name").Str; name != "" {
			out = append(out, attribute{Name: name, Value: v.Get("value").Value()})
		}
		return true
	})
	return out
}

// unmarshal reads a part of a body by its own type.
func (r *reader) unmarshal(field string, v gjson.Result, into any) {
	if err := json.Unmarshal([]byte(v.Raw), into); err != nil {
		r.fail(field, "cannot be read: %s", fault.Sentence(unreadable(err)))
	}
}
