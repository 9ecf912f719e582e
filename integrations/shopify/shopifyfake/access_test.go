package shopifyfake

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"flywheel/integrations/shopify/gql"
)

// A field whose scope was not granted is null beside ACCESS_DENIED, up to the
// nearest part that may be null.
func TestScopes(t *testing.T) {
	tests := map[string]struct {
		missing, query, data, says string
	}{
		"an order":       {"read_orders", `{ order(id: "gid://shopify/Order/1") { id } shop { id } }`, `{"order":null,"shop":{"id":"gid://shopify/Shop/1"}}`, "Access denied for order field. Required access: `read_orders` access scope."},
		"orders":         {"read_orders", `{ orders(first: 1) { nodes { id } } }`, `null`, "Access denied for orders field"},
		"its customer":   {"write_customers", `{ order(id: "gid://shopify/Order/1") { name customer { id } } }`, `{"order":{"name":"#1001","customer":null}}`, "Access denied for customer field. Required access: `read_customers` access scope."},
		"a customer":     {"write_customers", `{ nodes(ids: ["gid://shopify/Customer/6000000000001"]) { id } }`, `{"nodes":[null]}`, "Access denied for Customer object"},
		"its products":   {"read_products", `{ order(id: "gid://shopify/Order/1") { lineItems(first: 1) { nodes { product { id } } } } }`, `{"order":{"lineItems":{"nodes":[{"product":null}]}}}`, "Access denied for product field"},
		"discounts":      {"write_discounts", `{ codeDiscountNodeByCode(code: "A") { id } }`, `{"codeDiscountNodeByCode":null}`, "`read_discounts` access scope"},
		"locales":        {"read_locales", `{ shopLocales { locale } }`, `null`, "Access denied for shopLocales field"},
		"tags":           {"write_customers", `mutation { tagsAdd(id: "gid://shopify/Customer/6000000000001", tags: ["a"]) { userErrors { message } } }`, `{"tagsAdd":null}`, "`write_customers` access scope"},
		"a deactivation": {"write_discounts", `mutation { discountCodeDeactivate(id: "gid://shopify/DiscountCodeNode/1") { userErrors { message } } }`, `{"discountCodeDeactivate":null}`, "`write_discounts` access scope"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Install(wool, ShopInfo{ID: 1})
			w.PutOrder(wool, NewOrder(1, noon))
			assert.Empty(t, w.ask(tt.query, nil).Errors, "with all scopes")
			var left []string
			for _, s := range AppScopes {
				if s != tt.missing && !(tt.missing == "write_customers" && s == "read_customers") {
					left = append(left, s)
				}
			}
			w.Scopes(wool, left...)
			r := w.ask(tt.query, nil)
			assert.Equal(t, []string{"ACCESS_DENIED"}, r.codes())
			assert.Contains(t, r.says(), tt.says)
			assert.JSONEq(t, tt.data, string(r.Data))
		})
	}
}

func TestWithheld(t *testing.T) {
	w := newWorld(t)
	w.PutOrder(wool, NewOrder(1, noon))
	w.Withhold(wool)
	r := w.ask(`{ order(id: "gid://shopify/Order/1") { name email shippingAddress { firstName } customer { id firstName lastName defaultEmailAddress { emailAddress } } } }`, nil)
	assert.Len(t, r.Errors, 5)
	assert.Equal(t, "ACCESS_DENIED", r.codes()[0])
	assert.Contains(t, r.says(), "This app is not approved to use the email field")
	assert.JSONEq(t, `{"order":{"name":"#1001","email":null,"shippingAddress":null,"customer":{"id":"gid://shopify/Customer/6000000000001","firstName":null,"lastName":null,"defaultEmailAddress":null}}}`, string(r.Data))
	assert.Equal(t, []any{"order", "email"}, r.Errors[0].Path)
}

func TestFailures(t *testing.T) {
	tests := map[Failure]struct {
		status int
		codes  []string
	}{
		Throttled: {200, []string{"THROTTLED"}}, TooMany: {429, nil}, Unavailable: {503, nil}, AccessDenied: {200, []string{"ACCESS_DENIED"}},
		FieldDenied: {200, []string{"ACCESS_DENIED"}}, Forbidden: {403, nil}, Frozen: {402, nil}, Unauthorized: {401, nil}, Moved: {307, nil}, Lost: {502, nil},
	}
	for failure, tt := range tests {
		t.Run(string(failure), func(t *testing.T) {
			w := newWorld(t)
			w.PutOrder(wool, NewOrder(1, noon))
			order := func() result { return w.ask(gql.Order_Operation, vars{"id": "gid://shopify/Order/1"}) }
			w.FailOn("Order", failure)
			assert.Empty(t, w.ask(gql.Shop_Operation, nil).Errors, "another operation goes on")
			r := order()
			assert.Equal(t, tt.status, r.Status)
			assert.Equal(t, tt.codes, r.codes())
			r = order()
			assert.Equal(t, 200, r.Status, "once")
			assert.Empty(t, r.Errors)
			assert.Len(t, w.Asked(), 3)
		})
	}
}

// What got lost on the way back was carried out.
func TestLost(t *testing.T) {
	w := newWorld(t)
	w.PutCustomer(wool, Customer{ID: 1})
	w.Fail(Lost)
	w.ask(gql.AddTags_Operation, vars{"id": "gid://shopify/Customer/1", "tags": []string{"vip"}})
	assert.Equal(t, []string{"vip"}, w.Tags(wool, 1))
}
