package stripe

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/fault"
)

func TestCounted(t *testing.T) {
	for name, tt := range map[string]struct {
		amount   int64
		currency string
		want     int64 // 0 = refused
	}{
		"cents":                  {250, "EUR", 250},
		"whole yen":              {250, "JPY", 250},
		"fils":                   {250, "KWD", 250},
		"a last digit of three":  {255, "KWD", 0},
		"told in hundredths":     {250, "ISK", 25000},
		"likewise":               {250, "UGX", 25000},
		"without its hundredths": {25000, "MGA", 25000 / pow10(commerce.Exponent("MGA"))},
		"beyond all bounds":      {1 << 62, "ISK", 0},
		"no currency":            {250, "eur", 0},
		"none at all":            {250, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, currency, err := counted(commerce.Money{Amount: tt.amount, Currency: tt.currency})
			if tt.want == 0 {
				require.Equal(t, fault.Invalid, fault.KindOf(err), "%v", err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
			require.Len(t, currency, 3)
		})
	}
	_, _, err := counted(commerce.Money{Amount: 1, Currency: "MGA"})
	require.Equal(t, commerce.Exponent("MGA") == 0, err == nil, "a part of what Stripe takes whole: %v", err)
}

func pow10(n int) int64 {
	out := int64(1)
	for range n {
		out *= 10
	}
	return out
}

// What is counted for Stripe is the same money when Stripe tells it.
func TestCountedIsMoneyReversed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := commerce.Money{
			Amount:   rapid.Int64Range(0, 1e12).Draw(t, "amount"),
			Currency: rapid.SampledFrom([]string{"EUR", "JPY", "KWD", "TND", "ISK", "UGX", "MGA", "HUF", "TWD", "XAF", "CLP", "SAR"}).Draw(t, "currency"),
		}
		amount, currency, err := counted(m)
		if err != nil {
			if m.Amount%1000 == 0 {
				t.Fatalf("%v: %v", m, err)
			}
			return
		}
		if back, err := money(amount, currency); err != nil || back != m {
			t.Fatalf("%v is counted as %d and comes back as %v %v", m, amount, back, err)
		}
	})
}
