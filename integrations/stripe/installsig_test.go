package stripe_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76/webhook"

	"flywheel/fault"
	"flywheel/integrations/stripe"
)

// wayBack is the query with which Stripe's install page comes back, signed over
// the words that https://docs.stripe.com/stripe-apps/install-links shows.
func wayBack(secret string, at time.Time) url.Values { return wayBackOf("acct_1", secret, at) }

func wayBackOf(account, secret string, at time.Time) url.Values {
	signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{
		Payload: []byte(`{"state":"ABC","user_id":"usr_1","account_id":"` + account + `"}`), Secret: secret, Timestamp: at,
	})
	return url.Values{"state": {"ABC"}, "user_id": {"usr_1"}, "account_id": {account}, "install_signature": {signed.Header}}
}

func TestVerifyInstall(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for _, secret := range []string{"absec_new", "absec_old"} {
		in, err := stripe.VerifyInstall(wayBack(secret, now), []string{"absec_new", "absec_old"}, now)
		require.NoError(t, err)
		require.Equal(t, stripe.Installed{User: "usr_1", Account: "acct_1", State: "ABC"}, in)
	}
	test := wayBack("absec_new", now)
	test.Set("livemode", "false")
	_, err := stripe.VerifyInstall(test, []string{"absec_new"}, now)
	require.NoError(t, err, "the mode is not signed")
}

func TestVerifyInstallRefuses(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	with := func(name, value string) url.Values {
		q := wayBack("absec_new", now)
		q.Set(name, value)
		return q
	}
	for name, q := range map[string]url.Values{
		"another's secret":          wayBack("absec_other", now),
		"an empty secret":           wayBack("", now),
		"another account":           with("account_id", "acct_2"),
		"no account":                with("account_id", ""),
		"another user":              with("user_id", "usr_2"),
		"another state":             with("state", "DEF"),
		"no signature":              with("install_signature", ""),
		"what is no header":         with("install_signature", "v1=abc"),
		"too old":                   wayBack("absec_new", now.Add(-6*time.Minute)),
		"of the future":             wayBack("absec_new", now.Add(6*time.Minute)),
		"JSON in a value":           with("state", `ABC","user_id":"usr_1`),
		"an account's path":         wayBackOf("acct_1/../acct_2", "absec_new", now),
		"nothing of it":             {},
		"a customer for an account": wayBackOf("cus_1", "absec_new", now),
	} {
		_, err := stripe.VerifyInstall(q, []string{"absec_new"}, now)
		require.True(t, fault.Is(err, fault.Denied), "%s: %v", name, err)
	}
	for _, secrets := range [][]string{nil, {""}, {"absec_new", " "}} {
		_, err := stripe.VerifyInstall(wayBack("", now), secrets, now)
		require.True(t, fault.Is(err, fault.Denied), "%v", secrets)
	}
}

// JSON has several ways to write most characters, and some end a value: what may
// stand in one is refused before anybody looks at the signature.
func TestVerifyInstallTakesPlainValuesOnly(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	back := func(state, user, account string) url.Values {
		signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{
			Payload: []byte(`{"state":"` + state + `","user_id":"` + user + `","account_id":"` + account + `"}`), Secret: "absec_new", Timestamp: now,
		})
		return url.Values{"state": {state}, "user_id": {user}, "account_id": {account}, "install_signature": {signed.Header}}
	}
	for _, odd := range []string{`","user_id":"usr_2`, `\`, "a b", "é", "<", "a\nb"} {
		for _, q := range []url.Values{back(odd, "usr_1", "acct_1"), back("ABC", odd, "acct_1"), back("ABC", "usr_1", "acct_1"+odd)} {
			_, err := stripe.VerifyInstall(q, []string{"absec_new"}, now)
			require.True(t, fault.Is(err, fault.Denied), "%v", q)
		}
	}
	_, err := stripe.VerifyInstall(back("ABC", "usr_1", "acct_1"), []string{"absec_new"}, now)
	require.NoError(t, err)
}
