package jobs

import (
	"context"
	"slices"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/message"
	"flywheel/store"
)

// loyal reports whether what a run says tells of the loyalty program.
func (r *run) loyal() bool {
	if set := r.version.messages[r.effect.StepID]; set != nil {
		return set.Loyal()
	}
	notes := r.version.notes[r.effect.StepID]
	return notes != nil && notes.Loyal()
}

// sends reports whether what a run says shows with what friends are sent.
func (r *run) sends() bool {
	if set := r.version.messages[r.effect.StepID]; set != nil {
		return set.Sends()
	}
	return true // a note for staff, which asks for what it names
}

// addLoyalty adds what the person has in the shop's program, where the text
// tells of it. A program that was never live, and somebody who left it, have
// nothing to be told of.
func (w *Worker) addLoyalty(ctx context.Context, r *run, f *message.Facts) error {
	if !r.loyal() {
		return nil
	}
	p, err := w.Store.LoyaltyProgram(ctx, f.Shop.ID)
	if err != nil || p.LiveAt == 0 || p.State == store.ProgramDraft {
		return err
	}
	m, err := w.Store.LoyaltyMember(ctx, f.Shop.ID, r.person.ID)
	if err != nil || m.State == store.Left || m.State == store.Blocked {
		return err
	}
	l := &message.Loyalty{
		Program: p.Program, Points: m.Points, Pending: m.Pending, Ending: m.Ending, EndsAt: m.EndsAt, Standing: m.Standing, About: pointsOf(r.rules.Cause),
	}
	if l.Reward, err = w.rewardFor(ctx, f.Shop.ID, r); err != nil {
		return err
	}
	err = w.Store.Transact(ctx, func(tx *store.Tx) error {
		points, err := club.Window(tx, f.Shop, p.Program, r.person.ID)
		if err != nil {
			return err
		}
		l.Sum = p.Tiers.Sum(points, tx.Now())
		l.Referral, err = w.sendsWith(tx, f.Shop, p, r.person.ID, r.sends())
		return err
	})
	if f.Loyalty = l; r.account != "" {
		f.AccountURL = w.BaseURL + "/account/" + r.account
	}
	return err
}

// pointsOf are the points that an event is about; 0 = none.
func pointsOf(e commerce.Event) int64 {
	switch n := e.Props["points"].(type) {
	case float64:
		return int64(n)
	case int64:
		return n
	}
	return 0
}

// rewardFor is the reward that a message is about: that of its cause, else the
// one that its walk gave; nil where there is none that can be used.
func (w *Worker) rewardFor(ctx context.Context, shop commerce.ShopID, r *run) (*message.Given, error) {
	found, err := w.rewardOf(ctx, shop, r)
	if err != nil || found.State != store.RewardMade || found.RecallAt != 0 {
		return nil, err
	}
	return &message.Given{Offer: found.Offer, Code: found.Code, EndsAt: found.ExpiresAt}, nil
}

func (w *Worker) rewardOf(ctx context.Context, shop commerce.ShopID, r *run) (found store.Reward, err error) {
	cause := r.rules.Cause
	id, _ := cause.Props["id"].(string)
	switch cause.Kind {
	case commerce.RewardReady, commerce.RewardExpiring:
	case commerce.ReferralPaid:
		friend, _ := cause.Props["referral"].(string)
		sent, err := w.Store.Referral(ctx, shop, friend)
		if err != nil || sent.Reward == "" {
			return found, err
		}
		id = sent.Reward
	default:
		found, _, err = w.Store.RewardOfWalk(ctx, shop, r.ID)
		return found, err
	}
	return w.Store.Reward(ctx, shop, id)
}

// sendsWith is what somebody sends friends with; nil where the shop has no
// referrals, and for who may not send any. Only a text that shows the link makes one.
func (w *Worker) sendsWith(tx *store.Tx, shop commerce.Shop, p store.Program, person commerce.PersonID, sends bool) (*message.Sends, error) {
	if !p.Referral.On || p.State != store.ProgramLive {
		return nil, nil
	}
	a, err := tx.AdvocateIn(shop.ID, person)
	if err == nil && a.Code == "" && sends { // nobody has a code before they need one
		a, err = tx.Advocate(shop.ID, person)
	}
	if err != nil || a.BannedAt != 0 || a.Code == "" {
		return nil, err
	}
	out := &message.Sends{URL: w.BaseURL + "/r/" + a.Code, Code: a.Code, Friend: offerOf(p, p.Referral.Friend, shop), Advocate: offerOf(p, p.Referral.Advocate, shop)}
	for _, r := range p.Rules {
		if r.Kind == loyalty.ForReferral {
			out.Points += r.Points
		}
	}
	return out, nil
}

// offerOf is what one of a program's rewards gives now; nil where it gives nothing.
func offerOf(p store.Program, id string, shop commerce.Shop) *loyalty.Offer {
	i := slices.IndexFunc(p.Rewards, func(r loyalty.Reward) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	o, err := p.Rewards[i].Issue(max(1, p.Rewards[i].Least), shop.Currency)
	if err != nil {
		return nil // not offered any more
	}
	return &o
}
