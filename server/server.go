// Package server is everything that answers HTTP: the webhook doors, the pages
// customers see and the health of the process. A handler reads, calls and
// answers; what follows from a delivery is the matter of package jobs, which is
// told through a small queue interface.
package server

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/prometheus/client_golang/prometheus"

	"flywheel/account"
	"flywheel/billing"
	"flywheel/bounces"
	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/install"
	"flywheel/links"
	"flywheel/sender"
	"flywheel/store"
)

// Queue is told that a shop has a new delivery. It only hints and never fails.
type Queue interface {
	InboxArrived(shop commerce.ShopID)
	// Ping asks the queue for a sign of life.
	Ping() error
}

// Options are what a Server is made with.
type Options struct {
	Store *store.Store
	Queue Queue
	Log   *slog.Logger
	// Now is business time, for the age of signatures and links.
	Now func() time.Time
	// RealNow is the time in which it is counted how often somebody comes; nil = real time.
	RealNow func() time.Time
	BaseURL string
	// ShopifySecrets and StripeSecrets are the app's own, tried in turn; a
	// platform without any answers only connections with their own.
	ShopifySecrets []string
	StripeSecrets  []string
	// Install opens shops, for the app whose client id ShopifyKey is.
	Install    *install.Desk
	ShopifyKey string
	// Accounts ties Stripe accounts to shops, through the app that StripeApp names.
	Accounts  *install.StripeDesk
	StripeApp StripeApp
	// People knows who may sign in; nil = nobody does, and shops are seen inside Shopify alone.
	People *account.Desk
	// Limits bound how often somebody asks for what costs something; nil = this process counts alone.
	Limits *account.Limiter
	// Policy says what a yes needs where somebody lives.
	Policy gate.Policy
	// Marks reads links that count; nil = none are made.
	Marks *links.Signer
	// AppBridge and AdminOrigin replace Shopify's own, for the demo; "" = Shopify's.
	AppBridge, AdminOrigin string
	// Senders knows who shops write as; nil = the page about it is switched off.
	Senders *sender.Desk
	// MissingUI is what MissingUI says; "" = the pages' style and script are built in.
	MissingUI string
	// Support is the address that merchants write to; "" = none is set.
	Support string
	// Plans are what merchants choose from; none = plans are switched off.
	Plans billing.Plans
	// AppHandle is the app's name in its App Store address, for the page on which plans are chosen.
	AppHandle string
	// Once reports whether a key is seen for the first time within ttl, by any process; nil = there is only this one.
	Once func(ctx context.Context, key string, ttl time.Duration) (bool, error)
	// Feedback takes what mail providers tell; nil = they are not listened to.
	Feedback *bounces.Desk
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []string
	Metrics        prometheus.Registerer
}

// Server holds what handlers need.
type Server struct {
	Options
	connections *connectionCache
	buckets     *buckets
	misses      *misses
	metrics     *metrics
	calls       *seen // through the app proxy
	storefronts *seen // that were noted
	warned      *seen // what was warned of lately
	// opens are the pages of a shop by their paths, with the role that each needs.
	opens map[string]commerce.Role
}

// New returns the handler of everything public.
func New(o Options) (*echo.Echo, error) {
	if o.RealNow == nil {
		o.RealNow = time.Now
	}
	if o.Limits == nil {
		o.Limits = &account.Limiter{Now: o.RealNow}
	}
	s := &Server{Options: o, connections: newConnectionCache(), buckets: newBuckets(), misses: newMisses(), metrics: newMetrics(o.Metrics), calls: newSeen(), storefronts: newSeen(), warned: newSeen(), opens: map[string]commerce.Role{}}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.handleError
	extract, err := ipExtractor(o.TrustedProxies)
	if err != nil {
		return nil, err
	}
	e.IPExtractor = extract
	e.Use(middleware.RecoverWithConfig(middleware.RecoverConfig{
		LogErrorFunc: func(c echo.Context, err error, stack []byte) error {
			s.Log.Error("panic", "path", c.Path(), "error", err, "stack", string(stack))
			return err
		},
	}))
	e.Use(s.measured)
	return e, s.routes(e)
}

// HTTP wraps the handler in a server whose slow and half-sent requests end.
func HTTP(addr string, h http.Handler) *http.Server {
	return &http.Server{
		Addr: addr, Handler: h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    32 << 10,
	}
}
