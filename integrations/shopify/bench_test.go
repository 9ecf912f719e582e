package shopify

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
)

// benchOrder is the 6 KB order that design.md's figures are about.
func benchOrder(b *testing.B) []byte {
	b.Helper()
	body := shopifyfake.NewOrder(5_000_000_001, time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)).Body()
	b.ReportMetric(float64(len(body)), "bytes")
	return body
}

func benchHeader(body []byte) http.Header {
	h := http.Header{}
	h.Set("X-Shopify-Topic", "orders/paid")
	h.Set("X-Shopify-Webhook-Id", "b54557e4-bdd9-4b37-8a5f-000000000001")
	h.Set("X-Shopify-Shop-Domain", "wool.myshopify.com")
	h.Set("X-Shopify-Triggered-At", "2026-11-02T09:00:01.123456789Z")
	h.Set("X-Shopify-Hmac-Sha256", shopifyfake.Sign("hush", body))
	return h
}

func BenchmarkDecodeOrder(b *testing.B) {
	d := commerce.Delivery{Topic: "orders/paid", Body: benchOrder(b), TriggeredAt: 1}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	body := benchOrder(b)
	h, secrets := benchHeader(body), []string{"hush"}
	b.ReportAllocs()
	for b.Loop() {
		if err := Verify(h, body, secrets); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	body := benchOrder(b)
	h := benchHeader(body)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Read(h, body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBody(b *testing.B) {
	n := int64(5_000_000_000)
	at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		n++
		o := shopifyfake.NewOrder(n, at)
		o.Name = "#" + strconv.FormatInt(n, 10)
		if len(o.Body()) < 5000 {
			b.Fatal("the order is too small to be real")
		}
	}
}
