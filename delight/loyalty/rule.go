package loyalty

import (
	"math/big"
	"slices"

	"flywheel/commerce"
	"flywheel/fault"
)

// RuleKind says what an earn rule gives points for.
type RuleKind string

// Kinds of earn rules.
const (
	ForSpend    RuleKind = "spend"    // for each Per minor units of an order
	ForOrder    RuleKind = "order"    // for an order, or only the Nth one
	ForSignUp   RuleKind = "signup"   // for joining
	ForBirthday RuleKind = "birthday" // once a year
	ForReferral RuleKind = "referral" // for a friend's first order
	ForEvent    RuleKind = "event"    // for what another system tells
	ForReview   RuleKind = "review"   // whatever its rating
	ForSurvey   RuleKind = "survey"
)

// ruleKinds are all of them, with whether an order is the cause.
var ruleKinds = map[RuleKind]bool{
	ForSpend: true, ForOrder: true, ForSignUp: false, ForBirthday: false, ForReferral: false, ForEvent: false, ForReview: false, ForSurvey: false,
}

// givenFor are the kinds for which something gives points today, as a shop is offered them.
// Reviews and surveys are not taken yet: rules for them are kept, and promised to nobody.
var givenFor = []RuleKind{ForSpend, ForOrder, ForSignUp, ForBirthday, ForReferral, ForEvent}

// GivenFor lists the kinds of rules for which something gives points today.
func GivenFor() []RuleKind { return slices.Clone(givenFor) }

// Given reports whether something gives points by rules of this kind today.
func (k RuleKind) Given() bool { return slices.Contains(givenFor, k) }

// Rule is one way to earn points.
type Rule struct {
	ID   string   `json:"id"` // stable, never used again
	Kind RuleKind `json:"kind"`
	// Points are given once, or with Per for each Per minor units of the shop's reporting currency.
	Points int64  `json:"points"`
	Per    int64  `json:"per,omitempty"`
	Nth    int    `json:"nth,omitempty"`   // of ForOrder: 1 = the first; 0 = every one
	Event  string `json:"event,omitempty"` // of ForEvent: its name
	Round  Round  `json:"round,omitempty"`
	Flat   bool   `json:"flat,omitempty"` // tiers multiply it not
	// PerDay and Ever bound the points of one person by this rule; 0 = no bound.
	PerDay int64 `json:"per_day,omitempty"`
	Ever   int64 `json:"ever,omitempty"`
}

// Round is what becomes of a part of a point.
type Round string

// Ways of rounding.
const (
	Down    Round = "" // the default
	Nearest Round = "nearest"
	Up      Round = "up"
)

// Bounds of what a rule may say, so that products fit and nobody gives a fortune by a slip.
const (
	maxPoints     = 1_000_000
	maxMultiplier = 10_000
)

// Check refuses a rule that means nothing. Errors are fault.Invalid.
func (r Rule) Check() error {
	_, known := ruleKinds[r.Kind]
	switch {
	case r.ID == "":
		return fault.New(fault.Invalid, "a rule needs an id")
	case !known:
		return fault.New(fault.Invalid, "there is no kind of rule called %q", r.Kind)
	case r.Points < 1 || r.Points > maxPoints:
		return fault.New(fault.Invalid, "a rule gives from 1 to %d points, not %d", maxPoints, r.Points)
	case (r.Kind == ForSpend) != (r.Per > 0):
		return fault.New(fault.Invalid, "a rule for spending, and no other, says for how much its points are")
	case r.Nth < 0 || r.Nth > 0 && r.Kind != ForOrder:
		return fault.New(fault.Invalid, "only a rule for orders says for which one")
	case (r.Kind == ForEvent) != (r.Event != ""):
		return fault.New(fault.Invalid, "a rule for an event, and no other, names it")
	case r.Round != Down && r.Round != Nearest && r.Round != Up:
		return fault.New(fault.Invalid, "points are rounded down, up or to the nearest, not %q", r.Round)
	case r.PerDay < 0 || r.Ever < 0:
		return fault.New(fault.Invalid, "a bound is a number of points above zero")
	}
	return nil
}

// Terms are a rule as it was when an award was made by it. The rule may change
// or go; what the award is worth still follows these.
type Terms struct {
	Rule
	Version int `json:"version"` // of the program
	// Multiplier is the tier's in hundredths; 100 = once.
	Multiplier int64 `json:"multiplier,omitempty"`
	// Room is what the rule's bounds left for this award; negative = no bound.
	Room int64 `json:"room"`
	// Counts is what of an order counts for this award, whatever the shop counts since.
	Counts Counts `json:"counts,omitzero"`
	// Basis is what the cause was worth when it was made, to be shown.
	Basis commerce.Money `json:"basis,omitzero"`
	// At is when the cause came, as an order's sale: the day whose bound it counts for.
	At commerce.Instant `json:"at,omitempty"`
}

// Bounded reports whether the rule gives one person no more than so much.
func (r Rule) Bounded() bool { return r.PerDay > 0 || r.Ever > 0 }

// Given is what a rule gave somebody so far, for other causes than the one that is looked at.
type Given struct{ Day, Ever int64 } // on the day of the cause, and in all

// Room is what the rule's bounds leave for one more award; -1 = they bound nothing.
func (r Rule) Room(g Given) int64 {
	room := int64(-1)
	if r.PerDay > 0 {
		room = max(0, r.PerDay-g.Day)
	}
	if left := max(0, r.Ever-g.Ever); r.Ever > 0 && (room < 0 || left < room) {
		room = left
	}
	return room
}

// Freeze makes terms of a rule for one award.
func (r Rule) Freeze(version int, multiplier int64, room int64, basis commerce.Money) Terms {
	if r.Flat || multiplier == 0 {
		multiplier = 100
	}
	return Terms{Rule: r, Version: version, Multiplier: multiplier, Room: room, Basis: basis}
}

// Worth is what the terms give for a cause: for an order by what of it counts
// now, in minor units, and its place among the person's orders (from 1).
func (t Terms) Worth(counts int64, nth int) int64 {
	var points int64
	switch {
	case ruleKinds[t.Kind] && counts <= 0, t.Nth > 0 && nth != t.Nth:
		return 0
	case t.Kind == ForSpend:
		points = t.share(counts)
	default:
		points = t.round(big.NewInt(t.Points*t.multiplier()), big.NewInt(100))
	}
	if t.Room >= 0 {
		points = min(points, t.Room)
	}
	return points
}

func (t Terms) multiplier() int64 { return min(max(t.Multiplier, 0), maxMultiplier) }

// share is the points for an amount; the product of all may not fit 64 bits.
func (t Terms) share(counts int64) int64 {
	product := new(big.Int).Mul(big.NewInt(counts), big.NewInt(t.Points*t.multiplier()))
	return t.round(product, new(big.Int).Mul(big.NewInt(t.Per), big.NewInt(100)))
}

func (t Terms) round(product, by *big.Int) int64 {
	switch t.Round {
	case Nearest:
		product.Add(product.Lsh(product, 1), by)
		by.Lsh(by, 1)
	case Up:
		product.Add(product, by).Sub(product, big.NewInt(1))
	}
	whole := product.Div(product, by)
	if !whole.IsInt64() {
		return maxBalance
	}
	return min(whole.Int64(), maxBalance)
}

// maxBalance bounds what one award may be worth, so that sums cannot overflow.
const maxBalance = 1 << 40
