package main

import (
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
)

// parseShopAdd reads a command line as main does.
func parseShopAdd(t *testing.T, args ...string) (shopAddCommand, error) {
	t.Helper()
	var cli struct {
		Shop shopCommand `cmd:""`
	}
	parser, err := kong.New(&cli)
	require.NoError(t, err)
	_, err = parser.Parse(append([]string{"shop", "add", "--name", "متجر نور", "--email", "Hello@Nour.example"}, args...))
	return cli.Shop.Add, err
}

func TestShopAddReadsItsFlags(t *testing.T) {
	c, err := parseShopAdd(t, "--platform", "shopify", "--domain", "nour.myshopify.com", "--locale", "ar", "--timezone", "Asia/Riyadh",
		"--country", "SA", "--currency", "SAR", "--pay-on-delivery", "COD, cash", "--pay-on-delivery", "Cash on Delivery (COD)", "--secret", "s")
	require.NoError(t, err)
	shop, err := c.shop()
	require.NoError(t, err)
	require.Equal(t, "hello@nour.example", shop.Email)
	require.Equal(t, []string{"COD, cash", "Cash on Delivery (COD)"}, shop.Settings.PayOnDelivery, "a gateway's name may hold a comma")
	conn, err := c.connection()
	require.NoError(t, err)
	require.Equal(t, commerce.Connection{Platform: commerce.Shopify, ExternalID: "nour.myshopify.com", Live: true, Secrets: []string{"s"}}, conn)

	c, err = parseShopAdd(t, "--platform", "stripe", "--account", "acct_1", "--test", "--own-account")
	require.NoError(t, err)
	conn, err = c.connection()
	require.NoError(t, err)
	require.Equal(t, commerce.Connection{Platform: commerce.Stripe, ExternalID: "acct_1", OwnAccount: true}, conn)
	shop, err = c.shop()
	require.NoError(t, err)
	require.Equal(t, []string{"Cash on Delivery (COD)"}, shop.Settings.PayOnDelivery, "the default")
}

func TestShopAddNamesWhatIsWrong(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--platform", "shopify", "--domain", "nour.example/x.myshopify.com"}, "--domain"},
		{[]string{"--platform", "shopify", "--domain", "nour.myshopify.com", "--test"}, "are for Stripe"},
		{[]string{"--platform", "stripe", "--account", "nour"}, "--account"},
		{[]string{"--platform", "stripe", "--account", "acct_1", "--locale", "arabic-ish!"}, "--locale"},
		{[]string{"--platform", "stripe", "--account", "acct_1", "--timezone", "Riyadh"}, "--timezone"},
		{[]string{"--platform", "stripe", "--account", "acct_1", "--country", "SAU"}, "--country"},
		{[]string{"--platform", "stripe", "--account", "acct_1", "--currency", "riyal"}, "--currency"},
		{[]string{"--platform", "stripe", "--account", "acct_1", "--email", "hello"}, "--email"},
	} {
		c, err := parseShopAdd(t, tt.args...)
		require.NoError(t, err)
		_, connErr := c.connection()
		_, shopErr := c.shop()
		if connErr == nil {
			connErr = shopErr
		}
		require.ErrorContains(t, connErr, tt.want, "%v", tt.args)
	}
	_, err := parseShopAdd(t, "--platform", "etsy")
	require.ErrorContains(t, err, `"shopify","stripe"`)
}
