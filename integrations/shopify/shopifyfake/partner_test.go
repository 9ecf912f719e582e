package shopifyfake

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/integrations/shopify/gql/partner"
)

func (w *world) subscription(shop string, header ...string) (int, string) {
	w.t.Helper()
	body := map[string]any{"query": partner.ActiveSubscription_Operation, "variables": vars{"app": "gid://partners/App/1", "shop": shop}}
	status, _, raw := w.post("partners.shopify.com", "/"+PartnerOrg+"/api/2026-07/graphql.json", body, append([]string{"X-Shopify-Access-Token", PartnerToken}, header...)...)
	var out struct {
		Data struct{ ActiveSubscription json.RawMessage }
	}
	if status == 200 {
		require.NoError(w.t, json.Unmarshal(raw, &out), "%s", raw)
	}
	return status, string(out.Data.ActiveSubscription)
}

func TestSubscription(t *testing.T) {
	w := newWorld(t)
	w.Install(wool, ShopInfo{ID: 9})
	const gid = "gid://shopify/Shop/9"
	_, got := w.subscription(gid)
	assert.Equal(t, "null", got)

	w.SetSubscription(wool, &Subscription{Handle: "growth", TrialEnds: noon, CycleFrom: noon, CycleTo: noon.AddDate(0, 0, 30), Ends: true, Pending: "free"})
	_, got = w.subscription(gid)
	assert.JSONEq(t, `{
		"billingPeriod": "EVERY_30_DAYS", "cancelAtEndOfCycle": true, "trialEndsAt": "2026-11-02T12:00:00Z", "items": [{"handle": "growth"}],
		"currentBillingCycle": {"startTime": "2026-11-02T12:00:00Z", "endTime": "2026-12-02T12:00:00Z"}, "pendingUpdate": {"items": [{"handle": "free"}]}
	}`, got)
	_, got = w.subscription("gid://shopify/Shop/8")
	assert.Equal(t, "null", got, "another shop pays for itself")
	w.SetSubscription(wool, &Subscription{Handle: "growth", Interval: "ANNUAL"})
	_, got = w.subscription(gid)
	assert.JSONEq(t, `{"billingPeriod":"ANNUAL","cancelAtEndOfCycle":false,"trialEndsAt":null,"items":[{"handle":"growth"}],"currentBillingCycle":null,"pendingUpdate":null}`, got)
	w.SetSubscription(wool, nil)
	_, got = w.subscription(gid)
	assert.Equal(t, "null", got)
}

func TestPartnerIsStrict(t *testing.T) {
	w := newWorld(t)
	status, _ := w.subscription("gid://shopify/Shop/9", "X-Shopify-Access-Token", "token")
	assert.Equal(t, 401, status)
	w.SetPartner("1", "t")
	status, _ = w.subscription("gid://shopify/Shop/9")
	assert.Equal(t, 401, status, "of another organization")
	w.SetPartner(PartnerOrg, PartnerToken)
	w.FailOn("ActiveSubscription", Throttled, Unavailable)
	for _, want := range []int{429, 503, 200} {
		status, _ = w.subscription("gid://shopify/Shop/9")
		assert.Equal(t, want, status)
	}
	assert.Equal(t, "ActiveSubscription", w.Asked()[0].Operation)
	_, got := w.subscription("9")
	assert.Empty(t, got)
}
