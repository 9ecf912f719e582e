package shopifyfake

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func ask(t *testing.T, f *Fake, query string, change func(*http.Request)) (int, string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": map[string]any{"id": "gid://shopify/Order/1"}})
	require.NoError(t, err)
	req := httptest.NewRequest(http.MethodPost, "/admin/api/2026-10/graphql.json", strings.NewReader(string(body)))
	req.Host = "wool.myshopify.com"
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Shopify-Access-Token", "token")
	if change != nil {
		change(req)
	}
	w := httptest.NewRecorder()
	f.Handler().ServeHTTP(w, req)
	return w.Code, w.Body.String()
}

func installed() *Fake {
	f := New("hush")
	f.AddShop("wool.myshopify.com", "token")
	f.PutOrder("wool.myshopify.com", NewOrder(1, noon))
	return f
}

func TestFakeAnswersWhatIsAsked(t *testing.T) {
	f := installed()
	status, body := ask(t, f, `query ($id: ID!) { order(id: $id) { id, total: totalPriceSet { shopMoney { amount } } lineItems(first: 1) { nodes { sku } pageInfo { hasNextPage } } } }`, nil)
	assert.Equal(t, 200, status)
	var answer struct{ Data json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(body), &answer))
	assert.JSONEq(t, `{"order":{"id":"gid://shopify/Order/1","total":{"shopMoney":{"amount":"82.90"}},"lineItems":{"nodes":[{"sku":"SCARF-MOSS"}],"pageInfo":{"hasNextPage":true}}}}`, string(answer.Data))
	assert.Len(t, f.Asked(), 1)

	f.RemoveShop("wool.myshopify.com")
	status, _ = ask(t, f, `query ($id: ID!) { order(id: $id) { id } }`, nil)
	assert.Equal(t, 401, status, "the token died with the installation")
}

func TestFakeIsStrict(t *testing.T) {
	const good = `query ($id: ID!) { order(id: $id) { id } }`
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	tests := map[string]struct {
		change func(*http.Request)
		status int
		says   string
	}{
		"no token":        {set("X-Shopify-Access-Token", ""), 401, "Invalid API key"},
		"another token":   {set("X-Shopify-Access-Token", "other"), 401, "Invalid API key"},
		"another shop":    {func(r *http.Request) { r.Host = "silk.myshopify.com" }, 401, "Invalid API key"},
		"a form":          {set("Content-Type", "application/x-www-form-urlencoded"), 415, "application/json"},
		"another version": {func(r *http.Request) { r.URL.Path = "/admin/api/2025-01/graphql.json" }, 404, ""},
		"no version":      {func(r *http.Request) { r.URL.Path = "/admin/graphql.json" }, 404, ""},
		"GET":             {func(r *http.Request) { r.Method = http.MethodGet }, 405, ""},
		"no JSON":         {func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("order")) }, 400, "not JSON"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			status, body := ask(t, installed(), good, tt.change)
			assert.Equal(t, tt.status, status)
			assert.Contains(t, body, tt.says)
			assert.NotContains(t, body, `"data"`)
		})
	}
}

