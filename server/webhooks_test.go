package server_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/server"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestSignedDeliveryIsKeptBeforeTheAnswer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		require.Equal(t, http.StatusOK, w.do(w.order(shopifyfake.WebhookID("w1"), shopifyfake.TriggeredAt(storetest.Noon))).Code)
		rows := w.inbox(w.shopify.ShopID)
		require.Len(t, rows, 1)
		require.Equal(t, "orders/paid", rows[0].Topic)
		require.Equal(t, "w1", rows[0].ExternalID)
		require.Equal(t, commerce.At(storetest.Noon), rows[0].TriggeredAt)
		require.Equal(t, shopifyfake.NewOrder(1, storetest.Noon).Body(), rows[0].Body)
		require.Equal(t, []commerce.ShopID{w.shopify.ShopID}, w.queue.shops)

		require.Equal(t, http.StatusOK, w.do(w.order(shopifyfake.WebhookID("w1"))).Code, "a repeat is a quiet success")
		require.Len(t, w.inbox(w.shopify.ShopID), 1)
		require.Len(t, w.queue.shops, 1)
		require.Contains(t, w.log.String(), `"result":"duplicate"`)
		require.NotContains(t, w.log.String(), "ada@example.com", "no personal data in logs")
	})
}

func TestFiveAtOnceAreOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		var all sync.WaitGroup
		for range 5 {
			r := w.order(shopifyfake.WebhookID("w1"))
			all.Go(func() { w.do(r) })
		}
		all.Wait()
		require.Len(t, w.inbox(w.shopify.ShopID), 1)
		require.Len(t, w.queue.shops, 1)
	})
}

func TestShopifyDoor(t *testing.T) {
	redact := shopifyfake.RedactCustomer("other.myshopify.com", 1, "ada@example.com")
	large := bytes.Repeat([]byte(" "), 8<<20+1)
	for name, tt := range map[string]struct {
		topic string
		body  []byte
		opts  []shopifyfake.SendOption
		want  int
		says  string
	}{
		"the old secret still counts":  {opts: []shopifyfake.SendOption{shopifyfake.SignedWith("old")}, want: 200},
		"a stranger's signature":       {opts: []shopifyfake.SendOption{shopifyfake.SignedWith("mine")}, want: 401, says: "does not fit"},
		"an empty secret":              {opts: []shopifyfake.SendOption{shopifyfake.SignedWith("")}, want: 401, says: "does not fit"},
		"no signature":                 {opts: []shopifyfake.SendOption{shopifyfake.Header("X-Shopify-Hmac-Sha256", "")}, want: 401, says: "missing"},
		"no topic":                     {opts: []shopifyfake.SendOption{shopifyfake.Header("X-Shopify-Topic", "")}, want: 400, says: "X-Shopify-Topic"},
		"an endless id":                {opts: []shopifyfake.SendOption{shopifyfake.WebhookID(strings.Repeat("x", 256))}, want: 400, says: "X-Shopify-Webhook-Id"},
		"a host that only looks right": {opts: []shopifyfake.SendOption{shopifyfake.From("evil.example/nour.myshopify.com")}, want: 400, says: "not the name of a shop"},
		"compliance of another shop":   {topic: "customers/redact", body: redact, want: 401},
		"over 8 MiB":                   {body: large, want: 413, says: "8 MiB"},
		"not JSON but signed":          {body: []byte("hello"), want: 200}, // kept, and quarantined when it is decoded
		"empty":                        {body: []byte{}, want: 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serve(t, storetest.Open(t, "sqlite"))
			topic := tt.topic
			if topic == "" {
				topic = "orders/paid"
			}
			body := tt.body
			if body == nil {
				body = shopifyfake.NewOrder(1, storetest.Noon).Body()
			}
			rec := w.do(w.shopifyRequest(topic, body, tt.opts...))
			answer := read(t, rec)
			require.Equal(t, tt.want, rec.Code, answer)
			require.Contains(t, answer, tt.says)
			require.Len(t, w.inbox(w.shopify.ShopID), map[bool]int{true: 1}[tt.want == 200])
		})
	}
}

