package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe"
	"flywheel/server"
	"flywheel/store"
)

// loadConfig reads the environment, the only place that does. It joins all
// problems, so that one restart mends them all.
func loadConfig(getenv func(string) string) (app.Config, error) {
	get := func(name, otherwise string) string {
		if v := strings.TrimSpace(getenv(name)); v != "" {
			return v
		}
		return otherwise
	}
	c := app.Config{
		Addr:           get("ADDR", "127.0.0.1:8080"),
		DatabaseURL:    get("DATABASE_URL", "sqlite:data/flywheel.db"),
		RedisURL:       get("REDIS_URL", ""),
		SMTPURL:        get("SMTP_URL", ""),
		OpsAddr:        get("OPS_ADDR", "127.0.0.1:9090"),
		ShopifyKey:     get("SHOPIFY_API_KEY", ""),
		ShopifySecrets: words(getenv("SHOPIFY_API_SECRET")),
		ShopifyURL:     get("SHOPIFY_API_URL", ""),
		StripeSecrets:  words(getenv("STRIPE_WEBHOOK_SECRET")),
		StripeURL:      get("STRIPE_API_URL", ""),
		TrustedProxies: words(getenv("TRUSTED_PROXIES")),
		Billing:        get("BILLING", "off"),
		PartnerOrg:     get("SHOPIFY_PARTNER_ORG", ""),
		PartnerToken:   get("SHOPIFY_PARTNER_TOKEN", ""),
		AppID:          get("SHOPIFY_APP_ID", ""),
		AppHandle:      get("SHOPIFY_APP_HANDLE", "flywheel"),
		Support:        commerce.NormalEmail(getenv("SUPPORT_EMAIL")),
	}
	c.StripeApp = server.StripeApp{
		Secrets: words(getenv("STRIPE_APP_SECRET")), Link: get("STRIPE_APP_LINK", ""), TestLink: get("STRIPE_APP_TEST_LINK", ""),
	}
	c.Erasures = get("TOMBSTONES_FILE", besideDatabase(c.DatabaseURL))
	c.BaseURL = strings.TrimSuffix(get("BASE_URL", "http://"+c.Addr), "/")
	problems := []error{
		readLevel(&c.LogLevel, get("LOG_LEVEL", "info")),
		checkAddr("ADDR", c.Addr), checkAddr("OPS_ADDR", c.OpsAddr),
		checkURL("BASE_URL", c.BaseURL, "http", "https"),
		checkDatabase(c.DatabaseURL),
		checkSecret("SHOPIFY_API_SECRET", getenv("SHOPIFY_API_SECRET")),
		checkSecret("STRIPE_WEBHOOK_SECRET", getenv("STRIPE_WEBHOOK_SECRET")),
		checkSecret("STRIPE_APP_SECRET", getenv("STRIPE_APP_SECRET")),
	}
	problems = append(problems, checkBilling(c)...)
	problems = append(problems, loadMail(&c, get)...)
	var err error
	if c.StripeKeys, err = stripe.ParseKeys(words(getenv("STRIPE_SECRET_KEY"))); err != nil {
		problems = append(problems, fmt.Errorf("STRIPE_SECRET_KEY: %w", err))
	}
	problems = append(problems, checkStripeApp(c)...)
	if c.SMTPURL != "" {
		problems = append(problems, checkURL("SMTP_URL", c.SMTPURL, "smtp", "smtps", "file"))
	}
	if c.RedisURL != "" {
		problems = append(problems, checkURL("REDIS_URL", c.RedisURL, "redis", "rediss", "redis-sentinel"))
	}
	if c.ShopifyURL != "" {
		problems = append(problems, checkURL("SHOPIFY_API_URL", c.ShopifyURL, "http", "https"))
	}
	if c.StripeURL != "" {
		problems = append(problems, checkURL("STRIPE_API_URL", c.StripeURL, "http", "https"))
	}
	for _, network := range c.TrustedProxies {
		if _, _, err := net.ParseCIDR(network); err != nil {
			problems = append(problems, fault.New(fault.Invalid, "TRUSTED_PROXIES: %q is not a network such as 10.0.0.0/8", network))
		}
	}
	if told := getenv("SUPPORT_EMAIL"); told != "" && c.Support == "" {
		problems = append(problems, fault.New(fault.Invalid, "SUPPORT_EMAIL: %q is not an address", told))
	}
	if key := getenv("SECRET_KEY"); key != "" {
		c.Keys, err = store.ParseKeyring(key)
		problems = append(problems, err)
	}
	return c, errors.Join(problems...)
}

