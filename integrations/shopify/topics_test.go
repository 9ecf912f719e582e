package shopify

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
)

// Two transactions moved money, one failed, one is the sale itself; a currency
// that is null is the one of the refund's own sets.
func TestDecodeRefund(t *testing.T) {
	want := commerce.Change{Order: &commerce.OrderChange{
		Keys: key("9007199254740993"),
		Refunds: []commerce.Refund{{
			ID: "890088186047892319", Status: commerce.RefundSucceeded, Amount: sum(6700, "KWD"),
			Lines: []commerce.RefundLine{{Line: "487817672276298554", Quantity: 1}}, At: at("2026-11-05T09:00:00Z"),
		}},
	}}
	got, err := Decode(delivery("refunds/create", fixture(t, "refund_created.json")))
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(want, got))
}

func TestDecodeRefundStatus(t *testing.T) {
	with := func(status string) string {
		return `{"kind":"refund","status":"` + status + `","amount":"1.50","currency":"EUR"}`
	}
	tests := map[string]struct {
		transactions string
		status       commerce.Status
		amount       commerce.Money
	}{
		"restock only":           {``, commerce.RefundSucceeded, sum(0, "EUR")},
		"a void":                 {`{"kind":"void","status":"success","amount":"9.00","currency":"EUR"}`, commerce.RefundSucceeded, sum(0, "EUR")},
		"money moved":            {with("success"), commerce.RefundSucceeded, sum(150, "EUR")},
		"moved twice":            {with("success") + "," + with("success"), commerce.RefundSucceeded, sum(300, "EUR")},
		"moved, the rest coming": {with("success") + "," + with("pending"), commerce.RefundSucceeded, sum(150, "EUR")},
		"coming":                 {with("pending"), commerce.RefundPending, sum(0, "EUR")},
		"awaiting the bank":      {with("awaiting_response") + "," + with("failure"), commerce.RefundPending, sum(0, "EUR")},
		"failed":                 {with("failure") + "," + with("error"), commerce.RefundFailed, sum(0, "EUR")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			body := `{"id":5,"order_id":1,"created_at":"2026-11-02T09:00:00Z","order_adjustments":[{"amount_set":{"presentment_money":{"amount":"-1.00","currency_code":"EUR"}}}],"transactions":[` + tt.transactions + `]}`
			got, err := Decode(delivery("refunds/create", body))
			require.NoError(t, err)
			assert.Equal(t, []commerce.Refund{{ID: "5", Status: tt.status, Amount: tt.amount, At: at("2026-11-02T09:00:00Z")}}, got.Order.Refunds)
		})
	}
}

func TestDecodeFulfilment(t *testing.T) {
	const stamps = `"id":5,"order_id":1,"created_at":"2026-11-02T09:00:00Z","updated_at":"2026-11-04T09:00:00Z"`
	created, updated := at("2026-11-02T09:00:00Z"), at("2026-11-04T09:00:00Z")
	tests := map[string]struct {
		body string
		want commerce.Fulfilment
	}{
		"asked for":     {`"status":"pending"`, commerce.Fulfilment{Status: commerce.FulfilmentOpen}},
		"refused":       {`"status":"failure"`, commerce.Fulfilment{Status: commerce.FulfilmentOpen}},
		"shipped":       {`"status":"success","shipment_status":null`, commerce.Fulfilment{Status: commerce.FulfilmentShipped, ShippedAt: created}},
		"on its way":    {`"status":"success","shipment_status":"in_transit"`, commerce.Fulfilment{Status: commerce.FulfilmentShipped, ShippedAt: created}},
		"delivered":     {`"status":"success","shipment_status":"delivered"`, commerce.Fulfilment{Status: commerce.FulfilmentShipped, ShippedAt: created, DeliveredAt: updated}},
		"not delivered": {`"status":"success","shipment_status":"failure"`, commerce.Fulfilment{Status: commerce.FulfilmentShipped, ShippedAt: created, FailedAt: updated}},
		"delayed":       {`"status":"success","shipment_status":"delayed"`, commerce.Fulfilment{Status: commerce.FulfilmentShipped, ShippedAt: created, DelayedAt: updated}},
		"to be fetched": {`"status":"success","shipment_status":"ready_for_pickup"`, commerce.Fulfilment{Status: commerce.FulfilmentShipped, ShippedAt: created, ReadyAt: updated}},
		"fetched":       {`"status":"success","shipment_status":"picked_up"`, commerce.Fulfilment{Status: commerce.FulfilmentShipped, ShippedAt: created, DeliveredAt: updated}},
		"by a carrier":  {`"status":"success","shipment_status":"carrier_picked_up"`, commerce.Fulfilment{Status: commerce.FulfilmentShipped, ShippedAt: created}},
		"two of a line": {`"status":"pending","line_items":[{"id":7,"quantity":2},{"id":8,"quantity":0}]`, commerce.Fulfilment{Status: commerce.FulfilmentOpen, Lines: []commerce.RefundLine{{Line: "7", Quantity: 2}}}},
		"cancelled":     {`"status":"cancelled"`, commerce.Fulfilment{Status: commerce.FulfilmentCancelled}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Decode(delivery("fulfillments/update", `{`+stamps+`,`+tt.body+`}`))
			require.NoError(t, err)
			tt.want.ID, tt.want.AsOf = "5", updated
			assert.Equal(t, &commerce.OrderChange{Keys: key("1"), Fulfilments: []commerce.Fulfilment{tt.want}}, got.Order)
		})
	}
}

