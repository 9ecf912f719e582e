package commerce

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func kinds(events []Event) (out []EventKind) {
	for _, e := range events {
		out = append(out, e.Kind)
	}
	return out
}

func TestEventsOfALife(t *testing.T) {
	whole := fulfilled(after(2))
	whole.PlacedAt, whole.Payment = noon, Payment{Told: second(5)}
	o := merged(
		whole, parcel(Fulfilment{ShippedAt: after(2), DeliveredAt: after(4)}),
		refund("r", 1500, RefundSucceeded, after(5), cups(1)),
		refund("s", 1500, RefundFailed, after(6), cups(1)), refund("p", 100, RefundPending, after(6)),
		dispute("d", DisputeWon, after(7), after(9)), dispute("e", DisputeLost, after(8), after(9)),
		parcel(Fulfilment{DelayedAt: after(3)}), edit(after(1)), returned("b", after(5), cups(1)),
		OrderChange{Keys: whole.Keys, Cancel: Cancel{Told: after(10)}, DeletedAt: after(11)},
	)
	o.PersonID = "ada"
	events := o.Events(Shop{})
	require.Equal(t, []EventKind{
		OrderPlaced, OrderPaid, OrderEdited, OrderFulfilled, DeliveryDelayed, OrderArrived, ReturnProcessed, RefundMade, RefundGaveBack,
		DisputeOpened, DisputeOpened, DisputeWonEvent, DisputeLostEvent, OrderCancelled, OrderDeleted,
	}, kinds(events))
	require.Equal(t, Event{Kind: OrderPaid, Subject: "order", OrderID: "order", PersonID: "ada", OccurredAt: second(5)}, events[1])
	for i, subject := range map[int]string{2: "order/edit", 4: "order/parcel", 6: "order/b", 7: "order/r", 11: "order/d", 12: "order/e"} {
		require.Equal(t, subject, events[i].Subject, events[i].Kind)
	}
	require.Equal(t, Event{Kind: RefundMade, Subject: "order/r", OrderID: "order", PersonID: "ada", OccurredAt: after(5)}, events[7])
	type unique struct {
		kind    EventKind
		subject string
		ordinal int
	}
	seen := map[unique]bool{}
	for _, e := range events {
		key := unique{e.Kind, e.Subject, e.Ordinal}
		require.False(t, seen[key], "%v twice", key)
		seen[key] = true
	}
}

func TestAssumedArrivalSaysSo(t *testing.T) {
	events := merged(snapshot(func(d *Detail) { d.Platform = Stripe })).Events(Shop{})
	require.Equal(t, []EventKind{OrderPlaced, OrderPaid, OrderArrived}, kinds(events))
	require.True(t, events[2].Assumed)
	require.Equal(t, after(5), events[2].OccurredAt)
}

func TestLostParcelMakesAnEvent(t *testing.T) {
	events := merged(fulfilled(after(2)), parcel(Fulfilment{ShippedAt: after(2), FailedAt: after(6)})).Events(Shop{})
	require.Equal(t, []EventKind{OrderPlaced, OrderPaid, OrderFulfilled, DeliveryFailed}, kinds(events))
}

// A renewal that cannot be charged is one event however often it is tried, and
// is no order placed; that it was paid in the end is another.
func TestRenewalThatFailsAndIsPaid(t *testing.T) {
	renewal := func(d *Detail) { d.Platform, d.Renewal, d.FinancialStatus = Stripe, true, "unpaid" }
	tried := func(at Instant) OrderChange {
		c := snapshot(renewal)
		c.PlacedAt, c.Payment, c.PaymentFailed = 0, Payment{UnpaidSeen: at}, at
		return c
	}
	o := mergedUnder(Stripe, tried(after(2)), tried(after(1)))
	require.Equal(t, []EventKind{SubscriptionPaymentFailed}, kinds(o.Events(Shop{})))
	require.Equal(t, after(1), o.Events(Shop{})[0].OccurredAt, "the first attempt")
	require.Zero(t, o.Sale(Settings{}))

	o.Merge(OrderChange{Keys: o.Keys, PlacedAt: after(1), Payment: Payment{Told: after(3)}}, Stripe)
	require.Equal(t, []EventKind{OrderPlaced, SubscriptionPaymentFailed, OrderPaid, SubscriptionRenewed, OrderArrived}, kinds(o.Events(Shop{})))
	require.Equal(t, after(3), o.Sale(Settings{}), "paid since")
}

