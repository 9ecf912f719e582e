package jobs

import (
	"context"

	"flywheel/codes"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/integrations/stripe"
	"flywheel/store"
)

// stripeMint makes codes as promotions of a Stripe account.
type stripeMint struct {
	*Worker
	conn commerce.Connection
	desk *codes.Desk
}

func (w *Worker) stripeMint(c commerce.Connection) (mint, error) {
	if w.Accounts == nil {
		return nil, fault.New(fault.Denied, "this installation has no Stripe keys, so it cannot make codes there")
	}
	return stripeMint{w, c, &codes.Desk{Store: w.Store, Accounts: w.Accounts}}, nil
}

// rewardCause is what codes know a reward by.
func rewardCause(r store.Reward) string { return "reward:" + r.ID }

func (s stripeMint) give(ctx context.Context, shop commerce.Shop, r store.Reward) (coupon, error) {
	wanted := codes.Reward{
		Cause: rewardCause(r), Rule: r.Offer.Reward, Title: title(r), Connection: s.conn.ID,
		Terms: codes.Terms{Minimum: r.Offer.MinSpend, Days: r.Offer.Days},
	}
	switch r.Offer.Kind {
	case loyalty.PercentOff:
		wanted.Kind, wanted.Percent = stripe.PercentOff, int(r.Offer.Percent)
	case loyalty.AmountOff:
		wanted.Kind, wanted.Amount = stripe.AmountOff, r.Offer.Amount
	default:
		return coupon{}, fault.New(fault.Invalid, "Stripe makes codes for a percentage or an amount only")
	}
	var err error
	if wanted.Customer, err = s.buyer(ctx, shop.ID, r); err != nil {
		return coupon{}, err
	}
	got, err := s.desk.Give(ctx, shop.ID, wanted)
	return coupon{code: got.Code, ended: got.Ended}, err
}

// buyer is whose code it is: as it was asked for the first time, however many customers they have become since.
func (s stripeMint) buyer(ctx context.Context, shop commerce.ShopID, r store.Reward) (string, error) {
	rows, err := s.Store.PromotionsFor(ctx, shop, rewardCause(r), r.Offer.Reward)
	if err != nil {
		return "", err
	}
	for _, p := range rows {
		if p.Connection == s.conn.ID {
			return p.Customer, nil
		}
	}
	return s.customer(ctx, shop, commerce.Stripe, r.Person)
}

// find finds nothing: who gives once more at Stripe finds what there is, by its key.
func (s stripeMint) find(context.Context, commerce.Shop, store.Reward) (coupon, error) {
	return coupon{}, fault.New(fault.NotFound, "it is found by asking for it again")
}

func (s stripeMint) end(ctx context.Context, shop commerce.Shop, r store.Reward) error {
	return s.desk.End(ctx, shop.ID, rewardCause(r), r.Offer.Reward)
}
