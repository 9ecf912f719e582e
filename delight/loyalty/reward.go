package loyalty

import (
	"flywheel/commerce"
	"flywheel/fault"
)

// RewardKind says what a reward takes off.
type RewardKind string

// Kinds of rewards.
const (
	PercentOff   RewardKind = "percent"
	AmountOff    RewardKind = "amount"
	FreeShipping RewardKind = "shipping"
	FreeProduct  RewardKind = "product"
)

// Reward is one thing that points buy, or a referral or a tier gives.
type Reward struct {
	ID   string            `json:"id"` // stable, never used again
	Kind RewardKind        `json:"kind"`
	Name map[string]string `json:"name,omitempty"` // by language tag
	// Cost is in points; of a sliding reward it is what one step costs. 0 = points do not buy it.
	Cost int64 `json:"cost,omitempty"`
	// Percent is in hundredths of a percent; Amount in minor units of the reporting
	// currency, of a sliding reward what one step gives.
	Percent int64  `json:"percent,omitempty"`
	Amount  int64  `json:"amount,omitempty"`
	Product string `json:"product,omitempty"` // the platform's id
	// Sliding rewards give Amount for each Cost, from Least to Most steps.
	Sliding bool  `json:"sliding,omitempty"`
	Least   int64 `json:"least,omitempty"` // 0 = one
	Most    int64 `json:"most,omitempty"`  // 0 = as many as there are points for
	// Worth is the most that one of them takes off where Amount does not say it: what a budget reserves.
	Worth    int64 `json:"worth,omitempty"`
	MinSpend int64 `json:"min_spend,omitempty"` // of the order it is used on
	Days     int   `json:"days,omitempty"`      // it can be used for; 0 = 90
	Each     int   `json:"each,omitempty"`      // of one person; 0 = no bound
	Hidden   bool  `json:"hidden,omitempty"`    // not offered any more; what was given stays
}

// Offer is what somebody is given: a reward's terms frozen when it was issued,
// so that a change of the reward changes nothing for who has it.
type Offer struct {
	Reward string     `json:"reward"`
	Kind   RewardKind `json:"kind"`
	// Name is what the shop calls it, by language tag.
	Name     map[string]string `json:"name,omitempty"`
	Cost     int64             `json:"cost"`
	Percent  int64             `json:"percent,omitempty"`
	Amount   commerce.Money    `json:"amount,omitzero"`
	Product  string            `json:"product,omitempty"`
	MinSpend commerce.Money    `json:"min_spend,omitzero"`
	Days     int               `json:"days"`
	// Worth is what the budget reserves for it, in minor units of the reporting currency.
	Worth int64 `json:"worth"`
}

const defaultDays = 90

// maxOff bounds what one reward takes off and asks for, in minor units, so that sums cannot overflow.
const maxOff = 1_000_000_000_000

// Check refuses a reward that means nothing. Errors are fault.Invalid.
func (r Reward) Check() error {
	switch {
	case r.ID == "":
		return fault.New(fault.Invalid, "a reward needs an id")
	case r.Kind == PercentOff && (r.Percent < 1 || r.Percent > 10_000):
		return fault.New(fault.Invalid, "a reward of a percentage takes off more than nothing and at most all")
	case r.Kind == AmountOff && r.Amount < 1:
		return fault.New(fault.Invalid, "a reward of an amount takes off more than nothing")
	case r.Kind == FreeProduct && r.Product == "":
		return fault.New(fault.Invalid, "a reward of a product names it")
	case r.Kind != PercentOff && r.Kind != AmountOff && r.Kind != FreeShipping && r.Kind != FreeProduct:
		return fault.New(fault.Invalid, "there is no kind of reward called %q", r.Kind)
	case r.Kind != AmountOff && r.Worth < 1:
		return fault.New(fault.Invalid, "say what the reward takes off at most: the budget is kept by it")
	case r.Sliding && (r.Kind != AmountOff || r.Cost < 1):
		return fault.New(fault.Invalid, "only an amount that points buy can slide")
	case r.Amount > maxOff || r.Worth > maxOff || r.MinSpend > maxOff:
		return fault.New(fault.Invalid, "a reward's amounts are too large")
	case r.Least < 0 || r.Most < 0 || r.Most > 0 && r.Most < max(1, r.Least):
		return fault.New(fault.Invalid, "a sliding reward goes from its least to its most steps")
	case r.Cost < 0 || r.Cost > maxPoints*100 || r.MinSpend < 0 || r.Each < 0 || r.Days < 0 || r.Days > 3650:
		return fault.New(fault.Invalid, "a reward's cost, least order, days and number are bounded and not below zero")
	}
	return nil
}

// Issue is what somebody gets for so many steps; 1 where the reward does not slide.
func (r Reward) Issue(steps int64, currency string) (Offer, error) {
	least := max(1, r.Least)
	switch {
	case r.Hidden:
		return Offer{}, fault.New(fault.Conflict, "this reward is not offered any more")
	case !r.Sliding && steps != 1, steps < least, r.Most > 0 && steps > r.Most, steps > maxPoints, r.Amount > maxOff/steps:
		return Offer{}, fault.New(fault.Invalid, "this reward does not come in that size")
	}
	days := r.Days
	if days == 0 {
		days = defaultDays
	}
	o := Offer{Reward: r.ID, Kind: r.Kind, Name: r.Name, Cost: r.Cost * steps, Percent: r.Percent, Product: r.Product, Days: days, Worth: r.Worth}
	if r.MinSpend > 0 {
		o.MinSpend = commerce.Money{Amount: r.MinSpend, Currency: currency}
	}
	if r.Kind == AmountOff {
		o.Amount = commerce.Money{Amount: r.Amount * steps, Currency: currency}
		o.Worth = o.Amount.Amount
	}
	return o, nil
}

// Given is what somebody gets who does not pay for it with points: the least of it there is.
func (r Reward) Given(currency string) (Offer, error) { return r.Issue(max(1, r.Least), currency) }

// Steps is how many steps of a reward so many points buy, at most; 0 = none.
func (r Reward) Steps(points int64) int64 {
	if r.Cost <= 0 || points < r.Cost*max(1, r.Least) {
		return 0
	}
	if !r.Sliding {
		return 1
	}
	n := min(points/r.Cost, maxPoints)
	if r.Most > 0 {
		n = min(n, r.Most)
	}
	return n
}

// Budget is what a shop gives away in rewards in one month, in minor units of its reporting currency.
type Budget struct {
	Limit    int64 // negative = no bound
	Reserved int64 // for codes that are being made, or of which nobody knows
	Settled  int64 // for codes that were made
}

// ErrBudget refuses a reward that the month's budget does not hold any more.
var ErrBudget = fault.New(fault.Conflict, "the month's budget for rewards is used up: nothing was taken, and it can be had next month")

// Reserve takes an offer's worth from what is left.
func (b Budget) Reserve(worth int64) (Budget, error) {
	if worth < 0 {
		return b, fault.New(fault.Invalid, "a reward takes off something, not less than nothing")
	}
	if b.Limit >= 0 && worth > b.Limit-b.Reserved-b.Settled {
		return b, ErrBudget
	}
	b.Reserved += worth
	return b, nil
}

// Settle makes a reservation final, where the code was made.
func (b Budget) Settle(worth int64) Budget {
	b.Reserved, b.Settled = b.Reserved-worth, b.Settled+worth
	return b
}

// Release gives a reservation back, where certainly no code was made.
func (b Budget) Release(worth int64) Budget {
	b.Reserved -= worth
	return b
}
