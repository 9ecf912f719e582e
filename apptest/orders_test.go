package apptest

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/shopify/shopifyfake"
)

// The first turn of the wheel: a signed order becomes exactly one mail, however
// often and by however many topics it is told.
func TestOneOrderOneMail(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		o := a.Order(1)
		a.Send("orders/create", o.Body())
		a.Send("orders/paid", o.Body())
		a.Send("orders/updated", o.Body())
		a.Wait()
		a.WantMails(Ada, "Thank you for your order #1001")
		require.ElementsMatch(t, []string{"order_placed", "order_paid"}, a.Events(Ada))
		require.Equal(t, []string{"sent"}, a.Effects(Ada, "thank_you"))
	})
}

func TestTheSameWebhookFiveTimesAtOnce(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		body := a.Order(1).Body()
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() { a.Send("orders/paid", body, shopifyfake.WebhookID("same")) })
		}
		all.Wait()
		a.Wait()
		a.WantMails(Ada, "Thank you")
		require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM inbox`))
	})
}

// An order's whole life, every topic of it, is one purchase with one event a change.
func TestEveryTopicOfOneOrder(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		o := a.Order(1).Unpaid("bank_transfer")
		a.Send("orders/create", o.Body())
		a.Wait()
		a.WantMails(Ada)
		require.Equal(t, []string{"order_unpaid"}, a.Reasons(Ada, "thank_you"))

		a.After(2 * time.Hour)
		a.Send("orders/paid", o.Pay(a.Clock.Now()).Body())
		a.After(time.Hour)
		a.Send("orders/updated", o.Touch(a.Clock.Now()).Body())
		parcel := o.Fulfil(a.Clock.Now())
		a.Send("fulfillments/create", parcel.Body())
		a.Send("orders/fulfilled", o.Body())
		a.After(48 * time.Hour)
		a.Send("fulfillment_events/create", parcel.InTransit(a.Clock.Now()))
		a.Send("fulfillment_events/create", parcel.Deliver(a.Clock.Now()))
		a.Send("fulfillments/update", parcel.Body())
		a.Send("orders/updated", o.Body())
		a.Wait()

		a.WantMails(Ada, "Thank you")
		require.Equal(t, []string{"order_placed", "order_paid", "order_fulfilled", "order_arrived"}, a.Events(Ada))
		a.After(14*24*time.Hour - time.Minute)
		a.WantMails(Ada, "Thank you")
		a.After(time.Minute)
		a.WantMails(Ada, "Thank you", "What do you think of your Merino scarf")
		require.Equal(t, 0, a.Count(`SELECT COUNT(*) FROM inbox WHERE state <> 1`))
	})
}

// What an order must not be, and what the timeline says about it.
func TestOrdersThatAreNotThankedFor(t *testing.T) {
	for name, c := range map[string]struct {
		change func(o *shopifyfake.Order, now time.Time)
		reason string
	}{
		"a test":              {func(o *shopifyfake.Order, _ time.Time) { o.Test = true }, "test_order"},
		"not confirmed":       {func(o *shopifyfake.Order, _ time.Time) { o.Unconfirmed = true }, "order_unconfirmed"},
		"cancelled":           {func(o *shopifyfake.Order, now time.Time) { o.Cancel(now) }, "order_cancelled"},
		"voided":              {func(o *shopifyfake.Order, _ time.Time) { o.FinancialStatus = "voided" }, "payment_voided"},
		"not paid":            {func(o *shopifyfake.Order, _ time.Time) { o.Unpaid("bank_transfer") }, "order_unpaid"},
		"only authorised":     {func(o *shopifyfake.Order, _ time.Time) { o.FinancialStatus = "authorized" }, "order_unpaid"},
		"cash nobody listed":  {func(o *shopifyfake.Order, _ time.Time) { o.Unpaid("Cash on Delivery (COD)") }, "order_unpaid"},
		"refunded whole":      {func(o *shopifyfake.Order, now time.Time) { o.Refund(now, o.Total()) }, "refunded"},
		"from before we came": {func(o *shopifyfake.Order, now time.Time) { before(o, now) }, "historic"},
		"a renewal":           {func(o *shopifyfake.Order, _ time.Time) { o.SourceName = "subscription_contract" }, "condition_not_met"},
		"without any address": {func(o *shopifyfake.Order, _ time.Time) { o.Customer.Email = "" }, "no_address"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := WithShop(t)
			o := a.Order(1)
			c.change(o, a.Clock.Now())
			for _, topic := range []string{"orders/create", "orders/updated"} {
				a.Send(topic, o.Body())
			}
			a.After(30 * 24 * time.Hour)
			require.Empty(t, a.Mail.Mails())
			require.Contains(t, a.Reasons(o.Customer.Email, "thank_you"), c.reason)
		})
	}
}

// before makes an order that was placed, paid, shipped and, as may be assumed,
// delivered before the shop was connected, and is told now because somebody
// edited it.
func before(o *shopifyfake.Order, now time.Time) {
	then := now.Add(-6 * 24 * time.Hour)
	o.PlacedAt, o.ProcessedAt = then, then
	o.Fulfil(then)
	o.Touch(now)
}

func TestDeletedOrderEndsEverything(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	o := a.Order(1)
	o.Fulfil(a.Clock.Now())
	a.Send("orders/paid", o.Body())
	a.After(time.Hour)
	a.Send("orders/delete", o.Deleted())
	a.After(30 * 24 * time.Hour)
	a.WantMails(Ada, "Thank you")
	require.Contains(t, a.Reasons(Ada, "review_request"), "order_deleted")
}

func TestCancelledAfterTheThanks(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		o := a.Order(1)
		o.Fulfil(a.Clock.Now())
		a.Send("orders/paid", o.Body())
		a.After(time.Hour)
		a.Send("orders/cancelled", o.Cancel(a.Clock.Now()).Body())
		a.After(30 * 24 * time.Hour)
		a.WantMails(Ada, "Thank you")
		require.Contains(t, a.Reasons(Ada, "review_request"), "order_cancelled")
	})
}

// What was missing comes: the mail goes then, if it still makes sense.
func TestWhatWasMissingComes(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	confirmed := a.Order(1)
	confirmed.Unconfirmed = true
	reachable := a.Order(2).For(shopifyfake.Customer{ID: 6002, FirstName: "Bo"}, "GB")
	tooLate := a.Order(3).For(shopifyfake.Customer{ID: 6003, FirstName: "Cy"}, "GB")
	for _, o := range []*shopifyfake.Order{confirmed, reachable, tooLate} {
		a.Send("orders/create", o.Body())
	}
	a.After(time.Hour)
	confirmed.Unconfirmed, reachable.Customer.Email = false, "bo@example.com"
	a.Send("orders/updated", confirmed.Touch(a.Clock.Now()).Body())
	a.Send("customers/update", reachable.Touch(a.Clock.Now()).CustomerBody())
	a.Wait()
	a.WantMails(Ada, "Thank you")
	a.WantMails("bo@example.com", "Thank you")

	a.After(73 * time.Hour)
	tooLate.Customer.Email = "cy@example.com"
	a.Send("customers/update", tooLate.Touch(a.Clock.Now()).CustomerBody())
	a.Wait()
	a.WantMails("cy@example.com")
	require.Equal(t, []string{"no_address", "expired"}, a.Reasons("cy@example.com", "thank_you"))
}

// A late webhook of a sale that still deserves thanks, and of one that does not any more.
func TestDueTimesCountFromTheSale(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	a.After(5 * 24 * time.Hour)
	soon, late := a.Order(1), a.Order(2).For(shopifyfake.Customer{ID: 6002, Email: "late@example.com"}, "GB")
	late.PlacedAt = a.Clock.Now().Add(-100 * time.Hour)
	late.ProcessedAt, late.UpdatedAt = late.PlacedAt, late.PlacedAt
	soon.PlacedAt = a.Clock.Now().Add(-60 * time.Hour)
	soon.ProcessedAt, soon.UpdatedAt = soon.PlacedAt, soon.PlacedAt
	a.Send("orders/create", soon.Body())
	a.Send("orders/create", late.Body())
	a.Wait()
	a.WantMails(Ada, "Thank you")
	a.WantMails("late@example.com")
	require.Equal(t, []string{"expired"}, a.Reasons("late@example.com", "thank_you"))
}

// orders/edited marks lines and nothing else; the state comes with orders/updated.
func TestAnEditMarksLines(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	o := a.Order(1)
	o.Fulfil(a.Clock.Now())
	a.Send("orders/paid", o.Body())
	a.After(time.Hour)
	a.Send("orders/edited", o.Removed(a.Clock.Now(), 0, 1))
	a.Wait()
	require.Empty(t, a.Shopify.Asked(), "nothing is fetched for an edit")
	a.After(untilAsked)
	mails := a.WantMails(Ada, "Thank you", "What do you think of your Beeswax candle")
	require.NotContains(t, mails[1].Text, "scarf")
}
