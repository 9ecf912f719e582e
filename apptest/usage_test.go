package apptest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store"
)

// A purchase that both platforms tell of counts once towards the plan, whoever
// is first; given back whole at either, it counts no more.
func TestATwinPurchaseCountsOnce(t *testing.T) {
	for name, tell := range map[string]func(a *App, o *shopifyfake.Order, p stripefake.Purchase){
		"Shopify first": func(a *App, o *shopifyfake.Order, p stripefake.Purchase) {
			a.Send("orders/paid", o.Body())
			a.Wait()
			a.Stripes("checkout.session.completed", p.Session())
		},
		"Stripe first": func(a *App, o *shopifyfake.Order, p stripefake.Purchase) {
			a.Stripes("checkout.session.completed", p.Session())
			a.After(2 * time.Minute)
			a.Send("orders/paid", o.Body())
		},
		"Shopify installed again in between": func(a *App, o *shopifyfake.Order, p stripefake.Purchase) {
			a.Stripes("checkout.session.completed", p.Session())
			a.Wait()
			a.After(time.Minute)
			reinstall(a)
			a.After(time.Minute)
			a.Send("orders/paid", o.Body())
		},
		"Shopify installed again, and first": func(a *App, o *shopifyfake.Order, p stripefake.Purchase) {
			a.After(time.Minute)
			reinstall(a)
			a.After(time.Minute)
			a.Send("orders/paid", o.Body())
			a.Wait()
			a.StripeEvent(stripefake.Event{Type: "checkout.session.completed", Account: Account, Object: p.Session(), Created: p.At}) // before that install
		},
		"Stripe in two parts, and twice": func(a *App, o *shopifyfake.Order, p stripefake.Purchase) {
			a.Stripes("payment_intent.succeeded", p.PaymentIntent())
			a.Wait()
			a.Send("orders/paid", o.Body())
			a.Wait()
			a.Stripes("checkout.session.completed", p.Session())
			a.Stripes("payment_intent.succeeded", p.PaymentIntent())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Each(t, func(t *testing.T, a *App) {
				a.ConnectStripe()
				from := a.App.Store.Now()
				usage := func() int64 {
					a.Wait()
					n, err := a.App.Store.Usage(a.Ctx, a.Shop.ID, from, from.Add(48*time.Hour))
					require.NoError(t, err)
					return n
				}
				o, p := both(a, 820982911946)
				tell(a, o, p)
				require.EqualValues(t, 1, usage())
				a.Send("refunds/create", o.Refund(a.Clock.Now(), o.Total()).Body())
				require.Zero(t, usage())
			})
		})
	}
}

// reinstall ties the shop's Shopify account again, as of now, after it was closed.
func reinstall(a *App) {
	a.t.Helper()
	ties, err := a.App.Store.Connections(a.Ctx, a.Shop.ID)
	require.NoError(a.t, err)
	for _, c := range ties {
		if c.Platform != commerce.Shopify {
			continue
		}
		require.NoError(a.t, a.App.Store.Transact(a.Ctx, func(tx *store.Tx) error {
			closed, err := tx.CloseConnection(a.Shop.ID, c.ID, a.App.Store.Now())
			require.True(a.t, closed)
			return err
		}))
		c.InstalledAt = a.App.Store.Now()
		_, err := a.App.Store.Connect(a.Ctx, a.Shop.ID, c)
		require.NoError(a.t, err)
	}
}
