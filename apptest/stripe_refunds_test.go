package apptest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/stripe/stripefake"
)

// tells delivers what Stripe has to tell.
func (a *App) tells(events ...stripefake.Event) {
	a.t.Helper()
	for _, e := range events {
		a.StripeEvent(e)
	}
}

// arrangements are all ways to put things in a row.
func arrangements[T any](things []T) (out [][]T) {
	if len(things) == 0 {
		return [][]T{nil}
	}
	for i, first := range things {
		rest := append(append([]T{}, things[:i]...), things[i+1:]...)
		for _, tail := range arrangements(rest) {
			out = append(out, append([]T{first}, tail...))
		}
	}
	return out
}

// paysAs is a purchase by somebody with a number, told by its session.
func (a *App) paysAs(n int) stripefake.Purchase {
	a.t.Helper()
	p := a.Pays(fmt.Sprint(n))
	p.Email = fmt.Sprintf("buyer%d@example.com", n)
	a.Stripes("checkout.session.completed", p.Session())
	a.Stripes("charge.succeeded", p.Charge(0))
	return p
}

// What Stripe tells of a refund that failed comes in any order, between and
// after its being read again: the money is the shop's, and the asks go on.
func TestFailedRefundInAnyOrder(t *testing.T) {
	t.Parallel()
	a := WithStripe(t, On(t, EngineOf(t.Name())))
	ways := arrangements([]string{"charge.refunded", "refund.created", "refund.updated", "refund.failed"})
	buyers := make([]stripefake.Purchase, len(ways))
	told := make([]map[string]stripefake.Event, len(ways))
	for i := range ways {
		buyers[i] = a.paysAs(i)
	}
	a.Wait()
	a.After(time.Hour)
	for i, p := range buyers {
		told[i] = map[string]stripefake.Event{}
		re := fmt.Sprint("re_", i)
		for _, e := range append(a.Stripe.Refund(Account, p.ChargeID(), 0, re), a.Stripe.FailRefund(Account, re)...) {
			told[i][e.Type] = e
		}
	}
	for step := range ways[0] {
		for i, way := range ways {
			a.tells(told[i][way[step]])
			if i%2 == 1 { // the others' come all at once
				continue
			}
			for _, kind := range way[1:] {
				a.tells(told[i][kind])
			}
		}
		a.Wait()
	}
	for i, p := range buyers {
		o := a.Purchase(p.Email)
		require.Zero(t, o.Refunded(), "%v", ways[i])
		require.Equal(t, commerce.RefundFailed, o.Refunds[fmt.Sprint("re_", i)].Status)
		require.False(t, o.RefundsDisagree(), "%v", ways[i])
		require.ElementsMatch(t, []string{"order_placed", "order_paid", "order_arrived", "refund_failed"}, a.Events(p.Email), "%v", ways[i])
	}
	require.Zero(t, a.Count(`SELECT COUNT(*) FROM orders WHERE fetch_at > 0`), "nothing is left to ask")
	a.After(untilAsked)
	for i, p := range buyers {
		require.Len(t, a.Mails(p.Email), 2, "%v", ways[i])
	}
}

// Of a dispute and of a refund only a part is told: the charge says the rest,
// though the deliveries with it never came.
func TestDisputesAndRefundsReadTheChargeAgain(t *testing.T) {
	t.Parallel()
	a := WithStripe(t, On(t, EngineOf(t.Name())))
	won, lost, back := a.paysAs(1), a.paysAs(2), a.paysAs(3)
	a.After(time.Hour)
	asked := len(a.Stripe.Calls())
	require.Zero(t, asked)

	a.Stripe.Refund(Account, won.ChargeID(), 1000, "re_1") // nobody tells
	disputed := a.Stripe.Dispute(Account, won.ChargeID(), "dp_1")
	a.tells(disputed[0])
	a.Wait()
	require.EqualValues(t, 1000, a.Purchase(won.Email).Refunded())
	require.Equal(t, commerce.DisputeOpen, a.Purchase(won.Email).DisputeState())

	opened := a.Stripe.Dispute(Account, lost.ChargeID(), "dp_2")
	a.tells(a.Stripe.CloseDispute(Account, "dp_2", false)...)
	a.tells(opened...) // late
	a.tells(a.Stripe.CloseDispute(Account, "dp_1", true)...)

	first := a.Stripe.Refund(Account, back.ChargeID(), 4000, "re_2")
	a.Stripe.Refund(Account, back.ChargeID(), 0, "re_3") // nobody tells
	a.tells(first[0])
	a.Wait()
	require.Equal(t, commerce.DisputeLost, a.Purchase(lost.Email).DisputeState())
	require.Equal(t, commerce.DisputeWon, a.Purchase(won.Email).DisputeState())
	require.True(t, a.Purchase(back.Email).FullyRefunded())
	require.Len(t, a.Purchase(back.Email).Refunds, 2)

	calls := len(a.Stripe.Calls())
	a.tells(first[0]) // the same once more is no news
	a.After(untilAsked)
	require.Len(t, a.Stripe.Calls(), calls)
	require.Len(t, a.Mails(won.Email), 2)
	require.Len(t, a.Mails(lost.Email), 1)
	require.Len(t, a.Mails(back.Email), 1)
}

// Stripe has the charge no more, or does not answer at first: what is known goes its way.
func TestChargeThatCannotBeReadAgain(t *testing.T) {
	t.Parallel()
	a := WithStripe(t, On(t, EngineOf(t.Name())))
	gone, late := a.paysAs(1), a.paysAs(2)
	a.Wait()
	a.Stripe.Fail(1, 404)
	a.tells(a.Stripe.Refund(Account, gone.ChargeID(), 0, "re_1")[0]) // sum and refunds disagree now
	a.Wait()
	require.Zero(t, a.Count(`SELECT COUNT(*) FROM orders WHERE fetch_at > 0`), "nothing to learn there")
	a.Stripe.Fail(4, 503)
	a.tells(a.Stripe.Refund(Account, late.ChargeID(), 0, "re_2")[0])
	a.Wait()
	require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM orders WHERE fetch_at > 0`))
	a.After(2 * Day)
	require.True(t, a.Purchase(late.Email).FullyRefunded())
	require.Zero(t, a.Count(`SELECT COUNT(*) FROM orders WHERE fetch_at > 0`))
}

// A purchase that two platforms tell of: Stripe's refund fails, and the asks go on.
func TestTwinWhoseRefundFails(t *testing.T) {
	t.Parallel()
	a := WithShop(t, On(t, EngineOf(t.Name())))
	a.ConnectStripe()
	o, p := both(a, 820982911946)
	o.Fulfil(a.Clock.Now())
	a.Shopify.PutOrder(Domain, o)
	a.Stripes("checkout.session.completed", p.Session())
	a.Stripes("charge.succeeded", p.Charge(0))
	a.Send("orders/paid", o.Body())
	a.After(20 * time.Minute)
	a.tells(a.Stripe.Refund(Account, p.ChargeID(), 0, "re_1")...)
	a.Wait()
	require.True(t, a.Purchase(Ada).FullyRefunded())
	a.After(Day)
	a.tells(a.Stripe.FailRefund(Account, "re_1")[1])
	a.Wait()
	require.Zero(t, a.Purchase(Ada).Refunded())
	require.EqualValues(t, "shopify", a.Purchase(Ada).Detail.Platform)
	a.After(untilAsked)
	a.WantMails(Ada, "Thank you", "What do you think")
}
