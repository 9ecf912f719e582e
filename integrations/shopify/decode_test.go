package shopify

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
)

func at(value string) commerce.Instant {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		panic(err)
	}
	return commerce.At(t)
}

// The moments that a delivery of these tests was triggered and received at.
var triggered, received = at("2026-11-06T08:00:00Z"), at("2026-11-06T08:00:02Z")

func delivery(topic, body string) commerce.Delivery {
	return commerce.Delivery{Topic: topic, Body: []byte(body), TriggeredAt: triggered, ReceivedAt: received}
}

func fixture(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return string(b)
}

func sum(amount int64, currency string) commerce.Money {
	return commerce.Money{Amount: amount, Currency: currency}
}

func key(id string) []commerce.SourceKey { return orderKey(id) }

// cash on delivery in riyal: not paid, an Arabic customer, the name from the address.
func TestDecodeOrderOnDelivery(t *testing.T) {
	body := fixture(t, "order_sar_cod.json")
	want := commerce.Change{Order: &commerce.OrderChange{
		Keys: key("5873312096431"),
		Detail: &commerce.Detail{
			Platform: commerce.Shopify, UpdatedAt: at("2026-11-02T09:30:01Z"), Hash: hash([]byte(body)),
			Name: "#1042", FinancialStatus: "pending", Gateways: []string{"Cash on Delivery (COD)"}, SourceName: "web",
			Language: "ar", Country: "SA",
			Total: sum(34500, "SAR"), ShopTotal: sum(34500, "SAR"), CurrentTotal: sum(34500, "SAR"),
			Lines: []commerce.Line{{
				ID: "14512345678911", Product: "8123456789012", Title: "عود معتق", Variant: "100 مل", SKU: "OUD-100",
				Quantity: 1, Current: 1, Price: sum(34500, "SAR"),
			}},
		},
		Person: &commerce.PersonFacts{
			CustomerID: "7712345678901", Email: "noura@example.sa", EmailVerified: true, Phone: "+966500000001",
			FirstName: "نورة", LastName: "الحربي", Language: "ar", Country: "SA", UpdatedAt: at("2026-11-02T09:30:01Z"),
		},
		PlacedAt:  at("2026-11-02T09:30:00Z"),
		Cancel:    commerce.Cancel{Denied: at("2026-11-02T09:30:01Z")},
		Payment:   commerce.Payment{UnpaidSeen: at("2026-11-02T09:30:01Z")},
		TwinHints: []string{"5873312096431", "8f1f2b0e6f5a4d6c9f0f3b1c2d3e4f50"},
	}}
	got, err := Decode(delivery("orders/create", body))
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(want, got))
}

