package referral

import "flywheel/commerce"

// Decision is what somebody of the shop has said about a referral.
type Decision string

// Decisions. Each can be taken back by another.
const (
	Undecided Decision = ""
	Let       Decision = "let"    // through, whatever the flags
	Turn      Decision = "refuse" // down
)

// Order is the friend's order as a referral sees it.
type Order struct {
	Sale    commerce.Instant // 0 = not made, or taken back
	Counts  int64            // what is left of it
	OpensAt commerce.Instant // the end of its return window; 0 = not known yet
	Held    bool             // a dispute is open
}

// Settle says where a referral stands, from the facts as they are: so that
// whatever is heard, in whatever order, it ends alike. A paid one whose order
// goes back is reversed, and stands again when that fails; a flag that nobody has
// looked at stays held for ever, and one that came after the payout takes nothing back.
func Settle(v Verdict, d Decision, o Order, r Rules, now commerce.Instant) (State, Reason) {
	switch {
	case d == Turn:
		return Refused, ByPerson
	case len(v.Blocks) > 0 && !lettable(v.Blocks, d):
		return Refused, v.Blocks[0]
	case o.Sale == 0 || o.Counts <= 0:
		return Reversed, WentBack
	case o.Counts < r.MinSpend: // from the start, or since a part went back
		return Refused, TooSmall
	case len(v.Flags) > 0 && d == Undecided:
		return Flagged, v.Flags[0]
	case o.Held:
		return Waiting, InDispute
	case o.OpensAt == 0:
		return Waiting, Unpaid
	case o.OpensAt > now:
		return Waiting, NotYet
	}
	return Paid, Stands
}

// lettable reports whether a person has let it through in spite of its blocks:
// all but those that make it no referral at all.
func lettable(blocks []Reason, d Decision) bool {
	if d != Let {
		return false
	}
	for _, b := range blocks {
		switch b {
		case OwnCode, SamePerson, ExistingCustomer, Banned:
			return false
		}
	}
	return true
}
