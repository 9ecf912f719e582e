package loyalty

import (
	"flywheel/delight/referral"
	"flywheel/fault"
)

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
	// Referral is what friends and who sends them get.
	Referral Referral `json:"referral,omitzero"`
}

// Referral is what a shop gives for friends. Either side's reward is one of the
// program's; the advocate may get points as well or instead, by a rule ForReferral.
type Referral struct {
	On       bool   `json:"on,omitempty"`
	Friend   string `json:"friend,omitempty"`   // the reward of the friend, off their first order; "" = none
	Advocate string `json:"advocate,omitempty"` // the reward of who sent them; "" = none. Rules ForReferral give points beside it
	referral.Rules
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
	for _, id := range []string{p.Referral.Friend, p.Referral.Advocate} {
		if id != "" && !given[id] {
			return fault.New(fault.Invalid, "the referrals give a reward that the program does not have")
		}
	}
	if err := p.checkGiven(); err != nil {
		return err
	}
	switch {
	case p.Referral.TouchDays < 0 || p.Referral.TouchDays > 365 || p.Referral.MinSpend < 0 || p.Referral.Burst < 0:
		return fault.New(fault.Invalid, "a visit counts for up to 365 days, and the least order and number of friends are not below zero")
	case p.Notice < 0 || p.Notice > 90:
		return fault.New(fault.Invalid, "a notice comes up to 90 days before points end")
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

// checkGiven refuses rewards that a tier or a referral gives and that nobody could get.
func (p Program) checkGiven() error {
	gives := map[string]bool{p.Referral.Friend: true, p.Referral.Advocate: true}
	for _, l := range p.Tiers.Levels {
		gives[l.Reward] = true
	}
	for _, r := range p.Rewards {
		if _, err := r.Given(""); gives[r.ID] && fault.Is(err, fault.Invalid) {
			return fault.New(fault.Invalid, "a tier or the referrals give a reward that does not come in one piece: set its least and most steps")
		}
	}
	return nil
}

// Nth is the greatest place of an order that a rule asks for; 0 = none does.
func (p Program) Nth() (nth int) {
	for _, r := range p.Rules {
		nth = max(nth, r.Nth)
	}
	return nth
}
