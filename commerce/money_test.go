package commerce

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/fault"
)

func TestParseMoney(t *testing.T) {
	for _, c := range []struct {
		decimal, currency string
		want              int64
		again             string // as Decimal writes it
	}{
		{"414.95", "EUR", 41495, "414.95"},
		{"414.9", "EUR", 41490, "414.90"},
		{"414", "EUR", 41400, "414.00"},
		{"0.05", "USD", 5, "0.05"},
		{"-0.05", "USD", -5, "-0.05"},
		{" 7.00 ", " usd ", 700, "7.00"},
		{"1200", "JPY", 1200, "1200"},
		{"1200.00", "JPY", 1200, "1200"}, // Shopify writes two decimals even of yen
		{"-3", "JPY", -3, "-3"},
		{"41.240", "KWD", 41240, "41.240"},
		{"41.2400", "KWD", 41240, "41.240"},
		{"0.001", "KWD", 1, "0.001"},
		{"-0", "EUR", 0, "0.00"},
		{"00012.50", "EUR", 1250, "12.50"},
		{"9.99", "XYZ", 999, "9.99"}, // a currency nobody knows has two decimals
		{"100000000000000.00", "IRR", 1e16, "100000000000000.00"},
	} {
		m, err := ParseMoney(c.decimal, c.currency)
		require.NoError(t, err, "%s %s", c.decimal, c.currency)
		require.Equal(t, c.want, m.Amount, "%s %s", c.decimal, c.currency)
		require.Equal(t, c.again, m.Decimal())
		require.Equal(t, c.want == 0, m.IsZero())
	}
}

func TestParseMoneyRefuses(t *testing.T) {
	for _, c := range [][2]string{
		{"", "EUR"},
		{"-", "EUR"},
		{".", "EUR"},
		{".5", "EUR"},
		{"--1", "EUR"},
		{"+1", "EUR"},
		{"1e3", "EUR"},
		{"1,50", "EUR"},
		{"1 000", "EUR"},
		{"1_000", "EUR"},
		{"1.2.3", "EUR"},
		{"1.-3", "EUR"},
		{"0x10", "EUR"},
		{"NaN", "EUR"},
		{"Inf", "EUR"},
		{"١٢", "SAR"},
		{"12\x00", "EUR"},
		{"1.5", "JPY"},
		{"1.005", "EUR"},
		{"1.0005", "KWD"},
		{"100000000000000.01", "EUR"},
		{"9223372036854775807", "JPY"},
		{"99999999999999999999", "JPY"},
		{"1.00", ""},
		{"1.00", "EURO"},
		{"1.00", "E1R"},
		{"1.00", "€"},
		{"1.00", "A\x00B"},
	} {
		m, err := ParseMoney(c[0], c[1])
		require.True(t, fault.Is(err, fault.Invalid), "%q %q gave %v, %v", c[0], c[1], m, err)
		require.Zero(t, m)
	}
}

func TestDecimalsByCurrency(t *testing.T) {
	for currency, want := range map[string]int{
		"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "UGX": 0, "VND": 0, "XOF": 0, "PYG": 0,
		"EUR": 2, "USD": 2, "SAR": 2, "AED": 2, "EGP": 2, "HUF": 2, "TWD": 2, "IRR": 2,
		"KWD": 3, "BHD": 3, "JOD": 3, "OMR": 3, "TND": 3, "IQD": 3, "LYD": 3,
	} {
		require.Equal(t, want, Exponent(currency), currency)
	}
}

func TestMoneyIsReadAsItIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Money{rapid.Int64Range(-maxAmount, maxAmount).Draw(t, "amount"), rapid.SampledFrom([]string{"JPY", "EUR", "KWD"}).Draw(t, "currency")}
		again, err := ParseMoney(m.Decimal(), m.Currency)
		require.NoError(t, err)
		require.Equal(t, m, again)
	})
}

func TestParseMoneyNeverGuesses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?[0-9.]{0,20}|[ -~]{0,8}`).Draw(t, "text")
		if m, err := ParseMoney(text, "EUR"); err == nil {
			again, err := ParseMoney(m.Decimal(), "EUR")
			require.NoError(t, err)
			require.Equal(t, m, again)
		}
	})
}

func TestDecimalOfTheSmallestAmount(t *testing.T) {
	require.Equal(t, "-92233720368547758.08", Money{math.MinInt64, "EUR"}.Decimal())
}

func TestFloatIsInMajorUnits(t *testing.T) {
	require.InDelta(t, 41.24, Money{41240, "KWD"}.Float(), 1e-9)
	require.InDelta(t, 1200, Money{1200, "JPY"}.Float(), 1e-9)
}
