package shopifyfake

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Path is where deliveries are posted, below the base URL.
const Path = "/webhooks/shopify"

// SendOption changes one delivery.
type SendOption func(*delivery)

type delivery struct {
	path, shop, secret string
	id, event          string
	triggered          time.Time
	headers            map[string]string
}

// From names the shop; without it the first one added is meant.
func From(shop string) SendOption { return func(d *delivery) { d.shop = shop } }

// WebhookID sets X-Shopify-Webhook-Id: the same id again is a duplicate. Without it each delivery has its own.
func WebhookID(id string) SendOption { return func(d *delivery) { d.id = id } }

// EventID sets X-Shopify-Event-Id, shared by the deliveries of one merchant's act.
func EventID(id string) SendOption { return func(d *delivery) { d.event = id } }

// TriggeredAt sets X-Shopify-Triggered-At, which stays the same on a retry. Without it the header is missing.
func TriggeredAt(at time.Time) SendOption { return func(d *delivery) { d.triggered = at } }

// SignedWith signs with another secret than the app's.
func SignedWith(secret string) SendOption { return func(d *delivery) { d.secret = secret } }

// To posts to another path than Path, such as /webhooks/shopify/CONNECTION.
func To(path string) SendOption { return func(d *delivery) { d.path = path } }

// Header sets a header to another value, or takes it away with "".
func Header(name, value string) SendOption {
	return func(d *delivery) { d.headers[http.CanonicalHeaderKey(name)] = value }
}

// Sign returns X-Shopify-Hmac-Sha256 for body.
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Send posts a signed webhook as Shopify does and returns the status of the
// answer. Like Shopify it follows no redirect and gives up after 5 seconds.
func (f *Fake) Send(ctx context.Context, baseURL, topic string, body []byte, opts ...SendOption) (int, error) {
	req, err := f.Request(ctx, baseURL, topic, body, opts...)
	if err != nil {
		return 0, err
	}
	resp, err := f.sender.Do(req)
	if err != nil {
		return 0, fmt.Errorf("send %s: %w", topic, err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, nil
}

// Request is the request that Send makes, for those who send it themselves.
func (f *Fake) Request(ctx context.Context, baseURL, topic string, body []byte, opts ...SendOption) (*http.Request, error) {
	n, shop := f.nextDelivery()
	d := delivery{
		path: Path, shop: shop, secret: f.secret(), headers: map[string]string{},
		id:    fmt.Sprintf("b54557e4-bdd9-4b37-8a5f-%012d", n),
		event: fmt.Sprintf("98880550-7158-44d4-b7cd-%012d", n),
	}
	for _, opt := range opts {
		opt(&d)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, baseURL+d.path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("send %s: %w", topic, err)
	}
	h := req.Header
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "Shopify-Captain-Hook")
	h.Set("X-Shopify-Topic", topic)
	h.Set("X-Shopify-Shop-Domain", d.shop)
	h.Set("X-Shopify-Api-Version", f.drifted())
	h.Set("X-Shopify-Webhook-Id", d.id)
	h.Set("X-Shopify-Event-Id", d.event)
	h.Set("X-Shopify-Hmac-Sha256", Sign(d.secret, body))
	if !d.triggered.IsZero() {
		h.Set("X-Shopify-Triggered-At", d.triggered.UTC().Format("2006-01-02T15:04:05.000000000Z"))
	}
	for name, value := range d.headers {
		if h.Del(name); value != "" {
			h.Set(name, value)
		}
	}
	return req, nil
}
