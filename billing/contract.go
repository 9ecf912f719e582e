package billing

import (
	"time"

	"flywheel/commerce"
)

// Contract is what Shopify's Partner API says is in force between a shop and
// the app (shopify.dev/docs/api/partner/2026-07/objects/ActiveSubscription).
type Contract struct {
	Plan        string // handle
	Pending     string // handle of what counts from the next cycle on; "" = no change
	Cancelling  bool   // it ends with the cycle
	TrialEndsAt commerce.Instant
	From, Until commerce.Instant // the billing cycle; 0 during a trial
}

// approval is how long a chosen plan waits for the merchant's yes before it
// lapses (shopify.dev, AppSubscriptionStatus EXPIRED).
const approval = 48 * time.Hour

// After is what counts once the platform has answered at now; nil = there is no
// contract. That the answer is nil does not say why: a shop whose contract was
// in force has cancelled it, and what a delivery told of a declined or frozen
// one stands until there is a contract again.
func After(last commerce.Entitlement, c *Contract, now commerce.Instant) commerce.Entitlement {
	e := last
	e.CheckedAt = now
	if c == nil {
		e.TrialEndsAt, e.PeriodFrom, e.PeriodUntil = 0, 0, 0
		e.State, e.PendingPlan = without(last, now)
	} else {
		e.Plan, e.PendingPlan, e.TrialEndsAt = c.Plan, c.Pending, c.TrialEndsAt
		e.PeriodFrom, e.PeriodUntil = c.From, c.Until
		e.State = c.state(now)
	}
	return changed(last, e, now)
}

// without is the state of a shop that has no contract, with the plan it chose beside none.
func without(last commerce.Entitlement, now commerce.Instant) (state commerce.PlanState, chosen string) {
	switch {
	case last.State == "":
		return commerce.PlanNone, ""
	case last.Contract():
		return commerce.PlanCancelled, ""
	case last.State == commerce.PlanPending && now > last.ChangedAt.Add(approval):
		return commerce.PlanDeclined, last.PendingPlan
	}
	return last.State, last.PendingPlan
}

func (c *Contract) state(now commerce.Instant) commerce.PlanState {
	switch {
	case c.Cancelling:
		return commerce.PlanCancelling
	case c.Pending != "" && c.Pending != c.Plan:
		return commerce.PlanPending
	case c.TrialEndsAt > now:
		return commerce.PlanTrial
	}
	return commerce.PlanActive
}

// Heard is what counts after a delivery told of a plan. It makes the platform
// be asked at once, and is only believed for what the answer cannot say: that a
// choice waits, was declined, or that a contract was frozen. A word that is
// older than the last change is late news.
func Heard(last commerce.Entitlement, w commerce.PlanWord, now commerce.Instant) commerce.Entitlement {
	e := last
	e.NextAt = now
	if e.State == "" {
		e.State = commerce.PlanNone
	}
	if w.At < last.ChangedAt {
		return e
	}
	switch w.State {
	case commerce.PlanFrozen:
		e.State, e.PendingPlan = commerce.PlanFrozen, ""
		if w.Plan != "" {
			e.Plan = w.Plan
		}
	case commerce.PlanPending, commerce.PlanDeclined:
		if !last.Contract() && last.State != commerce.PlanFrozen { // else it is a change of plan, of which the answer tells
			e.State, e.PendingPlan = w.State, w.Plan
		}
	}
	return changed(last, e, now)
}

func changed(last, e commerce.Entitlement, now commerce.Instant) commerce.Entitlement {
	if e.State != last.State || e.Plan != last.Plan || e.PendingPlan != last.PendingPlan {
		e.ChangedAt = now
	}
	return e
}
