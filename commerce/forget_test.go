package commerce

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// wordy is an order with something personal in every text that allows it.
func wordy() *Order {
	price := Money{Amount: 1200, Currency: "EUR"}
	return &Order{
		ID: "o", PersonID: "p", Keys: []SourceKey{{Shopify, "order", "7"}}, PlacedAt: 5, Payment: Payment{Told: 6},
		Detail: Detail{
			Platform: Shopify, UpdatedAt: 9, Hash: 3, Name: "#ADA", FinancialStatus: "paid", Gateways: []string{"shopify_payments"}, Language: "ada",
			Country: "GB", Region: "ada", Tags: []string{"ada"}, DiscountCodes: []string{"ADA"}, Promotions: []string{"ada"}, ShippingMethod: "to ada", Total: price,
			Lines: []Line{{ID: "1", Product: "70", Title: "for ada", Variant: "ada", SKU: "ada", Image: "ada", Vendor: "ada", Quantity: 2, Current: 1, Price: price}},
		},
		Refunds: map[string]Refund{"r": {ID: "r", Status: RefundSucceeded, Amount: Money{Amount: 200, Currency: "EUR"}, At: 8, Platform: Shopify}},
	}
}

func TestForgetTakesWordsAndKeepsSums(t *testing.T) {
	o := wordy()
	whole := wordy()
	require.True(t, o.Forget())
	data, err := json.Marshal(o)
	require.NoError(t, err)
	require.NotContains(t, string(data), "ada")
	require.NotContains(t, string(data), "ADA")

	require.Equal(t, whole.Refunded(), o.Refunded())
	require.Equal(t, whole.Detail.Total, o.Detail.Total)
	require.Equal(t, Line{ID: "1", Product: "70", Quantity: 2, Current: 1, Price: whole.Detail.Total}, o.Detail.Lines[0])
	require.Empty(t, cmp.Diff(whole.Keys, o.Keys))
	require.Equal(t, "for ada", whole.Detail.Lines[0].Title)

	require.False(t, o.Forget(), "there is nothing more to take")
	require.False(t, o.Merge(whole.Facts(), Shopify), "the same delivery again brings nothing back")
}