// paid in dinars to a shop that counts in euro, delivered, one of three boxes
// given back; plain ids rounded as by JavaScript.
func TestDecodeOrderInAnotherCurrency(t *testing.T) {
	body := fixture(t, "order_kwd_paid.json")
	updated := at("2026-11-05T09:00:00Z")
	want := commerce.Change{
		Order: &commerce.OrderChange{
			Keys: key("9007199254740993"),
			Detail: &commerce.Detail{
				Platform: commerce.Shopify, UpdatedAt: updated, Hash: hash([]byte(body)),
				Name: "#1043", FinancialStatus: "partially_refunded", Gateways: []string{"shopify_payments", "gift_card"},
				SourceName: "web", Language: "en-KW", Country: "KW", Tags: []string{"vip", "wholesale"}, DiscountCodes: []string{"WELCOME10"},
				Total: sum(30150, "KWD"), ShopTotal: sum(9000, "EUR"), CurrentTotal: sum(6000, "EUR"),
				Lines: []commerce.Line{
					{ID: "487817672276298554", Product: "788032119674292922", Title: "Date box", SKU: "DATE-1", Quantity: 3, Current: 2, Price: sum(6700, "KWD")},
					{ID: "487817672276298666", Title: "Gift card", Variant: "30", Quantity: 1, Current: 1, Price: sum(10050, "KWD"), GiftCard: true, Digital: true},
				},
			},
			Person: &commerce.PersonFacts{
				CustomerID: "115310627314723954", Email: "fahad@example.com", EmailVerified: true, Phone: "+96550000001",
				FirstName: "Fahad", LastName: "Al-Sabah", Language: "en-KW", Country: "KW", UpdatedAt: updated,
			},
			PlacedAt: at("2026-11-03T08:00:00Z"), FulfilledSeen: updated, Cancel: commerce.Cancel{Denied: updated},
			Payment: commerce.Payment{Told: triggered, PaidSeen: updated, Processed: at("2026-11-03T07:59:59Z")},
			Refunds: []commerce.Refund{{
				ID: "890088186047892319", Status: commerce.RefundSucceeded, Amount: sum(6700, "KWD"),
				Lines: []commerce.RefundLine{{Line: "487817672276298554", Quantity: 1}}, At: updated,
			}},
			Fulfilments: []commerce.Fulfilment{{
				ID: "4412345678901", Status: commerce.FulfilmentShipped, ShippedAt: at("2026-11-03T14:00:00Z"),
				DeliveredAt: at("2026-11-04T17:20:00Z"), AsOf: at("2026-11-04T17:20:00Z"),
			}},
			TwinHints: []string{"1c0ffee01c0ffee01c0ffee01c0ffee0", "9007199254740993"},
		},
		Consents: []commerce.ConsentChange{{
			Email: "fahad@example.com", CustomerID: "115310627314723954", Channel: commerce.ByMail, Class: "marketing",
			State: commerce.Subscribed, Source: "shopify order", At: at("2026-11-03T07:59:59Z"),
		}},
	}
	got, err := Decode(delivery("orders/paid", body))
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(want, got))

	// The same snapshot under another topic tells the same but the named moment of payment.
	want.Order.Payment.Told = 0
	got, err = Decode(delivery("orders/updated", body))
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(want, got))
}

// a guest in yen with nothing to ship; no sets, so the plain amounts count.
func TestDecodeOrderOfAGuest(t *testing.T) {
	body := fixture(t, "order_jpy_guest.json")
	want := commerce.Change{Order: &commerce.OrderChange{
		Keys: key("5873312099999"),
		Detail: &commerce.Detail{
			Platform: commerce.Shopify, UpdatedAt: at("2026-11-04T00:00:01Z"), Hash: hash([]byte(body)),
			Name: "#1044", Test: true, Unconfirmed: true, FinancialStatus: "voided", SourceName: "subscription_contract_checkout_one",
			Language: "ja-JP", Country: "JP", Tags: []string{"Subscription"}, Renewal: true, NoShipping: true,
			Total: sum(5500, "JPY"), ShopTotal: sum(5500, "JPY"), CurrentTotal: sum(0, "JPY"),
			Lines: []commerce.Line{{ID: "14512345679999", Title: "Tea, monthly box", Quantity: 1, Current: 1, Price: sum(5500, "JPY"), Digital: true}},
		},
		Person: &commerce.PersonFacts{
			Email: "taro@example.jp", FirstName: "Taro", LastName: "Yamada", Language: "ja-JP", Country: "JP", UpdatedAt: at("2026-11-04T00:00:01Z"),
		},
		PlacedAt: at("2026-11-04T00:00:00Z"), Cancel: commerce.Cancel{Told: at("2026-11-04T00:00:01Z"), Seen: at("2026-11-04T00:00:01Z")},
		TwinHints: []string{"5873312099999"},
	}}
	got, err := Decode(delivery("orders/cancelled", body))
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(want, got))
}