// The shop header lies outside the signature: another shop's header with a
// body signed by the app reaches that shop only by its own secret.
func TestConnectionPathHasItsOwnSecret(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		custom := storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) {
			c.ExternalID, c.Secrets = "custom.myshopify.com", []string{"their own"}
		})
		path := shopifyfake.To("/webhooks/shopify/" + string(custom.ID))
		from := shopifyfake.From("custom.myshopify.com")
		require.Equal(t, 200, w.do(w.order(path, from, shopifyfake.SignedWith("their own"))).Code)
		require.Equal(t, 401, w.do(w.order(path, from, shopifyfake.SignedWith("new"))).Code, "the app's secret is not theirs")
		require.Equal(t, 401, w.do(w.order(from, shopifyfake.SignedWith("new"))).Code, "nor at the shared path")
		require.Equal(t, 200, w.do(w.order(from, shopifyfake.SignedWith("their own"))).Code)
		require.Equal(t, 401, w.do(w.order(path, shopifyfake.From(domain), shopifyfake.SignedWith("their own"))).Code, "another shop's name")
		require.Equal(t, 401, w.do(w.order(shopifyfake.To("/webhooks/shopify/nobody"))).Code)
		require.Equal(t, 401, w.do(w.order(shopifyfake.To("/webhooks/shopify/"+string(w.stripe.ID)))).Code, "a connection of the other platform")
		require.Len(t, w.inbox(custom.ShopID), 2)
		require.Empty(t, w.inbox(w.shopify.ShopID))
	})
}

func TestUnknownShopIsKeptSealedUntilItConnects(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		from := shopifyfake.From("later.myshopify.com")
		require.Equal(t, 200, w.do(w.order(from, shopifyfake.WebhookID("w1"))).Code)
		require.Equal(t, 200, w.do(w.order(from, shopifyfake.WebhookID("w1"))).Code)
		require.Equal(t, 401, w.do(w.order(from, shopifyfake.SignedWith("mine"))).Code, "only what the app's secret signs is kept")
		shop := storetest.Shop(t, s)
		c := storetest.Connection(t, s, shop, func(c *commerce.Connection) { c.ExternalID, c.Secrets = "later.myshopify.com", nil })
		n, err := s.TakePending(t.Context(), c)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Len(t, w.inbox(shop), 1)
		require.Equal(t, 200, w.do(w.order(from, shopifyfake.WebhookID("w2"))).Code, "from now on it has a shop")
		require.Len(t, w.inbox(shop), 2)
	})
}

// The door finds no shop, and before it has kept the delivery the shop is made
// and takes up what waits: the delivery must not be left behind.
func TestDeliveryWhileItsShopIsMade(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		const later = "later.myshopify.com"
		var once sync.Once
		var c commerce.Connection
		e, err := server.New(server.Options{
			Store: s, Queue: w.queue, Log: slog.New(slog.DiscardHandler), ShopifySecrets: []string{"new"},
			Now: func() time.Time { // asked between the look for the shop and the save
				once.Do(func() {
					c = storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) { c.ExternalID, c.Secrets = later, nil })
					n, err := s.TakePending(t.Context(), c)
					require.NoError(t, err)
					require.Zero(t, n)
				})
				return w.clock.Now()
			},
		})
		require.NoError(t, err)
		rec := httptest.NewRecorder()
		e.ServeHTTP(rec, w.order(shopifyfake.From(later)))
		require.Equal(t, 200, rec.Code)
		require.Len(t, w.inbox(c.ShopID), 1)
		require.Equal(t, []commerce.ShopID{c.ShopID}, w.queue.shops)
		n, err := s.TakePending(t.Context(), c)
		require.NoError(t, err)
		require.Zero(t, n, "nor is it left twice")
	})
}

// Shops' names are the same in capitals: the header picks the same shop, with its secret.
func TestShopHeaderInCapitals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		require.Equal(t, 200, w.do(w.order(shopifyfake.From("Nour.myshopify.com"))).Code)
		require.Len(t, w.inbox(w.shopify.ShopID), 1)

		custom := storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) {
			c.ExternalID, c.Secrets = "custom.myshopify.com", []string{"their own"}
		})
		from := shopifyfake.From("Custom.myshopify.com")
		require.Equal(t, 200, w.do(w.order(from, shopifyfake.SignedWith("their own"))).Code)
		require.Equal(t, 401, w.do(w.order(from, shopifyfake.SignedWith("new"))).Code, "the app's secret is not theirs")
		require.Len(t, w.inbox(custom.ShopID), 1)
	})
}

