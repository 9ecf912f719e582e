package stripe

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
)

// The bodies in testdata/basil have the shapes of API 2025-03-31 and later, in
// which objects no longer name their invoice nor invoices their payment.

func TestNewerSession(t *testing.T) {
	c := decodeBody(t, fixture(t, "basil/session_completed.json"))
	sar := commerce.Money{Amount: 12500, Currency: "SAR"}
	at := commerce.Instant(1772366402_000)
	same(t, commerce.Change{
		Order: &commerce.OrderChange{
			Keys: stripeKeys("payment_intent", "pi_b1", "session", "cs_live_b1"),
			Detail: &commerce.Detail{
				Platform: commerce.Stripe, Rank: rankSession + 1, UpdatedAt: at, FinancialStatus: "paid", Language: "ar", Country: "SA",
				Total: sar, ShopTotal: sar, CurrentTotal: sar,
			},
			Person: &commerce.PersonFacts{
				Email: "abdullah@example.sa", Phone: "+966500000000", FirstName: "عبد الله", LastName: "محمد السالم",
				Language: "ar", Country: "SA", UpdatedAt: at,
			},
			PlacedAt: at, Payment: commerce.Payment{Told: at},
		},
		Consents: []commerce.ConsentChange{{
			Email: "abdullah@example.sa", Channel: commerce.ByMail, Class: "marketing", State: commerce.Subscribed, Source: "stripe checkout", At: at,
		}},
	}, c)

	intent := decodeBody(t, fixture(t, "basil/payment_intent_succeeded.json")).Order
	require.Equal(t, stripeKeys("payment_intent", "pi_b1", "session", "cs_live_b1", "charge", "ch_b1"), intent.Keys)
	require.Equal(t, commerce.Payment{Told: 1772366401_000}, intent.Payment)
}

func TestNewerRenewal(t *testing.T) {
	invoice := decodeBody(t, fixture(t, "basil/renewal_invoice_paid.json")).Order
	require.Equal(t, stripeKeys("payment_intent", "pi_b2", "invoice", "in_b2"), invoice.Keys)
	require.True(t, invoice.Detail.Renewal)
	require.True(t, invoice.Detail.NoShipping)
	require.Equal(t, "TEA-0042", invoice.Detail.Name)
	require.Equal(t, []commerce.Line{{
		ID: "il_b2_1", Product: "prod_b2", Title: "1 × Tea box (at €99.00 / month)", Quantity: 1, Current: 1,
		Price: commerce.Money{Amount: 9900, Currency: "EUR"},
	}}, invoice.Detail.Lines)

	intent := decodeBody(t, fixture(t, "basil/renewal_intent_succeeded.json")).Order
	require.Equal(t, stripeKeys("payment_intent", "pi_b2", "invoice", "in_b2", "charge", "ch_b2"), intent.Keys)
	require.Nil(t, intent.Detail)
	require.Zero(t, intent.Payment)

	charge := decodeBody(t, fixture(t, "basil/renewal_charge_succeeded.json")).Order
	require.Equal(t, stripeKeys("payment_intent", "pi_b2", "charge", "ch_b2"), charge.Keys)
	require.Nil(t, charge.Detail, "Stripe's own description tells that an invoice is behind it")
	require.Zero(t, charge.Payment)
	require.Len(t, charge.Charges, 1)

	link := decodeBody(t, fixture(t, "basil/invoice_payment_paid.json"))
	same(t, commerce.Change{Order: &commerce.OrderChange{Keys: stripeKeys("payment_intent", "pi_b2", "invoice", "in_b2")}}, link)
}
