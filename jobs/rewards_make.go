package jobs

import (
	"context"
	"errors"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
)

// mint is where the codes of a shop's rewards are made.
type mint interface {
	// give makes a reward's code, or finds it where it was made before.
	give(ctx context.Context, shop commerce.Shop, r store.Reward) (coupon, error)
	// find finds what give made; nothing is fault.NotFound.
	find(ctx context.Context, shop commerce.Shop, r store.Reward) (coupon, error)
	// end makes what give made worth nothing; nothing is fault.NotFound.
	end(ctx context.Context, shop commerce.Shop, r store.Reward) error
}

// coupon is a code as a platform has it.
type coupon struct {
	code, id string
	ended    bool // it was over, or ended there, when it was found
}

// makeReward has a reward's code made. Nobody is told of it before it is certain
// that there is one, and nothing is given back before it is certain that there is none.
func (w *Worker) makeReward(ctx context.Context, shop commerce.Shop, r store.Reward) error {
	at, conn, err := w.mintOf(ctx, shop.ID, r)
	if err != nil {
		return w.waitForMint(ctx, shop, r, err)
	}
	if at == nil { // the shop's own code: nobody needs to be asked
		code, _, err := w.Store.RewardCode(ctx, shop.ID, r.ID, "")
		if err != nil {
			return err
		}
		return w.becomes(ctx, shop, r, store.RewardOutcome{State: store.RewardMade, Code: code})
	}
	if r.Doubts > 0 {
		if got, err := at.find(ctx, shop, r); err == nil {
			return w.made(ctx, shop, r, got)
		} else if !fault.Is(err, fault.NotFound) {
			return w.unheard(ctx, shop, r, err)
		}
	}
	if asked, err := w.Store.AskReward(ctx, shop.ID, r.ID, conn.ID); err != nil || !asked {
		return err
	}
	r.Connection = conn.ID
	got, err := at.give(ctx, shop, r)
	if err == nil {
		return w.made(ctx, shop, r, got)
	}
	return w.refusedReward(ctx, shop, r, err)
}

// refusedReward hears why a code was not made; r is as it was before the question.
func (w *Worker) refusedReward(ctx context.Context, shop commerce.Shop, r store.Reward, err error) error {
	certain := r.Doubts == 0 || r.TriedAt.Add(settledAfter) <= w.Store.Now() // and it was looked for before it was asked for again
	switch {
	case fault.Is(err, fault.Conflict), fault.Is(err, fault.Invalid) && certain:
		return w.becomes(ctx, shop, r, store.RewardOutcome{State: store.RewardFailed, Note: sentence(err)})
	case fault.Is(err, fault.Denied), fault.Is(err, fault.NotFound):
		return w.waitForMint(ctx, shop, r, err) // this question did nothing
	}
	return w.unheard(ctx, shop, r, err)
}

// made notes a code that there is. One that ended before anybody was told of it is worth nothing.
func (w *Worker) made(ctx context.Context, shop commerce.Shop, r store.Reward, got coupon) error {
	if got.ended {
		return w.becomes(ctx, shop, r, store.RewardOutcome{State: store.RewardFailed, PlatformID: got.id, Note: "the code had ended at the platform before it was given to anybody"})
	}
	return w.becomes(ctx, shop, r, store.RewardOutcome{State: store.RewardMade, Code: got.code, PlatformID: got.id})
}

// unheard notes that nobody knows whether there is a code: points and budget stay taken.
func (w *Worker) unheard(ctx context.Context, shop commerce.Shop, r store.Reward, err error) error {
	if ctx.Err() != nil {
		return errors.Join(err, ctx.Err()) // the question is noted: who comes next looks before they ask
	}
	look := w.Store.Now().Add(pauseOf(w.Store.Now().Time().Sub(r.AskedAt.Time())))
	return w.becomes(ctx, shop, r, store.RewardOutcome{State: store.RewardUnknown, Note: sentence(err), LookAt: look})
}

// waitForMint waits for whoever makes codes to be there again, or to let us.
// What has waited for a week, and was certainly never made, is given up.
func (w *Worker) waitForMint(ctx context.Context, shop commerce.Shop, r store.Reward, err error) error {
	if r.Doubts == 0 && r.AskedAt.Add(rewardPatience) <= w.Store.Now() {
		return w.becomes(ctx, shop, r, store.RewardOutcome{State: store.RewardFailed, Note: sentence(err)})
	}
	return w.putOff(ctx, shop, r, err, r.Doubts)
}

// endCode makes a reward's code worth nothing where it was made. It is certain
// then, also where there is none, that nobody can use it.
func (w *Worker) endCode(ctx context.Context, shop commerce.Shop, r store.Reward) error {
	at, _, err := w.mintOf(ctx, shop.ID, r)
	if err != nil || at == nil {
		return err
	}
	err = at.end(ctx, shop, r)
	switch {
	case !fault.Is(err, fault.NotFound):
		return err
	case r.Open() && r.TriedAt.Add(settledAfter) > w.Store.Now():
		return fault.New(fault.Temporary, "the platform may still be making the code: it is looked for again")
	}
	return nil
}

// mintOf is where a reward's code is, or is to be, made: at the shop's Shopify,
// else at its Stripe, else nowhere (nil), when staff honour the shop's own. Where
// it may have been made already, there and nowhere else. A platform that is
// connected and cannot be asked is an error: no code is given that does not work at the checkout.
func (w *Worker) mintOf(ctx context.Context, shop commerce.ShopID, r store.Reward) (mint, commerce.Connection, error) {
	all, err := w.Store.Connections(ctx, shop)
	if err != nil {
		return nil, commerce.Connection{}, err
	}
	begun := !r.Open() || r.Doubts > 0
	if begun && r.Connection == "" {
		return nil, commerce.Connection{}, nil
	}
	var best commerce.Connection
	for _, c := range all { // the oldest first
		fits := c.Open() && (c.Platform == commerce.Shopify || c.Platform == commerce.Stripe && c.Live)
		if begun {
			fits = fits && c.ID == r.Connection
		}
		if fits && (best.ID == "" || best.Platform != commerce.Shopify && c.Platform == commerce.Shopify) {
			best = c
		}
	}
	switch {
	case best.ID == "" && begun:
		return nil, best, fault.New(fault.Denied, "the account in which the code was made is not connected any more")
	case best.ID == "":
		return nil, best, nil
	case best.Platform == commerce.Shopify:
		at, err := w.shopifyMint(best)
		return at, best, err
	}
	at, err := w.stripeMint(best)
	return at, best, err
}
