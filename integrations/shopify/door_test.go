package shopify

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	goshopify "github.com/bold-commerce/go-shopify/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify/shopifyfake"
)

func TestVerify(t *testing.T) {
	body := []byte(`{"id":1}`)
	sign := func(secret string) string { return shopifyfake.Sign(secret, body) }
	tests := map[string]struct {
		header  string
		body    []byte
		secrets []string
		denied  string // part of the sentence; "" = passes
	}{
		"the only secret":         {sign("new"), body, []string{"new"}, ""},
		"the old secret":          {sign("old"), body, []string{"new", "old"}, ""},
		"a stranger's secret":     {sign("other"), body, []string{"new", "old"}, "does not fit"},
		"a changed body":          {sign("new"), []byte(`{"id":2}`), []string{"new"}, "does not fit"},
		"no header":               {"", body, []string{"new"}, "missing"},
		"no base64":               {"not base64!", body, []string{"new"}, "not base64"},
		"hex, as others sign":     {strings.Repeat("ab", 32), body, []string{"new"}, "does not fit"},
		"too short":               {"YWJj", body, []string{"new"}, "does not fit"},
		"no secrets":              {sign("new"), body, nil, "no secret"},
		"signed with no secret":   {sign(""), body, []string{""}, "empty secret"},
		"an empty one among them": {sign("new"), body, []string{"new", ""}, "empty secret"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := http.Header{}
			h.Set("X-Shopify-Hmac-Sha256", tt.header)
			err := Verify(h, tt.body, tt.secrets)
			if tt.denied == "" {
				require.NoError(t, err)
			} else {
				assert.Equal(t, fault.Denied, fault.KindOf(err))
				assert.ErrorContains(t, err, tt.denied)
				assert.NotContains(t, err.Error(), sign("new"), "the right signature must not leak")
			}
			if len(tt.secrets) != 1 {
				return
			}
			app := goshopify.App{ApiSecret: tt.secrets[0]}
			theirs, _ := app.VerifyWebhookRequestVerbose(&http.Request{Header: h, Body: io.NopCloser(bytes.NewReader(tt.body))})
			assert.Equal(t, theirs, err == nil, "go-shopify judges otherwise")
		})
	}
}

func header(topic string, more ...string) http.Header {
	h := http.Header{}
	h.Set("X-Shopify-Topic", topic)
	h.Set("X-Shopify-Webhook-Id", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043")
	h.Set("X-Shopify-Shop-Domain", "wool.myshopify.com")
	for i := 0; i < len(more); i += 2 {
		h.Set(more[i], more[i+1])
	}
	return h
}

func TestReadTakesRefs(t *testing.T) {
	tests := []struct{ topic, body, order, customer, email string }{
		{"orders/create", `{"id":12,"admin_graphql_api_id":"gid://shopify/Order/12","email":"b@example.com","customer":{"id":34,"email":"A@Example.com "}}`, "12", "34", "a@example.com"},
		{"orders/paid", `{"id":12,"email":null,"contact_email":"c@example.com","customer":null}`, "12", "", "c@example.com"},
		// The documentation's own sample: the plain ids went through JavaScript.
		{"orders/updated", `{"id":820982911946154500,"admin_graphql_api_id":"gid://shopify/Order/820982911946154508","customer":{"id":115310627314723950,"admin_graphql_api_id":"gid://shopify/Customer/115310627314723954"}}`, "820982911946154508", "115310627314723954", ""},
		// Above 2^53 a float64 would make 9007199254740992 of it.
		{"orders/cancelled", `{"id":9007199254740993}`, "9007199254740993", "", ""},
		{"orders/cancelled", `{"id":"9007199254740993"}`, "9007199254740993", "", ""},
		{"orders/delete", `{"id":12}`, "12", "", ""},
		{"orders/edited", `{"order_edit":{"id":5,"order_id":12}}`, "12", "", ""},
		{"refunds/create", `{"id":5,"order_id":12}`, "12", "", ""},
		{"fulfillments/update", `{"id":5,"order_id":12,"email":"a@example.com"}`, "12", "", "a@example.com"},
		{"fulfillment_events/create", `{"id":5,"order_id":12}`, "12", "", ""},
		{"disputes/create", `{"id":5,"order_id":null}`, "", "", ""},
		{"customers/update", `{"id":34,"email":"a@example.com"}`, "", "34", "a@example.com"},
		{"customers/merge", `{"admin_graphql_api_customer_kept_id":"gid://shopify/Customer/1","status":"completed"}`, "", "1", ""},
		{"customers_email_marketing_consent/update", `{"customer_id":34,"email_address":"a@example.com"}`, "", "34", "a@example.com"},
		{"customers/redact", `{"shop_domain":"wool.myshopify.com","customer":{"id":34,"email":"a@example.com"}}`, "", "34", "a@example.com"},
		{"shop/update", `{"id":77,"email":"owner@example.com","myshopify_domain":"wool.myshopify.com"}`, "", "", ""},
		{"orders/create", `{"id":1e3,"email":7}`, "", "", ""},
		{"orders/create", `{"id":12,"email":"a@exam`, "12", "", ""}, // broken off: quarantined later, kept now
		{"orders/create", ``, "", "", ""},
		{"orders/create", `]]`, "", "", ""},
	}
	for _, tt := range tests {
		d, shop, err := Read(header(tt.topic), []byte(tt.body))
		require.NoError(t, err, tt.body)
		assert.Equal(t, "wool.myshopify.com", shop)
		assert.Equal(t, []string{tt.order, tt.customer, tt.email}, []string{d.OrderRef, d.CustomerRef, d.Email}, "%s %s", tt.topic, tt.body)
		assert.Equal(t, tt.topic, d.Topic)
		assert.Equal(t, commerce.Shopify, d.Platform)
		assert.Equal(t, "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043", d.ExternalID)
		assert.Equal(t, tt.body, string(d.Body))
	}
}

func TestReadHeaders(t *testing.T) {
	long := strings.Repeat("x", 256)
	tests := map[string]struct {
		name, value string
		kind        fault.Kind
	}{
		"no topic":             {"X-Shopify-Topic", "", fault.Invalid},
		"a topic with NUL":     {"X-Shopify-Topic", "orders/\x00paid", fault.Invalid},
		"a topic not in ASCII": {"X-Shopify-Topic", "orders/påid", fault.Invalid},
		"a long topic":         {"X-Shopify-Topic", long, fault.Invalid},
		"no webhook id":        {"X-Shopify-Webhook-Id", "", fault.Invalid},
		"a long webhook id":    {"X-Shopify-Webhook-Id", long, fault.Invalid},
		"no shop":              {"X-Shopify-Shop-Domain", "", fault.Invalid},
		"another host":         {"X-Shopify-Shop-Domain", "wool.example.com", fault.Invalid},
		"the Kelvin sign":      {"X-Shopify-Shop-Domain", "woo\u212a.myshopify.com", fault.Invalid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := Read(header("orders/paid", tt.name, tt.value), []byte(`{"id":1}`))
			assert.Equal(t, tt.kind, fault.KindOf(err), "%v", err)
		})
	}
	_, shop, err := Read(header("orders/paid", "X-Shopify-Shop-Domain", "WOOL.myshopify.com"), []byte(`{"id":1}`))
	require.NoError(t, err)
	assert.Equal(t, "wool.myshopify.com", shop)
}

