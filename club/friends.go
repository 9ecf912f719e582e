package club

import (
	"net/url"
	"strings"

	"flywheel/commerce"
)

// FriendsWay is where somebody whom an advocate sent goes on: the shop's own
// site, which notes the advocate's code, and at Shopify puts the code of their
// offer into the cart, where there is one. "" where the shop's site is not known.
func FriendsWay(shop commerce.Shop, advocate, offer string) string {
	site, err := url.Parse(shop.Site)
	if err != nil || site.Scheme != "https" && site.Scheme != "http" || site.Host == "" {
		return ""
	}
	home := "/?" + url.Values{"ref": {advocate}}.Encode()
	for _, p := range shop.Platforms {
		if p == commerce.Shopify && offer != "" {
			home = "/discount/" + url.PathEscape(offer) + "?" + url.Values{"redirect": {home}}.Encode()
		}
	}
	return site.Scheme + "://" + site.Host + strings.TrimSuffix(site.EscapedPath(), "/") + home
}
