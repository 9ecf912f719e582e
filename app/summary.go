package app

import (
	"net/url"
	"strings"
)

// Summary lists the effective settings for the log, secrets masked.
func (c Config) Summary() []any {
	return []any{
		"addr", c.Addr, "base_url", c.BaseURL, "database", mask(c.DatabaseURL), "redis", mask(c.RedisURL), "smtp", mask(c.SMTPURL),
		"mail_domain", c.MailDomain, "mail_in", c.MailIn, "mail_provider", c.MailProvider, "mail_events", c.MailSecret != "", "mail_rate", c.MailRate, "dns", c.Resolver,
		"ops_addr", c.OpsAddr, "shopify_app", c.ShopifyKey != "", "shopify_secrets", len(c.ShopifySecrets),
		"billing", c.Billing, "partner_org", c.PartnerOrg, "app_id", c.AppID,
		"stripe_live", c.StripeKeys.Live != "", "stripe_test", c.StripeKeys.Test != "", "stripe_app", c.StripeApp.Link != "", "stripe_secrets", len(c.StripeSecrets), "trusted_proxies", c.TrustedProxies, "log_level", c.LogLevel,
	}
}

// mask hides the password of an address.
func mask(address string) string {
	if u, err := url.Parse(address); err == nil && !strings.HasPrefix(address, "sqlite:") {
		return u.Redacted()
	}
	return address
}
