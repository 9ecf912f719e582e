package server

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify"
)

// proxyOnce is how long a call through the app proxy is remembered: its
// timestamp is good for 90 s before and after now.
const proxyOnce = 180 * time.Second

// storefrontAnswer is what a storefront's block gets. Nothing is ready yet, so
// the block shows nothing; it never holds a customer's data.
type storefrontAnswer struct {
	Ready bool `json:"ready"`
}

// showStorefront answers a shop's visitor, who comes through Shopify's app
// proxy under the shop's own address. It is always JSON: Shopify runs what is
// application/liquid as a template, and shows text/html as a page of the shop.
// A shop that we do not know, or that has left, gets the same answer.
func (s *Server) showStorefront(c echo.Context) error {
	conn, call, err := s.readProxy(c)
	if err == nil {
		err = s.onceProxy(c, call)
	}
	if err != nil {
		return err
	}
	if conn.ID != "" && conn.Open() && s.storefronts.first(string(conn.ID), time.Hour, time.Now()) {
		if err := s.Store.SeeStorefront(c.Request().Context(), conn.ShopID, conn.ID); err != nil {
			s.Log.Warn("storefront not noted", "connection", conn.ID, "error", err) // the visitor has no part in it
		}
	}
	h := c.Response().Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, storefrontAnswer{})
}

// readProxy picks the connection by the shop's name and checks the query with that
// connection's secret, so that the name cannot choose another's data.
func (s *Server) readProxy(c echo.Context) (commerce.Connection, shopify.ProxyCall, error) {
	q, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return commerce.Connection{}, shopify.ProxyCall{}, fault.New(fault.Denied, "the query cannot be read")
	}
	var conn commerce.Connection
	if shop := q.Get("shop"); shopify.ValidShop(shop) {
		if conn, err = s.connectionFor(c, commerce.Shopify, strings.ToLower(shop), true); err != nil {
			return conn, shopify.ProxyCall{}, err
		}
	}
	call, err := shopify.VerifyProxy(q, secrets(conn, s.ShopifySecrets), s.Now())
	if err != nil {
		return commerce.Connection{}, call, err
	}
	return conn, call, nil
}

// onceProxy refuses a call that was seen before.
func (s *Server) onceProxy(c echo.Context, call shopify.ProxyCall) error {
	if !s.firstCall(c.Request().Context(), "proxy:"+call.Once) {
		return fault.New(fault.Denied, "the query was used before")
	}
	return nil
}

// firstCall reports whether a key is seen for the first time, by all processes
// where they share a Redis; while that is away, by this one.
func (s *Server) firstCall(ctx context.Context, key string) bool {
	here := s.calls.first(key, proxyOnce, time.Now())
	if !here || s.Once == nil {
		return here
	}
	first, err := s.Once(ctx, key, proxyOnce)
	if err != nil {
		s.Log.Warn("replays are only known to this process", "error", err)
		return true
	}
	return first
}

// seen remembers keys for a while. It is bounded: strangers cannot fill it,
// since each key is of a signed query or of a connection, but a busy storefront could.
type seen struct {
	mu    sync.Mutex
	until map[string]time.Time
	swept time.Time
}

const seenBound = 100_000

func newSeen() *seen { return &seen{until: map[string]time.Time{}} }

// first reports whether key was not seen within the time for which it was to be
// remembered, and remembers it.
func (s *seen) first(key string, keep time.Duration, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.swept) > time.Minute {
		for k, until := range s.until {
			if now.After(until) {
				delete(s.until, k)
			}
		}
		s.swept = now
	}
	if now.Before(s.until[key]) {
		return false
	}
	if len(s.until) >= seenBound {
		clear(s.until) // a replay may pass; the answer holds nothing of anybody's
	}
	s.until[key] = now.Add(keep)
	return true
}