// demand says which variables a command cannot do without.
func demand(c app.Config, smtp, servers bool) error {
	var problems []error
	if c.Keys == nil {
		problems = append(problems, fault.New(fault.Invalid, "SECRET_KEY is missing: make one with openssl rand -base64 32 and keep it"))
	}
	if (smtp || servers) && (c.StripeApp.Link != "" || c.StripeApp.TestLink != "") && len(c.StripeSecrets) == 0 {
		problems = append(problems, fault.New(fault.Invalid, "STRIPE_WEBHOOK_SECRET is missing: flywheel stripe endpoint makes the endpoint that tells of connected accounts, and prints it"))
	}
	if smtp && c.SMTPURL == "" {
		problems = append(problems, fault.New(fault.Invalid, "SMTP_URL is missing: smtp://user:pass@host:587, smtps://... or file:DIR"))
	}
	if servers && strings.HasPrefix(c.DatabaseURL, "sqlite:") {
		problems = append(problems, fault.New(fault.Invalid, "DATABASE_URL must be postgres://... for serve and work; SQLite is for flywheel all"))
	}
	if servers && c.RedisURL == "" {
		problems = append(problems, fault.New(fault.Invalid, "REDIS_URL is missing: serve and work share a Redis; without one use flywheel all"))
	}
	return errors.Join(problems...)
}

func words(list string) (out []string) {
	for _, w := range strings.Split(list, ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

func readLevel(level *slog.Level, text string) error {
	if level.UnmarshalText([]byte(text)) != nil {
		return fault.New(fault.Invalid, "LOG_LEVEL: %q is not debug, info, warn or error", text)
	}
	return nil
}

func checkAddr(name, addr string) error {
	if _, port, err := net.SplitHostPort(addr); err != nil || port == "" {
		return fault.New(fault.Invalid, "%s: %q is not host:port", name, addr)
	}
	return nil
}

func checkURL(name, text string, schemes ...string) error {
	u, err := url.Parse(text)
	if err == nil {
		for _, s := range schemes {
			if u.Scheme == s {
				return nil
			}
		}
	}
	return fault.New(fault.Invalid, "%s must start with %s:", name, strings.Join(schemes, ": or "))
}

func checkDatabase(text string) error {
	if path, ok := strings.CutPrefix(text, "sqlite:"); ok && path != "" {
		return nil
	}
	if u, err := url.Parse(text); err == nil && (u.Scheme == "postgres" || u.Scheme == "postgresql") {
		return nil
	}
	return fault.New(fault.Invalid, "DATABASE_URL must be sqlite:PATH or postgres://...")
}

// checkSecret refuses a secret that is set but empty, as a trailing comma or
// a blank would make it: an empty secret verifies what anybody signs.
func checkSecret(name, text string) error {
	if text == "" {
		return nil
	}
	for _, part := range strings.Split(text, ",") {
		if strings.TrimSpace(part) == "" {
			return fault.New(fault.Invalid, "%s holds an empty secret, with which anybody could sign", name)
		}
	}
	return nil
}

// checkBilling demands what the Partner API needs where shops have plans: without
// it everybody would stay on the free one.
func checkBilling(c app.Config) (problems []error) {
	switch c.Billing {
	case "off":
		return nil
	case "shopify":
	default:
		return []error{fault.New(fault.Invalid, "BILLING: %q is not off or shopify", c.Billing)}
	}
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	if !digits(c.PartnerOrg) {
		problems = append(problems, fault.New(fault.Invalid, "SHOPIFY_PARTNER_ORG must be the organization's number, as in partners.shopify.com/NUMBER, with BILLING=shopify"))
	}
	if c.PartnerToken == "" {
		problems = append(problems, fault.New(fault.Invalid, "SHOPIFY_PARTNER_TOKEN is missing: with BILLING=shopify a Partner API client that may manage apps is needed"))
	}
	if !digits(c.AppID) {
		problems = append(problems, fault.New(fault.Invalid, "SHOPIFY_APP_ID must be the app's number, as in its address in the Dev Dashboard, with BILLING=shopify"))
	}
	return problems
}

// checkStripeApp demands what a way back from Stripe is trusted by, and the key of
// each mode in which the app can be installed. The secret of the endpoint is
// demanded later: the command that makes it must run first.
func checkStripeApp(c app.Config) (problems []error) {
	a := c.StripeApp
	for _, l := range []struct {
		name, link, key string
		mode            string
	}{{"STRIPE_APP_LINK", a.Link, c.StripeKeys.Live, "live"}, {"STRIPE_APP_TEST_LINK", a.TestLink, c.StripeKeys.Test, "test"}} {
		if l.link == "" {
			continue
		}
		problems = append(problems, checkURL(l.name, l.link, "https", "http"))
		if l.key == "" {
			problems = append(problems, fault.New(fault.Invalid, "STRIPE_SECRET_KEY holds no key of the %s mode, by which an app that was installed through %s is proved", l.mode, l.name))
		}
	}
	if (a.Link != "" || a.TestLink != "") && len(a.Secrets) == 0 {
		problems = append(problems, fault.New(fault.Invalid, "STRIPE_APP_SECRET is missing: the app's signing secret (absec_...), by which merchants who come back from Stripe are known"))
	}
	return problems
}

// newLog writes one JSON line an event to standard error.
func newLog(level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

func complain(err error) {
	fmt.Fprintln(os.Stderr, "flywheel:")
	for _, line := range strings.Split(err.Error(), "\n") {
		fmt.Fprintln(os.Stderr, "  "+line)
	}
}
