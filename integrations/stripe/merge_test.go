package stripe

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/integrations/stripe/stripefake"
)

// tellings are what Stripe sends about one purchase in the order in which it happens.
// Times are drawn from few seconds, so that many events share one.
func tellings(t *rapid.T) (events []stripefake.Event) {
	p := stripefake.Purchase{
		Currency: rapid.SampledFrom([]string{"usd", "jpy", "kwd", "isk"}).Draw(t, "currency"),
		Amount:   rapid.Int64Range(1000, 9000).Draw(t, "amount"), Customer: rapid.SampledFrom([]string{"", "cus_1"}).Draw(t, "customer"),
		Promotion: "opt_in", Locale: "ar",
	}
	reason := "manual"
	if rapid.Bool().Draw(t, "subscription") {
		p.SubscriptionID, reason = "sub_1", rapid.SampledFrom([]string{"subscription_create", "subscription_cycle"}).Draw(t, "reason")
	}
	part := p.Amount / 4
	made := noon.Add(time.Minute)
	session := p.Session()
	if rapid.Bool().Draw(t, "lines") {
		session = session.With("line_items", p.SessionLines())
	}
	add := func(topic string, o stripefake.Object) {
		events = append(events, stripefake.Event{
			Type: topic, Object: o, Created: noon.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "second")) * time.Second),
		})
	}
	add("checkout.session.completed", session.With("payment_status", rapid.SampledFrom([]string{"paid", "unpaid"}).Draw(t, "status")))
	add("checkout.session.async_payment_succeeded", session)
	add("payment_intent.succeeded", p.PaymentIntent())
	add("charge.succeeded", p.Charge(0).With("captured", rapid.Bool().Draw(t, "captured")))
	add("charge.captured", p.Charge(0))
	add("charge.refunded", p.Charge(part))
	add("refund.created", p.Refund("re_1", part, "pending", made))
	add("refund.updated", p.Refund("re_1", part, "succeeded", made))
	add("charge.refund.updated", p.Refund("re_1", part, "succeeded", made))
	add("refund.created", p.Refund("re_2", part, "succeeded", made))
	add("charge.refunded", p.Charge(2*part).With("refunds", stripefake.Object{"data": []any{p.Refund("re_2", part, "succeeded", made)}}))
	add("refund.failed", p.Refund("re_2", part, "failed", made))
	add("refund.updated", p.Refund("re_2", part, "failed", made))
	add("charge.updated", p.Charge(part))
	add("charge.dispute.created", p.Dispute("dp_1", "needs_response", made))
	add("charge.dispute.funds_withdrawn", p.Dispute("dp_1", "needs_response", made))
	add("charge.dispute.closed", p.Dispute("dp_1", "won", made))
	add("charge.dispute.funds_reinstated", p.Dispute("dp_1", "won", made))
	if p.SubscriptionID != "" || rapid.Bool().Draw(t, "invoice") {
		add("invoice.paid", p.Invoice(reason))
		if p.SubscriptionID != "" && reason == "subscription_cycle" {
			add("invoice.payment_failed", p.FailedInvoice(reason, 1))
			add("invoice.payment_failed", p.FailedInvoice(reason, 2))
		}
	}
	return events
}

func TestAnyOrderOfEventsEndsAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var changes []commerce.OrderChange
		for _, e := range tellings(t) {
			d, _, _, err := Read(e.Body())
			require.NoError(t, err)
			c, err := Decode(d)
			require.NoError(t, err)
			changes = append(changes, *c.Order)
		}
		merge := func(cs []commerce.OrderChange) (o commerce.Order) {
			for _, c := range cs {
				o.Merge(c, commerce.Stripe)
			}
			return o
		}
		want := merge(changes)
		again := rapid.SliceOfN(rapid.SampledFrom(changes), 0, 8).Draw(t, "again")
		shuffled := rapid.Permutation(append(again, changes...)).Draw(t, "order")
		got := merge(shuffled)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("-in order +shuffled\n%s", diff)
		}
		cut := rapid.IntRange(0, len(shuffled)).Draw(t, "cut") // two rows that turn out to be one purchase
		left, joined := merge(shuffled[:cut]), merge(shuffled[cut:])
		joined.Merge(left.Facts(), commerce.Stripe)
		if diff := cmp.Diff(want, joined); diff != "" {
			t.Fatalf("-in order +joined\n%s", diff)
		}
		require.Equal(t, want.Refunded(), got.Refunded())
		require.Equal(t, commerce.RefundFailed, got.Refunds["re_2"].Status)
		require.Equal(t, commerce.DisputeWon, got.DisputeState())
		require.NotZero(t, got.Payment.At())
	})
}

// A description that tells less never wipes one that tells more, however late it comes.
func TestRicherDescriptionStands(t *testing.T) {
	p := stripefake.Purchase{SubscriptionID: ""}
	at := func(s int) time.Time { return noon.Add(time.Duration(s) * time.Second) }
	var o commerce.Order
	for i, step := range []struct {
		topic  string
		object stripefake.Object
		rank   int
	}{
		{"payment_intent.succeeded", p.PaymentIntent(), rankIntent},
		{"charge.succeeded", p.Charge(0), rankCharge},
		{"payment_intent.succeeded", p.PaymentIntent(), rankCharge},
		{"checkout.session.completed", p.Session(), rankSession},
		{"charge.succeeded", p.Charge(0), rankSession},
		{"invoice.paid", p.Invoice("manual"), rankInvoice},
		{"checkout.session.completed", p.Session(), rankInvoice},
		{"checkout.session.completed", p.Session().With("line_items", p.SessionLines()), rankSessionLines},
		{"invoice.paid", p.Invoice("manual"), rankSessionLines},
	} {
		o.Merge(*decode(t, step.topic, at(i), step.object).Order, commerce.Stripe)
		require.Equal(t, step.rank+1, o.Detail.Rank, "step %d", i)
	}
	require.Equal(t, commerce.At(noon), o.Payment.Told, "the first to tell of the payment")
	require.Len(t, o.Keys, 4)
}

// What a failed refund took back is not known from the refund alone: the charge
// has to be read again, and then both tell the same.
func TestFailedRefundAsksForTheCharge(t *testing.T) {
	p := stripefake.Purchase{}
	var o commerce.Order
	o.Merge(*decode(t, "charge.refunded", noon, p.Charge(4200)).Order, commerce.Stripe)
	o.Merge(*decode(t, "refund.created", noon, p.Refund("re_1", 4200, "succeeded", noon)).Order, commerce.Stripe)
	require.True(t, o.FullyRefunded())
	require.False(t, o.RefundsDisagree())
	o.Merge(*decode(t, "refund.failed", noon.Add(time.Hour), p.Refund("re_1", 4200, "failed", noon)).Order, commerce.Stripe)
	require.True(t, o.RefundsDisagree())
	o.Merge(*decode(t, "charge.updated", noon.Add(time.Hour), p.Charge(0)).Order, commerce.Stripe)
	require.False(t, o.RefundsDisagree())
	require.False(t, o.FullyRefunded())
}
