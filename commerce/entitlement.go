package commerce

// PlanState is how a shop stands with the plan it chose at its platform.
type PlanState string

// Plan states. Only trial, active, cancelling and a pending change of plan are
// a contract in force; in all others the free plan counts.
const (
	PlanNone       PlanState = "none"       // nobody has chosen a plan yet
	PlanTrial      PlanState = "trial"      // until TrialEndsAt
	PlanActive     PlanState = "active"     // paid for
	PlanCancelling PlanState = "cancelling" // cancelled, and paid for until PeriodUntil
	PlanPending    PlanState = "pending"    // PendingPlan was chosen and is not in force; Plan "" = none is
	PlanDeclined   PlanState = "declined"   // PendingPlan was chosen and not approved
	PlanFrozen     PlanState = "frozen"     // the platform stopped it, since the shop does not pay the platform
	PlanCancelled  PlanState = "cancelled"  // it has ended
)

// Entitlement is what a shop pays for, as its platform says.
type Entitlement struct {
	Plan        string // handle of the plan that is in force or was last; "" = none ever
	State       PlanState
	PendingPlan string  // handle of a plan that was chosen beside it; "" = none
	TrialEndsAt Instant // 0 = no trial
	// PeriodFrom and PeriodUntil are the platform's billing cycle; 0 = it names none, as during a trial.
	PeriodFrom, PeriodUntil Instant
	CheckedAt               Instant // when the platform last answered; 0 = never
	ChangedAt               Instant // when plan or state last changed
	// HoldsFrom is set while the shop is over its plan's orders: from then on asks are held. 0 = it is within them.
	HoldsFrom Instant
	NextAt    Instant // when the platform is asked again
	Epoch     int64   // of the connection when it was last asked
}

// Contract reports whether a plan is in force.
func (e Entitlement) Contract() bool {
	switch e.State {
	case PlanTrial, PlanActive, PlanCancelling:
		return true
	case PlanPending:
		return e.Plan != ""
	}
	return false
}

// Holds reports whether asks are held at now because the shop is over its plan.
func (e Entitlement) Holds(now Instant) bool { return e.HoldsFrom != 0 && now >= e.HoldsFrom }

// PlanWord is what a delivery says about a plan. It is a hint: what is in force
// is asked of the platform.
type PlanWord struct {
	State PlanState // "" = only that something changed
	Plan  string    // handle; "" = not told
	At    Instant
}
