package shopify

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/gql"
	"flywheel/integrations/shopify/shopifyfake"
)

func TestChangedOrders(t *testing.T) {
	fake, client := startFake(t)
	fake.PutOrders(testShop, 250, func(i int) *shopifyfake.Order {
		return shopifyfake.NewOrder(9007199254740993+int64(i), noon.Add(time.Duration(i)*time.Minute))
	})
	refunded := shopifyfake.NewOrder(7, noon).Cancel(noon.Add(300 * time.Minute))
	refund := refunded.Refund(noon.Add(300*time.Minute), 100)
	fake.PutOrder(testShop, refunded)

	var got []ChangedOrder
	pages, cursor := 0, ""
	for {
		page, err := client.ChangedOrders(t.Context(), testAccess, noon.Add(10*time.Minute+900*time.Millisecond), cursor)
		require.NoError(t, err)
		got = append(got, page.Orders...)
		pages++
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	assert.Equal(t, 7, pages, "of forty")
	require.Len(t, got, 241, "the minute itself is among them: Shopify tells whole seconds")
	whole := shopifyfake.NewOrder(9007199254741003, noon).Total()
	assert.Equal(t, ChangedOrder{
		ID: "9007199254741003", UpdatedAt: commerce.At(noon.Add(10 * time.Minute)), Status: "paid", Total: commerce.Money{Amount: whole, Currency: "EUR"},
	}, got[0], "exact, the oldest first")
	assert.Equal(t, ChangedOrder{
		ID: "7", UpdatedAt: commerce.At(noon.Add(300 * time.Minute)), CancelledAt: commerce.At(noon.Add(300 * time.Minute)),
		Status: "partially_refunded", Total: commerce.Money{Amount: whole, Currency: "EUR"},
		Refunds: []string{strconv.FormatInt(refund.ID, 10)},
	}, got[240])
	assert.Equal(t, "updated_at:>='2026-11-02T09:10:00Z'", fake.Asked()[0].Variables["query"], "in UTC")
	_, sent := fake.Asked()[0].Variables["after"]
	assert.False(t, sent, "an empty cursor is none")
}

func TestShop(t *testing.T) {
	fake, client := startFake(t)
	fake.Install(testShop, shopifyfake.ShopInfo{
		ID: 9007199254740993, Name: "Wool & Wire", Email: "owner@example.com", ContactEmail: "hello@example.com", Zone: "Asia/Dubai",
		Currency: "AED", Country: "AE", Address: shopifyfake.ShopAddress{Address1: "Al Wasl 1", City: "Dubai", Zip: "00000", Country: "United Arab Emirates"},
		Locales: []string{"ar", "en", "fa"},
	})
	fake.Scopes(testShop, "write_customers", "read_orders", "read_locales")
	got, err := client.Shop(t.Context(), testAccess)
	require.NoError(t, err)
	assert.Equal(t, ShopFacts{
		ID: "9007199254740993", Name: "Wool & Wire", Email: "owner@example.com", ContactEmail: "hello@example.com",
		Timezone: "Asia/Dubai", Country: "AE", Currency: "AED", Locale: "ar", Domain: testShop, URL: got.URL,
		Address: "Al Wasl 1, 00000 Dubai, United Arab Emirates",
		Scopes:  got.Scopes, Locales: []string{"ar", "en", "fa"},
	}, got)
	assert.Contains(t, got.URL, "https://")
	assert.Subset(t, got.Scopes, []string{"read_orders", "write_customers"})
	assert.IsIncreasing(t, got.Scopes)
}

// Without read_locales there are no languages, but all the rest.
func TestShopWithheld(t *testing.T) {
	fake, client := startFake(t)
	fake.Install(testShop, shopifyfake.ShopInfo{Name: "Wool", Locales: []string{"ar"}})
	fake.Scopes(testShop, "read_orders")
	got, err := client.Shop(t.Context(), testAccess)
	require.NoError(t, err)
	assert.Equal(t, "Wool", got.Name)
	assert.Empty(t, got.Locale)
}

// An app that is not approved for customers' data sees orders all the same.
func TestOrderWithheld(t *testing.T) {
	fake, client := startBulk(t)
	fake.PutOrder(testShop, shopifyfake.NewOrder(1, noon))
	fake.Withhold(testShop)
	got, err := client.Order(t.Context(), testAccess, "1")
	require.NoError(t, err)
	assert.Len(t, got.Detail.Lines, 2)
	if got.Person != nil {
		assert.Empty(t, got.Person.Email)
	}
}

// Whatever part of an answer is null, nothing falls over.
func TestOrderWithoutEverything(t *testing.T) {
	for _, text := range []string{
		`{"id":"gid://shopify/Order/1"}`,
		`{"id":"gid://shopify/Order/1","customer":{"id":"gid://shopify/Customer/2"},"totalPriceSet":{},"lineItems":{},
		  "refunds":[{"id":"gid://shopify/Refund/3"},{"id":"gid://shopify/Refund/4","refundLineItems":{"nodes":[{"quantity":1,"lineItem":null}]},
		  "transactions":{"nodes":[{"kind":"REFUND","status":"SUCCESS","amountSet":null}]}}],"fulfillments":[{"id":"gid://shopify/Fulfillment/5"}]}`,
		`{"id":"gid://shopify/Order/1","lineItems":{"nodes":[{"id":"gid://shopify/LineItem/1","product":null,"originalUnitPriceSet":null}],"pageInfo":null}}`,
	} {
		var order gql.OrderOrder
		require.NoError(t, json.Unmarshal([]byte(text), &order))
		var nodes []*gql.LineFacts
		if order.LineItems != nil {
			nodes = order.LineItems.Nodes
		}
		got, err := readWhole(&order, nodes)
		require.NoError(t, err)
		assert.Equal(t, "1", got.Keys[0].ID)
	}
}

func TestAnswersOfParts(t *testing.T) {
	b := customerAnswer(&gql.CustomerFacts{Id: "gid://shopify/Customer/7", DefaultPhoneNumber: &gql.PhoneNumber{PhoneNumber: "+43555"}})
	assert.Equal(t, "+43555", b.Phone)
	var r reader
	parcel := fulfilmentAnswer(&gql.FulfilmentFacts{
		Id: "gid://shopify/Fulfillment/5", Status: "SUCCESS", DisplayStatus: "FULFILLED", CreatedAt: "2026-11-02T09:00:00Z", DeliveredAt: "2026-11-02T10:00:00Z",
	})
	row := parcel.row(&r)
	require.NoError(t, r.err)
	assert.Equal(t, after(time.Hour), row.DeliveredAt, "whatever its status is called")
	assert.Equal(t, after(0), row.AsOf)
}

func TestBulkRefundsAreTheWeakestTruth(t *testing.T) {
	for name, tt := range map[string]struct {
		amount, order string
		status        commerce.Status
		want          int64
	}{
		"some went back":            {"12.50", "PARTIALLY_REFUNDED", commerce.RefundSucceeded, 1250},
		"all went back":             {"12.50", "REFUNDED", commerce.RefundSucceeded, 1250},
		"it is on its way":          {"12.50", "PAID", commerce.RefundPending, 0},
		"only goods came back":      {"0.0", "REFUNDED", commerce.RefundPending, 0},
		"the order does not say":    {"12.50", "", commerce.RefundPending, 0},
		"something else is strange": {"", "REFUNDED", commerce.RefundPending, 0},
	} {
		t.Run(name, func(t *testing.T) {
			sum := &gql.MoneyFacts{PresentmentMoney: &gql.Money{Amount: tt.amount, CurrencyCode: "EUR"}}
			b := bulkRefund(&gql.BulkRefund{Id: "gid://shopify/Refund/1", CreatedAt: "2026-11-02T09:00:00Z", TotalRefundedSet: sum}, tt.order)
			var r reader
			row := b.row(&r, "EUR")
			require.NoError(t, r.err)
			assert.Equal(t, tt.status, row.Status)
			assert.Equal(t, commerce.Money{Amount: tt.want, Currency: "EUR"}, row.Amount, fmt.Sprint(row))
		})
	}
}