func TestDecodeOrderPayment(t *testing.T) {
	const stamps = `"updated_at":"2026-11-02T09:00:00Z","processed_at":"2026-11-01T09:00:00Z"`
	updated, processed := at("2026-11-02T09:00:00Z"), at("2026-11-01T09:00:00Z")
	tests := map[string]commerce.Payment{
		"paid":               {PaidSeen: updated, Processed: processed},
		"partially_refunded": {PaidSeen: updated, Processed: processed},
		"refunded":           {PaidSeen: updated, Processed: processed},
		"pending":            {UnpaidSeen: updated},
		"authorized":         {UnpaidSeen: updated},
		"partially_paid":     {UnpaidSeen: updated},
		"expired":            {UnpaidSeen: updated},
		"voided":             {},
		"":                   {},
		"invented":           {},
	}
	for status, want := range tests {
		body := `{"id":1,"financial_status":"` + status + `",` + stamps + `}`
		got, err := Decode(delivery("orders/updated", body))
		require.NoError(t, err)
		assert.Equal(t, want, got.Order.Payment, status)

		want.Told = triggered
		got, err = Decode(delivery("orders/paid", body))
		require.NoError(t, err)
		assert.Equal(t, want, got.Order.Payment, status)
	}
	untold := delivery("orders/paid", `{"id":1,"financial_status":"paid",`+stamps+`}`)
	untold.TriggeredAt = 0
	got, err := Decode(untold)
	require.NoError(t, err)
	assert.Zero(t, got.Order.Payment.Told, "the moment of arrival is no evidence")
}

func TestDecodeOrderPerson(t *testing.T) {
	tests := map[string]struct {
		body string
		want *commerce.PersonFacts
	}{
		"nobody":           {`"customer":null,"email":null`, nil},
		"withheld fields":  {`"customer":{"id":null,"email":null},"email":""`, nil},
		"only a phone":     {`"phone":"+43555"`, nil},
		"no plain address": {`"email":"a@b@c"`, nil},
		"a guest":          {`"email":"A@Example.com"`, &commerce.PersonFacts{Email: "a@example.com"}},
		"a customer without an address of his own": {
			`"email":"a@example.com","customer":{"id":7,"verified_email":true}`,
			&commerce.PersonFacts{CustomerID: "7", Email: "a@example.com"},
		}, // verified is another address
		"a name with a line break": {
			`"customer":{"id":7,"email":"a@example.com","first_name":"Ann\r\nBcc: x@y.z","last_name":" \u0000"}`,
			&commerce.PersonFacts{CustomerID: "7", Email: "a@example.com", FirstName: "Ann  Bcc: x@y.z"},
		},
		"the phone of the parcel": {
			`"email":"a@example.com","shipping_address":{"phone":"+43555","first_name":"Ann","country_code":"Austria"}`,
			&commerce.PersonFacts{Email: "a@example.com", Phone: "+43555", FirstName: "Ann"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Decode(delivery("orders/create", `{"id":1,`+tt.body+`}`))
			require.NoError(t, err)
			assert.Empty(t, cmp.Diff(tt.want, got.Order.Person))
			assert.Empty(t, got.Consents)
		})
	}
}

func TestRenewal(t *testing.T) {
	assert.True(t, renewal("subscription_contract", nil))
	assert.True(t, renewal("subscription_contract_checkout_one", nil))
	assert.True(t, renewal("294517", []string{"Subscription", "Subscription Recurring Order"}))
	assert.False(t, renewal("web", []string{"Subscription", "Subscription First Order"}))
	assert.False(t, renewal("pos", nil))
}

