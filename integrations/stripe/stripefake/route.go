package stripefake

import "strings"

// route is what the fake answers to: under /v1/ a path of at most one id.
type route struct {
	method, path string // {id} stands for one
	kind         string // of the object it is about
	rules        string // see readParams
	do           func(*request) (Object, *problem)
}

const (
	paging   = "limit:int starting_after ending_before "
	metadata = "metadata:map "
)

var routes = []route{
	{"GET", "account", "account", "", (*request).readAccount},

	{"GET", "charges", "charge", paging + "created:range customer payment_intent transfer_group", (*request).list},
	{"GET", "charges/{id}", "charge", "", (*request).read},
	{"GET", "payment_intents/{id}", "payment_intent", "client_secret", (*request).read},
	{"GET", "invoices/{id}", "invoice", "", (*request).read},
	{"GET", "customers/{id}", "customer", "", (*request).read},
	{"GET", "subscriptions/{id}", "subscription", "", (*request).read},
	{"GET", "refunds", "refund", paging + "created:range charge payment_intent", (*request).list},
	{"GET", "refunds/{id}", "refund", "", (*request).read},
	{"POST", "refunds", "refund", metadata + "charge payment_intent amount:int reason", (*request).makeRefund},
	{"GET", "disputes", "dispute", paging + "created:range charge payment_intent", (*request).list},
	{"GET", "disputes/{id}", "dispute", "", (*request).read},

	{"GET", "events", "event", paging + "created:range delivery_success:bool type types:list", (*request).listEvents},
	{"GET", "events/{id}", "event", "", (*request).readEvent},

	{"GET", "coupons", "coupon", paging + "created:range", (*request).list},
	{"GET", "coupons/{id}", "coupon", "", (*request).read},
	{"POST", "coupons", "coupon", metadata + `id percent_off:float amount_off:int currency duration duration_in_months:int
		max_redemptions:int name redeem_by:int applies_to.products:list currency_options:map`, (*request).makeCoupon},
	{"POST", "coupons/{id}", "coupon", metadata + "name", (*request).changeCoupon},
	{"DELETE", "coupons/{id}", "coupon", "", (*request).delete},

	{"GET", "promotion_codes", "promotion_code", paging + "created:range code active:bool coupon customer", (*request).list},
	{"GET", "promotion_codes/{id}", "promotion_code", "", (*request).read},
	{"POST", "promotion_codes", "promotion_code", metadata + `coupon code active:bool customer expires_at:int max_redemptions:int
		restrictions.first_time_transaction:bool restrictions.minimum_amount:int restrictions.minimum_amount_currency`, (*request).makePromotion},
	{"POST", "promotion_codes/{id}", "promotion_code", metadata + "active:bool", (*request).changePromotion},

	{"GET", "webhook_endpoints", "webhook_endpoint", paging, (*request).list},
	{"GET", "webhook_endpoints/{id}", "webhook_endpoint", "", (*request).read},
	{"POST", "webhook_endpoints", "webhook_endpoint", metadata + "url enabled_events:list api_version connect:bool description", (*request).makeEndpoint},
	{"POST", "webhook_endpoints/{id}", "webhook_endpoint", metadata + "url enabled_events:list disabled:bool description", (*request).changeEndpoint},
	{"DELETE", "webhook_endpoints/{id}", "webhook_endpoint", "", (*request).delete},
}

// routeOf finds the route of a request, and the id that its path names.
func routeOf(method, path string) (*route, string) {
	parts := strings.Split(strings.TrimPrefix(path, "/v1/"), "/")
	for i, r := range routes {
		noun, one, _ := strings.Cut(r.path, "/")
		if r.method != method || noun != parts[0] || len(parts) != 1+len(one)/len("{id}") {
			continue
		}
		if one == "" {
			return &routes[i], ""
		}
		if parts[1] != "" {
			return &routes[i], parts[1]
		}
	}
	return nil, ""
}
