package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"github.com/tidwall/gjson"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/integrations/hook"
	"flywheel/integrations/hook/hookfake"
	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/integrations/stripe"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/server"
	"flywheel/store"
)

// What the fake parties and the doors share. They open nothing but a demo.
const (
	ShopifySecret    = "demo-shopify-secret"
	shopifyKey       = "demo"
	adminPath        = "/demo/shopify"        // of the make-believe Shopify admin
	senderPath       = "/demo/shopify/sender" // the same, opened at the page about the sender
	mailDomain       = "mail.flywheel.example"
	StripeSecret     = "whsec_demo"
	StripeTestSecret = "whsec_demo_test"
	StripeAppSecret  = "absec_demo"
	stripeKey        = "sk_live_demo"
	stripeTestKey    = "sk_test_demo"
	secretKey        = "ZGVtbyBkZW1vIGRlbW8gZGVtbyBkZW1vIGRlbW8gISE=" // of a database that nobody keeps
)

// WorldOptions say where a World runs; the zero value is SQLite in Dir, a Redis
// in this process and any free port.
type WorldOptions struct {
	Addr        string // "" = a free loopback port
	DatabaseURL string
	RedisURL    string
	Start       time.Time // business time; zero = now
	Log         *slog.Logger
	Mail        mailfake.Options
	// MailDomain is the domain of a shared sender, with all that surrounds it; "" =
	// none of that, and shops write as themselves.
	MailDomain string
	// Change has the last word on the configuration.
	Change func(*app.Config)
	// Extra handlers of the public listener; nil = none.
	Extra func(*World, http.Handler) http.Handler
}

// World is a running App with everything around it: a clock, fakes of Shopify
// and Stripe, a mail server that keeps what it is sent, and another system that
// takes outgoing webhooks.
type World struct {
	Outside
	App        *app.App
	Clock      *Clock
	Shopify    *shopifyfake.Fake
	Stripe     *stripefake.Server
	Mail       *mailfake.Sink
	Hooks      *hookfake.Receiver
	HookURL    string // where it listens
	HookSecret string // by which it knows our signature
	URL        string // of the public face

	stops []func()
}

// NewWorld starts everything. Stop ends it.
func NewWorld(ctx context.Context, o WorldOptions) (*World, error) {
	if o.Start.IsZero() {
		o.Start = time.Now()
	}
	w := &World{Clock: NewClock(o.Start.UTC().Truncate(time.Millisecond)), Shopify: shopifyfake.New(ShopifySecret), Stripe: stripefake.New(stripeKey, stripeTestKey)}
	w.Stripe.Clock = w.Clock.Now
	w.Stripe.SetApp(StripeAppSecret)
	if err := w.start(ctx, o); err != nil {
		w.Stop()
		return nil, err
	}
	return w, nil
}

func (w *World) start(ctx context.Context, o WorldOptions) error {
	o.Mail.Now = w.Clock.Now
	sink, err := mailfake.Start(o.Mail)
	if err != nil {
		return err
	}
	w.Mail = sink
	w.stops = append(w.stops, sink.Stop)
	if err := w.startHooks(); err != nil {
		return err
	}
	shopifyAPI := httptest.NewServer(w.Shopify.Handler())
	w.stops = append(w.stops, shopifyAPI.Close)
	w.Shopify.SetApp(shopifyfake.App{Key: shopifyKey})
	w.Shopify.SetBase(shopifyAPI.URL)
	stripeAPI, stop, err := w.Stripe.Listen()
	if err != nil {
		return err
	}
	w.stops = append(w.stops, stop)

	listener, err := net.Listen("tcp", cmp.Or(o.Addr, "127.0.0.1:0"))
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	w.URL = "http://" + reachable(listener.Addr())
	keys, err := store.ParseKeyring(secretKey)
	if err != nil {
		return err
	}
	c := app.Config{
		Listener: listener, BaseURL: w.URL, DatabaseURL: o.DatabaseURL, RedisURL: o.RedisURL, SMTPURL: sink.URL(), Keys: keys,
		ShopifyKey: shopifyKey, ShopifySecrets: []string{ShopifySecret}, ShopifyURL: shopifyAPI.URL,
		StripeKeys: stripe.Keys{Live: stripeKey, Test: stripeTestKey}, StripeSecrets: []string{StripeSecret, StripeTestSecret}, StripeURL: stripeAPI, Now: w.Clock.Now,
		StripeApp: server.StripeApp{
			Secrets: []string{StripeAppSecret}, Link: stripeAPI + "/install/link", TestLink: stripeAPI + "/install/link?test=1",
		},
		PrivateHooks: true, AppBridge: w.URL + adminPath + "/app-bridge.js", AdminOrigin: w.URL, Support: "support@flywheel.example",
	}
	if o.Extra != nil {
		c.Extra = func(next http.Handler) http.Handler { return o.Extra(w, next) }
	}
	return w.run(ctx, o, c)
}

