package server_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/server"
	"flywheel/store"
	"flywheel/store/storetest"
)

// visit comes through the app proxy of domain, as a visitor of its storefront; change spoils the query.
func (w *world) visit(change ...func(url.Values)) *httptest.ResponseRecorder {
	w.t.Helper()
	return w.do(httptest.NewRequest(http.MethodGet, "/proxy/shopify/block?"+w.proxyQuery(change...), nil))
}

func (w *world) proxyQuery(change ...func(url.Values)) string {
	q := fake.ProxyQuery(domain, "/apps/flywheel", "", w.clock.Now(), url.Values{"once": {store.NewID()}})
	for _, c := range change {
		c(q)
	}
	return q.Encode()
}

// resigned signs a changed query as Shopify would.
func resigned(change func(url.Values)) func(url.Values) {
	return func(q url.Values) {
		change(q)
		q.Set("signature", shopifyfake.SignProxy("new", q))
	}
}

func TestStorefrontGetsNothingYet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		got := w.visit()
		require.Equal(t, http.StatusOK, got.Code)
		require.JSONEq(t, `{"ready":false}`, read(t, got))
		require.Regexp(t, `^application/json`, got.Header().Get("Content-Type"), "Shopify would run application/liquid as a template")
		require.Equal(t, "no-store", got.Header().Get("Cache-Control"))
		require.Equal(t, "nosniff", got.Header().Get("X-Content-Type-Options"))
		require.Empty(t, got.Header().Values("Set-Cookie"))
		at, err := s.StorefrontSeen(t.Context(), w.shopify.ShopID, w.shopify.ID)
		require.NoError(t, err)
		require.Equal(t, s.Now(), at, "the block stands in the theme")
	})
}

// Nobody learns whether a shop is one of ours: strangers, those who left and customers who are logged in get the same answer.
func TestStorefrontAnswersAllAlike(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	w := serve(t, s)
	want := read(t, w.visit())
	require.Equal(t, want, read(t, w.visit(resigned(func(q url.Values) { q.Set("shop", "stranger.myshopify.com") }))))
	require.Equal(t, want, read(t, w.visit(resigned(func(q url.Values) { q.Set("logged_in_customer_id", "6001") }))))
	require.Equal(t, want, read(t, w.visit(resigned(func(q url.Values) { q.Set("text", "{{ shop.secret }}<script>") }))), "what the visitor sends is not sent back")
	left := storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) { c.ExternalID, c.Secrets = "left.myshopify.com", nil })
	storetest.Do(t, s, func(tx *store.Tx) error {
		_, err := tx.CloseConnection(left.ShopID, left.ID, s.Now())
		return err
	})
	require.Equal(t, want, read(t, w.visit(resigned(func(q url.Values) { q.Set("shop", "left.myshopify.com") }))))
	at, err := s.StorefrontSeen(t.Context(), left.ShopID, left.ID)
	require.NoError(t, err)
	require.Zero(t, at)
}

func TestStorefrontRefusesWhatShopifyDidNotSend(t *testing.T) {
	w := serve(t, storetest.Open(t, "sqlite"))
	for name, change := range map[string]func(url.Values){
		"no signature":      func(q url.Values) { q.Del("signature") },
		"another's":         func(q url.Values) { q.Set("signature", shopifyfake.SignProxy("guess", q)) },
		"no secret at all":  func(q url.Values) { q.Set("signature", shopifyfake.SignProxy("", q)) },
		"another shop":      func(q url.Values) { q.Set("shop", "other.myshopify.com") },
		"another customer":  func(q url.Values) { q.Set("logged_in_customer_id", "7") },
		"old":               resigned(func(q url.Values) { q.Set("timestamp", "1000000000") }),
		"no shop":           resigned(func(q url.Values) { q.Del("shop") }),
		"no name of a shop": resigned(func(q url.Values) { q.Set("shop", "attacker.example/myshopify.com") }),
	} {
		got := w.visit(change)
		require.Equal(t, http.StatusUnauthorized, got.Code, name)
		require.NotContains(t, read(t, got), "ready", name)
	}
	require.Equal(t, http.StatusOK, w.visit(func(q url.Values) { q.Set("signature", shopifyfake.SignProxy("old", q)) }).Code, "the secret before the last rotation")
	broken := httptest.NewRequest(http.MethodGet, "/proxy/shopify/block", nil)
	broken.URL.RawQuery = w.proxyQuery() + "&bad=%zz"
	require.Equal(t, http.StatusUnauthorized, w.do(broken).Code)
}

// An app of a merchant's own signs with its own secret, and the app's does not open it.
func TestStorefrontOfACustomApp(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	w := serve(t, s)
	storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) { c.ExternalID, c.Secrets = "own.myshopify.com", []string{"mine"} })
	by := func(secret string) int {
		return w.visit(func(q url.Values) {
			q.Set("shop", "own.myshopify.com")
			q.Set("signature", shopifyfake.SignProxy(secret, q))
		}).Code
	}
	require.Equal(t, http.StatusOK, by("mine"))
	require.Equal(t, http.StatusUnauthorized, by("new"))
}

// ledger remembers keys for all its servers, as Redis does.
type ledger struct {
	mu   sync.Mutex
	keys map[string]time.Duration
	down error
}

func (l *ledger) once(_ context.Context, key string, ttl time.Duration) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, known := l.keys[key]
	l.keys[key] = ttl
	return !known, l.down
}

// A call counts once, at whichever process it comes; while Redis is away each process knows its own.
func TestStorefrontCallsCountOnce(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	w := serve(t, s)
	l := &ledger{keys: map[string]time.Duration{}}
	process := func() http.Handler {
		e, err := server.New(server.Options{
			Store: s, Queue: &hints{}, Log: slog.New(slog.DiscardHandler), Now: w.clock.Now, ShopifySecrets: []string{"new"}, Once: l.once,
		})
		require.NoError(t, err)
		return e
	}
	one, two := process(), process()
	ask := func(h http.Handler, query string) int {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/proxy/shopify?"+query, nil))
		return rec.Code
	}
	query := w.proxyQuery()
	require.Equal(t, http.StatusOK, ask(one, query))
	require.Equal(t, http.StatusUnauthorized, ask(one, query))
	require.Equal(t, http.StatusUnauthorized, ask(two, query))
	for key, ttl := range l.keys {
		require.NotContains(t, key, domain, "Redis learns of nobody")
		require.Equal(t, 180*time.Second, ttl)
	}
	l.down = errors.New("away")
	query = w.proxyQuery()
	require.Equal(t, http.StatusOK, ask(one, query))
	require.Equal(t, http.StatusUnauthorized, ask(one, query))
	require.Equal(t, http.StatusOK, ask(two, query))
}
