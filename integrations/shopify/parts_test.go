package shopify

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
)

// What an order's total has beside goods is read, whichever way the prices go.
func TestDecodeTotalParts(t *testing.T) {
	order := func(change func(*shopifyfake.Order)) commerce.Detail {
		o := shopifyfake.NewOrder(7, time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
		change(o)
		got, err := Decode(delivery("orders/create", string(o.Body())))
		require.NoError(t, err)
		return *got.Order.Detail
	}
	within := order(func(o *shopifyfake.Order) { o.Tax = 1245 })
	require.Equal(t, commerce.Parts{Tax: sum(1245, "EUR"), Shipping: sum(490, "EUR"), TaxIncluded: true}, within.Parts)
	require.Equal(t, sum(8290, "EUR"), within.Total)
	on := order(func(o *shopifyfake.Order) { o.Tax, o.TaxAdded = 1245, true })
	require.Equal(t, commerce.Parts{Tax: sum(1245, "EUR"), Shipping: sum(490, "EUR")}, on.Parts)
	require.Equal(t, sum(9535, "EUR"), on.Total)
	free := order(func(o *shopifyfake.Order) { o.Shipping = 0 })
	require.Equal(t, commerce.Parts{}, free.Parts, "what is nothing is not told")
	abroad := order(func(o *shopifyfake.Order) { o.Tax = 1000; o.In("USD", "EUR", 1, 2) })
	require.Equal(t, sum(500, "EUR"), abroad.Parts.Tax, "in the shop's currency")
}

func TestDecodeTotalPartsThatAreNone(t *testing.T) {
	body := strings.Replace(string(shopifyfake.NewOrder(7, time.Now()).Body()), `"total_tax_set":{"shop_money":{"amount":"0.00"`, `"total_tax_set":{"shop_money":{"amount":"much"`, 1)
	_, err := Decode(delivery("orders/create", body))
	require.ErrorContains(t, err, "total_tax_set")
}
