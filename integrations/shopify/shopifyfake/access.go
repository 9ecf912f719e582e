package shopifyfake

import (
	"slices"
	"strings"
)

// AppScopes are what the app asks for: a shop grants them all when it installs
// the app, unless Scopes says otherwise. read_all_orders is optional and must be
// granted by name; a shop of AddShop has it.
var AppScopes = []string{
	"read_orders", "read_customers", "write_customers", "read_products", "read_fulfillments", "read_returns",
	"write_discounts", "read_locales", "write_app_proxy",
}

// needs says which scope a field of the API is behind; "Type." is the object itself.
var needs = map[string]string{
	"QueryRoot.order": "read_orders", "QueryRoot.orders": "read_orders", "Order.customer": "read_customers", "Customer.": "read_customers",
	"LineItem.product": "read_products", "Order.fulfillments": "read_fulfillments",
	"QueryRoot.codeDiscountNodeByCode": "read_discounts", "QueryRoot.shopLocales": "read_locales",
	"Mutation.customerEmailMarketingConsentUpdate": "write_customers", "Mutation.tagsAdd": "write_customers", "Mutation.tagsRemove": "write_customers",
	"Mutation.discountCodeBasicCreate": "write_discounts", "Mutation.discountCodeFreeShippingCreate": "write_discounts",
	"Mutation.discountCodeDeactivate": "write_discounts",
}

// protected are the fields of customers that need Shopify's approval (level 2).
var protected = map[string]bool{
	"Order.email": true, "Order.phone": true, "Order.shippingAddress": true, "Order.billingAddress": true,
	"Customer.firstName": true, "Customer.lastName": true, "Customer.defaultEmailAddress": true, "Customer.defaultPhoneNumber": true,
}

// denial is why a field may not be seen.
type denial struct{ message, required string }

func (d *denial) problem(path []any) problem {
	ext := map[string]any{"code": "ACCESS_DENIED", "documentation": "https://shopify.dev/api/usage/access-scopes"}
	if d.required != "" {
		ext["requiredAccess"] = d.required
	}
	return problem{Message: d.message, Path: path, Extensions: ext}
}

// granted reports whether a scope is among those granted; writing includes reading.
func granted(scopes []string, scope string) bool {
	return slices.Contains(scopes, scope) || slices.Contains(scopes, strings.Replace(scope, "read_", "write_", 1))
}

// access says what a shop keeps from the app.
func (s *shop) access(owner, field string) *denial {
	name := owner + "." + field
	if scope := needs[name]; scope != "" && !granted(s.scopes, scope) {
		required := "`" + scope + "` access scope."
		what := field + " field"
		if field == "" {
			what = owner + " object"
		}
		return &denial{"Access denied for " + what + ". Required access: " + required, required}
	}
	if s.withheld && protected[name] {
		return &denial{message: "This app is not approved to use the " + field + " field. See https://shopify.dev/docs/apps/launch/protected-customer-data for more details."}
	}
	return nil
}

// Scopes narrows or widens what a shop has granted. Tokens that are out keep
// working, with the new scopes.
func (f *Fake) Scopes(domain string, scopes ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shop(domain).scopes = slices.Clone(scopes)
}

// Allow adds a scope that a merchant was asked for; tokens that are out have it, too.
func (f *Fake) Allow(domain, scope string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.shop(domain); !slices.Contains(s.scopes, scope) {
		s.scopes = append(slices.Clone(s.scopes), scope)
	}
}

// Withhold plays an app without approval for protected customer data in that
// shop: mail addresses, phone numbers, names and addresses are null with ACCESS_DENIED.
func (f *Fake) Withhold(domain string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shop(domain).withheld = true
}