func TestStripeDoor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		code := func(r *http.Request) int { return w.do(r).Code }
		theirs := stripefake.Event{Account: account}
		require.Equal(t, 200, code(w.event(theirs, "whsec_new")))
		rows := w.inbox(w.stripe.ShopID)
		require.Len(t, rows, 1)
		require.Equal(t, "charge.refunded", rows[0].Topic)

		require.Equal(t, 401, code(w.event(theirs, "whsec_mine")))
		require.Equal(t, 401, code(w.event(theirs, "")))
		require.Equal(t, 401, code(httptest.NewRequest(http.MethodPost, "/webhooks/stripe", strings.NewReader("{}"))))

		rolled := w.event(theirs, "whsec_mine")
		second := stripefake.Sign(stripefake.Event{Type: "charge.refunded", Created: w.clock.Now(), Account: account, Object: stripefake.Purchase{N: "1"}.Charge(100)}.Body(), "whsec_old", w.clock.Now())
		_, v1, _ := strings.Cut(second.Get("Stripe-Signature"), ",")
		rolled.Header.Set("Stripe-Signature", rolled.Header.Get("Stripe-Signature")+","+v1)
		require.Equal(t, 200, code(rolled), "one signature of several is enough while a secret is rolled")

		for _, late := range []time.Duration{-299 * time.Second, 299 * time.Second, -301 * time.Second, 301 * time.Second} {
			e := stripefake.Event{ID: fmt.Sprintf("evt_%d", late), Type: "charge.refunded", Created: w.clock.Now(), Account: account, Object: stripefake.Purchase{N: "1"}.Charge(100)}
			r := httptest.NewRequest(http.MethodPost, "/webhooks/stripe", bytes.NewReader(e.Body()))
			r.Header = stripefake.Sign(e.Body(), "whsec_new", w.clock.Now().Add(late))
			want := 200
			if max(late, -late) > 300*time.Second {
				want = 401
			}
			require.Equal(t, want, code(r), "signed %s away from now", late)
		}
	})
}

// A test event never reaches a live connection, nor the other way round.
func TestTestEventsReachTestConnectionsOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		sandbox := storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) {
			c.Platform, c.ExternalID, c.Secrets, c.Live = commerce.Stripe, account, nil, false
		})
		e := stripefake.Event{Account: account, Test: true}
		require.Equal(t, 200, w.do(w.event(e, "whsec_new")).Code)
		require.Empty(t, w.inbox(w.stripe.ShopID))
		require.Len(t, w.inbox(sandbox.ShopID), 1)

		r := w.event(e, "whsec_new")
		r.URL.Path = "/webhooks/stripe/" + string(w.stripe.ID)
		r.RequestURI = r.URL.Path
		require.Equal(t, 401, w.do(r).Code, "not even by the live connection's own path")
		require.Empty(t, w.inbox(w.stripe.ShopID))
	})
}

func TestEventWithoutAccountBelongsToTheOwnAccount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		rec := w.do(w.event(stripefake.Event{}, "whsec_new"))
		require.Equal(t, 401, rec.Code)
		require.Contains(t, read(t, rec), "own account")
		own := storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) {
			c.Platform, c.ExternalID, c.Secrets, c.OwnAccount = commerce.Stripe, "acct_own", nil, true
		})
		require.Equal(t, 200, w.do(w.event(stripefake.Event{}, "whsec_new")).Code)
		require.Len(t, w.inbox(own.ShopID), 1)
	})
}

// What cannot be saved is not acknowledged: the platform delivers again.
func TestDatabaseAwayIs503(t *testing.T) {
	w := serve(t, storetest.Open(t, "sqlite"))
	require.Equal(t, 200, w.do(w.order()).Code) // the connection is known from here on
	require.NoError(t, w.store.Close())
	rec := w.do(w.order())
	require.Equal(t, http.StatusServiceUnavailable, rec.Code)
	require.Equal(t, "5", rec.Header().Get("Retry-After"))
	require.NotContains(t, read(t, rec), "sql")
}

// A body that comes too slowly or stops halfway ends the request, over a real connection.
func TestHalfSentBodyEnds(t *testing.T) {
	w := serve(t, storetest.Open(t, "sqlite"))
	front := server.HTTP("", w.handler)
	front.ReadTimeout, front.ReadHeaderTimeout = 200*time.Millisecond, 200*time.Millisecond
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = front.Serve(l) }()
	t.Cleanup(func() { _ = front.Close() })

	for name, sent := range map[string]string{
		"half a body":   "POST /webhooks/shopify HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"id\":",
		"half a header": "POST /webhooks/shopify HTTP/1.1\r\nHost: x\r\nX-Shopify-To",
	} {
		c, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		_, err = c.Write([]byte(sent))
		require.NoError(t, err)
		require.NoError(t, c.SetReadDeadline(time.Now().Add(time.Minute)))
		var answer bytes.Buffer
		_, err = answer.ReadFrom(c) // ends when the server closes the connection
		require.NoError(t, err, name)
		require.NotContains(t, answer.String(), "200 OK", name)
		_ = c.Close()
	}
	require.Empty(t, w.inbox(w.shopify.ShopID))
}

// Chunked bodies tell no length; the bound holds all the same.
func TestChunkedBodyIsBounded(t *testing.T) {
	w := serve(t, storetest.Open(t, "sqlite"))
	r := w.shopifyRequest("orders/paid", bytes.Repeat([]byte(" "), 8<<20+1))
	r.ContentLength = -1
	require.Equal(t, http.StatusRequestEntityTooLarge, w.do(r).Code)
}
