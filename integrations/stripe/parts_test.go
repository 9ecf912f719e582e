package stripe

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/stripe/stripefake"
)

// What a total has beside goods is read where it is told, and whether the prices hold the tax.
func TestParts(t *testing.T) {
	sar := func(amount int64) commerce.Money { return commerce.Money{Amount: amount, Currency: "SAR"} }
	p := stripefake.Purchase{Currency: "sar", Amount: 12500}
	totals := map[string]any{"amount_discount": 500, "amount_shipping": 1000, "amount_tax": 1630}
	session := decode(t, "checkout.session.completed", noon, p.Session().With("total_details", totals)).Order.Detail
	require.Equal(t, commerce.Parts{Tax: sar(1630), Shipping: sar(1000), TaxIncluded: true}, session.Parts)
	require.Zero(t, decode(t, "checkout.session.completed", noon, p.Session()).Order.Detail.Parts, "not told")

	invoice := func(key string, taxes ...any) commerce.Parts {
		return decode(t, "invoice.paid", noon, p.Invoice("manual").With(key, taxes).With("shipping_cost", map[string]any{"amount_total": 1000})).Order.Detail.Parts
	}
	inclusive := map[string]any{"amount": 900, "tax_behavior": "inclusive"}
	require.Equal(t, commerce.Parts{Tax: sar(900), Shipping: sar(1000), TaxIncluded: true}, invoice("total_taxes", inclusive))
	require.Equal(t, commerce.Parts{Tax: sar(1000), Shipping: sar(1000)}, invoice("total_taxes", inclusive, map[string]any{"amount": 100, "tax_behavior": "exclusive"}))
	require.Equal(t, commerce.Parts{Tax: sar(900), Shipping: sar(1000), TaxIncluded: true}, invoice("total_tax_amounts", map[string]any{"amount": 900, "inclusive": true}))
}
