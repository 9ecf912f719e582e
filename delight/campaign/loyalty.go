package campaign

import "flywheel/commerce"

// Loyalty is what somebody has in the shop's program as it is now. The zero one
// has nothing and is no member.
type Loyalty struct {
	Member          bool // joined, neither left nor blocked
	Points, Pending int64
	EndsAt          commerce.Instant // of the points that end next; 0 = none do
	Ending          int64            // how many those are
	Tier            string           // its id; "" = none
	Below           commerce.Instant // since when the tier is not reached any more; 0 = it is
	Sends           bool             // the shop has referrals, and they may send friends
	Friends         int              // who bought by their link and whose reward was given
	// Sent are the friends they sent whose reward waits or was given, by the referral's id: true = it was given.
	Sent map[string]bool
	// AsOfNow says that the other facts are of the past and this is not: conditions
	// read it, and no walk ends by it.
	AsOfNow bool
	// Rewards are those that can be used now, by id, each with its end.
	Rewards map[string]commerce.Instant
	// Gifts are the walks that gave one of them.
	Gifts map[EnrollmentID]bool
}
