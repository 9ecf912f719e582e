package stripefake_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/stripe/stripefake"
)

// Each thing that Stripe would not take is refused with its code, and leaves
// nothing behind.
func TestRefusals(t *testing.T) {
	const soon, past = "1772370000", "1772360000" // noon is 1772366400
	var keys strings.Builder
	for i := range 51 {
		fmt.Fprintf(&keys, "&metadata[k%d]=v", i)
	}
	endpoint := "url=https://fly.example/hook&enabled_events[]=charge.refunded"
	for name, c := range map[string]struct {
		method, path, form string
		status             int
		code, says         string
	}{
		"unknown parameter":        {"GET", "charges", "colour=red", 400, "parameter_unknown", "Received unknown parameter: colour"},
		"unknown part":             {"GET", "charges", "created[after]=1", 400, "parameter_unknown", "created[after]"},
		"unknown on a read":        {"GET", "charges/ch_1", "limit=1", 400, "parameter_unknown", "limit"},
		"unknown on a write":       {"POST", "coupons", "percent_off=5&code=A", 400, "parameter_unknown", "code"},
		"empty":                    {"GET", "charges", "customer=", 400, "parameter_invalid_empty", "empty string"},
		"no number":                {"GET", "charges", "limit=all", 400, "parameter_invalid_integer", "Invalid integer: all"},
		"no time":                  {"GET", "charges", "created[gte]=today", 400, "parameter_invalid_integer", "today"},
		"no truth":                 {"GET", "promotion_codes", "active=1", 400, "", "Invalid bool: 1"},
		"no list":                  {"GET", "charges", "expand=customer", 400, "", "Invalid array"},
		"no map":                   {"POST", "coupons", "percent_off=5&metadata=a", 400, "", "Invalid object"},
		"broken form":              {"POST", "coupons", "percent_off=%zz", 400, "", "cannot be read"},
		"limit of none":            {"GET", "charges", "limit=0", 400, "", "greater than or equal to 1"},
		"limit too high":           {"GET", "events", "limit=101", 400, "", "less than or equal to 100"},
		"two cursors":              {"GET", "charges", "starting_after=ch_1&ending_before=ch_1", 400, "", "only specify one"},
		"cursor of nothing":        {"GET", "charges", "starting_after=ch_404", 400, "resource_missing", "No such charge: 'ch_404'"},
		"event cursor of nothing":  {"GET", "events", "ending_before=evt_404", 400, "resource_missing", "No such event"},
		"expands what is whole":    {"GET", "charges/ch_1", "expand[]=billing_details", 400, "", "cannot be expanded"},
		"expands beyond":           {"GET", "charges/ch_1", "expand[]=customer.email", 400, "", "cannot be expanded"},
		"expands a list as one":    {"GET", "charges", "expand[]=customer", 400, "", "cannot be expanded"},
		"expands a list's rows":    {"GET", "charges", "expand[]=data", 400, "", "cannot be expanded"},
		"expands too deep":         {"GET", "charges", "expand[]=data.payment_intent.latest_charge.payment_intent.customer", 400, "", "more than 4 levels"},
		"no such object":           {"GET", "refunds/re_404", "", 404, "resource_missing", "No such refund: 're_404'"},
		"no such event":            {"GET", "events/evt_404", "", 404, "resource_missing", "No such event"},
		"no such method":           {"DELETE", "charges/ch_1", "", 404, "", "Unrecognized request URL (DELETE: /v1/charges/ch_1)"},
		"no such path":             {"GET", "charges/ch_1/refunds", "", 404, "", "Unrecognized"},
		"type and types":           {"GET", "events", "type=a&types[]=b", 400, "", "only specify one"},
		"too many types":           {"GET", "events", "types[]=a" + strings.Repeat("&types[]=a", 20), 400, "", "at most 20"},
		"coupon of nothing":        {"POST", "coupons", "name=A", 400, "", "Must provide percent_off or amount_off"},
		"coupon of both":           {"POST", "coupons", "percent_off=5&amount_off=5&currency=usd", 400, "", "only specify one"},
		"coupon without currency":  {"POST", "coupons", "amount_off=5", 400, "parameter_missing", "currency"},
		"coupon of no currency":    {"POST", "coupons", "amount_off=5&currency=dollars", 400, "", "currency"},
		"coupon of too much":       {"POST", "coupons", "percent_off=100.5", 400, "", "percent_off"},
		"coupon of no amount":      {"POST", "coupons", "amount_off=0&currency=usd", 400, "parameter_invalid_integer", "greater than"},
		"coupon for no uses":       {"POST", "coupons", "percent_off=5&max_redemptions=0", 400, "", "greater than"},
		"coupon of another time":   {"POST", "coupons", "percent_off=5&duration=always", 400, "", "duration"},
		"coupon for no months":     {"POST", "coupons", "percent_off=5&duration=repeating", 400, "parameter_missing", "duration_in_months"},
		"coupon of the past":       {"POST", "coupons", "percent_off=5&redeem_by=" + past, 400, "", "future"},
		"coupon of a long name":    {"POST", "coupons", "percent_off=5&name=" + strings.Repeat("é", 41), 400, "", "40 characters"},
		"coupon twice":             {"POST", "coupons", "percent_off=5&id=ten", 400, "resource_already_exists", "already exists"},
		"coupon for no product":    {"POST", "coupons", "percent_off=5&applies_to[products][0]=prod_404", 400, "resource_missing", "No such product"},
		"long metadata key":        {"POST", "coupons", "percent_off=5&metadata[" + strings.Repeat("k", 41) + "]=a", 400, "", "40 characters"},
		"long metadata value":      {"POST", "coupons", "percent_off=5&metadata[k]=" + strings.Repeat("v", 501), 400, "", "500 characters"},
		"too many metadata keys":   {"POST", "coupons", "percent_off=5" + keys.String(), 400, "", "50 metadata keys"},
		"other coupon's terms":     {"POST", "coupons/ten", "percent_off=6", 400, "parameter_unknown", "percent_off"},
		"code of no coupon":        {"POST", "promotion_codes", "code=A", 400, "parameter_missing", "coupon"},
		"code of a missing coupon": {"POST", "promotion_codes", "coupon=c404", 400, "resource_missing", "No such coupon"},
		"code of odd letters":      {"POST", "promotion_codes", "coupon=ten&code=A-B", 400, "", "letters and digits"},
		"code for nobody":          {"POST", "promotion_codes", "coupon=ten&customer=cus_404", 400, "resource_missing", "No such customer"},
		"code for a deleted one":   {"POST", "promotion_codes", "coupon=ten&customer=cus_gone", 400, "resource_missing", "No such customer"},
		"code of the past":         {"POST", "promotion_codes", "coupon=ten&expires_at=1772366400", 400, "", "future"},
		"code after its coupon":    {"POST", "promotion_codes", "coupon=short&expires_at=" + soon + "0", 400, "", "redeem_by"},
		"code for more uses":       {"POST", "promotion_codes", "coupon=short&max_redemptions=3", 400, "", "greater than the coupon's"},
		"code for no uses":         {"POST", "promotion_codes", "coupon=ten&max_redemptions=0", 400, "", "greater than"},
		"least amount of nothing":  {"POST", "promotion_codes", "coupon=ten&restrictions[minimum_amount]=5", 400, "", "both"},
		"least amount below one":   {"POST", "promotion_codes", "coupon=ten&restrictions[minimum_amount]=0&restrictions[minimum_amount_currency]=usd", 400, "", "greater than"},
		"code that is taken":       {"POST", "promotion_codes", "coupon=ten&code=taken", 400, "", "An active promotion code with `code: taken` already exists."},
		"code's other terms":       {"POST", "promotion_codes/promo_404", "code=A", 400, "parameter_unknown", "code"},
		"no such code":             {"POST", "promotion_codes/promo_404", "active=false", 404, "resource_missing", "No such promotion code"},
		"endpoint of nowhere":      {"POST", "webhook_endpoints", "enabled_events[]=*", 400, "parameter_missing", "url"},
		"endpoint of no events":    {"POST", "webhook_endpoints", "url=https://fly.example", 400, "parameter_missing", "enabled_events"},
		"endpoint of an unknown":   {"POST", "webhook_endpoints", endpoint + "&enabled_events[]=charge.eaten", 400, "", "charge.eaten"},
		"endpoint of a version":    {"POST", "webhook_endpoints", endpoint + "&api_version=2021-01-01", 400, "", "2021-01-01"},
		"endpoint of no scheme":    {"POST", "webhook_endpoints", "url=fly.example&enabled_events[]=*", 400, "url_invalid", "explicit scheme"},
		"endpoint in the clear":    {"POST", "webhook_endpoints", "url=http://fly.example&enabled_events[]=*", 400, "url_invalid", "https"},
		"endpoint at home":         {"POST", "webhook_endpoints", "url=https://localhost/a&enabled_events[]=*", 400, "url_invalid", "publicly"},
		"endpoint on this machine": {"POST", "webhook_endpoints", "url=https://127.0.0.1:8080/a&enabled_events[]=*", 400, "url_invalid", "publicly"},
		"endpoint that is not":     {"DELETE", "webhook_endpoints/we_404", "", 404, "resource_missing", "webhook endpoint"},
		"refund of nothing":        {"POST", "refunds", "amount=5", 400, "", "payment_intent or charge"},
		"refund of both":           {"POST", "refunds", "charge=ch_1&payment_intent=pi_1", 400, "", "payment_intent or charge"},
		"refund of a missing":      {"POST", "refunds", "charge=ch_404", 400, "resource_missing", "No such charge"},
		"refund of no payment":     {"POST", "refunds", "payment_intent=pi_404", 400, "resource_missing", "No such payment_intent"},
		"refund of too much":       {"POST", "refunds", "charge=ch_1&amount=4201", 400, "", "greater than unrefunded amount"},
		"refund of less than one":  {"POST", "refunds", "charge=ch_1&amount=0", 400, "parameter_invalid_integer", "greater than"},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			w.Put("acct_1", stripefake.Purchase{}.Charge(0), stripefake.Object{"id": "cus_gone", "object": "customer", "deleted": true})
			w.made("coupons", "percent_off=10&id=ten")
			w.made("coupons", "percent_off=10&id=short&max_redemptions=2&redeem_by="+soon)
			w.made("promotion_codes", "coupon=ten&code=TAKEN")
			a := w.must(c.method, c.path, c.form)
			code, message := a.refused()
			require.Equal(t, c.status, a.status, message)
			require.Equal(t, c.code, code, message)
			require.Contains(t, message, c.says)
			require.Len(t, w.get("coupons", "").ids(), 2)
			require.Len(t, w.get("promotion_codes", "").ids(), 1)
			require.Empty(t, w.get("refunds", "").ids())
			require.Empty(t, w.get("webhook_endpoints", "").ids())
		})
	}
	t.Run("a body of another kind", func(t *testing.T) {
		a := start(t).post("coupons", `{"percent_off":5}`, func(r *http.Request) { r.Header.Set("Content-Type", "application/json") })
		require.Equal(t, 400, a.status)
	})
	t.Run("the seventeenth endpoint", func(t *testing.T) {
		w := start(t)
		for range 16 {
			w.made("webhook_endpoints", endpoint)
		}
		require.Equal(t, 400, w.post("webhook_endpoints", endpoint).status)
	})
}

