package shopify

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.FixedZone("", 3*3600))

// life is everything Shopify tells of one order over a month, and what the API
// and a bulk file would say in the middle of it.
func life(t testing.TB) []commerce.OrderChange {
	t.Helper()
	var told []commerce.OrderChange
	tell := func(topic string, at time.Time, body []byte) {
		ch, err := Decode(commerce.Delivery{Topic: topic, Body: body, TriggeredAt: commerce.At(at), ReceivedAt: commerce.At(at.Add(time.Second))})
		require.NoError(t, err)
		require.NotNil(t, ch.Order, topic)
		told = append(told, *ch.Order)
	}
	day := func(n int) time.Time { return noon.Add(time.Duration(n) * 24 * time.Hour) }

	o := shopifyfake.NewOrder(9007199254740993, day(0)).In("KWD", "SAR", 122, 10).Unpaid("Bank Deposit").With(
		shopifyfake.Line{Title: "Oud", Quantity: 3, Price: 12500}, shopifyfake.Line{Title: "Box", Quantity: 1, Price: 3250})
	tell("orders/create", day(0), o.Body())
	tell("orders/updated", day(0), o.Touch(day(0).Add(2*time.Second)).Body())
	o.Pay(day(1))
	tell("orders/paid", day(1).Add(400*time.Millisecond), o.Body())
	tell("orders/updated", day(1), o.Body())
	first := o.Refund(day(2), 12500, shopifyfake.RefundLine{Line: 0, Quantity: 1}).Settle(day(2), "pending")
	tell("refunds/create", day(2), first.Body())
	tell("orders/updated", day(2), o.Body())
	first.Settle(day(3), "success")
	tell("orders/updated", day(3), o.Body())
	parcel := o.Fulfil(day(4))
	tell("fulfillments/create", day(4), parcel.Body())
	tell("orders/fulfilled", day(4), o.Body())
	told = append(told, asked(t, o), inBulk(t, o))
	tell("fulfillment_events/create", day(6), parcel.Deliver(day(6)))
	tell("fulfillments/update", day(6), parcel.Body())
	tell("orders/edited", day(7), o.Removed(day(7), 0, 1))
	tell("orders/updated", day(7), o.Body())
	tell("fulfillment_events/create", day(5), parcel.Delay(day(5)))
	back := o.Return(day(8), shopifyfake.RefundLine{Line: 1, Quantity: 1})
	tell("returns/process", day(8), back.Body())
	tell("disputes/create", day(8), o.Dispute("needs_response", day(8), time.Time{}))
	rest := o.Refund(day(9), o.Total()-12500, shopifyfake.RefundLine{Line: 0, Quantity: 1}, shopifyfake.RefundLine{Line: 1, Quantity: 1})
	tell("refunds/create", day(9), rest.Body())
	tell("orders/updated", day(9), o.Body())
	tell("orders/cancelled", day(10), o.Cancel(day(10)).Body())
	told = append(told, asked(t, o), inBulk(t, o))
	tell("disputes/update", day(20), o.Dispute("won", day(8), day(20)))
	tell("orders/delete", day(30), o.Deleted())
	return told
}

func asked(t testing.TB, o *shopifyfake.Order) commerce.OrderChange {
	t.Helper()
	fake, client := startFake(t)
	fake.PutOrder(testShop, o)
	ch, err := client.Order(t.Context(), testAccess, "9007199254740993")
	require.NoError(t, err)
	return ch
}

func inBulk(t testing.TB, o *shopifyfake.Order) commerce.OrderChange {
	t.Helper()
	fake, client := startBulk(t)
	fake.PutOrder(testShop, o)
	orders, err := readFrom(t, client, bulkOf(t, client).URL, 0)
	require.NoError(t, err)
	require.Len(t, orders, 1)
	require.NoError(t, orders[0].Err)
	return orders[0].Change
}

func merged(changes []commerce.OrderChange) commerce.Order {
	o := commerce.Order{ID: "order"}
	for _, ch := range changes {
		o.Merge(ch, commerce.Shopify)
	}
	return o
}

func pick(changes []commerce.OrderChange, order []int) []commerce.OrderChange {
	out := make([]commerce.OrderChange, len(order))
	for i, n := range order {
		out[i] = changes[n]
	}
	return out
}

func TestLifeOfAnOrder(t *testing.T) {
	o := merged(life(t))
	assert.Equal(t, commerce.At(noon.Add(24*time.Hour+400*time.Millisecond)), o.Payment.At(), "as the platform told it")
	assert.Equal(t, commerce.At(noon.Add(4*24*time.Hour)), o.FulfilledAt())
	arrived, assumed := o.Arrived(commerce.Shop{})
	assert.Equal(t, commerce.At(noon.Add(6*24*time.Hour)), arrived)
	assert.False(t, assumed)
	assert.True(t, o.FullyRefunded())
	assert.Empty(t, o.Kept())
	assert.NotZero(t, o.Cancel.At())
	assert.NotZero(t, o.DeletedAt)
	assert.Equal(t, commerce.DisputeWon, o.DisputeState())
	assert.Equal(t, sum(41240, "KWD"), o.Detail.Total)
	assert.Equal(t, sum(50313, "SAR"), o.Detail.ShopTotal)
	assert.Len(t, o.Refunds, 2)
	assert.Len(t, o.Fulfilments, 1)
	assert.Len(t, o.Returns, 1)
	kinds := map[commerce.EventKind]int{}
	for _, e := range o.Events(commerce.Shop{}) {
		kinds[e.Kind]++
	}
	assert.Equal(t, map[commerce.EventKind]int{
		commerce.OrderPlaced: 1, commerce.OrderPaid: 1, commerce.OrderFulfilled: 1, commerce.DeliveryDelayed: 1, commerce.OrderArrived: 1,
		commerce.OrderEdited: 1, commerce.ReturnProcessed: 1, commerce.RefundMade: 2, commerce.DisputeOpened: 1, commerce.DisputeWonEvent: 1,
		commerce.OrderCancelled: 1, commerce.OrderDeleted: 1,
	}, kinds)
}

// However the deliveries of one order come, how often and in what order, the
// facts and the events they make are the same.
func TestAnyOrderOfArrivalEndsAlike(t *testing.T) {
	told := life(t)
	want := merged(told)
	events := want.Events(commerce.Shop{})
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.SliceOfN(rapid.IntRange(0, len(told)-1), 0, len(told)).Draw(t, "told again")
		for i := range told {
			order = append(order, i)
		}
		got := merged(pick(told, rapid.Permutation(order).Draw(t, "arrival")))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("other facts:\n%s", diff)
		}
		if diff := cmp.Diff(events, got.Events(commerce.Shop{})); diff != "" {
			t.Fatalf("other events:\n%s", diff)
		}
	})
}

// Any part of the deliveries, too, must not depend on its order: what is
// decided in the middle of a month is decided alike.
func TestAnyPartEndsAlike(t *testing.T) {
	told := life(t)
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.SliceOfNDistinct(rapid.IntRange(0, len(told)-1), 1, len(told), rapid.ID[int]).Draw(t, "so far")
		want, got := merged(pick(told, part)), merged(pick(told, rapid.Permutation(part).Draw(t, "otherwise")))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("other facts:\n%s", diff)
		}
	})
}
