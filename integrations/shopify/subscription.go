package shopify

import (
	"strings"

	"flywheel/commerce"
)

// subscriptionBody is app_subscriptions/update. Whether it comes at all for
// plans that Shopify hosts is not documented; it is a hint to ask the Partner API.
type subscriptionBody struct {
	Subscription struct {
		Status    string `json:"status"`
		Handle    string `json:"plan_handle"`
		UpdatedAt string `json:"updated_at"`
	} `json:"app_subscription"`
}

// planStates are Shopify's words (shopify.dev, AppSubscriptionStatus). One that
// nobody approved in time has expired.
var planStates = map[string]commerce.PlanState{
	"PENDING": commerce.PlanPending, "ACTIVE": commerce.PlanActive, "DECLINED": commerce.PlanDeclined, "EXPIRED": commerce.PlanDeclined,
	"FROZEN": commerce.PlanFrozen, "CANCELLED": commerce.PlanCancelled,
}

func subscription(r *reader, d commerce.Delivery, b *subscriptionBody) commerce.Change {
	w := &commerce.PlanWord{State: planStates[strings.ToUpper(b.Subscription.Status)], Plan: b.Subscription.Handle, At: toldAt(d)}
	if b.Subscription.UpdatedAt != "" {
		w.At = r.instant("app_subscription.updated_at", b.Subscription.UpdatedAt)
	}
	return commerce.Change{Plan: w}
}
