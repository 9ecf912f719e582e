package club

import (
	"context"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
)

// Redeem spends a member's points on a reward of the program; steps is the size
// of a sliding one, else 1. request makes it once, such as a form's random key:
// sent again it is the same reward. Its code is made by a worker within a second
// or two. Errors are loyalty.ErrTooFew, loyalty.ErrBudget, fault.Conflict (no member,
// not offered, had as often as anybody may, the program rests) and fault.Invalid.
func (d Desk) Redeem(ctx context.Context, shop commerce.Shop, person commerce.PersonID, reward string, steps int64, request string) (r store.Reward, err error) {
	if request == "" {
		return r, fault.New(fault.Invalid, "the request has no key: load the page again")
	}
	cause := store.RewardCause{Kind: store.RewardRedeemed, ID: request}
	err = d.at(ctx, shop, person, func(s *seat) error {
		if err := s.joined(); err != nil {
			return err
		}
		there, ok, err := s.tx.RewardFor(shop.ID, cause, reward)
		if err != nil {
			return err
		}
		if !ok && s.program.State != store.ProgramLive {
			return fault.New(fault.Conflict, "the loyalty program rests: nothing can be redeemed until it goes on")
		}
		offer := there.Offer // of which GiveReward says whose it is
		if !ok {
			if offer, err = s.bought(reward, steps); err != nil {
				return err
			}
		}
		r, _, err = s.tx.GiveReward(shop.ID, s.member, store.Gift{Cause: cause, Offer: offer, Month: Month(shop, s.tx.Now())}, s.program.Program)
		return err
	})
	if err != nil {
		return store.Reward{}, err
	}
	return r, nil
}

// bought is the offer that points buy.
func (s *seat) bought(reward string, steps int64) (loyalty.Offer, error) {
	offered, err := s.offered(reward)
	if err != nil {
		return loyalty.Offer{}, err
	}
	if offered.Cost <= 0 {
		return loyalty.Offer{}, fault.New(fault.Conflict, "points do not buy this reward")
	}
	return issue(s.shop, offered, steps)
}

// offered is a reward of the program that somebody may have once more.
func (s *seat) offered(reward string) (loyalty.Reward, error) {
	i := slices.IndexFunc(s.terms, func(r loyalty.Reward) bool { return r.ID == reward })
	if i < 0 {
		return loyalty.Reward{}, fault.New(fault.Conflict, "this reward is not offered any more")
	}
	r := s.terms[i]
	if err := Fits(s.shop, r.Kind); err != nil {
		return r, err
	}
	if r.Each == 0 {
		return r, nil
	}
	had, err := s.tx.CountRewards(s.shop.ID, s.person.ID, reward)
	if err == nil && had >= r.Each {
		err = fault.New(fault.Conflict, "this reward was had as often as one person may have it")
	}
	return r, err
}

func issue(shop commerce.Shop, r loyalty.Reward, steps int64) (loyalty.Offer, error) {
	if shop.Currency == "" && (r.Kind == loyalty.AmountOff || r.MinSpend > 0) {
		return loyalty.Offer{}, fault.New(fault.Conflict, "the shop's currency is not known before its first order")
	}
	return r.Issue(steps, shop.Currency)
}

// Fits refuses, as fault.Conflict, kinds of rewards of which the shop's platform
// makes no codes: Stripe takes off a percentage or an amount, and nothing else.
func Fits(shop commerce.Shop, kind loyalty.RewardKind) error {
	alone := slices.Contains(shop.Platforms, commerce.Stripe) && !slices.Contains(shop.Platforms, commerce.Shopify)
	if alone && kind != loyalty.PercentOff && kind != loyalty.AmountOff {
		return fault.New(fault.Conflict, "Stripe makes codes for a percentage or an amount only: choose one of those for this reward")
	}
	return nil
}

// Give gives somebody a reward without points for a cause, once, inside a
// transaction whose person is locked; depth is as in store.Tx.Tell. Errors are
// loyalty.ErrBudget and fault.Conflict (not offered, had as often as anybody may,
// blocked, no program).
func Give(tx *store.Tx, shop commerce.Shop, person commerce.PersonID, reward string, cause store.RewardCause, depth int) (store.Reward, error) {
	s := &seat{tx: tx, shop: shop, person: commerce.Person{ID: person}}
	if err := s.open(); err != nil {
		return store.Reward{}, err
	}
	return s.give(reward, store.Gift{Cause: cause, Depth: depth})
}

// GiveAsPromised is the function Give with the terms that the program had on the
// day of a promise; the budget is today's.
func GiveAsPromised(tx *store.Tx, shop commerce.Shop, person commerce.PersonID, then loyalty.Program, reward string, cause store.RewardCause) (store.Reward, error) {
	s := &seat{tx: tx, shop: shop, person: commerce.Person{ID: person}}
	if err := s.open(); err != nil {
		return store.Reward{}, err
	}
	s.terms = then.Rewards
	return s.give(reward, store.Gift{Cause: cause})
}

// Give is the function Give as a transaction of its own. Errors are fault.NotFound too, for whom the shop does not know.
func (d Desk) Give(ctx context.Context, shop commerce.Shop, person commerce.PersonID, reward string, cause store.RewardCause, depth int) (r store.Reward, err error) {
	err = d.at(ctx, shop, person, func(s *seat) (err error) {
		r, err = s.give(reward, store.Gift{Cause: cause, Depth: depth})
		return err
	})
	if err != nil {
		return store.Reward{}, err
	}
	return r, nil
}

// GiveByStaff gives somebody a reward by hand; act names the act, so that one sent twice counts once.
func (d Desk) GiveByStaff(ctx context.Context, shop commerce.Shop, person commerce.PersonID, reward, act, by, note string) (r store.Reward, err error) {
	if act == "" {
		return r, fault.New(fault.Invalid, "the act has no key: load the page again")
	}
	err = d.at(ctx, shop, person, func(s *seat) (err error) {
		r, err = s.give(reward, store.Gift{Cause: store.RewardCause{Kind: store.RewardByStaff, ID: act}, By: by, Why: note})
		return err
	})
	if err != nil {
		return store.Reward{}, err
	}
	return r, nil
}

func (s *seat) give(reward string, g store.Gift) (store.Reward, error) {
	there, ok, err := s.tx.RewardFor(s.shop.ID, g.Cause, reward)
	switch {
	case err != nil:
		return store.Reward{}, err
	case ok:
		g.Offer = there.Offer
	case s.member.State == store.Blocked:
		return store.Reward{}, s.joined()
	default:
		offered, err := s.offered(reward)
		if err != nil {
			return store.Reward{}, err
		}
		if g.Offer, err = issue(s.shop, offered, max(1, offered.Least)); err != nil {
			return store.Reward{}, err
		}
		g.Offer.Cost = 0
	}
	g.Month = Month(s.shop, s.tx.Now())
	r, _, err := s.tx.GiveReward(s.shop.ID, s.member, g, s.program.Program)
	return r, err
}
