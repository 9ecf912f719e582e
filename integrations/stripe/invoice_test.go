package stripe

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/stripe/stripefake"
)

func TestDecodeInvoice(t *testing.T) {
	p := stripefake.Purchase{
		N: "2", Customer: "cus_2", SubscriptionID: "sub_2", Number: "TEA-1", Amount: 3000, Country: "-",
		Items: []stripefake.Item{{Title: "Tea", Quantity: 3, Amount: 4500}, {Title: "Unused time", Quantity: 1, Amount: -1500}},
	}
	at, paid := noon.Add(time.Hour), commerce.At(noon.Add(time.Hour))
	same(t, commerce.Change{Order: &commerce.OrderChange{
		Keys: stripeKeys("payment_intent", "pi_2", "invoice", "in_2", "charge", "ch_2"),
		Detail: &commerce.Detail{
			Platform: commerce.Stripe, Rank: rankInvoice + 1, UpdatedAt: paid, Name: "TEA-1", FinancialStatus: "paid",
			Renewal: true, NoShipping: true, Total: usd(3000), ShopTotal: usd(3000), CurrentTotal: usd(3000),
			Lines: []commerce.Line{{ID: "il_2_1", Product: "prod_1", Title: "Tea", Quantity: 3, Current: 3, Price: usd(1500)}},
		},
		Person: &commerce.PersonFacts{
			CustomerID: "cus_2", Email: "customer2@example.com", FirstName: "Ada", LastName: "Lovelace", UpdatedAt: paid,
		},
		PlacedAt: commerce.At(noon), Payment: commerce.Payment{Told: paid},
	}}, decode(t, "invoice.paid", at, p.Invoice("subscription_cycle")))
}

// An attempt that failed places no order and is no sale; paid later, the invoice
// is a renewal like any other.
func TestDecodeFailedInvoice(t *testing.T) {
	p := stripefake.Purchase{N: "2", Customer: "cus_2", SubscriptionID: "sub_2", Number: "TEA-1", Amount: 3000, Country: "US", Region: "ca"}
	tried := commerce.At(noon.Add(time.Hour))
	got := decode(t, "invoice.payment_failed", noon.Add(time.Hour), p.FailedInvoice("subscription_cycle", 1))
	same(t, commerce.Change{Order: &commerce.OrderChange{
		Keys: stripeKeys("payment_intent", "pi_2", "invoice", "in_2"),
		Detail: &commerce.Detail{
			Platform: commerce.Stripe, Rank: rankInvoice, UpdatedAt: tried, Name: "TEA-1", FinancialStatus: "unpaid", Country: "US", Region: "CA",
			Renewal: true, Total: usd(3000), ShopTotal: usd(3000), CurrentTotal: usd(3000),
			Lines: []commerce.Line{{ID: "il_2_1", Product: "prod_1", Title: "Coffee beans", Quantity: 1, Current: 1, Price: usd(3000)}},
		},
		Person: &commerce.PersonFacts{
			CustomerID: "cus_2", Email: "customer2@example.com", FirstName: "Ada", LastName: "Lovelace", Country: "US", UpdatedAt: tried,
		},
		Payment: commerce.Payment{UnpaidSeen: tried}, PaymentFailed: tried,
	}}, got)

	paid := decode(t, "invoice.paid", noon.Add(72*time.Hour), p.Invoice("subscription_cycle"))
	again := decode(t, "invoice.payment_failed", noon.Add(48*time.Hour), p.FailedInvoice("subscription_cycle", 2))
	var o commerce.Order
	for _, c := range []commerce.Change{again, paid, got} {
		o.Merge(*c.Order, commerce.Stripe)
	}
	kinds := map[commerce.EventKind]commerce.Instant{}
	for _, e := range o.Events(commerce.Shop{}) {
		kinds[e.Kind] = e.OccurredAt
	}
	require.Equal(t, tried, kinds[commerce.SubscriptionPaymentFailed], "the first attempt")
	require.Equal(t, commerce.At(noon.Add(72*time.Hour)), kinds[commerce.SubscriptionRenewed])
	require.Equal(t, "paid", o.Detail.FinancialStatus)
	require.NotZero(t, o.Sale(commerce.Settings{}))
}