// What breaks a body must end as a sentence that names the place.
func TestDecodeUnreadable(t *testing.T) {
	tests := map[string]struct{ topic, body, sentence string }{
		"nothing":               {"orders/create", ``, "not JSON at byte"},
		"null":                  {"orders/create", `null`, "(body)"},
		"a list":                {"orders/create", `[]`, "(body)"},
		"broken off":            {"orders/create", `{"id":1,"name":"#1`, "not JSON at byte 18"},
		"twice":                 {"orders/create", `{"id":1}{"id":2}`, "not JSON at byte"},
		"no id":                 {"orders/create", `{"name":"#1"}`, "id holds no id"},
		"a float for an id":     {"orders/create", `{"id":1.5}`, "id holds no id"},
		"an exponent":           {"orders/create", `{"id":1e400}`, "id holds no id"},
		"a total of 1e400":      {"orders/create", `{"id":1,"currency":"USD","total_price":1e400}`, "total_price_set is no money"},
		"a currency of none":    {"orders/create", `{"id":1,"total_price":"1.00"}`, "total_price_set is no money"},
		"half a cent":           {"orders/create", `{"id":1,"currency":"USD","total_price":"1.005"}`, "total_price_set is no money"},
		"a quantity of 1e400":   {"orders/create", `{"id":1,"line_items":[{"id":2,"quantity":1e400}]}`, "line_items.quantity is not a whole number"},
		"half a piece":          {"orders/create", `{"id":1,"line_items":[{"id":2,"quantity":0.5}]}`, "line_items.quantity is not a whole number"},
		"an object for a text":  {"orders/create", `{"id":1,"name":{}}`, "name holds a JSON"},
		"a text for a boolean":  {"orders/create", `{"id":1,"test":"true"}`, "test holds a String"},
		"a text for the lines":  {"orders/create", `{"id":1,"line_items":"none"}`, "line_items holds a String"},
		"lines of numbers":      {"orders/create", `{"id":1,"line_items":[1]}`, "line_items holds a Number"},
		"a customer of one":     {"orders/create", `{"id":1,"customer":[1]}`, "customer cannot be read"},
		"a refund's quantity":   {"orders/create", `{"id":1,"refunds":[{"id":2,"refund_line_items":[{"quantity":"1"}]}]}`, "refunds cannot be read: field refund_line_items.quantity"},
		"a date":                {"orders/create", `{"id":1,"created_at":"02.11.2026"}`, "created_at is not a moment"},
		"deep lists":            {"orders/create", `{"id":1,"note_attributes":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, "not JSON at byte"},
		"very deep lists":       {"orders/create", strings.Repeat("[", 4_000_000), "not JSON at byte"},
		"deep objects":          {"refunds/create", strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000), "not JSON at byte"},
		"a refund of no order":  {"refunds/create", `{"id":5,"order_id":null}`, "order_id holds no id"},
		"a list for an id":      {"refunds/create", `{"id":[5],"order_id":1}`, "field id holds a value"},
		"a text for an id":      {"refunds/create", `{"id":"five","order_id":1}`, "field id holds a value"},
		"a transaction's money": {"refunds/create", `{"id":5,"order_id":1,"transactions":[{"kind":"refund","status":"success","amount":"1.00"}]}`, "transactions.amount is no money"},
		"a parcel of no order":  {"fulfillments/create", `{"id":5}`, "order_id holds no id"},
		"a return of a text":    {"returns/process", `{"id":"x","order":{"id":1}}`, "field id holds a value"},
		"a product of nothing":  {"products/update", `{"title":"Socks"}`, "id holds no id"},
		"an edit of nothing":    {"orders/edited", `{"id":5}`, "order_edit.id holds no id"},
		"consent of nobody":     {"customers_email_marketing_consent/update", `{"email_marketing_consent":{"state":"subscribed"}}`, "name nobody"},
		"an erasure of nobody":  {"customers/redact", `{"shop_domain":"wool.myshopify.com","customer":{}}`, "customer names nobody"},
		"a merge of nobody":     {"customers/merge", `{"status":"completed"}`, "holds no id"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ch, err := Decode(delivery(tt.topic, tt.body))
			require.Error(t, err)
			assert.Equal(t, fault.Permanent, fault.KindOf(err))
			assert.Contains(t, fault.Sentence(err), tt.topic+": ")
			assert.Contains(t, fault.Sentence(err), tt.sentence)
			assert.Less(t, len(err.Error()), 250, "an error stays readable")
			assert.Zero(t, ch)
		})
	}
}

func TestDecodeIgnored(t *testing.T) {
	for topic, body := range map[string]string{
		"collections/update":                       `{"id":1}`,
		"returns/process":                          `{}`,
		"no topic at all":                          `not even JSON`,
		"customers/delete":                         `{"id":1}`,
		"app/scopes_update":                        `{}`,
		"customers/merge":                          `{"status":"failed"}`,
		"fulfillment_events/create":                `{"fulfillment_id":2,"order_id":1,"status":"attempted_delivery"}`,
		"disputes/create":                          `{"id":5,"order_id":null,"status":"needs_response"}`,
		"customers_email_marketing_consent/update": `{"customer_id":5,"email_marketing_consent":{"state":"not_subscribed"}}`,
	} {
		ch, err := Decode(delivery(topic, body))
		require.NoError(t, err, topic)
		assert.NotEmpty(t, ch.Ignored, topic)
		assert.Equal(t, commerce.Change{Ignored: ch.Ignored}, ch, topic)
	}
}
