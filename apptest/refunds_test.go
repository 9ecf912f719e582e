package apptest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
)

// How long after shipping a review is asked for where no carrier tells of the
// arrival: it is assumed five days later, and two weeks behind it the mail is due.
const (
	twoWeeks   = 14 * 24 * time.Hour
	untilAsked = 5*24*time.Hour + twoWeeks
)

// shipped is an order that was thanked for and has left the house.
func shipped(a *App, id int64) *shopifyfake.Order {
	o := a.Order(id)
	o.Fulfil(a.Clock.Now())
	a.Send("orders/paid", o.Body())
	a.Wait()
	return o
}

func TestFullRefundStopsWhatFollows(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		o := shipped(a, 1)
		a.After(24 * time.Hour)
		a.Send("refunds/create", o.Refund(a.Clock.Now(), o.Total()).Body())
		a.After(2 * twoWeeks)
		a.WantMails(Ada, "Thank you")
		require.Contains(t, a.Reasons(Ada, "review_request"), "refunded")
	})
}

// After a partial refund later mails talk of what the customer kept.
func TestPartialRefundTakesLinesOut(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		o := shipped(a, 1)
		a.After(24 * time.Hour)
		a.Send("refunds/create", o.Refund(a.Clock.Now(), 4900, shopifyfake.RefundLine{Line: 0, Quantity: 1}).Body())
		a.After(untilAsked)
		mails := a.WantMails(Ada, "Thank you", "What do you think of your Beeswax candle")
		require.Contains(t, mails[0].Text, "Merino scarf")
		require.NotContains(t, mails[1].Text+mails[1].HTML, "Merino scarf")
	})
}

// All lines back, though the shipping was kept: nothing is left to ask about.
func TestEveryLineBackIsAFullRefund(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	o := shipped(a, 1)
	a.Send("refunds/create", o.Refund(a.Clock.Now(), 7800,
		shopifyfake.RefundLine{Line: 0, Quantity: 1}, shopifyfake.RefundLine{Line: 1, Quantity: 2}).Body())
	a.After(2 * twoWeeks)
	a.WantMails(Ada, "Thank you")
}

// A refund that fails gives the money back to the shop: the review request,
// which it had ended, is taken up again.
func TestFailedRefundGivesBack(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		o := shipped(a, 1)
		r := o.Refund(a.Clock.Now(), o.Total())
		a.Send("refunds/create", r.Body())
		a.Wait()
		require.Contains(t, a.Reasons(Ada, "review_request"), "refunded")
		a.After(24 * time.Hour)
		o.FinancialStatus = "paid"
		r.Settle(a.Clock.Now(), "failure")
		a.Send("orders/updated", o.Body())
		a.After(untilAsked)
		a.WantMails(Ada, "Thank you", "What do you think")
	})
}

// The refund is told before its order: the row waits for it, and a refunded
// order is not thanked for.
func TestRefundBeforeItsOrder(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		whole, part := a.Order(1), a.Order(2).For(shopifyfake.Customer{ID: 6002, Email: "bo@example.com"}, "GB")
		paid := [][]byte{whole.Body(), part.Body()}
		a.Send("refunds/create", whole.Refund(a.Clock.Now(), whole.Total()).Body())
		a.Send("refunds/create", part.Refund(a.Clock.Now(), 4900, shopifyfake.RefundLine{Line: 0, Quantity: 1}).Body())
		a.Wait()
		require.Equal(t, 2, a.Count(`SELECT COUNT(*) FROM orders WHERE stub = 1`))
		a.After(10 * time.Minute)
		for _, body := range paid { // as it was when it was paid
			a.Send("orders/paid", body)
		}
		a.After(untilAsked)
		a.WantMails(Ada)
		require.Contains(t, a.Reasons(Ada, "thank_you"), "refunded")
		mails := a.WantMails("bo@example.com", "Thank you")
		require.NotContains(t, mails[0].Text, "Merino scarf")
		require.Equal(t, 0, a.Count(`SELECT COUNT(*) FROM orders WHERE stub = 1 OR fetch_at > 0`))
		require.Empty(t, a.Shopify.Asked())
	})
}

