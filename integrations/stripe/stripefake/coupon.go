package stripefake

import (
	"slices"
	"strconv"
	"strings"
)

// makeCoupon answers POST /v1/coupons.
func (q *request) makeCoupon() (Object, *problem) {
	p := q.params
	if bad := q.checkCoupon(); bad != nil {
		return nil, bad
	}
	id := p.text("id")
	if id == "" {
		id = q.nextID("")
	}
	if _, taken := q.find("coupon", id); taken {
		return nil, wrong("id", "resource_already_exists", "Coupon already exists.")
	}
	for _, product := range p["applies_to.products"] {
		if _, found := q.find("product", product); !found {
			return nil, missing("product", product, "applies_to[products]")
		}
	}
	o := plain(Object{
		"id": id, "object": "coupon", "created": q.now().Unix(), "livemode": q.live, "metadata": p.metadata(nil), "name": p.or("name", p.text("name")),
		"percent_off": nil, "amount_off": p.or("amount_off", p.int("amount_off")), "currency": p.or("currency", strings.ToLower(p.text("currency"))),
		"duration": q.duration(), "duration_in_months": p.or("duration_in_months", p.int("duration_in_months")),
		"max_redemptions": p.or("max_redemptions", p.int("max_redemptions")), "redeem_by": p.or("redeem_by", p.int("redeem_by")), "times_redeemed": 0,
	})
	if off, err := strconv.ParseFloat(p.text("percent_off"), 64); err == nil {
		o["percent_off"] = off
	}
	if p.has("applies_to.products") {
		o["applies_to"] = Object{"products": p["applies_to.products"]}
	}
	q.put(o, q.now().Unix())
	return q.current(q.book, o), nil
}

func (q *request) duration() string {
	if given := q.params.text("duration"); given != "" {
		return given
	}
	return "once"
}

func (q *request) checkCoupon() *problem {
	p := q.params
	off, _ := strconv.ParseFloat(p.text("percent_off"), 64)
	switch {
	case p.has("percent_off") && p.has("amount_off"):
		return invalid("", "You may only specify one of these parameters: amount_off, percent_off.")
	case !p.has("percent_off") && !p.has("amount_off"):
		return invalid("", "Must provide percent_off or amount_off.")
	case p.has("percent_off") && (off <= 0 || off > 100):
		return invalid("percent_off", "Invalid percent_off: must be larger than 0 and at most 100.")
	case p.has("amount_off") && p.int("amount_off") < 1:
		return coded(invalid("amount_off", "This value must be greater than or equal to 1."), "parameter_invalid_integer")
	case p.has("amount_off") && !p.has("currency"):
		return p.needs("currency")
	case p.has("currency") && len(p.text("currency")) != 3:
		return invalid("currency", "Invalid currency: "+p.text("currency"))
	case !slices.Contains([]string{"once", "repeating", "forever"}, q.duration()):
		return invalid("duration", "Invalid duration: must be one of forever, once, or repeating")
	case q.duration() == "repeating":
		return p.needs("duration_in_months")
	case p.has("max_redemptions") && p.int("max_redemptions") < 1:
		return invalid("max_redemptions", "This value must be greater than or equal to 1.")
	case p.past("redeem_by", q.now()):
		return invalid("redeem_by", "redeem_by must be in the future.")
	case len([]rune(p.text("name"))) > 40:
		return invalid("name", "Invalid string: must be at most 40 characters")
	}
	return checkMetadata(p)
}

// changeCoupon answers POST /v1/coupons/:id: its terms stay.
func (q *request) changeCoupon() (Object, *problem) {
	o, found := q.find("coupon", q.id)
	if !found {
		return nil, missing("coupon", q.id, "id")
	}
	if bad := checkMetadata(q.params); bad != nil {
		return nil, bad
	}
	o = o.With("metadata", q.params.metadata(o.inner("metadata")))
	if q.params.has("name") {
		o["name"] = q.params.text("name")
	}
	q.put(o, q.now().Unix())
	return q.current(q.book, o), nil
}

// valid reports whether a coupon may be used now.
func (s *Server) valid(o Object) bool {
	return (o["redeem_by"] == nil || o.number("redeem_by") > s.now().Unix()) && o.left()
}

// left reports whether a coupon or promotion code may be redeemed once more.
func (o Object) left() bool {
	return o["max_redemptions"] == nil || o.number("times_redeemed") < o.number("max_redemptions")
}

// checkMetadata holds metadata to Stripe's limits: 50 keys of 40 characters, values of 500.
func checkMetadata(p params) *problem {
	n := 0
	for path := range p {
		key, is := strings.CutPrefix(path, "metadata.")
		if !is {
			continue
		}
		n++
		if len([]rune(key)) > 40 {
			return invalid("metadata", "Metadata keys must be 40 characters or less. You tried to set the key '"+key+"', which is "+whole(int64(len(key)))+" characters.")
		}
		if len([]rune(p.text(path))) > 500 {
			return invalid("metadata["+key+"]", "Metadata values must be 500 characters or less.")
		}
	}
	if n > 50 {
		return invalid("metadata", "You cannot set more than 50 metadata keys on a single object.")
	}
	return nil
}
