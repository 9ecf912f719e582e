package templates

import "time"

// Plan is the page "plan": what the shop has, how far it has filled it, and
// what there is to choose from.
type Plan struct {
	Admin
	State string // the strings plan_title_STATE and plan_body_STATE
	// Name is the plan that is or was in force, Pending one that was chosen beside it; "" = none.
	Name, Pending string
	Until         time.Time // a trial's or a cancelled plan's end; zero = not to be told

	Level       string // within, near, over, held: the string plan_level_LEVEL
	Used, Quota int64  // Quota = 0: without bound
	Percent     int
	Days        *Chart    // nil = there is no limit to fill
	From, To    time.Time // the period that Used counts
	HoldsFrom   time.Time // from when asks wait; zero = not
	CheckedAt   time.Time // zero = the platform was never asked

	Plans  []PlanRow
	Choose string // the page at Shopify; "" = not known
}

// PlanRow is one plan to choose.
type PlanRow struct {
	Name    string
	Orders  int64 // 0 = any number
	Trial   int64 // days; 0 = none
	Current bool
}
