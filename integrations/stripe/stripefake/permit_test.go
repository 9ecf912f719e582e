package stripefake_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/stripe/stripefake"
)

// A key does what it is permitted, in its words; the platform's in the accounts of others.
func TestPermissions(t *testing.T) {
	w := start(t)
	p := stripefake.Purchase{Customer: "cus_1"}
	w.Put("acct_1", p.Charge(0), p.CustomerObject())
	w.AddKey("rk_live_1", "acct_1")
	for name, key := range map[string][]with{
		"the platform's": {by("sk_live_1")}, "the account's": {by("rk_live_1"), in("")},
	} {
		t.Run(name, func(t *testing.T) {
			bearer := map[string]string{"the platform's": "sk_live_1", "the account's": "rk_live_1"}[name]
			refused := func(a answer, need string) {
				t.Helper()
				require.Equal(t, 403, a.status)
				code, says := a.refused()
				require.Empty(t, code)
				require.Contains(t, says, "on account 'acct_1'. Having the 'rak_"+need+"' permission would allow")
			}
			w.Permit(bearer, "charge_read", "coupon_write")
			require.Equal(t, 200, w.get("charges/ch_1", "", key...).status)
			require.Equal(t, 200, w.get("refunds", "", key...).status, "refunds go with charges")
			require.Equal(t, 200, w.get("coupons", "", key...).status, "who writes reads")
			refused(w.get("charges/ch_1", "expand[]=customer", key...), "customer_read")
			refused(w.get("charges", "expand[]=data.payment_intent.latest_charge", key...), "payment_intent_read")
			refused(w.post("refunds", "charge=ch_1", key...), "charge_write")
			refused(w.get("account", "", key...), "connected_account_read")
			refused(w.get("webhook_endpoints", "", key...), "webhook_read")
			require.Equal(t, 200, w.post("coupons", "percent_off=5", key...).status)

			again := append([]with{once("one " + name)}, key...)
			refused(w.post("promotion_codes", "coupon=c", again...), "promotion_code_write")
			w.Permit(bearer, "promotion_code_write")
			a := w.post("promotion_codes", "coupon=c", again...)
			require.False(t, a.replayed, "nothing was begun")
			require.Equal(t, 400, a.status)

			w.Permit(bearer)
			refused(w.get("charges/ch_1", "", key...), "charge_read")
		})
	}
	require.Equal(t, 200, w.get("webhook_endpoints", "", in("")).status, "in its own account the platform does what it likes")

	got, err := stripefake.Permissions([]byte(`{"id": "a", "permissions": [{"permission": "charge_read", "purpose": "b"}]}`))
	require.NoError(t, err)
	require.Equal(t, []string{"charge_read"}, got)
	_, err = stripefake.Permissions([]byte("["))
	require.Error(t, err)
}
