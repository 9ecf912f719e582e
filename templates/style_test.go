package templates

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The expected texts of digits are those of Node's Intl with "-u-nu-latn" and "-u-nu-arab".
func TestDigitsAreTheShopsChoice(t *testing.T) {
	for _, c := range []struct {
		lang, country, digits, money, number string
	}{
		{"ar", "SA", "", "\u061c-\u200f١٬٢٣٤٬٥٦٧٫٥٠\u00a0ر.س.\u200f", "\u061c-١٬٢٣٤٬٥٦٧"},
		{"ar", "SA", DigitsLatin, "\u200f\u200e-1,234,567.50\u00a0ر.س.\u200f", "\u200e-1,234,567"},
		{"ar", "AE", "", "\u200f\u200e-1,234,567.50\u00a0ر.س.\u200f", "\u200e-1,234,567"},
		{"ar", "AE", DigitsNative, "\u061c-\u200f١٬٢٣٤٬٥٦٧٫٥٠\u00a0ر.س.\u200f", "\u061c-١٬٢٣٤٬٥٦٧"},
		{"ar", "MA", DigitsLatin, "\u200f\u200e-1.234.567,50\u00a0ر.س.\u200f", "\u200e-1.234.567"},
		{"ar", "MA", DigitsNative, "\u061c-\u200f١٬٢٣٤٬٥٦٧٫٥٠\u00a0ر.س.\u200f", "\u061c-١٬٢٣٤٬٥٦٧"},
		{"fa", "IR", DigitsLatin, "\u200e\u2212\u200eSAR\u00a01,234,567.50", "\u200e\u22121,234,567"},
		{"fa", "AF", DigitsLatin, "\u200e\u2212SAR\u00a01,234,567.50", "\u200e\u22121,234,567"},
		{"fa", "IR", DigitsNative, "\u200e\u2212\u200eSAR\u00a0۱٬۲۳۴٬۵۶۷٫۵۰", "\u200e\u2212۱٬۲۳۴٬۵۶۷"},
		{"en", "US", DigitsNative, "-SAR\u00a01,234,567.50", "-1,234,567"},
	} {
		s := Style{Lang: c.lang, Country: c.country, Digits: c.digits}
		require.Equal(t, c.money, s.Money(-123456750, "SAR", 2), "%+v", c)
		require.Equal(t, c.number, s.Number(-1234567), "%+v", c)
	}
	require.Equal(t, "3 منتجات", Style{Lang: "ar", Country: "SA", Digits: DigitsLatin}.Count("items", 3, nil))
	require.Equal(t, "مرحبًا بك،", Style{Lang: "ar"}.Say("greeting_plain", nil))
	require.True(t, Counts("items"))
	require.False(t, Counts("greeting_plain"))
}

// Ten rials are a toman; the number of what is shown is never rounded.
func TestTomansAreATenthOfRials(t *testing.T) {
	fa := Style{Lang: "fa", Country: "IR", Toman: true}
	require.Equal(t, "\u200f۱٬۲۵۰٬۰۰۰\u00a0تومان", fa.Money(12_500_000, "IRR", 0))
	require.Equal(t, "\u200f۱٬۲۵۰٬۰۰۰\u00a0تومان", fa.Money(1_250_000_000, "IRR", 2), "ISO gives the rial two decimals")
	require.Equal(t, "\u200f۰٫۵\u00a0تومان", fa.Money(5, "IRR", 0))
	require.Equal(t, "\u200f۱۲۳٫۴۵۶\u00a0تومان", fa.Money(123_456, "IRR", 2))
	require.Equal(t, "\u200f\u200e\u2212۱۰\u00a0تومان", fa.Money(-100, "IRR", 0))
	require.Equal(t, "\u200f۰\u00a0تومان", fa.Money(0, "IRR", 2))
	require.Equal(t, "۱۲۳٫۴۵۶", fa.Amount(123_456, "IRR", 2))
	require.Equal(t, "1,250\u00a0toman", Style{Lang: "en", Toman: true}.Money(12_500, "IRR", 0))
	require.Equal(t, "\u200f1,250\u00a0تومان", Style{Lang: "ar", Toman: true}.Money(12_500, "IRR", 0))
	require.Equal(t, "\u200eریال\u00a0۱۲٬۵۰۰", Style{Lang: "fa"}.Money(12_500, "IRR", 0), "only where the shop wants it")
	require.Equal(t, fa.Money(100, "USD", 2), Style{Lang: "fa", Country: "IR"}.Money(100, "USD", 2), "only rials")
}

func TestAnAmountIsMoneyWithoutItsSign(t *testing.T) {
	require.Equal(t, "1,234.50", Style{}.Amount(123450, "USD", 2))
	require.Equal(t, "-1,234.50", Style{}.Amount(-123450, "USD", 2))
	require.Equal(t, "٠٫٥٠", Style{Lang: "ar", Country: "EG"}.Amount(50, "EGP", 2))
	require.Equal(t, "12,345", Style{}.Amount(1234500, "IRR", 2))
	require.Equal(t, "1,235", Style{}.Amount(1235, "JPY", 0))
}
