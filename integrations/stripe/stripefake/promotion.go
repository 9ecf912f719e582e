package stripefake

import (
	"regexp"
	"strings"
)

// typed is what a promotion code may consist of, as of this version.
var typed = regexp.MustCompile(`^[A-Za-z0-9]{1,500}$`)

// makePromotion answers POST /v1/promotion_codes.
func (q *request) makePromotion() (Object, *problem) {
	p := q.params
	if bad := q.checkPromotion(); bad != nil {
		return nil, bad
	}
	coupon, found := q.find("coupon", p.text("coupon"))
	if !found {
		return nil, missing("coupon", p.text("coupon"), "coupon")
	}
	if customer := p.text("customer"); customer != "" {
		if _, found := q.find("customer", customer); !found {
			return nil, missing("customer", customer, "customer")
		}
	}
	code := p.text("code")
	if code == "" {
		code = strings.ToUpper(q.nextID(""))
	}
	if bad := q.promotionFits(coupon, code); bad != nil {
		return nil, bad
	}
	o := plain(Object{
		"id": q.nextID("promo_"), "object": "promotion_code", "code": code, "coupon": coupon.text("id"), "created": q.now().Unix(), "livemode": q.live,
		"active": p.text("active") != "false", "customer": p.or("customer", p.text("customer")), "expires_at": p.or("expires_at", p.int("expires_at")),
		"max_redemptions": p.or("max_redemptions", p.int("max_redemptions")), "times_redeemed": 0, "metadata": p.metadata(nil),
		"restrictions": Object{
			"first_time_transaction":  p.text("restrictions.first_time_transaction") == "true",
			"minimum_amount":          p.or("restrictions.minimum_amount", p.int("restrictions.minimum_amount")),
			"minimum_amount_currency": p.or("restrictions.minimum_amount_currency", strings.ToLower(p.text("restrictions.minimum_amount_currency"))),
		},
	})
	q.put(o, q.now().Unix())
	return q.current(q.book, o), nil
}

func (q *request) checkPromotion() *problem {
	p, least := q.params, "restrictions.minimum_amount"
	if bad := p.needs("coupon"); bad != nil {
		return bad
	}
	switch {
	case p.has("code") && !typed.MatchString(p.text("code")):
		return invalid("code", "Invalid code: it may only contain letters and digits, at most 500.")
	case p.has(least) != p.has(least+"_currency"):
		return invalid("restrictions", "You must pass both minimum_amount and minimum_amount_currency, or none.")
	case p.has(least) && p.int(least) < 1:
		return invalid("restrictions[minimum_amount]", "This value must be greater than or equal to 1.")
	case p.has("max_redemptions") && p.int("max_redemptions") < 1:
		return invalid("max_redemptions", "This value must be greater than or equal to 1.")
	case p.past("expires_at", q.now()):
		return invalid("expires_at", "The expires_at timestamp must be in the future.")
	}
	return checkMetadata(p)
}

// promotionFits refuses a code that its coupon or another code stands against.
// Of codes of the same name, in whatever case, one at most is active for a customer.
func (q *request) promotionFits(coupon Object, code string) *problem {
	p := q.params
	switch {
	case !q.valid(coupon):
		return wrong("coupon", "", "This coupon is no longer valid.")
	case coupon["redeem_by"] != nil && p.int("expires_at") > coupon.number("redeem_by"):
		return wrong("expires_at", "", "The expires_at timestamp cannot be after the coupon's redeem_by.")
	case coupon["max_redemptions"] != nil && p.int("max_redemptions") > coupon.number("max_redemptions"):
		return wrong("max_redemptions", "", "The max_redemptions cannot be greater than the coupon's.")
	case p.text("active") == "false":
		return nil
	}
	return q.codeIsFree(code, p.text("customer"), "")
}

func (q *request) codeIsFree(code, customer, self string) *problem {
	for _, other := range q.all("promotion_code") {
		theirs := other.ref("customer")
		if other = q.current(q.book, other); other["active"] == true && other.text("id") != self && strings.EqualFold(other.text("code"), code) &&
			(theirs == customer || theirs == "" || customer == "") {
			return wrong("code", "", "An active promotion code with `code: "+code+"` already exists.")
		}
	}
	return nil
}

// changePromotion answers POST /v1/promotion_codes/:id: its terms stay.
func (q *request) changePromotion() (Object, *problem) {
	o, found := q.find("promotion_code", q.id)
	if !found {
		return nil, missing("promotion_code", q.id, "id")
	}
	if bad := checkMetadata(q.params); bad != nil {
		return nil, bad
	}
	o = o.With("metadata", q.params.metadata(o.inner("metadata")))
	if q.params.has("active") {
		o["active"] = q.params.text("active") == "true"
		if o["active"] == true {
			if q.current(q.book, o)["active"] != true {
				return nil, wrong("active", "", "This promotion code cannot be activated: it has expired, was redeemed, or its coupon is no longer valid.")
			}
			if bad := q.codeIsFree(o.text("code"), o.ref("customer"), q.id); bad != nil {
				return nil, bad
			}
		}
	}
	q.put(o, q.now().Unix())
	return q.current(q.book, o), nil
}

// redeemable reports whether a promotion code itself, apart from its coupon, may be used now.
func (s *Server) redeemable(o Object) bool {
	return (o["expires_at"] == nil || o.number("expires_at") > s.now().Unix()) && o.left()
}