func TestFailedInvoiceOfNoRunningSubscription(t *testing.T) {
	sub := stripefake.Purchase{SubscriptionID: "sub_1", Customer: "cus_1"}
	for name, o := range map[string]stripefake.Object{
		"the first, at the checkout": sub.FailedInvoice("subscription_create", 1),
		"of no subscription":         stripefake.Purchase{}.FailedInvoice("manual", 1),
		"of none, by its reason one": stripefake.Purchase{}.FailedInvoice("subscription_cycle", 1),
	} {
		require.NotEmpty(t, decode(t, "invoice.payment_failed", noon, o).Ignored, name)
	}
	since := stripefake.Object{"subscription_details": stripefake.Object{"subscription": "sub_1"}}
	told := decode(t, "invoice.payment_failed", noon, stripefake.Purchase{}.FailedInvoice("subscription_cycle", 1).With("parent", since).Without("subscription"))
	require.NotZero(t, told.Order.PaymentFailed, "by the shape since 2025-03-31")
}

func TestDecodeEndedSubscription(t *testing.T) {
	p := stripefake.Purchase{SubscriptionID: "sub_7", Customer: "cus_7"}
	ended := noon.Add(time.Hour)
	same(t, commerce.Change{
		Person:   &commerce.PersonFacts{CustomerID: "cus_7", UpdatedAt: commerce.At(noon.Add(2 * time.Hour))},
		Happened: []commerce.Happening{{Kind: commerce.SubscriptionCancelled, Subject: "sub_7", At: commerce.At(ended)}},
	}, decode(t, "customer.subscription.deleted", noon.Add(2*time.Hour), p.Subscription(ended, "payment_failed")))

	untold := decode(t, "customer.subscription.deleted", noon, p.Subscription(ended, "payment_failed").With("ended_at", nil, "customer", nil))
	require.Equal(t, commerce.At(noon), untold.Happened[0].At)
	require.Nil(t, untold.Person)
}

func TestInvoiceRenewal(t *testing.T) {
	for reason, renewal := range map[string]bool{
		"subscription_create": false, "manual": false, "quote_accept": false, "automatic_pending_invoice_item_invoice": false,
		"subscription_cycle": true, "subscription_update": true, "subscription_threshold": true, "subscription": true,
	} {
		require.Equal(t, renewal, decode(t, "invoice.paid", noon, stripefake.Purchase{}.Invoice(reason)).Order.Detail.Renewal, reason)
	}
}

func TestInvoiceAmountsAndStates(t *testing.T) {
	of := func(pairs ...any) *commerce.OrderChange {
		return decode(t, "invoice.paid", noon, stripefake.Purchase{}.Invoice("manual").With(pairs...)).Order
	}
	require.Equal(t, usd(3000), of("amount_paid", 3000).Detail.Total, "a part came from the balance")
	require.Equal(t, usd(4200), of("amount_paid", 0, "paid_out_of_band", true).Detail.Total)
	require.Equal(t, usd(0), of("amount_paid", 0, "total", -500).Detail.Total, "a credit")
	require.Empty(t, of("number", nil).Detail.Name)
	require.Equal(t, commerce.Payment{UnpaidSeen: commerce.At(noon)}, of("status", "open", "paid", false).Payment)
	require.Equal(t, commerce.At(noon), of("status_transitions", nil).PlacedAt, "else when it was made")
	require.Equal(t, stripeKeys("invoice", "in_1"), of("payment_intent", nil, "charge", nil).Keys)
	require.False(t, of("customer_shipping", nil).Detail.NoShipping, "nothing is known of a single invoice")
}

// Whether a payment of an invoice is a first order only the invoice knows, so
// until it is heard nobody is thanked.
func TestPaymentOfAnInvoiceWaits(t *testing.T) {
	p := stripefake.Purchase{SubscriptionID: "sub_1"}
	single := stripefake.Purchase{}
	for topic, o := range map[string]stripefake.Object{ // the field is there and says no: the text is the merchant's own
		"payment_intent.succeeded": single.PaymentIntent().With("description", "Subscription update"),
		"charge.succeeded":         single.Charge(0).With("description", "Payment for Invoice"),
	} {
		require.NotZero(t, decode(t, topic, noon, o).Order.Payment.Told, topic)
		require.Zero(t, decode(t, topic, noon, o.Without("invoice")).Order.Payment, topic)
		require.Nil(t, decode(t, topic, noon, o.Without("invoice")).Order.Detail, topic)
	}
	for topic, o := range map[string]stripefake.Object{
		"payment_intent.succeeded": p.PaymentIntent(), "charge.succeeded": p.Charge(0),
		"charge.captured": p.Charge(0).With("invoice", p.Invoice("subscription_cycle")), // expanded
	} {
		c := decode(t, topic, noon, o).Order
		require.Nil(t, c.Detail, topic)
		require.Zero(t, c.Payment, topic)
		require.Zero(t, c.PlacedAt, topic)
		require.Equal(t, stripeKeys("payment_intent", "pi_1", "invoice", "in_1", "charge", "ch_1"), c.Keys, topic)
	}
}
