package loyalty

import "flywheel/fault"

// Program is a shop's rules as they were from a moment on.
type Program struct {
	Version int               `json:"-"`
	Name    map[string]string `json:"name,omitempty"` // what points are called, by language tag
	Rules   []Rule            `json:"rules"`
	Counts  Counts            `json:"counts"`
	Policy
	Tiers Tiers `json:"tiers,omitzero"`
	// Join is how buyers become members.
	Join Joining `json:"join,omitempty"`
	// Rewards are what points buy, and what else may be given; Budget bounds what they take off in a
	// month, in minor units of the reporting currency, 0 = nothing may be given, negative = no bound.
	Rewards []Reward `json:"rewards,omitempty"`
	Budget  int64    `json:"budget,omitempty"`
}

// Joining is how buyers become members.
type Joining string

// Ways of joining. Whatever it is, an account page always lets people join.
const (
	AtCheckout Joining = ""          // the default: with their first order
	BySignUp   Joining = "signup"    // only who asks for it
	Automatic  Joining = "automatic" // everybody, who hears of it first
)

// The most a program holds.
const (
	maxRules   = 50
	maxLevels  = 10
	maxRewards = 50
)

// Check refuses a program that cannot be run. Errors are fault.Invalid.
func (p Program) Check() error {
	seen := map[string]bool{}
	for _, r := range p.Rules {
		if err := r.Check(); err != nil {
			return err
		}
		if seen[r.ID] {
			return fault.New(fault.Invalid, "two rules have the id %q", r.ID)
		}
		seen[r.ID] = true
	}
	given := map[string]bool{}
	for _, r := range p.Rewards {
		if err := r.Check(); err != nil {
			return err
		}
		if given[r.ID] {
			return fault.New(fault.Invalid, "two rewards have the id %q", r.ID)
		}
		given[r.ID] = true
	}
	for _, l := range p.Tiers.Levels {
		if l.Reward != "" && !given[l.Reward] {
			return fault.New(fault.Invalid, "the tier %q gives a reward that the program does not have", l.ID)
		}
	}
	switch {
	case len(p.Rewards) > maxRewards:
		return fault.New(fault.Invalid, "a program has %d rewards at most", maxRewards)
	case len(p.Rules) > maxRules:
		return fault.New(fault.Invalid, "a program has %d rules at most", maxRules)
	case len(p.Tiers.Levels) > maxLevels:
		return fault.New(fault.Invalid, "a program has %d tiers at most", maxLevels)
	case p.ReturnDays < 0 || p.ReturnDays > 365:
		return fault.New(fault.Invalid, "a return window is of 0 to 365 days")
	case p.Months < 0 || p.Months > 120 || p.Rolling && p.Months == 0:
		return fault.New(fault.Invalid, "points live for up to 120 months, or for ever")
	case p.ClaimDays < 0 || p.ClaimDays > 365:
		return fault.New(fault.Invalid, "points wait for a claim for up to 365 days")
	case p.Join != AtCheckout && p.Join != BySignUp && p.Join != Automatic:
		return fault.New(fault.Invalid, "there is no way of joining called %q", p.Join)
	}
	return p.Tiers.Check()
}

// Nth is the greatest place of an order that a rule asks for; 0 = none does.
func (p Program) Nth() (nth int) {
	for _, r := range p.Rules {
		nth = max(nth, r.Nth)
	}
	return nth
}
