package stripefake_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/stripe/stripefake"
)

func TestPromotionCodes(t *testing.T) {
	w := start(t)
	w.Put("acct_1", stripefake.Purchase{N: "a"}.CustomerObject(), stripefake.Purchase{N: "b"}.CustomerObject(), stripefake.Object{"id": "prod_1", "object": "product"})
	coupon := w.made("coupons", "id=ten&percent_off=12.5&name=Thanks&applies_to[products][]=prod_1&metadata[key]=k")
	require.Equal(t, 12.5, coupon.o["percent_off"])
	require.Equal(t, "once", coupon.o["duration"])
	require.Equal(t, true, coupon.o["valid"])
	require.NotContains(t, coupon.o, "applies_to")
	require.Equal(t, map[string]any{"products": []any{"prod_1"}}, w.get("coupons/ten", "expand[]=applies_to").o["applies_to"])
	require.Equal(t, map[string]any{"other": "x"}, w.made("coupons/ten", "metadata[key]=&metadata[other]=x").o["metadata"])

	a := w.made("promotion_codes", "coupon=ten&code=Thanks1&customer=cus_a&max_redemptions=1&expires_at=1772370000&restrictions[minimum_amount]=5&restrictions[minimum_amount_currency]=usd")
	require.Equal(t, "ten", a.o["coupon"].(map[string]any)["id"])
	require.Equal(t, true, a.o["active"])
	b := w.made("promotion_codes", "coupon=ten&code=THANKS1&customer=cus_b") // one for each customer
	require.Equal(t, 400, w.post("promotion_codes", "coupon=ten&code=thanks1").status)
	require.Equal(t, 400, w.post("promotion_codes", "coupon=ten&code=thanks1&customer=cus_a").status)
	for query, want := range map[string][]string{
		"code=thanks1":                 {b.id(), a.id()},
		"code=thanks1&customer=cus_a":  {a.id()},
		"code=thanks1&customer=cus_c":  nil,
		"coupon=ten&active=true":       {b.id(), a.id()},
		"coupon=ten&active=false":      nil,
		"coupon=other":                 nil,
		"code=THANKS1&created[lt]=100": nil,
	} {
		require.Equal(t, want, w.get("promotion_codes", query).ids(), query)
	}

	active := func(id string) any { return w.get("promotion_codes/"+id, "").o["active"] }
	require.Equal(t, false, w.made("promotion_codes/"+b.id(), "active=false").o["active"])
	require.Equal(t, true, w.made("promotion_codes/"+b.id(), "active=true").o["active"])
	require.Equal(t, true, w.made("promotion_codes/"+b.id(), "active=true").o["active"], "it stands in nobody's way but others'")
	w.Redeem("acct_1", a.id())
	require.Equal(t, false, active(a.id()), "used up")
	require.Equal(t, 400, w.post("promotion_codes/"+a.id(), "active=true").status)
	w.made("promotion_codes", "coupon=ten&code=thanks1&customer=cus_a") // the name is free again

	late := w.made("promotion_codes", "coupon=ten&code=LATE&expires_at=1772370000")
	w.now = noon.Add(time.Hour)
	require.Equal(t, false, active(late.id()), "expired")
	require.Equal(t, true, w.must(http.MethodDelete, "coupons/ten", "").o["deleted"])
	require.Equal(t, false, active(b.id()), "with its coupon")
	require.Equal(t, 404, w.get("coupons/ten", "").status)
	w.made("coupons", "id=ten&amount_off=500&currency=USD")
}

func TestCouponEnds(t *testing.T) {
	w := start(t)
	w.made("coupons", "id=few&percent_off=5&max_redemptions=1&redeem_by=1772370000")
	code := w.made("promotion_codes", "coupon=few&expires_at=1772370000")
	require.NotEmpty(t, code.o["code"], "made up")
	w.Redeem("acct_1", code.id())
	require.Equal(t, false, w.get("coupons/few", "").o["valid"])
	require.Equal(t, 400, w.post("promotion_codes", "coupon=few").status)
	w.made("coupons", "id=brief&percent_off=5&redeem_by=1772370000")
	open := w.made("promotion_codes", "coupon=brief")
	w.now = noon.Add(time.Hour)
	require.Equal(t, false, w.get("promotion_codes/"+open.id(), "").o["active"], "with its coupon")
	require.Equal(t, false, w.get("coupons/brief", "").o["valid"])
}

func TestEndpoints(t *testing.T) {
	w := start(t)
	e := w.made("webhook_endpoints", "url=https://fly.example/hook&connect=true&api_version=2023-10-16&enabled_events[0]=charge.refunded&enabled_events[1]=refund.failed&metadata[a]=b&description=Fly")
	require.Contains(t, e.o["secret"], "whsec_")
	require.Equal(t, "ca_fake", e.o["application"])
	require.Equal(t, []any{"charge.refunded", "refund.failed"}, e.o["enabled_events"])
	require.Equal(t, "enabled", e.o["status"])
	again := w.get("webhook_endpoints/"+e.id(), "").o
	require.NotContains(t, again, "secret", "told once")
	require.Equal(t, stripefake.APIVersion, again["api_version"])
	changed := w.made("webhook_endpoints/"+e.id(), "disabled=true&enabled_events[]=*").o
	require.Equal(t, "disabled", changed["status"])
	require.Equal(t, "enabled", w.made("webhook_endpoints/"+e.id(), "disabled=false").o["status"])
	require.Equal(t, []string{e.id()}, w.get("webhook_endpoints", "").ids())
	require.Equal(t, true, w.must(http.MethodDelete, "webhook_endpoints/"+e.id(), "").o["deleted"])
	require.Empty(t, w.get("webhook_endpoints", "").ids())
	calls := w.Calls()
	require.Equal(t, "url=https://fly.example/hook&connect=true", calls[0].Form[:len("url=https://fly.example/hook&connect=true")])
	require.Equal(t, "POST", calls[0].Method)
	require.Equal(t, stripefake.Call{Path: "/v1/webhook_endpoints/" + e.id(), Account: "acct_1"}, calls[1])

	w.made("webhook_endpoints", "url=http://fly.example/hook&enabled_events[]=*", in(""), by("sk_test_1")) // test mode is not so strict
}
