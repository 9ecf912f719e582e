package stripe

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/stripe/stripefake"
)

// One question brings the whole of a charge: its refunds, disputes, invoice and
// the address its customer has.
func TestChargeIsReadWhole(t *testing.T) {
	asOf := commerce.At(noon.Add(24 * time.Hour))
	p := stripefake.Purchase{Customer: "cus_1", SubscriptionID: "sub_1", Locale: "fa"}
	charge := listed(p, p.Refund("re_1", 700, "failed", noon)).With(
		"disputed", true, "billing_details", stripefake.Object{"email": nil}, "invoice", p.Invoice("subscription_cycle").With("customer_email", nil),
	)
	client, calls := answering(t, func(a asked) (int, any) {
		if a.path == "/v1/disputes" {
			return http.StatusOK, rows(false, p.Dispute("dp_1", "lost", noon))
		}
		return http.StatusOK, charge
	})
	o, err := client.Charge(t.Context(), as("acct_1"), "ch_1", asOf)
	require.NoError(t, err)
	require.Equal(t, []string{"customer", "invoice", "refunds"}, (*calls)[0].form["expand[]"])
	require.Equal(t, "ch_1", (*calls)[1].form.Get("charge"))
	require.Equal(t, "customer1@example.com", o.Person.Email)
	require.Equal(t, "fa", o.Person.Language)
	require.True(t, o.Detail.Renewal)
	require.Equal(t, commerce.Payment{PaidSeen: asOf, Processed: commerce.At(noon)}, o.Payment)
	require.Equal(t, []commerce.Refund{{ID: "re_1", Status: commerce.RefundFailed, Amount: usd(700), At: asOf}}, o.Refunds)
	require.Equal(t, []commerce.Dispute{{ID: "dp_1", Status: commerce.DisputeLost, OpenedAt: commerce.At(noon), ClosedAt: asOf, Read: true}}, o.Disputes)
	require.False(t, o.Reread, "it was")
}

func TestIntentIsReadWhole(t *testing.T) {
	p := stripefake.Purchase{Customer: "cus_1"}
	intent := p.PaymentIntent().With("customer", p.CustomerObject(),
		"latest_charge", p.Charge(0).With("disputed", true, "billing_details", nil, "refunds", rows(false)))
	client, calls := answering(t, func(a asked) (int, any) {
		if a.path == "/v1/disputes" {
			return http.StatusOK, rows(false, p.Dispute("dp_1", "needs_response", noon))
		}
		return http.StatusOK, intent
	})
	o, err := client.PaymentIntent(t.Context(), as("acct_1"), "pi_1", commerce.At(noon))
	require.NoError(t, err)
	require.Equal(t, []string{"customer", "invoice", "latest_charge.refunds"}, (*calls)[0].form["expand[]"])
	require.Equal(t, "customer1@example.com", o.Person.Email)
	require.Len(t, o.Disputes, 1)

	deleted := p.CustomerObject().Without("email", "name", "phone", "address", "shipping", "preferred_locales").With("deleted", true)
	intent = p.PaymentIntent().With("customer", deleted, "latest_charge", nil, "status", "requires_action")
	o, err = client.PaymentIntent(t.Context(), as("acct_1"), "pi_1", commerce.At(noon))
	require.NoError(t, err)
	require.Equal(t, "cus_1", o.Person.CustomerID)
	require.Empty(t, o.Person.Email)
	require.Equal(t, commerce.Payment{UnpaidSeen: commerce.At(noon)}, o.Payment)
}

// A customer's own words at the payment stand over what the shop filed about them.
func TestPayerBeforeCustomer(t *testing.T) {
	p := stripefake.Purchase{Customer: "cus_1", Email: "typed@example.com"}
	filed := p.CustomerObject().With("email", "filed@example.com")
	client, _ := answering(t, func(asked) (int, any) { return http.StatusOK, listed(p).With("customer", filed) })
	o, err := client.Charge(t.Context(), as("acct_1"), "ch_1", commerce.At(noon))
	require.NoError(t, err)
	require.Equal(t, "typed@example.com", o.Person.Email)
}

// Whoever tries a checkout types any name and address: what is read again of it is nobody's.
func TestReadAgainInTheTestMode(t *testing.T) {
	for name, p := range map[string]stripefake.Purchase{
		"a payment":      {Test: true, Customer: "cus_1"},
		"an invoice's":   {Test: true, Customer: "cus_1", SubscriptionID: "sub_1"},
		"of the live":    {Customer: "cus_1"},
		"live invoice's": {Customer: "cus_1", SubscriptionID: "sub_1"},
	} {
		p.Metadata = map[string]string{"order_id": "820982911946"}
		charge := listed(p)
		client, _ := answering(t, func(a asked) (int, any) {
			switch a.path {
			case "/v1/charges":
				return http.StatusOK, rows(false, charge)
			case "/v1/payment_intents/pi_1":
				return http.StatusOK, p.PaymentIntent().With("customer", p.CustomerObject(), "latest_charge", charge, "invoice", charge["invoice"])
			}
			return http.StatusOK, charge
		})
		page, err := client.PastCharges(t.Context(), as("acct_1"), commerce.At(noon.Add(time.Hour)), "")
		require.NoError(t, err, name)
		again, err := client.Charge(t.Context(), as("acct_1"), "ch_1", commerce.At(noon))
		require.NoError(t, err, name)
		intent, err := client.PaymentIntent(t.Context(), as("acct_1"), "pi_1", commerce.At(noon))
		require.NoError(t, err, name)
		for _, o := range []commerce.OrderChange{page.Orders[0].Change, again, intent} {
			require.Equal(t, p.Test, o.Detail.Test, name)
			require.Equal(t, p.Test, o.Person == nil, name)
			require.Equal(t, p.Test, len(o.TwinHints) == 0, name)
		}
	}
}

// An answer that names no invoice either is the end of asking: the next would be the same.
func TestReadAgainOnce(t *testing.T) {
	p := stripefake.Purchase{Customer: "cus_1"}
	require.True(t, decode(t, "charge.succeeded", noon, p.Charge(0).Without("invoice")).Order.Reread)
	require.True(t, decode(t, "payment_intent.succeeded", noon, p.PaymentIntent().Without("invoice")).Order.Reread)
	require.False(t, decode(t, "charge.succeeded", noon, p.Charge(0)).Order.Reread, "of no invoice, as it says")
	client, _ := answering(t, func(a asked) (int, any) {
		if a.path == "/v1/charges/ch_1" {
			return http.StatusOK, p.Charge(0).Without("invoice")
		}
		return http.StatusOK, p.PaymentIntent().Without("invoice")
	})
	o, err := client.Charge(t.Context(), as("acct_1"), "ch_1", commerce.At(noon))
	require.NoError(t, err)
	require.False(t, o.Reread)
	o, err = client.PaymentIntent(t.Context(), as("acct_1"), "pi_1", commerce.At(noon))
	require.NoError(t, err)
	require.False(t, o.Reread)
}
