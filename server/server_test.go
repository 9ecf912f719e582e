package server_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/links"
	"flywheel/server"
	"flywheel/store"
	"flywheel/store/storetest"
	"flywheel/templates"
)

const (
	domain  = "nour.myshopify.com"
	account = "acct_nour"
)

// hints records what the door tells the queue.
type hints struct {
	mu    sync.Mutex
	shops []commerce.ShopID
	down  error
}

func (h *hints) InboxArrived(shop commerce.ShopID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.shops = append(h.shops, shop)
}

func (h *hints) Ping() error { return h.down }

// world is a server over a real database, with one shop on each platform.
type world struct {
	t       *testing.T
	store   *store.Store
	clock   *storetest.Clock
	handler http.Handler
	queue   *hints
	shopify commerce.Connection // of domain, on the app's secret
	stripe  commerce.Connection // of account, live
	log     *bytes.Buffer
}

// marks signs the links that count.
var marks = links.NewSigner([][]byte{bytes.Repeat([]byte{7}, 32)})

func serve(t *testing.T, s *store.Store) *world {
	t.Helper()
	w := &world{t: t, store: s, clock: storetest.ClockOf(s), queue: &hints{}, log: &bytes.Buffer{}}
	policy, err := gate.ParsePolicy(templates.ConsentPolicy())
	require.NoError(t, err)
	e, err := server.New(server.Options{
		Store: s, Queue: w.queue, Log: slog.New(slog.NewJSONHandler(w.log, nil)), Now: w.clock.Now, RealNow: w.clock.Now, BaseURL: "https://flywheel.example",
		ShopifySecrets: []string{"new", "old"}, StripeSecrets: []string{"whsec_new", "whsec_old"}, Policy: policy, Marks: marks,
	})
	require.NoError(t, err)
	w.handler = e
	shop := storetest.Shop(t, s)
	w.shopify = storetest.Connection(t, s, shop, func(c *commerce.Connection) { c.ExternalID, c.Secrets = domain, nil })
	w.stripe = storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) {
		c.Platform, c.ExternalID, c.Secrets = commerce.Stripe, account, nil
	})
	return w
}

// serveOnce is a handler over a store that others use too.
func serveOnce(t *testing.T, s *store.Store) http.Handler {
	t.Helper()
	e, err := server.New(server.Options{
		Store: s, Queue: &hints{}, Log: slog.New(slog.DiscardHandler), Now: storetest.ClockOf(s).Now,
		ShopifySecrets: []string{"new"}, StripeSecrets: []string{"whsec_new"},
	})
	require.NoError(t, err)
	return e
}

func (w *world) do(r *http.Request) *httptest.ResponseRecorder {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec
}

// order is a signed delivery of an order; options change it.
func (w *world) order(opts ...shopifyfake.SendOption) *http.Request {
	w.t.Helper()
	body := shopifyfake.NewOrder(1, storetest.Noon).Body()
	return w.shopifyRequest("orders/paid", body, opts...)
}

var fake = shopifyfake.New("new")

func (w *world) shopifyRequest(topic string, body []byte, opts ...shopifyfake.SendOption) *http.Request {
	w.t.Helper()
	r, err := fake.Request(w.t.Context(), "http://flywheel.example", topic, body, append([]shopifyfake.SendOption{shopifyfake.From(domain)}, opts...)...)
	require.NoError(w.t, err)
	return serverSide(r)
}

// event is a signed event of account at the shared path.
func (w *world) event(e stripefake.Event, secret string) *http.Request {
	w.t.Helper()
	if e.Type == "" {
		e.Type, e.Created = "charge.refunded", w.clock.Now()
		e.Object = stripefake.Purchase{N: "1"}.Charge(100)
	}
	body := e.Body()
	r := httptest.NewRequest(http.MethodPost, "/webhooks/stripe", bytes.NewReader(body))
	r.Header = stripefake.Sign(body, secret, w.clock.Now())
	return r
}

// serverSide turns a client's request into one that a handler takes.
func serverSide(r *http.Request) *http.Request {
	in := httptest.NewRequest(r.Method, r.URL.RequestURI(), r.Body)
	in.Header, in.ContentLength = r.Header, r.ContentLength
	return in
}

func (w *world) inbox(shop commerce.ShopID) []commerce.Delivery {
	w.t.Helper()
	rows, err := w.store.NextInbox(w.t.Context(), shop, 100)
	require.NoError(w.t, err)
	return rows
}

func read(t *testing.T, r *httptest.ResponseRecorder) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return string(body)
}

func TestUnknownPathsAnswerPlainly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		rec := w.do(httptest.NewRequest(http.MethodGet, "/nothing", nil))
		require.Equal(t, http.StatusNotFound, rec.Code)
		require.JSONEq(t, `{"error":"not found"}`, read(t, rec))
		require.Equal(t, http.StatusMethodNotAllowed, w.do(httptest.NewRequest(http.MethodGet, "/webhooks/shopify", nil)).Code)
	})
}

func TestHealth(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	w := serve(t, s)
	get := func(path string) (int, string) {
		rec := w.do(httptest.NewRequest(http.MethodGet, path, nil))
		return rec.Code, read(t, rec)
	}
	code, body := get("/readyz")
	require.Equal(t, http.StatusOK, code)
	require.Contains(t, body, `"status":"ok"`)

	w.queue.down = context.DeadlineExceeded
	code, body = get("/readyz")
	require.Equal(t, http.StatusOK, code, "without Redis everything is still taken and kept")
	require.Contains(t, body, `"status":"degraded"`)

	w.queue.down = nil
	for base, want := range map[string]int{"https://flywheel.example": http.StatusServiceUnavailable, "http://127.0.0.1:8080": http.StatusOK} {
		e, err := server.New(server.Options{Store: s, Queue: w.queue, Log: slog.New(slog.DiscardHandler), Now: w.clock.Now, BaseURL: base, MissingUI: "run 'make build'"})
		require.NoError(t, err)
		rec := httptest.NewRecorder()
		e.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		require.Equal(t, want, rec.Code, base)
		require.Contains(t, rec.Body.String(), "make build", "it says what to do either way")
	}

	require.NoError(t, s.Close())
	code, body = get("/readyz")
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Contains(t, body, "does not answer")
	code, _ = get("/healthz")
	require.Equal(t, http.StatusOK, code, "a restart would not mend the database")
}

// An X-Forwarded-For of strangers is not believed, nor does a bad list start.
func TestTrustedProxies(t *testing.T) {
	_, err := server.New(server.Options{TrustedProxies: []string{"10.0.0.1"}})
	require.ErrorContains(t, err, "not a network such as")
	require.True(t, strings.Contains(err.Error(), "TRUSTED_PROXIES"))
}
