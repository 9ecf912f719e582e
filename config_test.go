package main

import (
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/app"
	"flywheel/integrations/stripe"
)

// environment is a laptop's, changed by pairs of name and value.
func environment(pairs ...string) func(string) string {
	env := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		env[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return env[name] }
}

var aKey = base64.StdEncoding.EncodeToString(make([]byte, 32))

func TestDefaultsWorkOnALaptop(t *testing.T) {
	c, err := loadConfig(environment("SECRET_KEY", aKey))
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:8080", c.Addr)
	require.Equal(t, "http://127.0.0.1:8080", c.BaseURL)
	require.Equal(t, "sqlite:data/flywheel.db", c.DatabaseURL)
	require.Equal(t, "127.0.0.1:9090", c.OpsAddr)
	require.Empty(t, c.RedisURL)
	require.NoError(t, demand(c, false, false))
}

// One restart mends them all.
func TestAllWrongVariablesAreNamedAtOnce(t *testing.T) {
	wrong := map[string]string{
		"ADDR": "8080", "OPS_ADDR": "nowhere", "BASE_URL": "flywheel.example", "DATABASE_URL": "mysql://x", "SMTP_URL": "mail.example",
		"REDIS_URL": "localhost:6379", "SHOPIFY_API_URL": "x", "STRIPE_API_URL": "x", "TRUSTED_PROXIES": "10.0.0.1", "SECRET_KEY": "short",
		"BILLING": "stripe", "LOG_LEVEL": "loud", "SHOPIFY_API_SECRET": "a,", "STRIPE_WEBHOOK_SECRET": " ",
	}
	var pairs []string
	for name, value := range wrong {
		pairs = append(pairs, name, value)
	}
	_, err := loadConfig(environment(pairs...))
	for name := range wrong {
		require.ErrorContains(t, err, name)
	}
}

func TestSecretsAreSeveralAndNeverEmpty(t *testing.T) {
	c, err := loadConfig(environment("SHOPIFY_API_SECRET", "new, old", "SECRET_KEY", aKey+","+aKey))
	require.NoError(t, err)
	require.Equal(t, []string{"new", "old"}, c.ShopifySecrets)
	for _, empty := range []string{" ", ",", "a,,b", "a, "} {
		for _, name := range []string{"STRIPE_WEBHOOK_SECRET", "STRIPE_APP_SECRET"} {
			_, err := loadConfig(environment(name, empty))
			require.ErrorContains(t, err, "anybody could sign", "%s %q", name, empty)
		}
	}
}

// One key of each mode, and of several of one the first, so that it can be rolled.
func TestStripesKeysAndApp(t *testing.T) {
	c, err := loadConfig(environment("STRIPE_SECRET_KEY", "sk_test_1, rk_live_1, sk_live_2", "STRIPE_APP_SECRET", "absec_1,absec_2",
		"STRIPE_APP_LINK", "https://marketplace.stripe.com/apps/install/link/1", "STRIPE_APP_TEST_LINK", "https://marketplace.stripe.com/apps/install/link/2"))
	require.NoError(t, err)
	require.Equal(t, stripe.Keys{Live: "rk_live_1", Test: "sk_test_1"}, c.StripeKeys)
	require.Equal(t, []string{"absec_1", "absec_2"}, c.StripeApp.Secrets)
	for name, value := range map[string]string{"STRIPE_SECRET_KEY": "pk_live_1", "STRIPE_APP_LINK": "marketplace", "STRIPE_APP_TEST_LINK": "ftp://x"} {
		_, err := loadConfig(environment("STRIPE_APP_SECRET", "absec_1", name, value))
		require.ErrorContains(t, err, name)
		require.NotContains(t, err.Error(), "pk_live_1")
	}
	_, err = loadConfig(environment("STRIPE_APP_LINK", "https://marketplace.stripe.com/apps/install/link/1"))
	require.ErrorContains(t, err, "STRIPE_APP_SECRET is missing")
}

// What a link cannot do without is found at the start, and not by the merchant
// who follows it. The command that makes the endpoint runs without its secret.
func TestAnInstallLinkDemandsItsKeyAndAnEndpoint(t *testing.T) {
	const link = "https://marketplace.stripe.com/apps/install/link/1"
	for _, tt := range []struct{ name, key, mode string }{
		{"STRIPE_APP_LINK", "sk_test_1", "live"}, {"STRIPE_APP_TEST_LINK", "sk_live_1", "test"},
	} {
		_, err := loadConfig(environment("STRIPE_APP_SECRET", "absec_1", tt.name, link, "STRIPE_SECRET_KEY", tt.key))
		require.ErrorContains(t, err, "no key of the "+tt.mode+" mode")
		c, err := loadConfig(environment("STRIPE_APP_SECRET", "absec_1", tt.name, link, "STRIPE_SECRET_KEY", "sk_test_1,sk_live_1", "SECRET_KEY", aKey))
		require.NoError(t, err)
		require.ErrorContains(t, demand(c, false, true), "STRIPE_WEBHOOK_SECRET is missing")
		require.ErrorContains(t, demand(c, true, false), "STRIPE_WEBHOOK_SECRET is missing")
		require.NoError(t, demand(c, false, false), "what needs neither, such as the stop switch, works")
	}
}

// Shops have no plans unless that is asked for; then what says who pays is demanded.
func TestBillingDemandsThePartnerAPI(t *testing.T) {
	c, err := loadConfig(environment())
	require.NoError(t, err)
	require.Equal(t, "off", c.Billing)
	_, err = loadConfig(environment("BILLING", "shopify", "SHOPIFY_APP_ID", "forty-two"))
	for _, name := range []string{"SHOPIFY_PARTNER_ORG", "SHOPIFY_PARTNER_TOKEN", "SHOPIFY_APP_ID"} {
		require.ErrorContains(t, err, name)
	}
	c, err = loadConfig(environment("BILLING", "shopify", "SHOPIFY_PARTNER_ORG", "7", "SHOPIFY_PARTNER_TOKEN", "s3cret", "SHOPIFY_APP_ID", "42"))
	require.NoError(t, err)
	require.Equal(t, []string{"shopify", "7", "s3cret", "42", "flywheel"}, []string{c.Billing, c.PartnerOrg, c.PartnerToken, c.AppID, c.AppHandle})
	require.NotContains(t, fmt.Sprint(c.Summary()...), "s3cret")
}

func TestCommandsDemandWhatTheyNeed(t *testing.T) {
	err := demand(app.Config{DatabaseURL: "sqlite:x"}, true, true)
	for _, name := range []string{"SECRET_KEY", "SMTP_URL", "DATABASE_URL", "REDIS_URL"} {
		require.ErrorContains(t, err, name)
	}
}

func TestSummaryMasksSecrets(t *testing.T) {
	c, err := loadConfig(environment("DATABASE_URL", "postgres://u:s3cret@db/f", "REDIS_URL", "redis://:s3cret@r/0", "SMTP_URL", "smtp://u:s3cret@m:587",
		"SHOPIFY_API_SECRET", "s3cret", "STRIPE_WEBHOOK_SECRET", "s3cret", "STRIPE_SECRET_KEY", "sk_live_s3cret"))
	require.NoError(t, err)
	for _, v := range c.Summary() {
		if text, ok := v.(string); ok {
			require.NotContains(t, text, "s3cret")
		}
	}
}
