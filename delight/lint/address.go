package lint

import (
	"net/url"
	"regexp"
	"strings"
)

// Ways within a store that belong to an order, behind a language or the number
// that Shopify puts before an order's page.
var ofOrder = regexp.MustCompile(`(?i)^/?([a-z]{2}(-[a-z]{2})?/|\d+/)?(orders?|account|apps|tools|tracking|track|returns?|help|support|contact|faq|pages|policies|subscriptions?)(/|$)`)

// Where anything is sold, whoever the shop is: its own address on the platform,
// and links that take a payment.
var sellingHosts = regexp.MustCompile(`(^|\.)(myshopify\.com|buy\.stripe\.com|shop\.app)$`)

// Where many people have their mail: not the shop's own domain.
var mailHosts = regexp.MustCompile(`^(gmail|googlemail|outlook|hotmail|live|yahoo|icloud|me|proton|protonmail|gmx|web|aol|mail|yandex)\.`)

// store reports whether an address leads to where things are sold.
func (l *linter) store(address string) bool {
	if strings.Contains(address, "product.url") {
		return true
	}
	rest, own := strings.CutPrefix(output.ReplaceAllStringFunc(strings.TrimSpace(address), func(out string) string {
		if strings.Contains(out, "shop.url") {
			return "shop:"
		}
		return ""
	}), "shop:")
	path := rest
	if !own {
		own, path = l.sellsAt(hostOf(address)), pathOf(address)
	}
	return own && !ofOrder.MatchString(path)
}

// sellsAt reports whether the shop, or anybody, sells at a host: at the shop's
// home page, at one of the same domain, and at the domain of its mail.
func (l *linter) sellsAt(host string) bool {
	if host == "" {
		return false
	}
	if sellingHosts.MatchString(host) {
		return true
	}
	_, mail, _ := strings.Cut(strings.ToLower(l.shop.Email), "@")
	if mailHosts.MatchString(mail) {
		mail = ""
	}
	for _, own := range []string{hostOf(l.shop.Settings.StoreURL), mail} {
		if own != "" && (host == own || strings.HasSuffix(host, "."+own) || strings.HasSuffix(own, "."+host)) {
			return true
		}
	}
	return false
}

// Where reviews are written, beside the shop's own page.
var (
	reviewHosts = regexp.MustCompile(`(^|\.)((trustpilot|judge|yotpo|stamped|okendo|loox|reviews|trustedshops|sitejabber|tripadvisor|yelp|g)\.(com|me|io|app|de|page|co\.uk)|maps\.app\.goo\.gl|search\.google\.com|maps\.google\.com|business\.google\.com)$`)
	reviewPaths = regexp.MustCompile(`(?i)/(write-?)?(a-)?reviews?(/|$|\?)|writereview|^/maps/`)
)

// reviewPage reports whether an address leads to where a review is written.
func (l *linter) reviewPage(address string) bool {
	if strings.Contains(address, "review_url") {
		return true
	}
	own := l.shop.Settings.ReviewURL
	return own != "" && strings.Contains(address, own) || reviewHosts.MatchString(hostOf(address)) || hostOf(address) != "" && reviewPaths.MatchString(pathOf(address))
}

// page is an address as it is compared with another: without what only counts
// who came from where.
func (l *linter) page(address string) string {
	address = strings.TrimSpace(address)
	if strings.Contains(address, "shop.review_url") && l.shop.Settings.ReviewURL != "" {
		address = l.shop.Settings.ReviewURL
	}
	if host := hostOf(address); host != "" {
		return host + strings.TrimSuffix(pathOf(address), "/")
	}
	return address
}

func hostOf(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}

func pathOf(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return ""
	}
	return u.Path
}
