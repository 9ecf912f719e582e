package stripe

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/fault"
	"flywheel/integrations/stripe/stripefake"
)

// merchant is an Account as Stripe shows it, filled in by its merchant.
func merchant() stripefake.Object {
	return stripefake.Object{
		"id": "acct_1", "object": "account", "email": "owner@tea.example", "country": "DE", "default_currency": "eur", "created": 1767225600,
		"type": "standard", "charges_enabled": true,
		"business_profile": stripefake.Object{
			"name": "Tea & Co", "support_email": "Hello@Tea.example", "url": "https://tea.example", "mcc": nil,
			"support_address": stripefake.Object{
				"line1": "Teeweg 1", "line2": nil, "postal_code": "20095", "city": "Hamburg", "state": nil, "country": "DE",
			},
		},
		"settings": stripefake.Object{"dashboard": stripefake.Object{"display_name": "Tea dashboard", "timezone": "Europe/Berlin"}},
	}
}

func TestAccount(t *testing.T) {
	full := AccountFacts{
		ID: "acct_1", Name: "Tea & Co", Email: "hello@tea.example", Timezone: "Europe/Berlin", Country: "DE", Currency: "EUR",
		URL: "https://tea.example", Address: "Teeweg 1, 20095 Hamburg, DE", Created: 1767225600_000,
	}
	plainer := full
	plainer.Name, plainer.Email, plainer.URL, plainer.Address = "Tea dashboard", "owner@tea.example", "", ""
	for name, c := range map[string]struct {
		told stripefake.Object
		want AccountFacts
	}{
		"filled in":           {merchant(), full},
		"as it was opened":    {merchant().With("business_profile", stripefake.Object{"name": nil, "support_address": nil}), plainer},
		"without profile":     {merchant().With("business_profile", nil), plainer},
		"told by id and kind": {stripefake.Object{"id": "acct_1", "object": "account"}, AccountFacts{ID: "acct_1"}},
	} {
		client, calls := answering(t, func(asked) (int, any) { return http.StatusOK, c.told })
		got, err := client.Account(t.Context(), as("acct_1"))
		require.NoError(t, err, name)
		require.Equal(t, c.want, got, name)
		require.Equal(t, "/v1/account", (*calls)[0].path)
	}
}

func TestAccountThatCannotBeRead(t *testing.T) {
	client, _ := answering(t, func(asked) (int, any) { return noAccess() })
	_, err := client.Account(t.Context(), as("acct_1"))
	require.ErrorIs(t, err, ErrNoAccess)
	require.Equal(t, fault.Denied, fault.KindOf(err))

	client, _ = answering(t, func(asked) (int, any) { return http.StatusOK, merchant().Without("id") })
	facts, err := client.Account(t.Context(), as("acct_1"))
	require.Equal(t, fault.Permanent, fault.KindOf(err))
	require.Zero(t, facts)
}
