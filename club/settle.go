package club

import (
	"context"
	"slices"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
)

// stuckAfter is how long a reward is looked after before somebody may say by hand what became of it.
const stuckAfter = time.Hour

// Stuck reports whether nobody knows what became of a reward's code since so long
// that it may never be known, as where the account in which it was made is gone:
// staff settle it by hand then.
func Stuck(r store.Reward, now commerce.Instant) bool {
	switch {
	case r.State == store.RewardUnknown, r.State == store.RewardMaking && r.Doubts > 0:
		return max(r.AskedAt, r.RecallAt).Add(stuckAfter) <= now
	case r.State == store.RewardMade && r.RecallAt != 0:
		return r.RecallAt.Add(stuckAfter) <= now
	}
	return false
}

// Settle says by hand, for a reason, what became of a reward that is stuck. There
// = its code can be used and stays. Not there = nobody can use it: one that was
// not made gives points and budget back, one that was is revoked. Errors are
// fault.Conflict where it is not stuck, or nobody here knows its code.
func (d Desk) Settle(ctx context.Context, shop commerce.Shop, reward string, there bool, note, by string) error {
	if err := noted(note); err != nil {
		return err
	}
	r, err := d.Store.Reward(ctx, shop.ID, reward)
	if err != nil {
		return err
	}
	code := r.Code
	if there && code == "" {
		if code, err = d.codeOf(ctx, shop, r); err != nil {
			return err
		}
	}
	return d.at(ctx, shop, r.Person, func(s *seat) error {
		now, err := s.tx.LockReward(shop.ID, reward)
		if err == nil && !Stuck(now, s.tx.Now()) {
			err = fault.New(fault.Conflict, "this reward is not stuck: it is looked after by itself")
		}
		if err != nil {
			return err
		}
		return s.settle(now, there, code, note+" ("+by+")")
	})
}

func (s *seat) settle(r store.Reward, there bool, code, note string) error {
	o := store.RewardOutcome{State: store.RewardFailed, Note: note}
	switch {
	case there:
		if err := s.tx.KeepReward(s.shop.ID, r, note); err != nil || r.State == store.RewardMade {
			return err
		}
		r.RecallAt = 0
		o.State, o.Code = store.RewardMade, code
	case r.State == store.RewardMade:
		o.State = store.RewardRevoked
	}
	set, err := s.tx.SetReward(s.shop.ID, s.member, r, o, s.program.Policy)
	if err != nil || !set || !there {
		return err
	}
	props := map[string]any{"for": r.Cause.Kind, "reward": r.Offer.Reward, "id": r.ID}
	return tell(s.tx, s.shop.ID, r.Person, commerce.RewardReady, r.ID, props, r.Depth)
}

// codeOf is the code that was asked for at the reward's connection: at Stripe that of its promotion, else derived.
func (d Desk) codeOf(ctx context.Context, shop commerce.Shop, r store.Reward) (string, error) {
	made, err := d.Store.PromotionsFor(ctx, shop.ID, "reward:"+r.ID, r.Offer.Reward)
	if err != nil {
		return "", err
	}
	for _, p := range made {
		if p.Connection == r.Connection && p.Code != "" {
			return p.Code, nil
		}
	}
	all, err := d.Store.Connections(ctx, shop.ID)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(all, func(c commerce.Connection) bool { return c.ID == r.Connection })
	if at < 0 || all[at].Platform != commerce.Shopify {
		return "", fault.New(fault.Conflict, "the code of this reward is not known here: say that there is none, and give another")
	}
	code, _, err := d.Store.RewardCode(ctx, shop.ID, r.ID, r.Connection)
	return code, err
}
