// Package referral is the pure part of referrals: whose friend a buyer is, what
// speaks against paying for it, and when it is paid. Every decision has its
// reasons, so that it can be explained to whoever asks.
package referral

import (
	"slices"
	"time"

	"flywheel/commerce"
)

// State is how far a referral has come.
type State string

// States of referrals. What is paid may be taken back; what was refused may be let through by a person.
const (
	Waiting  State = "waiting"  // for the end of the return window
	Flagged  State = "flagged"  // for a person to decide
	Paid     State = "paid"     // the advocate's reward was given
	Reversed State = "reversed" // the friend's order went back
	Refused  State = "refused"
)

// Reason is why a referral is where it is.
type Reason string

// Hard blocks: with any of them nothing is ever paid. A phone number of which only the end is the same is a flag.
const (
	OwnCode          Reason = "own_code"     // the advocate used it
	SamePerson       Reason = "same_person"  // known to be one
	SameMailbox      Reason = "same_mailbox" // whatever the dots and the tag behind a plus
	SamePhone        Reason = "same_phone"
	SameAddress      Reason = "same_address"
	ExistingCustomer Reason = "existing_customer" // bought here before
	Banned           Reason = "banned"            // the advocate is out of the program
	TooSmall         Reason = "too_small"         // the order is below what the offer asks for
)

// Flags: a person decides, and until then it is held.
const (
	SameName   Reason = "same_name"
	SameNet    Reason = "same_net" // the visit came from where the advocate is
	ManyAtOnce Reason = "many_at_once"
)

// What becomes of an order.
const (
	NotYet    Reason = "not_yet"   // the return window is open
	WentBack  Reason = "went_back" // refunded, cancelled, or lost to a dispute
	InDispute Reason = "in_dispute"
	Unpaid    Reason = "unpaid"
	Stands    Reason = "stands"
	ByPerson  Reason = "by_person" // somebody of the shop has decided
	NoBudget  Reason = "no_budget" // the month's budget for rewards is used up
	// TakingBack waits for an earlier reward of it to be taken back, which its platform does: only then it is known whether it was used.
	TakingBack Reason = "taking_back"
	NotMember  Reason = "not_member" // the advocate has not joined yet, and points are promised
	NoReward   Reason = "no_reward"  // the advocate may not have it, as who was taken out of the program
)

// Rules are what a shop has set.
type Rules struct {
	// TouchDays is how long a visit by a link counts; 0 = 30.
	TouchDays int `json:"touch_days,omitempty"`
	// MinSpend is what the friend's first order must come to, in minor units of the reporting currency.
	MinSpend int64 `json:"min_spend,omitempty"`
	// Burst is how many friends of one advocate within a day are looked at by a person; 0 = 5.
	Burst int `json:"burst,omitempty"`
}

func (r Rules) touch() time.Duration {
	if r.TouchDays == 0 {
		return 30 * 24 * time.Hour
	}
	return time.Duration(r.TouchDays) * 24 * time.Hour
}

func (r Rules) burst() int {
	if r.Burst == 0 {
		return 5
	}
	return r.Burst
}

// Via is how a buyer is known to be somebody's friend.
type Via string

// Ways, the surest first.
const (
	ByCode  Via = "code"  // they used the friend's code
	ByLink  Via = "link"  // they came by the link and left their address there
	ByTouch Via = "touch" // the last visit before the order came by the link
)

// Touch is one sign that an advocate sent somebody.
type Touch struct {
	Via      Via
	Advocate commerce.PersonID
	At       commerce.Instant
}

// Attribute says whose friend the buyer of a sale is: a code goes before a link,
// a link where they left their address before a mere visit, and of several of one
// kind the last before the sale counts. ok = false: nobody's.
func Attribute(touches []Touch, sale commerce.Instant, r Rules) (best Touch, ok bool) {
	order := []Via{ByCode, ByLink, ByTouch}
	for _, t := range touches {
		stale := t.Via != ByCode && (t.At > sale || t.At.Add(r.touch()) < sale)
		if stale || !slices.Contains(order, t.Via) {
			continue
		}
		rank, top := slices.Index(order, t.Via), slices.Index(order, best.Via)
		if !ok || rank < top || rank == top && (t.At > best.At || t.At == best.At && t.Advocate < best.Advocate) {
			best, ok = t, true
		}
	}
	return best, ok
}
