package stripe

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/stripe/stripefake"
)

func TestDecodeIntent(t *testing.T) {
	p := stripefake.Purchase{N: "4", Amount: 500, Currency: "JPY", Country: "JP"}
	at := commerce.At(noon)
	yen := commerce.Money{Amount: 500, Currency: "JPY"}
	same(t, commerce.Change{Order: &commerce.OrderChange{
		Keys: stripeKeys("payment_intent", "pi_4", "charge", "ch_4"),
		Detail: &commerce.Detail{
			Platform: commerce.Stripe, Rank: rankIntent + 1, UpdatedAt: at, FinancialStatus: "paid", Country: "JP",
			Total: yen, ShopTotal: yen, CurrentTotal: yen,
		},
		Person: &commerce.PersonFacts{Email: "yuki@example.jp", Country: "JP", UpdatedAt: at}, PlacedAt: at, Payment: commerce.Payment{Told: at},
	}}, decode(t, "payment_intent.succeeded", noon, p.PaymentIntent().With("receipt_email", "yuki@example.jp")))
}

func TestDecodeCharge(t *testing.T) {
	p := stripefake.Purchase{N: "6", Amount: 5120, Currency: "kwd", Country: "KW", Customer: "cus_6"}
	at, dinar := commerce.At(noon), commerce.Money{Amount: 5120, Currency: "KWD"}
	person := &commerce.PersonFacts{CustomerID: "cus_6", Email: "customer6@example.com", FirstName: "Ada", LastName: "Lovelace", Country: "KW", UpdatedAt: at}
	keys := stripeKeys("payment_intent", "pi_6", "charge", "ch_6")
	same(t, commerce.Change{Order: &commerce.OrderChange{
		Keys: keys,
		Detail: &commerce.Detail{
			Platform: commerce.Stripe, Rank: rankCharge + 1, UpdatedAt: at, FinancialStatus: "paid", Country: "KW",
			Total: dinar, ShopTotal: dinar, CurrentTotal: dinar,
		},
		Person: person, PlacedAt: at, Payment: commerce.Payment{Told: at},
		Charges: []commerce.Charge{{ID: "ch_6", Amount: dinar, AsOf: at}},
	}}, decode(t, "charge.succeeded", noon, p.Charge(0)))

	for _, topic := range []string{"charge.refunded", "charge.updated"} {
		rows := stripefake.Object{"object": "list", "data": []any{
			p.Refund("re_2", 20, "failed", noon.Add(-time.Hour)), p.Refund("re_1", 1000, "succeeded", noon.Add(-time.Hour)),
		}}
		same(t, commerce.Change{Order: &commerce.OrderChange{
			Keys: keys, Person: person,
			Charges: []commerce.Charge{{ID: "ch_6", Amount: dinar, Refunded: 1000, AsOf: at}},
			Refunds: []commerce.Refund{
				{ID: "re_2", Status: commerce.RefundFailed, Amount: commerce.Money{Amount: 20, Currency: "KWD"}, At: at},
				{ID: "re_1", Status: commerce.RefundSucceeded, Amount: commerce.Money{Amount: 1000, Currency: "KWD"}, At: at - 3600_000},
			},
			Reread: topic == "charge.refunded",
		}}, decode(t, topic, noon, p.Charge(1000).With("refunds", rows)))
	}
}

func TestAuthorizationIsNoPayment(t *testing.T) {
	p := stripefake.Purchase{}
	held := decode(t, "charge.succeeded", noon, p.Charge(0).With("captured", false)).Order
	require.Equal(t, commerce.Payment{UnpaidSeen: commerce.At(noon)}, held.Payment)
	require.Equal(t, "unpaid", held.Detail.FinancialStatus)
	taken := decode(t, "charge.captured", noon.Add(time.Minute), p.Charge(0)).Order
	require.Equal(t, commerce.Payment{Told: commerce.At(noon.Add(time.Minute))}, taken.Payment)
	require.Greater(t, taken.Detail.Rank, held.Detail.Rank)
}

