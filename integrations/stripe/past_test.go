package stripe

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe/stripefake"
)

// listed is a charge of p as a list shows it with everything expanded.
func listed(p stripefake.Purchase, refunds ...any) stripefake.Object {
	c := p.Charge(0).With("refunds", rows(false, refunds...))
	if p.Customer != "" {
		c = c.With("customer", p.CustomerObject())
	}
	if p.SubscriptionID != "" {
		c = c.With("invoice", p.Invoice("subscription_cycle"))
	}
	return c
}

// While Stripe is slow a page ends early, but never without having come on.
func TestSlowPageOfThePast(t *testing.T) {
	all := []string{"1", "2", "3"}
	client, _ := answering(t, func(a asked) (int, any) {
		var left []any
		for i, n := range all {
			if cursor := a.form.Get("starting_after"); cursor == "" || cursor < "ch_"+n {
				left = append(left, listed(stripefake.Purchase{N: all[i]}))
			}
		}
		return http.StatusOK, rows(false, left...)
	})
	client.pageTime = 0
	var read []string
	for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
		page, err := client.PastCharges(t.Context(), as("acct_1"), commerce.At(noon.Add(time.Hour)), cursor)
		require.NoError(t, err)
		require.Len(t, page.Orders, 1)
		read, cursor = append(read, page.Orders[0].ID), page.Next
	}
	require.Equal(t, []string{"ch_1", "ch_2", "ch_3"}, read)
}

func TestPastCharges(t *testing.T) {
	installed := noon.Add(24*time.Hour + 700*time.Millisecond)
	renewal := stripefake.Purchase{N: "sub", Customer: "cus_1", SubscriptionID: "sub_1"}
	guest := stripefake.Purchase{N: "guest", Email: "guest@example.com"}
	shy := stripefake.Purchase{N: "shy", Customer: "cus_2"}
	pages := map[string]stripefake.Object{
		"": rows(true,
			listed(renewal), listed(stripefake.Purchase{N: "failed"}).With("status", "failed", "captured", false),
			listed(guest, guest.Refund("re_1", 700, "succeeded", noon)).With("amount_refunded", 700),
			listed(stripefake.Purchase{N: "held"}).With("captured", false)),
		"ch_held": rows(false, // a page goes on after its last charge, sold or not
			listed(shy).With("billing_details", stripefake.Object{"email": nil, "name": nil, "address": nil}),
			listed(stripefake.Purchase{N: "odd"}).Without("amount")),
	}
	client, calls := answering(t, func(a asked) (int, any) { return http.StatusOK, pages[a.form.Get("starting_after")] })
	first, err := client.PastCharges(t.Context(), as("acct_1"), commerce.At(installed), "")
	require.NoError(t, err)
	form := (*calls)[0].form
	require.Equal(t, strconv.FormatInt(installed.Unix(), 10), form.Get("created[lt]"))
	require.Equal(t, "100", form.Get("limit"))
	require.Equal(t, []string{"data.customer", "data.invoice", "data.refunds"}, form["expand[]"])

	require.Len(t, first.Orders, 2, "what failed or was only authorized is no sale")
	require.Equal(t, []string{"ch_sub", "ch_guest"}, []string{first.Orders[0].ID, first.Orders[1].ID})
	require.Equal(t, commerce.At(noon), first.Orders[0].At)
	sub, sold := first.Orders[0].Change, first.Orders[1].Change
	require.Equal(t, stripeKeys("payment_intent", "pi_sub", "invoice", "in_sub", "charge", "ch_sub"), sub.Keys)
	require.Equal(t, "INV-sub", sub.Detail.Name)
	require.True(t, sub.Detail.Renewal)
	require.Len(t, sub.Detail.Lines, 1)
	require.Equal(t, commerce.At(noon), sub.Payment.At())
	require.Equal(t, "guest@example.com", sold.Person.Email)
	require.Equal(t, commerce.At(noon), sold.Payment.At())
	require.EqualValues(t, 700, sold.Charges[0].Refunded)
	require.Len(t, sold.Refunds, 1)

	second, err := client.PastCharges(t.Context(), as("acct_1"), commerce.At(installed), first.Next)
	require.NoError(t, err)
	require.Empty(t, second.Next)
	require.Equal(t, "customershy@example.com", second.Orders[0].Change.Person.Email, "the address their customer has")
	require.Equal(t, "ch_odd", second.Orders[1].ID)
	require.Equal(t, fault.Permanent, fault.KindOf(second.Orders[1].Err))
	require.Empty(t, second.Orders[1].Change.Keys)
	require.Len(t, *calls, 2)
}

