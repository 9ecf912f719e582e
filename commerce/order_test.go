package commerce

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// moment draws from few seconds, so that much happens in one.
func moment(t *rapid.T) Instant { return second(rapid.IntRange(0, 5).Draw(t, "second")) }

// aStatus draws one of three ranks.
var aStatus = rapid.SampledFrom([]Status{1, 2, 3})

func takenOff(t *rapid.T) []RefundLine {
	return rapid.SampledFrom([][]RefundLine{nil, {cups(1)}, {cups(2)}, {pots(1)}, {cups(2), pots(1)}, {pots(1), cups(2)}}).Draw(t, "lines")
}

// described draws a snapshot as platform may send it, with ranks where it has them.
func described(t *rapid.T, platform Platform, key SourceKey) OrderChange {
	at := moment(t)
	c := snapshot(asOf(at), left(rapid.Int64Range(0, 2).Draw(t, "cups"), rapid.Int64Range(0, 1).Draw(t, "pots")), func(d *Detail) {
		d.Platform, d.Name = platform, string(platform)
		d.FinancialStatus = rapid.SampledFrom([]string{"paid", "pending", "partially_refunded", "refunded"}).Draw(t, "status")
		d.Pickup, d.Renewal = rapid.Bool().Draw(t, "pickup"), rapid.Bool().Draw(t, "renewal")
		if platform == Stripe {
			d.Rank = rapid.SampledFrom([]int{10, 20, 51}).Draw(t, "rank")
		}
	})
	body, _ := json.Marshal(c.Detail)
	for _, b := range body { // as a hash, one for each body
		c.Detail.Hash = c.Detail.Hash*31 + uint64(b)
	}
	c.Keys, c.PlacedAt = []SourceKey{key}, moment(t)
	c.Payment = rapid.SampledFrom([]Payment{{Told: at}, {UnpaidSeen: at}, {PaidSeen: at, Processed: moment(t)}}).Draw(t, "payment")
	if rapid.Bool().Draw(t, "fulfilled") {
		c.FulfilledSeen = at
	}
	return c
}

// followed draws what may be told of an order besides itself.
func followed(t *rapid.T, key SourceKey) (c OrderChange) {
	switch rapid.SampledFrom([]string{"refund", "dispute", "parcel", "cancel", "delete", "edit", "return", "payment"}).Draw(t, "what") {
	case "refund":
		id := key.ID + "/" + rapid.SampledFrom([]string{"r", "s"}).Draw(t, "id")
		c = refund(id, rapid.SampledFrom([]int64{0, 3500, 7000}).Draw(t, "cents"), aStatus.Draw(t, "status"), moment(t), takenOff(t)...)
		c.Refunds[0].Amount.Currency = rapid.SampledFrom([]string{"EUR", ""}).Draw(t, "currency")
	case "dispute":
		c = dispute("d", aStatus.Draw(t, "status"), moment(t), moment(t))
	case "parcel":
		c = parcel(Fulfilment{
			Status: aStatus.Draw(t, "status"), AsOf: moment(t), ShippedAt: moment(t),
			DeliveredAt: rapid.SampledFrom([]Instant{0, second(3)}).Draw(t, "delivered"),
			FailedAt:    rapid.SampledFrom([]Instant{0, second(4)}).Draw(t, "failed"),
			DelayedAt:   rapid.SampledFrom([]Instant{0, second(2), second(3)}).Draw(t, "delayed"),
			ReadyAt:     rapid.SampledFrom([]Instant{0, second(2)}).Draw(t, "ready"),
			Lines:       takenOff(t),
		})
	case "cancel":
		at := moment(t)
		c.Cancel = rapid.SampledFrom([]Cancel{{Told: at}, {Told: at, Seen: at + 1000}, {Denied: at}}).Draw(t, "cancel")
	case "delete":
		c.DeletedAt = moment(t)
	case "edit":
		c = edit(moment(t), takenOff(t)...)
	case "return":
		c = returned("b", moment(t), takenOff(t)...)
	case "payment":
		c.PaymentFailed = moment(t)
	}
	c.Keys = []SourceKey{key}
	return c
}

func fromShopify(t *rapid.T) OrderChange {
	if rapid.Bool().Draw(t, "snapshot") {
		return described(t, Shopify, shopifyKey)
	}
	return followed(t, shopifyKey)
}

func fromStripe(t *rapid.T) OrderChange {
	switch rapid.IntRange(0, 2).Draw(t, "object") {
	case 0:
		return described(t, Stripe, stripeKey)
	case 1:
		return charge(7000, rapid.SampledFrom([]int64{0, 3500, 7000}).Draw(t, "refunded"), moment(t))
	}
	return followed(t, stripeKey)
}

