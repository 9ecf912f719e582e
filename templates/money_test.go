package templates

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// The cases come from Node's Intl by testdata/cldr.js: every country once, every
// currency in the main ones, and edge amounts with 0, 2 and 3 decimals.
func TestMoneyPrintsWhatBrowsersPrint(t *testing.T) {
	data, err := os.ReadFile("testdata/money.json")
	require.NoError(t, err)
	var cases [][]any
	require.NoError(t, json.Unmarshal(data, &cases))
	require.Greater(t, len(cases), 2000)
	for _, c := range cases {
		lang, country, currency := c[0].(string), c[1].(string), c[2].(string)
		exponent, amount, want := int(c[3].(float64)), int64(c[4].(float64)), c[5].(string)
		if got := Money(lang, country, amount, currency, exponent); got != want {
			t.Errorf("Money(%s, %s, %d, %s, %d) = %+q, want %+q", lang, country, amount, currency, exponent, got, want)
		}
	}
}

func TestMoneyHidesNothing(t *testing.T) {
	// ISO gives the rial two decimals, CLDR shows none: empty ones go, others stay.
	require.Equal(t, "IRR"+nbsp+"12,345", Money("en", "", 1234500, "IRR", 2))
	require.Equal(t, "IRR"+nbsp+"12,345.60", Money("en", "", 1234560, "IRR", 2))
	require.Equal(t, "\u200eریال"+nbsp+"۱۲٬۳۴۵", Money("fa", "IR", 1234500, "IRR", 2))
	require.Equal(t, "-$92,233,720,368,547,758.08", Money("en", "US", math.MinInt64, "USD", 2))
	require.Equal(t, "$0.00", Money("en", "US", 0, "USD", 2))
	require.Equal(t, "$5", Money("en", "US", 5, "USD", -1), "a wrong exponent must not panic")
	require.Equal(t, "XTS"+nbsp+"1.00", Money("en", "US", 100, "XTS", 2))
	require.Equal(t, "1.00", Money("en", "US", 100, "", 2), "no currency known")
}

func TestTheRegionOfTheLanguageStandsAboveTheCountry(t *testing.T) {
	require.Equal(t, Money("ar", "SA", 100, "SAR", 2), Money("ar-SA", "AE", 100, "SAR", 2))
	require.Equal(t, Money("en", "", 100, "EUR", 2), Money("de", "", 100, "EUR", 2), "a language without texts reads English")
	require.Equal(t, "١٢", Number("ar", "EG", 12))
	require.Equal(t, "12", Number("ar", "AE", 12))
	require.Equal(t, "۱٬۲۳۴", Number("fa", "", 1234))
	require.Equal(t, "1,234", Number("en", "GB", 1234))
}

func BenchmarkMoney(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Money("ar", "SA", 123456789, "SAR", 2)
	}
}
