package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// bench is a command line beside a Stripe: one account with a key of its own, and the platform's.
type stripeBench struct {
	*session
	t    *testing.T
	fake *stripefake.Server
}

func atStripe(t *testing.T) *stripeBench {
	t.Helper()
	b := &stripeBench{t: t, fake: stripefake.New("sk_live_1", "sk_test_1")}
	b.fake.AddKey("rk_live_own", "acct_own")
	b.fake.AddKey("rk_test_own", "acct_own")
	base, stop, err := b.fake.Listen()
	require.NoError(t, err)
	t.Cleanup(stop)
	keys, err := store.ParseKeyring(storetest.SecretKey)
	require.NoError(t, err)
	b.session = &session{ctx: t.Context(), config: app.Config{
		DatabaseURL: storetest.Prepared(t, "sqlite"), Keys: keys, BaseURL: "https://flywheel.example",
		StripeURL: base, StripeKeys: stripe.Keys{Live: "sk_live_1", Test: "sk_test_1"},
	}}
	return b
}

// add runs flywheel shop add --platform stripe.
func (b *stripeBench) add(args ...string) (said string, err error) {
	b.t.Helper()
	c, err := parseShopAdd(b.t, append([]string{"--platform", "stripe"}, args...)...)
	require.NoError(b.t, err)
	said = printed(b.t, func() { err = c.Run(b.session) })
	return said, err
}

func (b *stripeBench) store() *store.Store {
	b.t.Helper()
	s, err := app.OpenStore(b.t.Context(), b.config)
	require.NoError(b.t, err)
	b.t.Cleanup(func() { s.Close() })
	return s
}

// endpoints are those of a key.
func (b *stripeBench) endpoints(key string) []stripe.Endpoint {
	b.t.Helper()
	all, err := b.session.stripe().client.Endpoints(b.t.Context(), stripe.Access{Key: key})
	require.NoError(b.t, err)
	return all
}

var named = regexp.MustCompile(`(?m)^(\w+) (.+)$`)

// values are the lines that a command printed, by their first word.
func values(said string) map[string]string {
	out := map[string]string{}
	for _, m := range named.FindAllStringSubmatch(said, -1) {
		out[m[1]] = m[2]
	}
	return out
}

func TestShopWithItsOwnKeyAndEndpoint(t *testing.T) {
	b := atStripe(t)
	said, err := b.add("--account", "acct_own", "--token", "rk_live_own", "--endpoint")
	require.NoError(t, err)
	require.Contains(t, said, "nothing more is to be done at Stripe")
	told := values(said)
	made := b.endpoints("rk_live_own")
	require.Len(t, made, 1)
	require.Equal(t, "https://flywheel.example/webhooks/stripe/"+told["connection"], made[0].URL)
	require.Equal(t, told["webhooks"], made[0].URL)
	require.Empty(t, ails(made[0]))
	require.NotContains(t, said, "whsec_")

	s := b.store()
	c, err := s.ConnectionByID(t.Context(), commerce.ConnectionID(told["connection"]))
	require.NoError(t, err)
	require.Equal(t, "rk_live_own", c.Token)
	require.Len(t, c.Secrets, 1)
	_, err = s.Backfill(t.Context(), c.ShopID, c.ID)
	require.NoError(t, err, "its past is read")

	again := shopConnectCommand{tie{Platform: "stripe", Account: "acct_own", Token: "rk_live_own", Endpoint: true}, told["shop"]}
	printed(t, func() { require.NoError(t, again.Run(b.session)) })
	kept := b.endpoints("rk_live_own")
	require.Len(t, kept, 1, "the former one ends: its events would come twice")
	require.NotEqual(t, made[0].ID, kept[0].ID)
	now, err := s.ConnectionByID(t.Context(), c.ID)
	require.NoError(t, err)
	require.NotEqual(t, c.Secrets, now.Secrets)
}

