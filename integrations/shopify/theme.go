package shopify

import (
	"net/url"
	"strings"
)

// BlockHandle is the theme block's file in extensions/flywheel-block/blocks, without .liquid.
const BlockHandle = "flywheel"

// ThemeEditor is where a merchant adds our block: the editor of the theme that
// is live, with the block in a new section of the product page, not saved yet.
// The key is the app's client id (shopify.dev, "Configure theme app extensions",
// deep linking). "" where shop is not the name of one.
func ThemeEditor(shop, key string) string {
	if !ValidShop(shop) || key == "" {
		return ""
	}
	q := url.Values{"template": {"product"}, "addAppBlockId": {key + "/" + BlockHandle}, "target": {"newAppsSection"}}
	return "https://" + shop + "/admin/themes/current/editor?" + q.Encode()
}

// PlanPage is Shopify's page on which a merchant chooses the app's plan
// (shopify.dev, "Shopify App Pricing"); app is the app's handle in the App
// Store. "" where shop is not the name of one.
func PlanPage(shop, app string) string {
	if !ValidShop(shop) || app == "" {
		return ""
	}
	return "https://admin.shopify.com/store/" + storeHandle(shop) + "/charges/" + url.PathEscape(app) + "/pricing_plans"
}

// storeHandle is the part of a shop's name that stands in addresses of the admin.
func storeHandle(shop string) string {
	return strings.TrimSuffix(strings.ToLower(shop), ".myshopify.com")
}
