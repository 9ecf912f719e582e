package commerce

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// lived is an order paid at 10, shipped at 20, delivered at 30, partly refunded at 40 and wholly at 50, disputed from 60 to 70.
func lived() *Order {
	sar := func(n int64) Money { return Money{Amount: n, Currency: "SAR"} }
	return &Order{
		ID: "o", Keys: []SourceKey{{Shopify, "order", "1"}}, PlacedAt: 5, Payment: Payment{Told: 10}, FulfilledSeen: 20,
		Detail: Detail{
			Platform: Shopify, FinancialStatus: "refunded", Total: sar(100), ShopTotal: sar(100), CurrentTotal: sar(0),
		},
		Reporting:   Reporting{Amount: sar(100), Rate: "1"},
		Fulfilments: map[string]Fulfilment{"f": {ID: "f", Status: FulfilmentShipped, ShippedAt: 20, DeliveredAt: 30}},
		Refunds: map[string]Refund{
			"a": {ID: "a", Status: RefundSucceeded, Amount: sar(40), At: 40, Platform: Shopify},
			"b": {ID: "b", Status: RefundSucceeded, Amount: sar(60), At: 50, Platform: Shopify},
		},
		Disputes: map[string]Dispute{"d": {ID: "d", Status: DisputeLost, OpenedAt: 60, ClosedAt: 70}},
	}
}

func TestAnOrderAsItWas(t *testing.T) {
	type state struct {
		paid, fulfilled Instant
		refunded        int64
		whole           bool
		dispute         Status
		counts          bool
	}
	for at, want := range map[Instant]state{
		6:  {},
		10: {paid: 10, counts: true},
		25: {paid: 10, fulfilled: 20, counts: true},
		45: {paid: 10, fulfilled: 20, refunded: 40, counts: true},
		55: {paid: 10, fulfilled: 20, refunded: 100, whole: true},
		65: {paid: 10, fulfilled: 20, refunded: 100, whole: true, dispute: DisputeOpen},
		99: {paid: 10, fulfilled: 20, refunded: 100, whole: true, dispute: DisputeLost},
	} {
		o := lived().AsOf(at)
		got := state{o.Payment.At(), o.FulfilledAt(), o.Refunded(), o.FullyRefunded(), o.DisputeState(), PurchaseOf(o, Shop{}).Counts}
		require.Equal(t, want, got, "at %d", at)
	}
}

// A platform that is asked later tells of what was before: that counts from when it was.
func TestWhatWasToldLaterCountsFromWhenItWas(t *testing.T) {
	o := lived()
	o.Payment, o.FulfilledSeen = Payment{PaidSeen: 90, Processed: 10}, 90
	require.EqualValues(t, 0, o.AsOf(9).Payment.At())
	require.EqualValues(t, 10, o.AsOf(10).Payment.At())
	require.EqualValues(t, 0, o.AsOf(19).FulfilledAt())
	require.EqualValues(t, 20, o.AsOf(20).FulfilledAt())
}

func TestAsOfChangesNothing(t *testing.T) {
	o := lived()
	o.AsOf(6)
	require.Equal(t, lived(), o)
	require.Equal(t, lived(), o.AsOf(99), "in the end it is what it is")
}

func TestACancellationThatCameLater(t *testing.T) {
	o := lived()
	o.Refunds, o.Disputes, o.Cancel, o.Detail.FinancialStatus = nil, nil, Cancel{Told: 40, Seen: 40}, "voided"
	require.True(t, PurchaseOf(o.AsOf(39), Shop{}).Counts)
	require.False(t, PurchaseOf(o.AsOf(40), Shop{}).Counts)
}

func TestAStripeRefundThatCameLater(t *testing.T) {
	usd := func(n int64) Money { return Money{Amount: n, Currency: "USD"} }
	o := &Order{
		Detail: Detail{Platform: Stripe, Total: usd(90)}, Payment: Payment{Told: 1},
		Charge:  Charges{"ch": {ID: "ch", Amount: usd(90), Refunded: 90, AsOf: 9}},
		Refunds: map[string]Refund{"r1": {Status: RefundSucceeded, Amount: usd(30), At: 5}, "r2": {Status: RefundSucceeded, Amount: usd(60), At: 8}},
	}
	require.EqualValues(t, 0, o.AsOf(4).Refunded())
	require.EqualValues(t, 30, o.AsOf(6).Refunded())
	require.EqualValues(t, 90, o.AsOf(8).Refunded())
	require.EqualValues(t, 90, o.Charge["ch"].Refunded, "the order itself is untouched")
}

func TestEveryChangeIsKnown(t *testing.T) {
	require.Subset(t, lived().Changes(), []Instant{5, 10, 20, 30, 40, 50, 60, 70})
}
