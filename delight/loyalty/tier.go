package loyalty

import (
	"slices"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
)

// Tier is a level of membership.
type Tier struct {
	ID         string            `json:"id"`
	Name       map[string]string `json:"name,omitempty"` // by language tag
	From       int64             `json:"from"`           // what a window's sum must reach: minor units, or points
	Multiplier int64             `json:"multiplier"`     // of points, in hundredths
	Reward     string            `json:"reward,omitempty"`
	Tag        string            `json:"tag,omitempty"` // at the platform
}

// Tiers are a shop's levels and how they are reached. The levels rise; below
// the first one somebody has none.
type Tiers struct {
	By     TierBy `json:"by"`
	Months int    `json:"months"`     // how far back the window reaches
	Grace  int    `json:"grace_days"` // how long a level is kept once it is not reached any more
	Levels []Tier `json:"levels,omitempty"`
}

// TierBy says what a window sums.
type TierBy string

// What tiers count.
const (
	BySpend  TierBy = "spend" // what counts of orders, at their original date, less what went back
	ByPoints TierBy = "points"
)

// Check refuses tiers that cannot be. Errors are fault.Invalid.
func (t Tiers) Check() error {
	if len(t.Levels) == 0 {
		return nil
	}
	if t.By != BySpend && t.By != ByPoints {
		return fault.New(fault.Invalid, "tiers go by spend or by points, not by %q", t.By)
	}
	if t.Months < 1 || t.Months > 60 || t.Grace < 0 || t.Grace > 365 {
		return fault.New(fault.Invalid, "a tier's window is of 1 to 60 months, its grace of 0 to 365 days")
	}
	last, seen := int64(0), map[string]bool{}
	for _, l := range t.Levels {
		switch {
		case l.ID == "" || seen[l.ID]:
			return fault.New(fault.Invalid, "each tier needs an id of its own")
		case l.From <= last:
			return fault.New(fault.Invalid, "tiers begin above zero and each above the one before it")
		case l.Multiplier < 100 || l.Multiplier > maxMultiplier:
			return fault.New(fault.Invalid, "a tier gives once to %d times the points", maxMultiplier/100)
		}
		last, seen[l.ID] = l.From, true
	}
	return nil
}

// Standing is the level somebody has.
type Standing struct {
	Tier  string           `json:"tier,omitempty"`
	Since commerce.Instant `json:"since,omitempty"`
	// Below is since when the window does not reach the level any more; 0 = it does.
	Below commerce.Instant `json:"below,omitempty"`
}

// Happening is what a look at a window came to.
type Happening string

// What may happen to a level.
const (
	Same     Happening = ""
	Rose     Happening = "rose"
	Warned   Happening = "warned" // it will be lost when the grace ends
	Fell     Happening = "fell"
	Recovers Happening = "recovers" // reached again within the grace
)

// Point is one sum of a window at its date.
type Point struct {
	At     commerce.Instant
	Amount int64
}

// leaves is when what was at a date is in the window no more.
func (t Tiers) leaves(at commerce.Instant) commerce.Instant {
	return commerce.At(at.Time().AddDate(0, t.Months, 0))
}

// Sum adds what lies in the window that ends now.
func (t Tiers) Sum(points []Point, now commerce.Instant) (sum int64) {
	for _, p := range points {
		if p.At <= now && t.leaves(p.At) > now {
			sum += p.Amount
		}
	}
	return sum
}

// Look is when somebody's tier may be another one though nothing happens: when
// something comes into the window or leaves it, or the grace ends; 0 = never.
func (t Tiers) Look(s Standing, points []Point, now commerce.Instant) (at commerce.Instant) {
	for _, p := range points {
		for _, when := range []commerce.Instant{p.At, t.leaves(p.At)} {
			if when > now && p.Amount != 0 {
				at = commerce.Earliest(at, when)
			}
		}
	}
	if end := t.Ends(s); end > now {
		at = commerce.Earliest(at, end)
	}
	return at
}

// Ends is when a level is lost that the window does not reach any more; 0 = it is not to be lost.
func (t Tiers) Ends(s Standing) commerce.Instant {
	if s.Below == 0 {
		return 0
	}
	return s.Below.Add(time.Duration(t.Grace) * 24 * time.Hour)
}

// Reached is the level a sum reaches; -1 = none.
func (t Tiers) Reached(sum int64) int {
	at := -1
	for i, l := range t.Levels {
		if sum >= l.From {
			at = i
		}
	}
	return at
}

// Next is somebody's standing after a look at their window. Whose level is gone
// from the program has the one they reach, of which nothing is made.
func (t Tiers) Next(s Standing, sum int64, now commerce.Instant) (Standing, Happening) {
	has := slices.IndexFunc(t.Levels, func(l Tier) bool { return l.ID == s.Tier })
	reached := t.Reached(sum)
	if s.Tier != "" && has < 0 { // the program has changed, not what they bought
		if reached < 0 {
			return Standing{}, Same
		}
		return Standing{Tier: t.Levels[reached].ID, Since: now}, Same
	}
	switch {
	case reached > has:
		return Standing{Tier: t.Levels[reached].ID, Since: now}, Rose
	case has < 0:
		return Standing{}, Same
	case reached == has && s.Below != 0:
		s.Below = 0
		return s, Recovers
	case reached == has:
		return s, Same
	case s.Below == 0 && t.Grace > 0:
		s.Below = now
		return s, Warned
	case t.Grace > 0 && now < t.Ends(s):
		return s, Same
	}
	if reached < 0 {
		return Standing{Since: now}, Fell
	}
	return Standing{Tier: t.Levels[reached].ID, Since: now}, Fell
}

// Of is a level by its id; the zero Tier where somebody has none.
func (t Tiers) Of(id string) Tier {
	for _, l := range t.Levels {
		if l.ID == id {
			return l
		}
	}
	return Tier{}
}
