package stripe

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/stripe/stripefake"
)

func TestDecodeSession(t *testing.T) {
	p := stripefake.Purchase{N: "5", Customer: "cus_5", Phone: "+966 50", Locale: "ar", Country: "SA", Currency: "sar", Amount: 12500, Promotion: "opt_in"}
	at := commerce.At(noon)
	detail := &commerce.Detail{
		Platform: commerce.Stripe, Rank: rankSession + 1, UpdatedAt: at, FinancialStatus: "paid", Language: "ar", Country: "SA",
		Total: commerce.Money{Amount: 12500, Currency: "SAR"}, ShopTotal: commerce.Money{Amount: 12500, Currency: "SAR"},
		CurrentTotal: commerce.Money{Amount: 12500, Currency: "SAR"},
	}
	person := &commerce.PersonFacts{
		CustomerID: "cus_5", Email: "customer5@example.com", Phone: "+966 50", FirstName: "Ada", LastName: "Lovelace",
		Language: "ar", Country: "SA", UpdatedAt: at,
	}
	keys := stripeKeys("payment_intent", "pi_5", "session", "cs_live_5")
	same(t, commerce.Change{
		Order: &commerce.OrderChange{Keys: keys, Detail: detail, Person: person, PlacedAt: at, Payment: commerce.Payment{Told: at}},
		Consents: []commerce.ConsentChange{{
			Email: "customer5@example.com", CustomerID: "cus_5", Channel: commerce.ByMail, Class: "marketing",
			State: commerce.Subscribed, Source: "stripe checkout", At: at,
		}},
	}, decode(t, "checkout.session.completed", noon, p.Session()))

	t.Run("with lines", func(t *testing.T) {
		p := p
		p.Items = []stripefake.Item{{Title: "قهوة\u0000", Quantity: 2, Amount: 10000}, {Title: "Filter", Quantity: 0, Amount: 2500}}
		d := decode(t, "checkout.session.completed", noon, p.Session().With("line_items", p.SessionLines())).Order.Detail
		require.Equal(t, rankSessionLines+1, d.Rank)
		require.Equal(t, []commerce.Line{
			{ID: "li_5_1", Product: "prod_1", Title: "قهوة", Quantity: 2, Current: 2, Price: commerce.Money{Amount: 5000, Currency: "SAR"}},
			{ID: "li_5_2", Product: "prod_2", Title: "Filter", Quantity: 1, Current: 1, Price: commerce.Money{Amount: 2500, Currency: "SAR"}},
		}, d.Lines)
	})
	t.Run("too many lines", func(t *testing.T) {
		p := p
		p.Items = make([]stripefake.Item, 2*maxLines)
		require.Len(t, decode(t, "checkout.session.completed", noon, p.Session().With("line_items", p.SessionLines())).Order.Detail.Lines, maxLines)
	})
}

func TestSessionPayment(t *testing.T) {
	p := stripefake.Purchase{}
	later := noon.Add(48 * time.Hour)
	unpaid := decode(t, "checkout.session.completed", noon, p.Session().With("payment_status", "unpaid")).Order
	require.Equal(t, commerce.Payment{UnpaidSeen: commerce.At(noon)}, unpaid.Payment)
	require.Equal(t, "unpaid", unpaid.Detail.FinancialStatus)
	require.Equal(t, commerce.At(noon), unpaid.PlacedAt)

	paid := decode(t, "checkout.session.async_payment_succeeded", later, p.Session()).Order
	require.Equal(t, commerce.Payment{Told: commerce.At(later)}, paid.Payment)
	require.Greater(t, paid.Detail.Rank, unpaid.Detail.Rank)

	failed := decode(t, "checkout.session.async_payment_failed", later, p.Session().With("payment_status", "unpaid")).Order
	require.Equal(t, commerce.Payment{UnpaidSeen: commerce.At(later)}, failed.Payment)

	free := decode(t, "checkout.session.completed", noon,
		p.Session().With("payment_status", "no_payment_required", "payment_intent", nil, "amount_total", 0)).Order
	require.Equal(t, stripeKeys("session", "cs_live_1"), free.Keys)
	require.Equal(t, commerce.Payment{Told: commerce.At(noon)}, free.Payment)
	require.Equal(t, usd(0), free.Detail.Total)

	sub := decode(t, "checkout.session.completed", noon, stripefake.Purchase{SubscriptionID: "sub_1"}.Session()).Order
	require.Equal(t, stripeKeys("invoice", "in_1", "session", "cs_live_1"), sub.Keys)
	require.False(t, sub.Detail.Renewal)
}

func TestSessionShipping(t *testing.T) {
	for name, c := range map[string]struct {
		object     stripefake.Object
		country    string
		noShipping bool
	}{
		"shipped":          {stripefake.Purchase{Country: "SA"}.Session(), "SA", false},
		"billed elsewhere": {stripefake.Purchase{Country: "SA"}.Session().With("customer_details", stripefake.Object{"address": stripefake.Object{"country": "AE"}}), "SA", false},
		"nothing to ship":  {stripefake.Purchase{Country: "-"}.Session().With("customer_details", stripefake.Object{"address": stripefake.Object{"country": "ae"}}), "AE", true},
		"only a rate":      {stripefake.Purchase{Country: "-"}.Session().With("shipping_cost", stripefake.Object{"amount_total": 0}), "", false},
		"details all null": {stripefake.Purchase{}.Session().With("shipping_details", stripefake.Object{"address": nil}, "customer_details", nil), "", true},
		"country misspelt": {stripefake.Purchase{Country: "Saudi"}.Session(), "", false},
	} {
		d := decode(t, "checkout.session.completed", noon, c.object).Order.Detail
		require.Equal(t, c.country, d.Country, name)
		require.Equal(t, c.noShipping, d.NoShipping, name)
	}
}

func TestSessionConsent(t *testing.T) {
	state := func(topic, promotions string, p stripefake.Purchase) (out []commerce.ConsentState) {
		p.Promotion = promotions
		for _, c := range decode(t, topic, noon, p.Session()).Consents {
			out = append(out, c.State)
		}
		return out
	}
	const completed = "checkout.session.completed"
	require.Equal(t, []commerce.ConsentState{commerce.Subscribed}, state(completed, "opt_in", stripefake.Purchase{}))
	require.Equal(t, []commerce.ConsentState{commerce.Unsubscribed}, state(completed, "opt_out", stripefake.Purchase{}))
	require.Empty(t, state(completed, "", stripefake.Purchase{}))
	require.Empty(t, state(completed, "maybe", stripefake.Purchase{}))
	require.Empty(t, state(completed, "opt_in", stripefake.Purchase{Email: "-"}), "nobody to have said it")
	require.Empty(t, state("checkout.session.async_payment_succeeded", "opt_in", stripefake.Purchase{}), "said at the checkout, not days later")
}