func TestDecodeCarrierEvent(t *testing.T) {
	const stamps = `"id":9,"fulfillment_id":5,"order_id":1,"happened_at":"2026-11-04T08:00:00Z","updated_at":"2026-11-04T09:00:00Z"`
	happened, updated := at("2026-11-04T08:00:00Z"), at("2026-11-04T09:00:00Z")
	shipped := commerce.Fulfilment{ID: "5", Status: commerce.FulfilmentShipped, AsOf: updated}
	for status, mark := range map[string]func(f *commerce.Fulfilment){
		"delivered":        func(f *commerce.Fulfilment) { f.DeliveredAt = happened },
		"picked_up":        func(f *commerce.Fulfilment) { f.DeliveredAt = happened },
		"failure":          func(f *commerce.Fulfilment) { f.FailedAt = happened },
		"delayed":          func(f *commerce.Fulfilment) { f.DelayedAt = happened },
		"ready_for_pickup": func(f *commerce.Fulfilment) { f.ReadyAt = happened },
	} {
		want := shipped
		mark(&want)
		got, err := Decode(delivery("fulfillment_events/create", `{`+stamps+`,"status":"`+status+`"}`))
		require.NoError(t, err)
		assert.Equal(t, commerce.Change{Order: &commerce.OrderChange{Keys: key("1"), Fulfilments: []commerce.Fulfilment{want}}}, got, status)
	}
	for _, status := range []string{"in_transit", "carrier_picked_up", "attempted_delivery", "out_for_delivery", "confirmed", "", "a new word"} {
		got, err := Decode(delivery("fulfillment_events/create", `{`+stamps+`,"status":"`+status+`"}`))
		require.NoError(t, err)
		assert.NotEmpty(t, got.Ignored, status)
	}
}

func TestDecodeEdit(t *testing.T) {
	got, err := Decode(delivery("orders/edited", `{"order_edit":{"id":78912328793123781,"order_id":9007199254740993,
		"created_at":"2026-11-02T09:00:00Z","committed_at":"2026-11-02T09:05:00Z",
		"line_items":{"additions":[{"id":3,"delta":1}],"removals":[{"id":9007199254740995,"delta":2}]}}}`))
	require.NoError(t, err)
	assert.Equal(t, commerce.Change{Order: &commerce.OrderChange{Keys: key("9007199254740993"), Edits: []commerce.Edit{{
		ID: "78912328793123781", At: at("2026-11-02T09:05:00Z"), Removed: []commerce.RefundLine{{Line: "9007199254740995", Quantity: 2}},
	}}}}, got)
}

// What is only added to an order, or told without a moment, was an edit all the same.
func TestDecodeEditThatAdds(t *testing.T) {
	o := shopifyfake.NewOrder(1, noon)
	got, err := Decode(delivery("orders/edited", string(o.Added(noon, shopifyfake.Line{Title: "Bag", Quantity: 1, Price: 500}))))
	require.NoError(t, err)
	assert.Equal(t, key("1"), got.Order.Keys)
	assert.Equal(t, []commerce.Edit{{ID: "194", At: commerce.At(noon)}}, got.Order.Edits)
	got, err = Decode(delivery("orders/edited", `{"order_edit":{"id":5,"order_id":1}}`))
	require.NoError(t, err)
	assert.Equal(t, []commerce.Edit{{ID: "5", At: triggered}}, got.Order.Edits)
}

