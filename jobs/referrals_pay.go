package jobs

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/delight/referral"
	"flywheel/fault"
	"flywheel/store"
)

const (
	// payAgain is when a payout is tried again for which there was no budget.
	payAgain = aDay
	// takenBackSoon is when it is looked again whether a platform has ended the code of the payout before.
	takenBackSoon = time.Minute
)

// pay gives the advocate what the program of the order's day gives, once, or takes
// it back. next is when the friend is looked at again, and so is what it returns.
func (f *friendship) pay(r *store.Referral, next commerce.Instant) (commerce.Instant, error) {
	if f.paid && (r.State != referral.Paid || f.sender != f.advocate.ID) {
		if err := f.takeBack(f.row, f.sender); err != nil {
			return 0, err
		}
		f.paid = false
	}
	if r.State != referral.Paid {
		return next, nil
	}
	if f.paid {
		return f.payFailed(r, next)
	}
	switch last, err := f.last(*r); {
	case err != nil:
		return 0, err
	case last.RecallAt != 0 && (last.Open() || last.State == store.RewardMade):
		r.State, r.Reason = referral.Waiting, referral.TakingBack
		return f.tx.Now().Add(takenBackSoon), nil
	case last.ID != "" && last.State != store.RewardRevoked && last.State != store.RewardFailed: // they have had it: it was used, or its time has ended
		return 0, club.Award(f.tx, f.shop, f.advocate.ID, loyalty.ForReferral, "", pointsFor(*r), r.SaleAt, 0)
	}
	if out, err := f.outside(); err != nil || out {
		r.State, r.Reason = referral.Waiting, referral.NotMember
		return f.tx.Now().Add(payAgain), err
	}
	reward := f.sent.program.Referral.Advocate
	r.Reward = ""
	if reward != "" {
		reason, err := f.give(r, reward)
		if err != nil {
			return 0, err
		}
		if reason != "" {
			r.State, r.Reason = referral.Waiting, reason
			return f.tx.Now().Add(payAgain), nil
		}
	} else {
		r.Payouts++
	}
	if err := club.Award(f.tx, f.shop, f.advocate.ID, loyalty.ForReferral, "", pointsFor(*r), r.SaleAt, 0); err != nil {
		return 0, err
	}
	r.PaidAt = f.tx.Now()
	return 0, f.tx.Tell(f.shop.ID, store.OwnEvent{Person: f.advocate.ID, Happening: commerce.Happening{
		Kind: commerce.ReferralPaid, Subject: payoutOf(*r), At: r.PaidAt, Props: map[string]any{"referral": r.ID, "reward": reward},
	}})
}

// give gives the reward of the next payout, or says why not now.
func (f *friendship) give(r *store.Referral, reward string) (referral.Reason, error) {
	next := *r
	next.Payouts++
	given, err := club.GiveAsPromised(f.tx, f.shop, f.advocate.ID, f.sent.program, reward, store.RewardCause{Kind: store.RewardReferral, ID: payoutOf(next)})
	switch {
	case errors.Is(err, loyalty.ErrBudget):
		return referral.NoBudget, nil
	case fault.Is(err, fault.Conflict), fault.Is(err, fault.Invalid), fault.Is(err, fault.NotFound): // they are out of the program, or it cannot be given
		return referral.NoReward, nil
	case err != nil:
		return "", err
	}
	r.Payouts, r.Reward = next.Payouts, given.ID
	return "", nil
}

// payFailed gives the reward of a payout again whose code could not be made, a day after that was known.
func (f *friendship) payFailed(r *store.Referral, next commerce.Instant) (commerce.Instant, error) {
	last, err := f.last(*r)
	if err != nil || last.State != store.RewardFailed || last.RecallAt != 0 {
		return next, err
	}
	if again := last.EndedAt.Add(payAgain); again > f.tx.Now() {
		return again, nil
	}
	reason, err := f.give(r, last.Offer.Reward)
	if reason != "" {
		next = f.tx.Now().Add(payAgain)
	}
	return next, err
}

// outside reports whether points are promised to somebody who is no member: they would come to nothing.
func (f *friendship) outside() (bool, error) {
	if !slices.ContainsFunc(f.sent.program.Rules, func(r loyalty.Rule) bool { return r.Kind == loyalty.ForReferral }) {
		return false, nil
	}
	members, err := f.tx.LockMembers(f.shop.ID, []commerce.PersonID{f.advocate.ID})
	return err == nil && members[f.advocate.ID].State != store.Joined, err
}

// last is the reward of the payout before, where that was to this advocate; the zero one = there was none.
func (f *friendship) last(r store.Referral) (store.Reward, error) {
	if r.Reward == "" {
		return store.Reward{}, nil
	}
	if _, err := f.tx.LockMembers(f.shop.ID, []commerce.PersonID{f.advocate.ID}); err != nil { // before rewards
		return store.Reward{}, err
	}
	last, err := f.tx.LockReward(f.shop.ID, r.Reward)
	if fault.Is(err, fault.NotFound) || err == nil && !slices.Contains(f.advocates, last.Person) {
		return store.Reward{}, nil
	}
	return last, err
}

// payoutOf names a payout: the first by the referral, later ones by their number.
func payoutOf(r store.Referral) string {
	if r.Payouts == 1 {
		return r.ID
	}
	return fmt.Sprintf("%s/%d", r.ID, r.Payouts)
}

// pointsFor is the cause of an advocate's points: taken back and given again they are the same ones.
func pointsFor(r store.Referral) loyalty.Cause {
	return loyalty.Cause{Kind: loyalty.OfEvent, ID: "referral/" + r.ID + "/" + string(r.Advocate)}
}

// takeBack takes what a referral has paid. A reward that was used or has ended stays so.
func (f *friendship) takeBack(r store.Referral, advocate commerce.PersonID) error {
	const note = "the friend's order does not stand"
	if err := club.TakeBack(f.tx, f.shop, advocate, pointsFor(r), note); err != nil {
		return err
	}
	if r.Reward != "" {
		if err := club.Recall(f.tx, f.shop, r.Reward, note, ""); err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return nil
}

// tell tells the advocate, once, that a friend of theirs has bought and nothing speaks against it.
func (f *friendship) tell(r store.Referral) error {
	if r.State != referral.Waiting && r.State != referral.Paid || r.State == f.row.State {
		return nil
	}
	return f.tx.Tell(f.shop.ID, store.OwnEvent{Person: f.advocate.ID, Happening: commerce.Happening{
		Kind: commerce.FriendBought, Subject: r.ID, At: f.tx.Now(), Props: map[string]any{"referral": r.ID},
	}})
}