func TestShopAddChecksTheKeyAgainstTheAccount(t *testing.T) {
	b := atStripe(t)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--account", "acct_other", "--token", "rk_live_own"}, "belongs to acct_own, not to acct_other"},
		{[]string{"--account", "acct_own", "--token", "rk_live_own", "--test"}, "is a live key"},
		{[]string{"--account", "acct_own", "--token", "rk_test_own"}, "is a test key"},
		{[]string{"--account", "acct_own", "--token", "whsec_1"}, "begins with sk_live_"},
		{[]string{"--account", "acct_own", "--endpoint"}, "--endpoint needs --token"},
		{[]string{"--account", "acct_own", "--token", "rk_live_own", "--secret", "s", "--endpoint"}, "leave out --secret"},
		{[]string{"--account", "acct_own/x", "--token", "rk_live_own"}, "--account"},
	} {
		_, err := b.add(tt.args...)
		require.ErrorContains(t, err, tt.want, "%v", tt.args)
		require.NotRegexp(t, `rk_\w+_own`, err.Error(), "no key in what is shown")
	}
	shops, err := b.store().ListShops(t.Context(), "", 10)
	require.NoError(t, err)
	require.Empty(t, shops)

	said, err := b.add("--account", "acct_own", "--token", "rk_test_own", "--test")
	require.NoError(t, err)
	c, err := b.store().ConnectionByID(t.Context(), commerce.ConnectionID(values(said)["connection"]))
	require.NoError(t, err)
	require.False(t, c.Live)
}

// Stripe is not there, or gives no access yet: the operator is warned, and goes on.
func TestShopAddWhereStripeCannotBeAsked(t *testing.T) {
	b := atStripe(t)
	b.fake.Fail(1, 503)
	_, err := b.add("--account", "acct_own", "--token", "rk_live_own")
	require.NoError(t, err)
	_, err = b.add("--account", "acct_later")
	require.NoError(t, err)
	b.config.StripeKeys = stripe.Keys{}
	_, err = b.add("--account", "acct_much_later")
	require.NoError(t, err)
}

func TestLiveEndpointsNeedTLS(t *testing.T) {
	b := atStripe(t)
	b.config.BaseURL = "http://shop.example"
	said, err := b.add("--account", "acct_own", "--token", "rk_live_own", "--endpoint")
	require.ErrorContains(t, err, "https://")
	require.ErrorContains(t, err, "flywheel shop connect --shop "+values(said)["shop"])
	require.Empty(t, b.endpoints("rk_live_own"))
}

func TestThePlatformsEndpoint(t *testing.T) {
	for name, test := range map[string]bool{"live": false, "test": true} {
		t.Run(name, func(t *testing.T) {
			b, key := atStripe(t), map[bool]string{false: "sk_live_1", true: "sk_test_1"}[test]
			said := printed(t, func() { require.NoError(t, stripeEndpointCommand{Test: test}.Run(b.session)) })
			made := b.endpoints(key)
			require.Len(t, made, 1)
			require.Equal(t, made[0].ID, values(said)["endpoint"])
			require.Equal(t, "https://flywheel.example/webhooks/stripe", made[0].URL)
			require.Contains(t, values(said)["secret"], "whsec_")
			require.True(t, made[0].Connect)
			require.Empty(t, ails(made[0]))
			require.Contains(t, made[0].Events, "account.application.deauthorized")

			err := stripeEndpointCommand{Test: test}.Run(b.session)
			require.True(t, fault.Is(err, fault.Conflict), "each event would come twice: %v", err)
			printed(t, func() { require.NoError(t, stripeEndpointCommand{Test: test, Replace: true}.Run(b.session)) })
			kept := b.endpoints(key)
			require.Len(t, kept, 1)
			require.NotEqual(t, made[0].ID, kept[0].ID)
		})
	}
	b := atStripe(t)
	b.config.StripeKeys = stripe.Keys{Test: "sk_test_1"}
	require.ErrorContains(t, stripeEndpointCommand{}.Run(b.session), "no key of the live mode")
}

func TestEndpointsAndWhatIsWrongWithThem(t *testing.T) {
	b := atStripe(t)
	b.config.StripeKeys.Test = ""
	saw, err := checkStripe(b.session)
	require.ErrorContains(t, err, "flywheel stripe endpoint makes one", saw)
	printed(t, func() { require.NoError(t, stripeEndpointCommand{}.Run(b.session)) })
	saw, err = checkStripe(b.session)
	require.NoError(t, err)
	require.Equal(t, "live mode: 1 endpoints as they should be", saw)

	wrong := func(id, url string) stripefake.Object {
		return stripefake.Object{
			"id": id, "object": "webhook_endpoint", "url": url, "api_version": nil, "status": "disabled", "livemode": true,
			"enabled_events": []string{"charge.succeeded"}, "application": nil, "metadata": stripefake.Object{}, "created": 1,
		}
	}
	b.fake.Put("", wrong("we_old", "https://flywheel.example/webhooks/stripe/abc"), wrong("we_else", "https://else.example/webhooks/stripe"))
	said := printed(t, func() { require.NoError(t, stripeEndpointsCommand{}.Run(b.session)) })
	lines := map[string]string{}
	for line := range strings.Lines(said) {
		lines[strings.Fields(line)[0]] = line
	}
	require.Contains(t, lines["we_else"], "not ours")
	for _, ill := range []string{"the account's", "not of API version 2023-10-16", "it is disabled", "it lacks ", "refund.failed"} {
		require.Contains(t, lines["we_old"], ill)
	}
	_, err = checkStripe(b.session)
	require.ErrorContains(t, err, "we_old")
	require.NotContains(t, fmt.Sprint(err), "we_else")

	b.config.StripeKeys = stripe.Keys{}
	saw, err = checkStripe(b.session)
	require.NoError(t, err)
	require.Contains(t, saw, "no key")
}

