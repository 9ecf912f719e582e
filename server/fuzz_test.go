package server_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store/storetest"
)

// FuzzDoor: whatever strangers post, the answer is a refusal in words, never a
// crash and never a delivery that was kept.
func FuzzDoor(f *testing.F) {
	for _, seed := range []struct{ path, topic, shop, signature, body string }{
		{"/webhooks/shopify", "orders/paid", domain, "AAAA", `{"id":1}`},
		{"/webhooks/shopify", "orders/paid\x00", domain + "\r\n", "====", "\xff\xfe"},
		{"/webhooks/shopify/x", "", "", "", ""},
		{"/webhooks/stripe", "", "", "t=1,v1=00", `{"id":"evt_1","account":"acct_nour","livemode":true,"type":"charge.refunded"}`},
		{"/webhooks/stripe", "", "", "t=99999999999999999999,v1=", `{"account":{"a":1},"livemode":1e400}`},
		{"/api/v1/events", "", "", "Bearer fw_", `{"name":"x","id":"1","email":"a@b.co"}`},
		{"/webhooks/stripe/../shopify", "a", "b.myshopify.com", "t=,v1=,v1=", "[[[[[["},
	} {
		f.Add(seed.path, seed.topic, seed.shop, seed.signature, []byte(seed.body))
	}
	s := storetest.Open(f, "sqlite")
	f.Fuzz(func(t *testing.T, path, topic, shop, signature string, body []byte) {
		w := serveOnce(t, s)
		r := httptest.NewRequest(http.MethodPost, "/webhooks/shopify", bytes.NewReader(body))
		r.URL.Path = path
		r.Header.Set("X-Shopify-Topic", topic)
		r.Header.Set("X-Shopify-Shop-Domain", shop)
		r.Header.Set("X-Shopify-Webhook-Id", "w")
		r.Header.Set("X-Shopify-Hmac-Sha256", signature)
		r.Header.Set("Stripe-Signature", signature)
		r.Header.Set("Authorization", signature)
		rec := httptest.NewRecorder()
		w.ServeHTTP(rec, r)
		if signature == shopifyfake.Sign("new", body) {
			return // the fuzzer will not find the secret, but a seed of ours might
		}
		if rec.Code < 400 || rec.Code >= 500 {
			t.Fatalf("%s answered %d: %s", path, rec.Code, rec.Body)
		}
	})
}