// The order of a refund does not come within the hour: it is read at Shopify, once.
func TestStubIsFetched(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		o := a.Order(1)
		r := o.Refund(a.Clock.Now(), 4900, shopifyfake.RefundLine{Line: 0, Quantity: 1})
		a.Shopify.PutOrder(Domain, o)
		a.Send("refunds/create", r.Body())
		a.After(59 * time.Minute)
		require.Empty(t, a.Shopify.Asked())
		a.After(time.Minute)
		require.Len(t, a.Shopify.Asked(), 1)
		a.WantMails(Ada, "Thank you")
		a.After(untilAsked)
		require.Len(t, a.Shopify.Asked(), 1)
	})
}

// A fetch that fails is tried again, later each time, and holds up nobody.
func TestFailedFetchDelaysNothing(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	stub := a.Order(1)
	a.Shopify.PutOrder(Domain, stub)
	const tries = 4 // of one call, before it counts as failed
	for range tries {
		a.Shopify.Fail(shopifyfake.Unavailable)
	}
	a.Send("refunds/create", stub.Refund(a.Clock.Now(), 4900).Body())
	a.After(time.Hour)
	require.Len(t, a.Shopify.Asked(), tries)
	a.Send("orders/paid", a.Order(2).For(shopifyfake.Customer{ID: 6002, Email: "bo@example.com"}, "GB").Body())
	a.Wait()
	a.WantMails("bo@example.com", "Thank you")
	a.After(59 * time.Minute)
	require.Len(t, a.Shopify.Asked(), tries)
	a.After(time.Minute)
	require.Len(t, a.Shopify.Asked(), tries+1)
	a.WantMails(Ada, "Thank you")
}

// An order nobody ever tells of and that cannot be read is closed after 30 days and reported.
func TestStubIsClosedAndReported(t *testing.T) {
	for name, token := range map[string]string{"without a token": "", "gone at Shopify": Token} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := Start(t, Noon)
			a.Shop = a.Add(commerce.Shop{Name: "Nour & Co", Email: "hello@nour.example", Locale: "en", Country: "GB", Currency: "EUR"},
				commerce.Connection{Platform: commerce.Shopify, ExternalID: Domain, Live: true, Token: token})
			a.Send("refunds/create", a.Order(1).Refund(a.Clock.Now(), 4900).Body())
			a.After(30*24*time.Hour - time.Minute)
			require.Equal(t, 0, a.Count(`SELECT COUNT(*) FROM findings`))
			a.After(time.Minute)
			require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM findings WHERE kind = 'order_never_seen'`))
			asked := len(a.Shopify.Asked())
			a.After(60 * 24 * time.Hour)
			require.Len(t, a.Shopify.Asked(), asked)
			require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM findings`))
		})
	}
}

// An open dispute holds, a won one lets go, a lost one ends.
func TestDisputes(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		won, lost := shipped(a, 1), a.Order(2).For(shopifyfake.Customer{ID: 6002, Email: "bo@example.com"}, "GB")
		lost.Fulfil(a.Clock.Now())
		a.Send("orders/paid", lost.Body())
		a.Wait()
		opened := a.Clock.Now()
		for _, o := range []*shopifyfake.Order{won, lost} {
			a.Send("disputes/create", o.Dispute("needs_response", opened, time.Time{}))
		}
		a.After(untilAsked + 24*time.Hour)
		a.WantMails(Ada, "Thank you")
		require.Contains(t, a.Reasons(Ada, "review_request"), "dispute_open")
		a.Send("disputes/update", won.Dispute("won", opened, a.Clock.Now()))
		a.Send("disputes/update", lost.Dispute("lost", opened, a.Clock.Now()))
		a.After(2 * twoWeeks)
		a.WantMails(Ada, "Thank you", "What do you think")
		a.WantMails("bo@example.com", "Thank you")
		require.Contains(t, a.Reasons("bo@example.com", "review_request"), "dispute_lost")
	})
}

// A hold that nothing removes ends at the latest useful time, with the reason.
func TestHoldThatLastsTooLongExpires(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	o := shipped(a, 1)
	a.Send("disputes/create", o.Dispute("needs_response", a.Clock.Now(), time.Time{}))
	a.After(untilAsked + twoWeeks + time.Hour)
	reasons := a.Reasons(Ada, "review_request")
	require.Contains(t, reasons, "dispute_open")
	require.Equal(t, "expired", reasons[len(reasons)-1])
	a.Send("disputes/update", o.Dispute("won", a.Clock.Now(), a.Clock.Now()))
	a.After(untilAsked)
	a.WantMails(Ada, "Thank you")
}
