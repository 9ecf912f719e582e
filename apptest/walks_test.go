package apptest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/shopify/shopifyfake"
)

// Who has been thanked is not said to be "not thanked: refunded" afterwards.
func TestAnOldEntryIsNotRefusedLater(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		o := a.Order(1)
		a.Send("orders/paid", o.Body())
		a.After(time.Hour)
		a.Send("refunds/create", o.Refund(a.Clock.Now(), o.Total()).Body())
		a.Send("orders/updated", o.Body())
		a.Wait()
		require.Equal(t, []string{"sent"}, a.Effects(Ada, "thank_you"))
		require.Empty(t, a.Reasons(Ada, "thank_you"))
	})
}

// An event that its facts take back leaves the timeline.
func TestADeniedCancelLeavesNoEvent(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		o := a.Order(1)
		a.Send("orders/paid", o.Body())
		o.Fulfil(a.Clock.Now())
		a.Send("orders/fulfilled", o.Body())
		a.After(time.Hour)
		whole := *o
		a.Send("orders/cancelled", o.Cancel(a.Clock.Now()).Body())
		a.Wait()
		require.Contains(t, a.Events(Ada), "order_cancelled")
		a.After(time.Hour)
		a.Send("orders/updated", whole.Touch(a.Clock.Now()).Body())
		a.Wait()
		require.NotContains(t, a.Events(Ada), "order_cancelled")
		a.After(untilAsked + 24*time.Hour)
		a.WantMails(Ada, "Thank you", "What do you think")
	})
}

// What tells that an order is a renewal may come after it has enrolled.
func TestConditionIsAskedAgainAtTheStep(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		o := a.Order(1)
		o.Fulfil(a.Clock.Now())
		a.Send("orders/paid", o.Body())
		a.After(24 * time.Hour)
		o.SourceName = "subscription_contract_checkout_one"
		a.Send("orders/updated", o.Touch(a.Clock.Now()).Body())
		a.After(30 * 24 * time.Hour)
		a.WantMails(Ada, "Thank you")
		require.Equal(t, []string{"condition_not_met"}, a.Reasons(Ada, "review_request"))
	})
}

// The person who stands in until a payment's buyer is told goes with that.
func TestNobodyNamelessStaysBehind(t *testing.T) {
	a := WithStripe(t)
	p := a.Pays("1")
	a.Stripes("payment_intent.succeeded", p.PaymentIntent())
	a.Wait()
	a.Stripes("checkout.session.completed", p.Session())
	a.After(time.Hour)
	require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM persons`))
	require.Equal(t, 1, a.Mail.Count())
}

// A mail server that hangs may hold every step; deliveries are processed all
// the same, so that a refund still stops what waits.
func TestRefundIsHeardWhileTheMailServerHangs(t *testing.T) {
	a := WithShop(t)
	dot := make(chan struct{})
	a.Mail.Trouble(func(string) *mailfake.Trouble { return &mailfake.Trouble{At: "dot", Code: 250, Hold: dot} })
	const many = 500
	var last *shopifyfake.Order
	for i := range int64(many) {
		last = a.Order(i+1).For(shopifyfake.Customer{Email: fmt.Sprintf("c%d@example.com", i), FirstName: "C", LastName: "D"}, "GB")
		a.Send("orders/paid", last.Body())
	}
	a.Send("refunds/create", last.Refund(a.Clock.Now(), last.Total()).Body())
	require.Eventually(t, func() bool {
		stats, err := a.App.Store.Stats(t.Context(), false)
		return err == nil && stats.InboxNew == 0
	}, 30*time.Second, 10*time.Millisecond, "the inbox waits for the mail server")
	a.Mail.Trouble(nil)
	close(dot)
	a.Wait()
	require.Equal(t, many-1, a.Mail.Count())
	a.WantMails(last.Customer.Email)
}