func TestDecodeDispute(t *testing.T) {
	opened, final := at("2026-11-02T09:00:00Z"), at("2026-12-02T09:00:00Z")
	tests := []struct {
		status, finalized string
		want              commerce.Dispute
	}{
		{"needs_response", "", commerce.Dispute{Status: commerce.DisputeOpen}},
		{"under_review", "", commerce.Dispute{Status: commerce.DisputeOpen}},
		{"won", `"2026-12-02T09:00:00Z"`, commerce.Dispute{Status: commerce.DisputeWon, ClosedAt: final}},
		{"lost", `"2026-12-02T09:00:00Z"`, commerce.Dispute{Status: commerce.DisputeLost, ClosedAt: final}},
		{"accepted", "", commerce.Dispute{Status: commerce.DisputeLost, ClosedAt: triggered}},
		{"charge_refunded", "", commerce.Dispute{Status: commerce.DisputeLost, ClosedAt: triggered}},
		{"prevented", "", commerce.Dispute{Status: commerce.DisputeLost, ClosedAt: triggered}},
		{"a new word", "", commerce.Dispute{Status: commerce.DisputeOpen}},
		{"a new word", `"2026-12-02T09:00:00Z"`, commerce.Dispute{Status: commerce.DisputeLost, ClosedAt: final}},
	}
	for _, tt := range tests {
		finalized := tt.finalized
		if finalized == "" {
			finalized = "null"
		}
		got, err := Decode(delivery("disputes/update", `{"id":5,"order_id":1,"status":"`+tt.status+`","initiated_at":"2026-11-02T09:00:00Z","finalized_on":`+finalized+`}`))
		require.NoError(t, err)
		tt.want.ID, tt.want.OpenedAt = "5", opened
		assert.Equal(t, &commerce.OrderChange{Keys: key("1"), Disputes: []commerce.Dispute{tt.want}}, got.Order, tt.status)
	}
}

func TestDecodeCustomers(t *testing.T) {
	got, err := Decode(delivery("customers/update", `{"id":706405506930370000,"admin_graphql_api_id":"gid://shopify/Customer/706405506930370084",
		"updated_at":"2026-11-02T09:00:00Z","first_name":"Bob","last_name":"Biller","verified_email":true,"email":"Bob@Biller.com","phone":null,
		"default_address":{"country_code":"CA","phone":"555"}}`))
	require.NoError(t, err)
	assert.Equal(t, commerce.Change{Person: &commerce.PersonFacts{
		CustomerID: "706405506930370084", Email: "bob@biller.com", EmailVerified: true, FirstName: "Bob", LastName: "Biller",
		Country: "CA", UpdatedAt: at("2026-11-02T09:00:00Z"),
	}}, got)

	created := `{"id":7,"created_at":"2026-11-01T09:00:00Z","updated_at":"2026-11-02T09:00:00Z","email":"b@example.com"}`
	got, err = Decode(delivery("customers/create", created))
	require.NoError(t, err)
	assert.Equal(t, commerce.Change{
		Person:   &commerce.PersonFacts{CustomerID: "7", Email: "b@example.com", UpdatedAt: at("2026-11-02T09:00:00Z")},
		Happened: []commerce.Happening{{Kind: commerce.CustomerCreated, Subject: "shopify:7", At: at("2026-11-01T09:00:00Z")}},
	}, got)
	got, err = Decode(delivery("customers/update", created))
	require.NoError(t, err)
	assert.Empty(t, got.Happened)

	got, err = Decode(delivery("customers/merge", `{"admin_graphql_api_customer_kept_id":"gid://shopify/Customer/1","admin_graphql_api_customer_deleted_id":"gid://shopify/Customer/2","status":"completed"}`))
	require.NoError(t, err)
	assert.Equal(t, commerce.Change{Merge: &commerce.PersonMerge{FromCustomer: "2", IntoCustomer: "1"}}, got)
}