func TestSend(t *testing.T) {
	var seen []http.Header
	var bodies []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		seen, bodies = append(seen, r.Header), append(bodies, r.URL.Path+" "+string(b))
		w.WriteHeader(http.StatusAccepted)
	}))
	defer server.Close()
	f := installed()
	f.AddShop("silk.myshopify.com", "another")
	body := []byte(`{"id":1}`)
	send := func(opts ...SendOption) {
		status, err := f.Send(t.Context(), server.URL, "orders/paid", body, opts...)
		require.NoError(t, err)
		assert.Equal(t, http.StatusAccepted, status)
	}
	send(TriggeredAt(noon))
	send(From("silk.myshopify.com"), WebhookID("w-1"), EventID("e-1"), SignedWith("old"), To("/webhooks/shopify/abc"))
	send(Header("X-Shopify-Hmac-Sha256", ""))

	want := map[string]string{
		"X-Shopify-Topic": "orders/paid", "X-Shopify-Shop-Domain": "wool.myshopify.com", "X-Shopify-Api-Version": "2026-10",
		"X-Shopify-Hmac-Sha256": Sign("hush", body), "X-Shopify-Triggered-At": "2026-11-02T12:00:00.000000000Z", "Content-Type": "application/json",
	}
	for name, value := range want {
		assert.Equal(t, value, seen[0].Get(name), name)
	}
	assert.NotEmpty(t, seen[0].Get("X-Shopify-Webhook-Id"))
	assert.NotEmpty(t, seen[0].Get("X-Shopify-Event-Id"))
	assert.NotEqual(t, seen[0].Get("X-Shopify-Webhook-Id"), seen[2].Get("X-Shopify-Webhook-Id"))
	assert.Equal(t, []string{"silk.myshopify.com", "w-1", "e-1", Sign("old", body), ""}, []string{
		seen[1].Get("X-Shopify-Shop-Domain"), seen[1].Get("X-Shopify-Webhook-Id"), seen[1].Get("X-Shopify-Event-Id"),
		seen[1].Get("X-Shopify-Hmac-Sha256"), seen[1].Get("X-Shopify-Triggered-At"),
	})
	assert.Empty(t, seen[2].Get("X-Shopify-Hmac-Sha256"))
	assert.Equal(t, []string{"/webhooks/shopify " + string(body), "/webhooks/shopify/abc " + string(body), "/webhooks/shopify " + string(body)}, bodies)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := f.Send(ctx, server.URL, "orders/paid", body)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestBodiesAreTheSameEachTime(t *testing.T) {
	build := func() *Order {
		o := NewOrder(42, noon)
		o.Refund(noon.Add(time.Hour), 100, RefundLine{Line: 0, Quantity: 1})
		o.Fulfil(noon.Add(2 * time.Hour)).Deliver(noon.Add(3 * time.Hour))
		return o
	}
	assert.Equal(t, string(build().Body()), string(build().Body()))
	size := len(NewOrder(42, noon).Body())
	assert.True(t, 5000 < size && size < 7000, "an order of %d bytes", size)
}

func TestMoneyOfTwoCurrencies(t *testing.T) {
	tests := []struct {
		paid, shop string
		num, den   int64
		minor      int64
		wantPaid   string
		wantShop   string
	}{
		{"EUR", "EUR", 1, 1, 490, "4.90", "4.90"},
		{"KWD", "SAR", 122, 10, 12500, "12.500", "152.50"},
		{"JPY", "EUR", 6, 1000, 5500, "5500", "33.00"},
		{"EUR", "JPY", 165, 1, 490, "4.90", "809"}, // 808.5, rounded up
		{"SAR", "KWD", 82, 1000, 100, "1.00", "0.082"},
	}
	for _, tt := range tests {
		o := NewOrder(1, noon).In(tt.paid, tt.shop, tt.num, tt.den)
		assert.Equal(t, tt.wantPaid, o.paid(tt.minor))
		assert.Equal(t, tt.wantShop, o.shop(tt.minor))
	}
}

func TestStatusesFollow(t *testing.T) {
	o := NewOrder(1, noon)
	assert.Equal(t, "paid", o.FinancialStatus)
	first := o.Refund(noon, 1000).Settle(noon, "pending")
	assert.Equal(t, "paid", o.FinancialStatus, "what is only pending is still there")
	first.Settle(noon, "success")
	assert.Equal(t, "partially_refunded", o.FinancialStatus)
	o.Refund(noon.Add(time.Hour), o.Total()-1000)
	assert.Equal(t, "refunded", o.FinancialStatus)
	assert.Equal(t, noon.Add(time.Hour), o.UpdatedAt)
	assert.Equal(t, "voided", NewOrder(2, noon).Unpaid("Bank Deposit").Cancel(noon).FinancialStatus)
}
