package stripe

import (
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe/stripefake"
)

// granted are the permissions that merchants grant our app: those of its manifest.
func granted(t *testing.T) []string {
	t.Helper()
	manifest, err := os.ReadFile("../../stripe-app.json")
	require.NoError(t, err)
	out, err := stripefake.Permissions(manifest)
	require.NoError(t, err)
	require.NotEmpty(t, out)
	return out
}

// answersTo is what the fake answers to every call there is, made with permissions.
func answersTo(t *testing.T, permissions []string) []heard {
	t.Helper()
	fake := stripefake.New("sk_test_mock")
	fake.Clock = func() time.Time { return noon }
	fake.Permit("sk_test_mock", permissions...)
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	p := stripefake.Purchase{Customer: "cus_1", Test: true}
	fake.Put("acct_1", p.Charge(0), p.PaymentIntent(), p.CustomerObject())
	for id, kind := range map[string]string{"re_1": "refund", "dp_1": "dispute", "prod_1": "product", "promo_1": "promotion_code"} {
		fake.Put("acct_1", stripefake.Object{"id": id, "object": kind, "livemode": false, "created": noon.Unix(), "charge": "ch_1"})
	}
	fake.Put("", stripefake.Object{"id": "we_1", "object": "webhook_endpoint", "livemode": false, "created": noon.Unix()})
	fake.Emit("acct_1", stripefake.Event{ID: "evt_1", Type: "charge.succeeded", Created: noon, Test: true, Object: p.Charge(0)})
	l := &listener{}
	askEverything(t, New(Options{URL: srv.URL, HTTP: &http.Client{Transport: l}}), Access{Key: "sk_test_mock", Account: "acct_1"})
	return l.all
}

// Each permission that merchants are asked for is one without which a call is
// refused, but for those that events alone need.
func TestEveryPermissionIsNeeded(t *testing.T) {
	var forEvents []string
	for i, permission := range granted(t) {
		refused := slices.ContainsFunc(answersTo(t, slices.Delete(granted(t), i, i+1)), func(h heard) bool {
			return h.status == http.StatusForbidden
		})
		if !refused {
			forEvents = append(forEvents, permission)
		}
	}
	slices.Sort(forEvents)
	require.Equal(t, []string{"checkout_session_read", "subscription_read"}, forEvents)
}

// What lacks a permission is refused, and the account counts as connected all the same.
func TestALackingPermissionIsNoGoodbye(t *testing.T) {
	fake, client := start(t)
	fake.Put("acct_1", stripefake.Purchase{}.Charge(0))
	fake.Permit(secretKey, "charge_read")
	_, err := client.Charge(t.Context(), as("acct_1"), "ch_1", commerce.At(noon))
	require.True(t, fault.Is(err, fault.Denied), "%v", err)
	require.NotErrorIs(t, err, ErrNoAccess)
}
