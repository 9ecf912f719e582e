package stripe

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/stripe/stripefake"
)

// What happened in an account is told by its events, by its charge read again
// and by its history, and all say the same. No event tells the sum after a refund
// failed: that is what the refund's own asks to be read again for.
func TestEventsAndChargesAgree(t *testing.T) {
	fake, client := start(t)
	now := noon
	fake.Clock = func() time.Time { now = now.Add(time.Second); return now } // events of one second have no order
	const account = "acct_1"
	p := stripefake.Purchase{Customer: "cus_1", Amount: 9000}
	fake.Put(account, p.CustomerObject(), p.PaymentIntent())
	fake.Emit(account, stripefake.Event{Type: "charge.succeeded", Created: noon, Account: account, Object: p.Charge(0)})
	fake.Refund(account, "ch_1", 2500, "re_1")
	fake.Refund(account, "ch_1", 1000, "re_2")
	fake.FailRefund(account, "re_2")
	fake.Dispute(account, "ch_1", "dp_1")
	fake.CloseDispute(account, "dp_1", false)

	var byEvents, byCharge, byHistory commerce.Order
	reread := false
	for _, types := range EventTypes() {
		page, err := client.Events(t.Context(), as(account), EventQuery{Types: types, After: commerce.At(noon), Until: commerce.At(noon.Add(3 * time.Hour))})
		require.NoError(t, err)
		require.Zero(t, page.Bad)
		for _, d := range page.Events {
			c, err := Decode(d)
			require.NoError(t, err, d.Topic)
			byEvents.Merge(*c.Order, commerce.Stripe)
			reread = reread || c.Order.Reread
		}
	}
	o, err := client.Charge(t.Context(), as(account), "ch_1", commerce.At(noon.Add(3*time.Hour)))
	require.NoError(t, err)
	require.True(t, reread && byEvents.RefundsDisagree())
	byEvents.Merge(o, commerce.Stripe)
	byCharge.Merge(o, commerce.Stripe)
	past, err := client.PastCharges(t.Context(), as(account), commerce.At(noon.Add(3*time.Hour)), "")
	require.NoError(t, err)
	require.Empty(t, past.Next)
	require.NoError(t, past.Orders[0].Err)
	byHistory.Merge(past.Orders[0].Change, commerce.Stripe)

	for name, o := range map[string]commerce.Order{"events": byEvents, "charge": byCharge, "history": byHistory} {
		require.EqualValues(t, 2500, o.Refunded(), name)
		require.False(t, o.RefundsDisagree(), name)
		require.Equal(t, commerce.RefundFailed, o.Refunds["re_2"].Status, name)
		require.Equal(t, commerce.DisputeLost, o.DisputeState(), name)
		require.Equal(t, usd(9000), o.Detail.Total, name)
		require.Equal(t, commerce.At(noon), o.Payment.At(), name)
	}
}

func TestPastChargesPageByPage(t *testing.T) {
	fake, client := start(t)
	const account = "acct_1"
	for i := range 230 {
		p := stripefake.Purchase{N: time.Duration(i).String(), At: noon.Add(time.Duration(i) * time.Minute), Customer: "cus_1"}
		fake.Put(account, p.Charge(0))
	}
	installed, seen, last := commerce.At(noon.Add(220*time.Minute)), map[string]bool{}, commerce.Instant(0)
	pages := 0
	for cursor := ""; pages == 0 || cursor != ""; pages++ {
		page, err := client.PastCharges(t.Context(), as(account), installed, cursor)
		require.NoError(t, err)
		for _, o := range page.Orders {
			require.NoError(t, o.Err)
			require.False(t, seen[o.ID], "twice")
			require.True(t, last == 0 || o.At <= last, "newest first")
			seen[o.ID], last = true, o.At
		}
		cursor = page.Next
	}
	require.Len(t, seen, 220, "what was sold from then on is no history")
	require.Equal(t, 3, pages)
}

func TestEndpointsAtStripe(t *testing.T) {
	fake, client := start(t)
	fake.Put("", stripefake.Purchase{}.Charge(0))
	made, err := client.CreateEndpoint(t.Context(), as(""), EndpointWish{URL: "https://fly.example/webhooks/stripe", Connect: true, Description: "Flywheel"})
	require.NoError(t, err)
	require.NotEmpty(t, made.Secret)
	all, err := client.Endpoints(t.Context(), as(""))
	require.NoError(t, err)
	require.Len(t, all, 1)
	made.Secret = "" // told once
	require.Equal(t, made, all[0])
	require.Empty(t, all[0].Lacks())
	require.True(t, all[0].Connect)
	require.NoError(t, client.DeleteEndpoint(t.Context(), as(""), made.ID))
	all, err = client.Endpoints(t.Context(), as(""))
	require.NoError(t, err)
	require.Empty(t, all)
}