func TestHappeningsBecomeEvents(t *testing.T) {
	shop := Shop{Installed: map[Platform]Instant{Shopify: after(1) + 300}}
	for name, c := range map[string]struct {
		by   Platform
		told Happening
		want Event
	}{
		"a customer": {
			Shopify,
			Happening{Kind: CustomerCreated, Subject: "shopify:7", At: after(1)},
			Event{Kind: CustomerCreated, Subject: "shopify:7", PersonID: "ada", Platform: Shopify, OccurredAt: after(1)},
		},
		"before we came": {
			Shopify,
			Happening{Kind: ProductPublished, Subject: "9", At: noon},
			Event{Kind: ProductPublished, Subject: "9", PersonID: "ada", Platform: Shopify, OccurredAt: noon, Historic: true},
		},
		"a custom one": {
			API,
			Happening{Kind: CustomEvent, Name: "quiz", Subject: "1", At: after(2), Props: map[string]any{"score": 3.0}},
			Event{Kind: "custom:quiz", Name: "quiz", Subject: "1", PersonID: "ada", OccurredAt: after(2), Props: map[string]any{"score": 3.0}},
		},
	} {
		require.Equal(t, c.want, c.told.Event(shop, c.by, "ada"), name)
	}
	name, custom := CustomKind("a:b").Custom()
	require.Equal(t, "a:b", name)
	require.True(t, custom)
	_, custom = OrderPaid.Custom()
	require.False(t, custom)
}

func TestStubHasOnlyItsRefund(t *testing.T) {
	require.Equal(t, []EventKind{RefundMade}, kinds(merged(refund("r", 1, RefundSucceeded, noon)).Events(Shop{})))
}

// Platforms name whole seconds, we install in between.
func TestHistoricIsCutToSeconds(t *testing.T) {
	shop := Shop{Installed: map[Platform]Instant{Shopify: noon + 700, Stripe: after(3)}}
	o := merged(snapshot())
	require.False(t, o.Historic(noon, shop), "the same second")
	require.False(t, o.Historic(noon+999, shop))
	require.True(t, o.Historic(noon-1, shop))
	require.False(t, merged(snapshot()).Historic(noon, Shop{}), "not connected, so nothing was before")

	require.True(t, merged(snapshot(func(d *Detail) { d.Platform = Stripe })).Historic(after(2), shop), "its own platform counts")
	require.True(t, mergedUnder(Stripe, stripeRefund("re_1", 1, RefundSucceeded, after(2))).Historic(after(2), shop), "a stub goes by its key")
	for _, e := range merged(snapshot(), refund("r", 1, RefundSucceeded, after(9))).Events(Shop{Installed: map[Platform]Instant{Shopify: after(1)}}) {
		require.Equal(t, e.Kind != RefundMade, e.Historic, e.Kind)
	}
}

func TestEarliest(t *testing.T) {
	require.Equal(t, Instant(3), Earliest(3, 5))
	require.Equal(t, Instant(3), Earliest(5, 3))
	require.Equal(t, Instant(3), Earliest(0, 3), "never is not early")
	require.Equal(t, Instant(3), Earliest(3, 0))
	require.Zero(t, Earliest(0, 0))
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.Int64Range(0, 4)
		a, b, c := Instant(some.Draw(t, "a")), Instant(some.Draw(t, "b")), Instant(some.Draw(t, "c"))
		require.Equal(t, Earliest(a, b), Earliest(b, a))
		require.Equal(t, Earliest(Earliest(a, b), c), Earliest(a, Earliest(b, c)))
		require.Equal(t, a, Earliest(a, a))
	})
}

func TestInstant(t *testing.T) {
	require.Equal(t, noon, At(noon.Time()))
	require.Zero(t, At(Instant(0).Time()))
	require.True(t, Instant(0).Time().IsZero())
	require.Zero(t, Instant(0).Add(math.MaxInt64), "never stays never")
	require.Equal(t, second(1), noon.Add(1e9))
	require.Equal(t, noon, (noon + 999).Seconds())
}
