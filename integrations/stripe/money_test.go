package stripe

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/fault"
)

func TestMoney(t *testing.T) {
	for _, c := range []struct {
		amount   int64
		currency string
		decimal  string
	}{
		{4200, "usd", "42.00"},
		{1, "EUR", "0.01"},
		{0, "sar", "0.00"},
		{-4200, "usd", "-42.00"},
		{500, "jpy", "500"},
		{500, "krw", "500"},
		{500, "vnd", "500"},
		{500, "xof", "500"},
		{500, "clp", "500"},
		{500, "mga", "500.00"},     // ISO gives the ariary two decimals, Stripe none
		{500, "ugx", "5"},          // as two decimals, for old times' sake
		{500, "isk", "5"},          // likewise
		{501050, "huf", "5010.50"}, // whole in payouts only
		{80045, "twd", "800.45"},   // likewise
		{5120, "kwd", "5.120"},
		{5120, "bhd", "5.120"},
		{5120, "jod", "5.120"},
		{5120, "omr", "5.120"},
		{5120, "tnd", "5.120"},
		{1500, "iqd", "15.000"}, // three decimals for ISO, not on Stripe's list: two
		{549, "isk", "5"},
		{550, "isk", "6"},
		{-550, "isk", "-6"},
		{math.MaxInt64, "usd", "92233720368547758.07"},
		{math.MinInt64, "isk", "-92233720368547758"},
	} {
		m, err := money(c.amount, c.currency)
		require.NoError(t, err)
		require.Equal(t, c.decimal, m.Decimal(), "%d %s", c.amount, c.currency)
	}
	for _, c := range []struct {
		amount   int64
		currency string
	}{{1, ""}, {1, "us"}, {1, "usdt"}, {1, "u$d"}, {1, "د.إ"}, {math.MaxInt64, "mga"}, {math.MinInt64, "mga"}} {
		_, err := money(c.amount, c.currency)
		require.Equal(t, fault.Permanent, fault.KindOf(err), "%d %q", c.amount, c.currency)
	}
	less := int64(-1)
	for _, amount := range []*int64{&less, nil} {
		_, err := price(amount, "usd")
		require.Equal(t, fault.Permanent, fault.KindOf(err))
	}
}