func TestReadTriggeredAt(t *testing.T) {
	want := commerce.At(time.Date(2026, 11, 2, 9, 30, 0, 123_000_000, time.UTC))
	for value, at := range map[string]commerce.Instant{
		"2026-11-02T09:30:00.123456789Z": want,
		"2026-11-02T12:30:00.123+03:00":  want,
		"":                               0,
		"yesterday":                      0,
		"0001-01-01T00:00:00Z":           0,
		"1960-01-01T00:00:00Z":           0,
	} {
		d, _, err := Read(header("orders/paid", "X-Shopify-Triggered-At", value), []byte(`{"id":1}`))
		require.NoError(t, err)
		assert.Equal(t, at, d.TriggeredAt, value)
	}
}

// The shop's header lies outside the signature: where the signed body names the
// shop, the two must agree.
func TestReadShopAgrees(t *testing.T) {
	const own, other = "wool.myshopify.com", "silk.myshopify.com"
	tests := []struct {
		topic, body string
		kind        fault.Kind
	}{
		{"customers/redact", `{"shop_domain":"` + own + `"}`, ""},
		{"customers/redact", `{"shop_domain":"WOOL.myshopify.com"}`, ""},
		{"customers/redact", `{"shop_domain":"` + other + `"}`, fault.Denied},
		{"customers/data_request", `{"shop_domain":"` + other + `"}`, fault.Denied},
		{"shop/redact", `{"shop_domain":"` + other + `"}`, fault.Denied},
		{"shop/redact", `{"shop_domain":7}`, fault.Denied},
		{"shop/redact", `{"shop_domain":null}`, fault.Denied},
		{"shop/redact", `{"id":12,"email":"a@example.com"}`, fault.Denied}, // an order sent again as an erasure
		{"shop/redact", `{"shop_domain":`, ""},                             // decodes to nothing, erases nothing
		{"shop/redact", strings.Repeat("[", 2_000_000), ""},
		{"app/uninstalled", `{"myshopify_domain":"` + own + `"}`, ""},
		{"app/uninstalled", `{"myshopify_domain":null}`, ""}, // as in the documentation's sample
		{"app/uninstalled", `{"myshopify_domain":"` + other + `"}`, fault.Denied},
		{"shop/update", `{"myshopify_domain":"` + other + `"}`, fault.Denied},
		{"orders/paid", `{"order_status_url":"https://` + other + `/1"}`, ""}, // links do not count
	}
	for _, tt := range tests {
		_, _, err := Read(header(tt.topic), []byte(tt.body))
		assert.Equal(t, tt.kind, fault.KindOf(err), "%s %.60s: %v", tt.topic, tt.body, err)
	}
}

func TestValidShop(t *testing.T) {
	for _, ok := range []string{"wool.myshopify.com", "a.myshopify.com", "wool-2_x.myshopify.com", "WOOL.myshopify.com"} {
		assert.True(t, ValidShop(ok), ok)
	}
	for _, bad := range []string{
		"", "myshopify.com", ".myshopify.com", "-a.myshopify.com", "a.b.myshopify.com", "wool.myshopify.com.",
		"attacker.example/myshopify.com", "attacker.example?wool.myshopify.com", "attacker.example#.myshopify.com",
		"wool.myshopify.com.attacker.example", "wool.myshopify.com/admin", "wool.myshopify.com:443", "wool.myshopify.com\n",
		"a@wool.myshopify.com", "woolXmyshopify.com", "https://wool.myshopify.com", " wool.myshopify.com",
		strings.Repeat("a", 250) + ".myshopify.com",
	} {
		assert.False(t, ValidShop(bad), bad)
	}
}