func TestDecodeConsent(t *testing.T) {
	const told = `"2026-11-02T09:00:00Z"`
	tests := []struct {
		state, level, at string
		want             commerce.ConsentChange
	}{
		{"subscribed", "single_opt_in", told, commerce.ConsentChange{State: commerce.Subscribed, At: at("2026-11-02T09:00:00Z")}},
		{"subscribed", "confirmed_opt_in", told, commerce.ConsentChange{State: commerce.Subscribed, Double: true, At: at("2026-11-02T09:00:00Z")}},
		{"unsubscribed", "single_opt_in", told, commerce.ConsentChange{State: commerce.Unsubscribed, At: at("2026-11-02T09:00:00Z")}},
		{"pending", "confirmed_opt_in", "null", commerce.ConsentChange{State: commerce.Pending, Double: true, At: triggered}},
	}
	for _, tt := range tests {
		got, err := Decode(delivery("customers_email_marketing_consent/update", `{"customer_id":7,"email_address":"A@example.com",
			"email_marketing_consent":{"state":"`+tt.state+`","opt_in_level":"`+tt.level+`","consent_updated_at":`+tt.at+`}}`))
		require.NoError(t, err)
		tt.want.CustomerID, tt.want.Email, tt.want.Channel, tt.want.Class, tt.want.Source = "7", "a@example.com", commerce.ByMail, "marketing", "shopify"
		assert.Equal(t, commerce.Change{Consents: []commerce.ConsentChange{tt.want}}, got, tt.state)
	}
}

func TestDecodeCompliance(t *testing.T) {
	got, err := Decode(delivery("customers/data_request", `{"shop_id":954889,"shop_domain":"wool.myshopify.com","customer":{"id":191167,"email":"John@Example.com","phone":"555-625-1199"},"orders_requested":[299938,9007199254740993],"data_request":{"id":9999}}`))
	require.NoError(t, err)
	assert.Equal(t, commerce.Change{Erase: &commerce.Erasure{
		Kind: commerce.ReportData, RequestID: "9999", CustomerID: "191167", Email: "john@example.com", Phone: "555-625-1199", Orders: []string{"299938", "9007199254740993"},
	}}, got)

	got, err = Decode(delivery("customers/redact", `{"shop_id":954889,"shop_domain":"wool.myshopify.com","customer":{"id":null,"email":"john@example.com","phone":null},"orders_to_redact":[299938]}`))
	require.NoError(t, err)
	assert.Equal(t, commerce.Change{Erase: &commerce.Erasure{Kind: commerce.EraseCustomer, Email: "john@example.com", Orders: []string{"299938"}}}, got)

	got, err = Decode(delivery("shop/redact", `{"shop_id":954889,"shop_domain":"wool.myshopify.com"}`))
	require.NoError(t, err)
	assert.Equal(t, commerce.Change{Erase: &commerce.Erasure{Kind: commerce.EraseShop}}, got)
}

func TestDecodeShop(t *testing.T) {
	got, err := Decode(delivery("shop/update", `{"id":1,"name":"Wool\u0000 & Co","iana_timezone":"Asia/Riyadh","country_code":"SA","currency":"SAR","primary_locale":"ar","domain":"wool.example"}`))
	require.NoError(t, err)
	assert.Equal(t, commerce.Change{ShopUpdate: &commerce.ShopUpdate{Name: "Wool  & Co", Timezone: "Asia/Riyadh", Country: "SA", Currency: "SAR", Locale: "ar", Site: "https://wool.example"}}, got)

	got, err = Decode(delivery("app/uninstalled", `{"id":1,"name":"Wool"}`))
	require.NoError(t, err)
	assert.Equal(t, commerce.Change{Uninstall: &commerce.Uninstall{At: triggered}}, got)

	untold := delivery("app/uninstalled", `{"id":1}`)
	untold.TriggeredAt = 0
	got, err = Decode(untold)
	require.NoError(t, err)
	assert.Equal(t, received, got.Uninstall.At)

	got, err = Decode(delivery("orders/delete", `{"id":9007199254740993}`))
	require.NoError(t, err)
	assert.Equal(t, commerce.Change{Order: &commerce.OrderChange{Keys: key("9007199254740993"), DeletedAt: triggered}}, got)
}