// In whatever order the changes of a purchase come, however often, stored and
// read again in between or gathered in two rows that are joined: it ends alike.
func TestAnyOrderOfChangesEndsAlike(t *testing.T) {
	for name, source := range map[string]*rapid.Generator[OrderChange]{
		"Shopify": rapid.Custom(fromShopify),
		"Stripe":  rapid.Custom(fromStripe),
		"both":    rapid.OneOf(rapid.Custom(fromShopify), rapid.Custom(fromStripe)),
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				leading := rapid.SampledFrom([]Platform{Shopify, Stripe, ""}).Draw(t, "leading")
				told := rapid.SliceOfN(source, 1, 10).Draw(t, "told")
				want := mergedUnder(leading, told...)
				again := rapid.SliceOfN(rapid.SampledFrom(told), 0, 5).Draw(t, "again")
				arrival := rapid.Permutation(append(again, told...)).Draw(t, "arrival")
				alike(t, want, mergedUnder(leading, arrival...))

				cut := rapid.IntRange(0, len(arrival)).Draw(t, "cut")
				first := mergedUnder(leading, arrival[:cut]...)
				alike(t, want, mergedOnto(stored(t, first), leading, arrival[cut:]...))
				alike(t, want, mergedOnto(mergedUnder(leading, arrival[cut:]...), leading, first.Facts()))
			})
		})
	}
}

func mergedOnto(o *Order, leading Platform, changes ...OrderChange) *Order {
	for _, c := range changes {
		o.Merge(c, leading)
	}
	return o
}

// stored is an order as the database gives it back.
func stored(t require.TestingT, o *Order) *Order {
	text, err := json.Marshal(o)
	require.NoError(t, err)
	var again Order
	require.NoError(t, json.Unmarshal(text, &again))
	return &again
}

func alike(t *rapid.T, want, got *Order) {
	shop := Shop{Installed: map[Platform]Instant{Shopify: second(2), Stripe: second(3)}}
	want.Freeze("EUR")
	got.Freeze("EUR")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("other facts:\n%s", diff)
	}
	if diff := cmp.Diff(want.Events(shop), got.Events(shop)); diff != "" {
		t.Fatalf("other events:\n%s", diff)
	}
	require.Equal(t, want.FullyRefunded(), got.FullyRefunded())
	require.Equal(t, want.Kept(), got.Kept())
	require.Equal(t, PurchaseOf(want, shop), PurchaseOf(got, shop))
}

func TestMergeSaysWhetherSomethingIsNew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		told := rapid.SliceOfN(rapid.OneOf(rapid.Custom(fromShopify), rapid.Custom(fromStripe)), 1, 6).Draw(t, "told")
		o := stored(t, mergedUnder(Shopify, told...))
		for _, c := range told {
			require.False(t, o.Merge(c, Shopify), "told before")
		}
		before := stored(t, o)
		require.Equal(t, o.Merge(fromShopify(t), Shopify), cmp.Diff(before, o) != "")
	})
}

func TestWhichDescriptionStands(t *testing.T) {
	named := func(name string, p Platform, rank int, at Instant, hash uint64) OrderChange {
		return snapshot(func(d *Detail) { d.Name, d.Platform, d.Rank, d.UpdatedAt, d.Hash = name, p, rank, at, hash })
	}
	for name, c := range map[string]struct {
		a, b    OrderChange
		leading Platform
		want    string
	}{
		"the newer":                {named("old", Shopify, 0, second(1), 9), named("new", Shopify, 0, second(2), 1), Shopify, "new"},
		"of one moment one hash":   {named("old", Shopify, 0, second(1), 1), named("new", Shopify, 0, second(1), 9), Shopify, "new"},
		"the richer, though older": {named("intent", Stripe, 10, second(9), 1), named("session", Stripe, 30, second(1), 1), Stripe, "session"},
		"the leading platform's":   {named("intent", Stripe, 50, second(9), 1), named("#1", Shopify, 0, second(1), 1), Shopify, "#1"},
		"or Stripe's":              {named("#1", Shopify, 0, second(9), 1), named("intent", Stripe, 10, second(1), 1), Stripe, "intent"},
		"one of two if none leads": {named("intent", Stripe, 10, second(9), 1), named("#1", Shopify, 0, second(1), 1), "", "#1"},
	} {
		require.Equal(t, c.want, mergedUnder(c.leading, c.a, c.b).Detail.Name, name)
		require.Equal(t, c.want, mergedUnder(c.leading, c.b, c.a).Detail.Name, name)
	}
}

func TestStub(t *testing.T) {
	o := merged(refund("r", 1, RefundSucceeded, noon))
	require.True(t, o.Stub())
	o.Merge(snapshot(), Shopify)
	require.False(t, o.Stub())
	require.Len(t, o.Refunds, 1)
}

func TestKeysAreKeptOnceAndSorted(t *testing.T) {
	o := merged(charge(7000, 0, noon), snapshot(), snapshot())
	require.Equal(t, []SourceKey{shopifyKey, stripeKey}, o.Keys)
}