// Keys act where they may: each mode sees its own, an account's own key itself.
func TestWhoMayAsk(t *testing.T) {
	w := start(t)
	w.AddKey("rk_live_own", "acct_2")
	w.AddKey("rk_test_1", "")
	w.Connect("acct_test", false, stripefake.AccountInfo{})
	w.Put("acct_1", stripefake.Purchase{N: "live"}.Charge(0))
	test := stripefake.Purchase{N: "test", Test: true}
	w.Put("acct_1", test.Charge(0), test.Refund("re_test", 100, "succeeded", noon))
	w.Put("acct_2", stripefake.Purchase{N: "own"}.Charge(0))
	w.Put("acct_3", stripefake.Purchase{N: "put", Test: true}.Charge(0))

	charges := func(key, account string) []string {
		a := w.get("charges", "", by(key), in(account))
		if a.status != 200 {
			code, _ := a.refused()
			return []string{code}
		}
		return a.ids()
	}
	require.Equal(t, []string{"ch_live"}, charges("sk_live_1", "acct_1"))
	require.Equal(t, []string{"ch_test"}, charges("sk_test_1", "acct_1"))
	require.Equal(t, []string{"re_test"}, w.get("refunds", "", by("sk_test_1")).ids(), "with its charge")
	require.Equal(t, []string{"ch_test"}, charges("rk_test_1", "acct_1"))
	require.Empty(t, charges("sk_live_1", ""), "the platform's own")
	require.Empty(t, charges("sk_live_1", "acct_platform"))
	require.Equal(t, []string{"account_invalid"}, charges("sk_live_1", "acct_test"), "installed in test mode only")
	require.Empty(t, charges("sk_test_1", "acct_test"))
	require.Equal(t, []string{"account_invalid"}, charges("sk_live_1", "acct_3"))
	require.Equal(t, []string{"ch_put"}, charges("sk_test_1", "acct_3"))
	require.Equal(t, []string{"ch_own"}, charges("rk_live_own", ""))
	require.Equal(t, []string{"ch_own"}, charges("rk_live_own", "acct_2"))
	require.Equal(t, []string{"account_invalid"}, charges("rk_live_own", "acct_1"))
	require.Equal(t, []string{"account_invalid"}, charges("rk_live_own", "acct_platform"))

	w.DisconnectMode("acct_1", false)
	require.Equal(t, []string{"account_invalid"}, charges("sk_test_1", "acct_1"))
	require.Equal(t, []string{"ch_live"}, charges("sk_live_1", "acct_1"))
	w.Disconnect("acct_1")
	w.Put("acct_1", stripefake.Purchase{N: "later"}.Charge(0))
	require.Equal(t, []string{"account_invalid"}, charges("sk_live_1", "acct_1"), "what happens there connects nothing")
	w.Connect("acct_1", true, stripefake.AccountInfo{})
	require.ElementsMatch(t, []string{"ch_live", "ch_later"}, charges("sk_live_1", "acct_1"), "nothing is lost")
}