// run starts the App with what is around it told.
func (w *World) run(ctx context.Context, o WorldOptions, c app.Config) (err error) {
	defer func() {
		if err != nil && w.App == nil {
			_ = c.Listener.Close()
		}
	}()
	if err := w.startOutside(&c, o.MailDomain); err != nil {
		return err
	}
	if o.Change != nil {
		o.Change(&c)
	}
	if err := migrate(ctx, c); err != nil {
		return err
	}
	if w.App, err = app.Start(ctx, c, app.Parts{Web: true, Work: true}, o.Log); err != nil {
		return err
	}
	return w.publishShared(ctx)
}

// startHooks runs the receiver of outgoing webhooks; who wants any adds its address as an endpoint.
func (w *World) startHooks() (err error) {
	w.HookSecret = hook.NewSecret()
	if w.Hooks, err = hookfake.New(w.HookSecret); err != nil {
		return err
	}
	w.Hooks.Now = w.Clock.Now
	server := httptest.NewServer(w.Hooks)
	w.HookURL = server.URL
	w.stops = append(w.stops, server.Close)
	return nil
}

// reachable is the address by which this machine's browser finds a listener.
func reachable(a net.Addr) string {
	if tcp, ok := a.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return a.String()
}

// migrate does what the release command of a deploy does.
func migrate(ctx context.Context, c app.Config) error {
	s, err := app.OpenStore(ctx, c)
	if err != nil {
		return err
	}
	_, err = s.Migrate(ctx)
	return errors.Join(err, s.Close())
}

// Stop ends the App, then the parties around it.
func (w *World) Stop() {
	if w.App != nil {
		if err := w.App.Stop(); err != nil {
			w.App.Log.Warn("world not stopped in order", "error", err)
		}
	}
	for i := len(w.stops) - 1; i >= 0; i-- {
		w.stops[i]()
	}
	w.stops = nil
}

// AddShop registers a shop as `flywheel shop add` does and installs it at the fakes.
func (w *World) AddShop(ctx context.Context, shop commerce.Shop, c commerce.Connection) (commerce.Shop, error) {
	switch c.Platform {
	case commerce.Shopify:
		w.Shopify.AddShop(c.ExternalID, c.Token)
	case commerce.Stripe:
		w.Stripe.Put(c.ExternalID)
	}
	id, _, err := app.AddShop(ctx, w.App.Store, shop, c)
	if err != nil {
		return shop, err
	}
	return w.App.Store.Shop(ctx, id)
}

// FromShopify posts a signed delivery of a shop's topic, as if triggered now, and
// returns the status of the answer.
func (w *World) FromShopify(ctx context.Context, domain, topic string, body []byte, opts ...shopifyfake.SendOption) (int, error) {
	opts = append([]shopifyfake.SendOption{shopifyfake.From(domain), shopifyfake.TriggeredAt(w.Clock.Now())}, opts...)
	return w.Shopify.Send(ctx, w.URL, topic, body, opts...)
}

// FromStripe lets an event happen at Stripe, created now where it does not say,
// posts it signed and returns the status of the answer.
func (w *World) FromStripe(ctx context.Context, e stripefake.Event) (int, error) {
	if e.Created.IsZero() {
		e.Created = w.Clock.Now()
	}
	body := w.Stripe.Emit(e.Account, e)
	secret := StripeSecret
	if e.Test {
		secret = StripeTestSecret
	}
	status, err := stripefake.Sender{URL: w.URL + "/webhooks/stripe", Secret: secret}.Send(ctx, body, w.Clock.Now())
	w.Stripe.Delivered(e.Account, gjson.GetBytes(body, "id").Str, err == nil && status == http.StatusOK)
	return status, err
}

// Settle waits until nothing is queued, running, unprocessed or due.
func (w *World) Settle(ctx context.Context) error { return Settle(ctx, w.App) }

// Advance lets business time pass, everything at its own moment.
func (w *World) Advance(ctx context.Context, d time.Duration) error {
	return Advance(ctx, w.App, w.Clock, w.Clock.Now().Add(d))
}