// What is not given stays: who rolls a key does not lose the secret of the endpoint.
func TestRollingTheKeyOfAnAccount(t *testing.T) {
	b := atStripe(t)
	said, err := b.add("--account", "acct_own", "--token", "rk_live_own", "--endpoint", "--own-account")
	require.NoError(t, err)
	told := values(said)
	before, err := b.store().ConnectionByID(t.Context(), commerce.ConnectionID(told["connection"]))
	require.NoError(t, err)
	b.fake.AddKey("rk_live_rolled", "acct_own")
	roll := shopConnectCommand{tie{Platform: "stripe", Account: "acct_own", Token: "rk_live_rolled"}, told["shop"]}
	said = printed(t, func() { require.NoError(t, roll.Run(b.session)) })
	require.Contains(t, said, "kept as it was: the secret of its endpoint, that it is the own account")
	c, err := b.store().ConnectionByID(t.Context(), before.ID)
	require.NoError(t, err)
	require.Equal(t, []any{before.Secrets, true, "rk_live_rolled"}, []any{c.Secrets, c.OwnAccount, c.Token})

	other := shopConnectCommand{tie{Platform: "stripe", Account: "acct_own", Secret: "whsec_new"}, told["shop"]}
	said = printed(t, func() { require.NoError(t, other.Run(b.session)) })
	require.Contains(t, said, "kept as it was: its own key, that it is the own account")
	c, err = b.store().ConnectionByID(t.Context(), before.ID)
	require.NoError(t, err)
	require.Equal(t, []any{[]string{"whsec_new"}, "rk_live_rolled"}, []any{c.Secrets, c.Token})
	require.NotContains(t, said, "rk_live")
}

// The doctor looks at accounts that have a key of their own, too.
func TestTheEndpointOfAnOwnKeyIsExamined(t *testing.T) {
	b := atStripe(t)
	b.config.StripeKeys = stripe.Keys{}
	said, err := b.add("--account", "acct_own", "--token", "rk_live_own", "--endpoint")
	require.NoError(t, err)
	saw, err := checkStripe(b.session)
	require.NoError(t, err)
	require.Contains(t, saw, "own keys: 1 accounts as they should be")

	made := b.endpoints("rk_live_own")[0]
	ill := stripefake.Object{
		"id": made.ID, "object": "webhook_endpoint", "url": made.URL, "api_version": "2023-10-16", "status": "disabled", "livemode": true,
		"enabled_events": []string{"*"}, "application": nil, "metadata": stripefake.Object{}, "created": 1,
	}
	b.fake.Put("acct_own", ill)
	_, err = checkStripe(b.session)
	require.ErrorContains(t, err, made.ID+" of acct_own: it is disabled")
	require.ErrorContains(t, err, "flywheel shop connect --shop "+values(said)["shop"])

	require.NoError(t, b.session.stripe().client.DeleteEndpoint(t.Context(), stripe.Access{Key: "rk_live_own"}, made.ID))
	_, err = checkStripe(b.session)
	require.ErrorContains(t, err, "no endpoint of acct_own leads to "+made.URL)

	s := b.store()
	c, err := s.ConnectionByID(t.Context(), commerce.ConnectionID(values(said)["connection"]))
	require.NoError(t, err)
	c.Token = "rk_live_deleted"
	_, err = s.Connect(t.Context(), c.ShopID, c)
	require.NoError(t, err)
	_, err = checkStripe(b.session)
	require.ErrorContains(t, err, "acct_own: its own key is of no use")
	require.NotContains(t, err.Error(), "rk_live")
}
