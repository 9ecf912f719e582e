package shopify

// RequiredScopes are what an install by code asks for: the required scopes of
// shopify.app.toml, which counts where Shopify itself installs the app. A test
// holds the two together.
func RequiredScopes() []string {
	return []string{
		"read_orders", "read_customers", "write_customers", "read_products", "read_fulfillments", "read_returns", "write_discounts",
		"read_locales", "write_app_proxy",
	}
}
