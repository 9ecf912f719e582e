package jobs

import (
	"context"
	"errors"
	"time"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
)

// giftPause is how long a walk waits for the code of what it gives.
const giftPause = time.Minute

// giveEach gives what gave gives in one attempt, to each, and records how that ended.
// What was given holds the effect's id, so what is unclear is done again.
func (w *Worker) giveEach(ctx context.Context, shop commerce.Shop, runs []*run, gave func(context.Context, commerce.Shop, *run) store.EffectResult) {
	going, ok := w.begin(ctx, shop.ID, runs)
	if !ok {
		return
	}
	results := make([]store.EffectResult, len(going))
	for i, r := range going {
		results[i] = w.attempted(shop.ID, r, gave(ctx, shop, r))
	}
	w.record(shop.ID, runs, results)
	w.Queue.InboxArrived(shop.ID)
}

// gaveReward makes one attempt. The walk goes on once the code is there, so that
// the message behind the step can say it.
func (w *Worker) gaveReward(ctx context.Context, shop commerce.Shop, r *run) store.EffectResult {
	result := store.EffectResult{ID: r.effect.ID, Dispatch: r.effect.Dispatch, Tries: r.effect.Tries, State: store.Sent}
	if r.Rehearsal {
		result.Note = "rehearsal: no reward is given"
		return result
	}
	cause := store.RewardCause{Kind: store.RewardCampaign, ID: string(r.effect.ID)}
	given, err := club.Desk{Store: w.Store}.Give(ctx, shop, r.Person, r.next.Step.Reward, cause, r.rules.Cause.Depth()+1)
	switch {
	case errors.Is(err, loyalty.ErrBudget):
		return r.gaveUp(result, gate.BudgetUsed, fault.Sentence(err))
	case fault.Is(err, fault.Conflict), fault.Is(err, fault.NotFound), fault.Is(err, fault.Invalid):
		return r.gaveUp(result, gate.NoReward, fault.Sentence(err))
	case err == nil && given.Open():
		given, err = w.hurryReward(ctx, shop, given)
	}
	switch {
	case err == nil && given.State == store.RewardFailed:
		return r.gaveUp(result, gate.NoReward, given.Note)
	case err == nil && !given.Open():
		if err = w.lookOn(ctx, shop, r); err == nil {
			return result
		}
	}
	result.State, result.Tries, result.Note = store.Retry, r.effect.Tries+1, given.Note
	pause := giftPause
	if err != nil {
		result.Note, pause = fault.Sentence(err), wait(r.effect.ID, r.effect.Tries)
	}
	r.move = r.again(min(w.Store.Now().Add(pause), r.next.Latest+1))
	return result
}

// lookOn asks anew what is behind a step that has given something: what the
// customer has is not what it was when the step came.
func (w *Worker) lookOn(ctx context.Context, shop commerce.Shop, r *run) error {
	if r.rules.Loyalty == nil { // nothing behind it asks
		return nil
	}
	found, err := w.Store.LoyaltyFacts(ctx, shop.ID, []commerce.PersonID{r.Person})
	if err != nil {
		return err
	}
	l := found[r.Person]
	r.rules.Loyalty = &l
	r.lookBehind(w.Store.Now())
	r.move = r.past(w.Store.Now(), string(gate.SequenceComplete))
	return nil
}

// hurryReward has the code made at once, where nobody else does.
func (w *Worker) hurryReward(ctx context.Context, shop commerce.Shop, r store.Reward) (store.Reward, error) {
	taken, ok, err := w.Store.TakeReward(ctx, shop.ID, r.ID)
	if err == nil && ok {
		err = w.lookAfterReward(ctx, shop, taken)
	}
	if err != nil {
		return r, err
	}
	return w.Store.Reward(ctx, shop.ID, r.ID)
}