func TestPastChargeIsComplete(t *testing.T) {
	p := stripefake.Purchase{Amount: 100_000}
	var all, more []any
	for i := range 130 {
		r := p.Refund(fmt.Sprintf("re_%03d", i), 10, "succeeded", noon)
		if all = append(all, r); i >= 10 {
			more = append(more, r)
		}
	}
	reply := map[string]any{
		"/v1/charges":        rows(false, listed(p).With("refunds", rows(true, all[:10]...), "amount_refunded", 1300, "disputed", true)),
		"/v1/refunds re_009": rows(true, more[:100]...),
		"/v1/refunds re_109": rows(false, more[100:]...),
		"/v1/disputes":       rows(true, p.Dispute("dp_2", "won", noon)),
		"/v1/disputes dp_2":  rows(false, p.Dispute("dp_1", "lost", noon)),
	}
	client, calls := answering(t, func(a asked) (int, any) {
		if a.path != "/v1/charges" {
			require.Equal(t, "ch_1", a.form.Get("charge"))
		}
		key := a.path
		if after := a.form.Get("starting_after"); after != "" {
			key += " " + after
		}
		return http.StatusOK, reply[key]
	})
	page, err := client.PastCharges(t.Context(), as("acct_1"), commerce.At(noon.Add(time.Hour)), "")
	require.NoError(t, err)
	require.Len(t, *calls, 5)
	var o commerce.Order
	o.Merge(page.Orders[0].Change, commerce.Stripe)
	require.Len(t, o.Refunds, 130)
	require.False(t, o.RefundsDisagree())
	require.Equal(t, commerce.DisputeLost, o.DisputeState())
	require.Len(t, o.Disputes, 2)
}

// A page of which a part could not be asked is asked again as a whole: half a
// history would be taken for all of it.
func TestPastPageFailsWhereStripeDoes(t *testing.T) {
	for name, c := range map[string]struct {
		answer func() (int, any)
		want   fault.Kind
	}{
		"busy": {func() (int, any) {
			return http.StatusTooManyRequests, stripefake.Object{"error": stripefake.Object{"type": "api_error"}}
		}, fault.Temporary},
		"gone": {noAccess, fault.Denied},
	} {
		client, _ := answering(t, func(a asked) (int, any) {
			if a.path == "/v1/disputes" {
				return c.answer()
			}
			return http.StatusOK, rows(false, listed(stripefake.Purchase{}).With("disputed", true))
		})
		page, err := client.PastCharges(t.Context(), as("acct_1"), commerce.At(noon), "")
		require.Equal(t, c.want, fault.KindOf(err), name)
		require.Empty(t, page.Orders, name)
	}
	client := New(Options{URL: "http://127.0.0.1:1"})
	_, err := client.PastCharges(t.Context(), as(""), 0, "")
	require.Equal(t, fault.Invalid, fault.KindOf(err))
	_, err = client.PastCharges(t.Context(), as(""), 1, "a b")
	require.Equal(t, fault.Invalid, fault.KindOf(err))
}

// Nothing that is told of a past charge is news, whatever has become of it, and a page read
// twice says the same.
func TestPastIsHistoric(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		installed := noon.Add(time.Duration(rapid.IntRange(0, 5000).Draw(rt, "ms")) * time.Millisecond)
		p := stripefake.Purchase{At: installed.Add(-time.Duration(rapid.IntRange(1, 90*24*3600).Draw(rt, "ago")) * time.Second)}
		if rapid.Bool().Draw(rt, "subscription") {
			p.SubscriptionID, p.Customer = "sub_1", "cus_1"
		}
		refund := p.Refund("re_1", 700, rapid.SampledFrom([]string{"pending", "succeeded", "failed", "canceled"}).Draw(rt, "refund"), p.At)
		dispute := p.Dispute("dp_1", rapid.SampledFrom([]string{"needs_response", "won", "lost"}).Draw(rt, "dispute"), p.At)
		client, _ := answering(t, func(a asked) (int, any) {
			if a.path == "/v1/disputes" {
				return http.StatusOK, rows(false, dispute)
			}
			return http.StatusOK, rows(false, listed(p, refund).With("disputed", true))
		})
		var o commerce.Order
		for again := range 2 {
			page, err := client.PastCharges(t.Context(), as("acct_1"), commerce.At(installed), "")
			require.NoError(rt, err)
			require.NoError(rt, page.Orders[0].Err)
			require.Equal(rt, again == 0, o.Merge(page.Orders[0].Change, commerce.Stripe))
		}
		events := o.Events(commerce.Shop{Installed: map[commerce.Platform]commerce.Instant{commerce.Stripe: commerce.At(installed)}})
		require.GreaterOrEqual(rt, len(events), 3)
		for _, e := range events {
			require.True(rt, e.Historic || e.Assumed, "%s at %s, installed %s", e.Kind, e.OccurredAt.Time(), installed)
		}
	})
}
