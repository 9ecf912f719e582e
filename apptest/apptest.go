// Package apptest starts a whole Flywheel for a test: the real doors, store,
// queue and workers, with fakes of Shopify, Stripe and a mail server around it
// and a clock that the test moves. A test says what happens in the shop and
// what the customer gets.
package apptest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/demo"
	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store/storetest"
)

// Noon is when most tests begin.
var Noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

// Domain and Account name the usual shop at its platforms.
const (
	Domain  = "nour.myshopify.com"
	Account = "acct_nour"
	Token   = "shpat_nour"
)

// App is a running Flywheel with one shop.
type App struct {
	*demo.World
	t        testing.TB
	Ctx      context.Context
	Shop     commerce.Shop
	database string
}

// Option changes what Start starts.
type Option func(*demo.WorldOptions)

// On runs on an engine of storetest.Engines, as an installation does: SQLite
// with the queue in the same process, PostgreSQL with a Redis server.
func On(t testing.TB, engine string) Option {
	return func(o *demo.WorldOptions) {
		o.DatabaseURL = storetest.Prepared(t, engine)
		if engine == "postgres" {
			o.RedisURL = RedisURL(t)
		}
	}
}

// Start runs everything from at on, without a shop. It ends with the test.
func Start(t testing.TB, at time.Time, options ...Option) *App {
	t.Helper()
	o := demo.WorldOptions{Start: at, Log: slog.New(slog.DiscardHandler), Change: func(c *app.Config) { c.NoReconcile, c.ShopifyPause = true, time.Millisecond }}
	for _, option := range options {
		option(&o)
	}
	if o.DatabaseURL == "" {
		o.DatabaseURL = storetest.Prepared(t, "sqlite")
	}
	w, err := demo.NewWorld(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(w.Stop)
	return &App{World: w, t: t, Ctx: t.Context(), database: o.DatabaseURL}
}

// Each tells a story on every engine, each with a world and the usual shop of its own.
func Each(t *testing.T, story func(t *testing.T, a *App), options ...Option) {
	t.Helper()
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			story(t, WithShop(t, append([]Option{On(t, engine)}, options...)...))
		})
	}
}

// WithShop starts everything with the usual shop: Shopify, English, in Britain,
// where a review request needs no consent.
func WithShop(t testing.TB, options ...Option) *App {
	t.Helper()
	a := Start(t, Noon, options...)
	a.Shop = a.Add(commerce.Shop{Name: "Nour & Co", Email: "hello@nour.example", Locale: "en", Timezone: "Europe/London", Country: "GB", Currency: "EUR"},
		commerce.Connection{Platform: commerce.Shopify, ExternalID: Domain, Live: true, Token: Token})
	return a
}

// WithStripe starts everything with a shop that sells through Stripe alone.
func WithStripe(t testing.TB, options ...Option) *App {
	t.Helper()
	a := Start(t, Noon, options...)
	a.Shop = a.Add(commerce.Shop{Name: "Nour & Co", Email: "hello@nour.example", Locale: "en", Timezone: "Europe/London", Country: "GB", Currency: "USD"},
		commerce.Connection{Platform: commerce.Stripe, ExternalID: Account, Live: true})
	return a
}

// ConnectStripe lets the usual shop be paid through Stripe as well; Shopify leads.
func (a *App) ConnectStripe() {
	a.t.Helper()
	a.connect(commerce.Connection{Platform: commerce.Stripe, ExternalID: Account, Live: true})
}

// connect ties a second account to the usual shop.
func (a *App) connect(c commerce.Connection) {
	a.t.Helper()
	if c.Platform == commerce.Stripe {
		a.Stripe.Put(c.ExternalID)
	}
	_, err := app.Connect(a.Ctx, a.App.Store, a.Shop.ID, c)
	require.NoError(a.t, err)
}

// Pays is what Stripe tells of a purchase by Ada now.
func (a *App) Pays(n string) stripefake.Purchase {
	return stripefake.Purchase{N: n, At: a.Clock.Now(), Email: Ada, Country: "GB", Locale: "en"}
}

// Stripes delivers an event of the usual account about an object, made now.
func (a *App) Stripes(kind string, o stripefake.Object) {
	a.t.Helper()
	a.StripeEvent(stripefake.Event{Type: kind, Account: Account, Object: o})
}

// Add registers a shop as an operator does: its two playbooks are live.
func (a *App) Add(shop commerce.Shop, c commerce.Connection) commerce.Shop {
	a.t.Helper()
	added, err := a.World.AddShop(a.Ctx, shop, c)
	require.NoError(a.t, err)
	return added
}

// Ada is the usual buyer.
const Ada = "ada@example.com"

// Order is a usual paid order placed now, sent to Ada in Britain.
func (a *App) Order(id int64) *shopifyfake.Order {
	return shopifyfake.NewOrder(id, a.Clock.Now()).For(shopifyfake.Customer{ID: 6001, Email: Ada, FirstName: "Ada", LastName: "Lovelace"}, "GB")
}

// Send delivers a topic from the usual shop and demands that it is taken.
func (a *App) Send(topic string, body []byte, opts ...shopifyfake.SendOption) {
	a.t.Helper()
	status, err := a.FromShopify(a.Ctx, Domain, topic, body, opts...)
	require.NoError(a.t, err)
	require.Equal(a.t, 200, status, topic)
}

// StripeEvent delivers an event and demands that it is taken.
func (a *App) StripeEvent(e stripefake.Event) {
	a.t.Helper()
	status, err := a.FromStripe(a.Ctx, e)
	require.NoError(a.t, err)
	require.Equal(a.t, 200, status, e.Type)
}

// Wait lets what is due happen.
func (a *App) Wait() {
	a.t.Helper()
	require.NoError(a.t, a.Settle(a.Ctx))
}

// After lets business time pass.
func (a *App) After(d time.Duration) {
	a.t.Helper()
	require.NoError(a.t, a.Advance(a.Ctx, d))
}

// Mails returns what one address got so far, read.
func (a *App) Mails(to string) []mailfake.Content {
	a.t.Helper()
	require.Empty(a.t, a.Mail.Refused())
	var out []mailfake.Content
	for _, m := range a.Mail.Mails() {
		if m.To == to {
			c, err := m.Read()
			require.NoError(a.t, err)
			out = append(out, c)
		}
	}
	return out
}

// WantMails demands that an address got exactly mails whose subjects begin like these, in order.
func (a *App) WantMails(to string, subjects ...string) []mailfake.Content {
	a.t.Helper()
	got := a.Mails(to)
	var have []string
	for _, m := range got {
		have = append(have, m.Subject)
	}
	require.Len(a.t, have, len(subjects), "%s got %q", to, have)
	for i, want := range subjects {
		require.Contains(a.t, have[i], want)
	}
	return got
}
