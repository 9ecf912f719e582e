package apptest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/shopify/shopifyfake"
)

// Mails wait for their turn at a slow server, marked as being sent. What is
// refunded or paused meanwhile does not go: only what is under way does.
func TestNoFurtherMailBeginsAfterARefundOrAPause(t *testing.T) {
	for name, stop := range map[string]func(*App, []*shopifyfake.Order){
		"refund": func(a *App, orders []*shopifyfake.Order) {
			for _, o := range orders {
				a.Send("refunds/create", o.Refund(a.Clock.Now(), o.Total()).Body())
			}
			require.Eventually(t, func() bool {
				stats, err := a.App.Store.Stats(a.Ctx, false)
				return err == nil && stats.InboxNew == 0
			}, 20*time.Second, 10*time.Millisecond)
		},
		"pause": func(a *App, _ []*shopifyfake.Order) { require.NoError(t, a.App.Store.SetPauseAll(a.Ctx, true)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := WithShop(t)
			dot := make(chan struct{})
			a.Mail.Trouble(func(string) *mailfake.Trouble { return &mailfake.Trouble{At: "dot", Code: 250, Hold: dot} })
			var orders []*shopifyfake.Order
			for i := range int64(40) {
				o := a.Order(i+1).For(shopifyfake.Customer{Email: fmt.Sprintf("c%d@example.com", i), FirstName: "C"}, "GB")
				orders = append(orders, o)
				a.Send("orders/paid", o.Body())
			}
			require.Eventually(t, func() bool { return a.Count(`SELECT COUNT(*) FROM effects WHERE state = 'sending'`) > 4 }, 20*time.Second, 10*time.Millisecond)
			marked := time.Now()
			stop(a, orders)
			// What was seen when they were marked is believed for a tenth of a second.
			require.Eventually(t, func() bool { return time.Since(marked) > 150*time.Millisecond }, time.Second, 10*time.Millisecond)
			a.Mail.Trouble(nil)
			close(dot)
			a.Wait()
			require.LessOrEqual(t, a.Mail.Count(), 4, "more than one on each connection")
			require.Zero(t, a.Count(`SELECT COUNT(*) FROM effects WHERE state = 'unknown'`))
		})
	}
}

// A platform that hangs holds up its own fetches and nobody's thanks.
func TestFetchesThatHangHoldNobodyUp(t *testing.T) {
	a := WithStripe(t)
	a.Add(commerce.Shop{Name: "B", Email: "b@b.example", Locale: "en", Country: "GB", Currency: "EUR"},
		commerce.Connection{Platform: commerce.Shopify, ExternalID: Domain, Live: true})
	for range 60 {
		t.Cleanup(a.Stripe.Stall())
	}
	for i := range 24 {
		p := a.Pays(fmt.Sprint(i + 1))
		p.Email = fmt.Sprintf("s%d@example.com", i)
		a.Stripes("checkout.session.completed", p.Session())
		a.Stripes("charge.succeeded", p.Charge(0))
		a.Stripes("refund.created", p.Refund(fmt.Sprintf("re_%d", i), 4200, "succeeded", a.Clock.Now()))
	}
	require.Eventually(t, func() bool { return len(a.Stripe.Calls()) >= 4 }, 20*time.Second, 10*time.Millisecond)
	a.Send("orders/paid", a.Order(1).Body())
	require.Eventually(t, func() bool { return len(a.Mails(Ada)) > 0 }, 20*time.Second, 10*time.Millisecond, "a thank-you waits for another shop's fetches")
}
