package commerce

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFullyRefunded(t *testing.T) {
	for name, c := range map[string]struct {
		told     []OrderChange
		refunded int64
		full     bool
	}{
		"nothing":                         {[]OrderChange{snapshot()}, 0, false},
		"all the money":                   {[]OrderChange{snapshot(), refund("r", 7000, RefundSucceeded, after(1))}, 7000, true},
		"all the money in two parts":      {[]OrderChange{snapshot(), refund("r", 3000, RefundSucceeded, after(1)), refund("s", 4000, RefundSucceeded, after(2))}, 7000, true},
		"a goodwill of some money":        {[]OrderChange{snapshot(), refund("r", 6999, RefundSucceeded, after(1))}, 6999, false},
		"money on its way":                {[]OrderChange{snapshot(), refund("r", 7000, RefundPending, after(1))}, 0, false},
		"a refund that failed":            {[]OrderChange{snapshot(), refund("r", 7000, RefundFailed, after(1))}, 0, false},
		"failed after it succeeded":       {[]OrderChange{snapshot(), refund("r", 7000, RefundSucceeded, after(1)), refund("r", 7000, RefundFailed, after(2))}, 0, false},
		"failed, then made anew":          {[]OrderChange{snapshot(), refund("r", 7000, RefundFailed, after(1)), refund("s", 7000, RefundSucceeded, after(2))}, 7000, true},
		"every line, less a fee":          {[]OrderChange{snapshot(), refund("r", 6000, RefundSucceeded, after(1), cups(2), pots(1))}, 6000, true},
		"every line, in two refunds":      {[]OrderChange{snapshot(), refund("r", 1, RefundSucceeded, after(1), cups(2)), refund("s", 1, RefundSucceeded, after(2), pots(1))}, 2, true},
		"some lines":                      {[]OrderChange{snapshot(), refund("r", 3000, RefundSucceeded, after(1), cups(2))}, 3000, false},
		"every line of a failed refund":   {[]OrderChange{snapshot(), refund("r", 7000, RefundFailed, after(1), cups(2), pots(1))}, 0, false},
		"the snapshot took its lines too": {[]OrderChange{snapshot(asOf(after(1)), left(0, 0)), refund("r", 7000, RefundFailed, after(1), cups(2), pots(1))}, 0, false},
		"the snapshot's word":             {[]OrderChange{snapshot(status("refunded"))}, 0, true},
		"its word against a failed one":   {[]OrderChange{snapshot(status("refunded")), refund("r", 7000, RefundFailed, after(1))}, 0, false},
		"its word for a part":             {[]OrderChange{snapshot(status("partially_refunded"))}, 0, false},
		"edited down to nothing":          {[]OrderChange{snapshot(), edit(after(1), cups(2), pots(1))}, 0, false},
		"a stub's refund":                 {[]OrderChange{refund("r", 7000, RefundSucceeded, after(1))}, 7000, false},
		"money of another currency":       {[]OrderChange{snapshot(func(d *Detail) { d.Total = Money{7000, "KWD"} }), refund("r", 7000, RefundSucceeded, after(1))}, 0, false},
		"a free order":                    {[]OrderChange{snapshot(func(d *Detail) { d.Total = euros(0) }), refund("r", 0, RefundSucceeded, after(1))}, 0, false},
		"a free order sent back":          {[]OrderChange{snapshot(func(d *Detail) { d.Total = euros(0) }), refund("r", 0, RefundSucceeded, after(1), cups(2), pots(1))}, 0, true},
	} {
		o := merged(c.told...)
		require.Equal(t, c.refunded, o.Refunded(), name)
		require.Equal(t, c.full, o.FullyRefunded(), name)
	}
}

// Stripe tells the sum with the charge and each refund by itself.
func TestChargesAgainstTheirRefunds(t *testing.T) {
	o := mergedUnder(Stripe, charge(7000, 0, second(1)))
	require.False(t, o.RefundsDisagree(), "no refund told yet")
	o.Merge(charge(7000, 3000, second(9)), Stripe)
	require.EqualValues(t, 3000, o.Refunded())
	require.False(t, o.RefundsDisagree(), "the row may yet come")
	o.Merge(stripeRefund("re_1", 3000, RefundSucceeded, second(9)), Stripe)
	require.False(t, o.RefundsDisagree())

	o.Merge(stripeRefund("re_1", 3000, RefundFailed, second(20)), Stripe)
	require.True(t, o.RefundsDisagree(), "the charge must be read again")
	require.EqualValues(t, 3000, o.Refunded(), "until then its word stands")
	o.Merge(charge(7000, 0, second(20)), Stripe)
	require.False(t, o.RefundsDisagree())
	require.Zero(t, o.Refunded())

	o.Merge(charge(7000, 7000, second(30)), Stripe)
	require.True(t, o.FullyRefunded(), "a charge alone shows what was paid")
	o.Merge(charge(7000, 3000, second(9)), Stripe)
	require.True(t, o.FullyRefunded(), "an older sum changes nothing")
	o.Merge(charge(7000, 100, second(30)), Stripe)
	require.True(t, o.FullyRefunded(), "of one second the greater sum stands")
}

// One refund of half the money, told by both platforms, is not all the money.
func TestBothPlatformsTellOfOneRefund(t *testing.T) {
	told := []OrderChange{
		snapshot(), refund("501", 3500, RefundSucceeded, second(9)), stripeRefund("re_1", 3500, RefundSucceeded, second(9)),
	}
	o := merged(told...)
	require.EqualValues(t, 3500, o.Refunded())
	require.False(t, o.FullyRefunded())

	o.Merge(charge(7000, 3500, second(9)), Shopify)
	require.EqualValues(t, 3500, o.Refunded())
	require.False(t, o.RefundsDisagree(), "a row of Shopify says nothing about the charge")

	o.Merge(refund("502", 3500, RefundSucceeded, second(20)), Shopify)
	require.True(t, o.FullyRefunded(), "one of them knows of more")
}

func TestRefundsGoForward(t *testing.T) {
	early, late := refund("r", 3000, RefundSucceeded, second(5), cups(1)), refund("r", 3000, RefundSucceeded, second(8), cups(1))
	want := Refund{"r", RefundSucceeded, euros(3000), []RefundLine{cups(1)}, second(5), Shopify}
	require.Equal(t, want, merged(early, late).Refunds["r"])
	require.Equal(t, want, merged(late, early).Refunds["r"], "the first to tell it, in whatever order it is heard")
	pending := refund("r", 0, RefundPending, second(1))
	require.Equal(t, want, merged(late, pending, early, pending).Refunds["r"])
	nameless := refund("r", 3000, RefundSucceeded, second(5), cups(1))
	nameless.Refunds[0].Amount.Currency = ""
	require.Equal(t, want, merged(nameless, early).Refunds["r"])
	require.Equal(t, want, merged(early, nameless).Refunds["r"], "the currency was told")

	// Webhooks and the API list a refund's lines in orders of their own.
	ab, ba := refund("r", 0, RefundSucceeded, noon, cups(2), pots(1)), refund("r", 0, RefundSucceeded, noon, pots(1), cups(2))
	require.Equal(t, merged(ab).Refunds, merged(ba).Refunds)
	one, two := refund("r", 0, RefundSucceeded, noon, cups(1)), refund("r", 0, RefundSucceeded, noon, cups(2))
	require.Equal(t, merged(one, two).Refunds, merged(two, one).Refunds)
}