// Stripe counts what was authorized but not captured as refunded; total and sum
// are counted alike, so that half a refund is not taken for a whole one.
func TestPartialCapture(t *testing.T) {
	p := stripefake.Purchase{Amount: 2000}
	var o commerce.Order
	o.Merge(*decode(t, "charge.captured", noon, p.Charge(500).With("amount_captured", 1500)).Order, commerce.Stripe)
	o.Merge(*decode(t, "payment_intent.succeeded", noon, p.PaymentIntent().With("amount_received", 1500)).Order, commerce.Stripe)
	o.Merge(*decode(t, "charge.refunded", noon.Add(time.Hour), p.Charge(1500)).Order, commerce.Stripe)
	require.False(t, o.FullyRefunded())
	o.Merge(*decode(t, "charge.refunded", noon.Add(2*time.Hour), p.Charge(2000)).Order, commerce.Stripe)
	require.True(t, o.FullyRefunded())
}

func TestDecodeRefund(t *testing.T) {
	p := stripefake.Purchase{}
	made, told := noon, noon.Add(time.Hour)
	for status, want := range map[any]struct {
		status commerce.Status
		at     time.Time
	}{
		"pending": {commerce.RefundPending, made}, "requires_action": {commerce.RefundPending, made}, "news": {commerce.RefundPending, made},
		"succeeded": {commerce.RefundSucceeded, made}, nil: {commerce.RefundSucceeded, made},
		"failed": {commerce.RefundFailed, told}, "canceled": {commerce.RefundFailed, told},
	} {
		for _, topic := range []string{"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"} {
			same(t, commerce.Change{Order: &commerce.OrderChange{
				Keys:    stripeKeys("payment_intent", "pi_1", "charge", "ch_1"),
				Refunds: []commerce.Refund{{ID: "re_1", Status: want.status, Amount: usd(300), At: commerce.At(want.at)}},
				Reread:  true,
			}}, decode(t, topic, told, p.Refund("re_1", 300, "", made).With("status", status)))
		}
	}
	alone := decode(t, "refund.created", told, p.Refund("re_1", 300, "succeeded", made).With("payment_intent", nil)).Order
	require.Equal(t, stripeKeys("charge", "ch_1"), alone.Keys)
	expanded := decode(t, "refund.created", told, p.Refund("re_1", 300, "succeeded", made).With("payment_intent", p.PaymentIntent(), "charge", p.Charge(300))).Order
	require.Equal(t, stripeKeys("payment_intent", "pi_1", "charge", "ch_1"), expanded.Keys)
}

func TestDecodeDispute(t *testing.T) {
	p := stripefake.Purchase{}
	opened, told := commerce.At(noon), commerce.At(noon.Add(time.Hour))
	for status, want := range map[string]commerce.Status{
		"warning_needs_response": commerce.DisputeOpen, "warning_under_review": commerce.DisputeOpen, "needs_response": commerce.DisputeOpen,
		"under_review": commerce.DisputeOpen, "something new": commerce.DisputeOpen,
		"won": commerce.DisputeWon, "warning_closed": commerce.DisputeWon, "charge_refunded": commerce.DisputeWon, "prevented": commerce.DisputeWon,
		"lost": commerce.DisputeLost,
	} {
		row := commerce.Dispute{ID: "dp_1", Status: want, OpenedAt: opened}
		if want != commerce.DisputeOpen {
			row.ClosedAt = told
		}
		for _, part := range []string{"created", "updated", "closed", "funds_withdrawn", "funds_reinstated"} {
			same(t, commerce.Change{Order: &commerce.OrderChange{
				Keys: stripeKeys("payment_intent", "pi_1", "charge", "ch_1"), Disputes: []commerce.Dispute{row}, Reread: true,
			}}, decode(t, "charge.dispute."+part, noon.Add(time.Hour), p.Dispute("dp_1", status, noon)))
		}
	}
}
