package jobs

import (
	"context"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
)

// gavePoints makes one attempt to give somebody points in the loyalty program.
func (w *Worker) gavePoints(ctx context.Context, shop commerce.Shop, r *run) store.EffectResult {
	result := store.EffectResult{ID: r.effect.ID, Dispatch: r.effect.Dispatch, Tries: r.effect.Tries, State: store.Sent}
	if r.Rehearsal {
		result.Note = "rehearsal: no points are given"
		return result
	}
	step := r.next.Step
	cause := loyalty.Cause{Kind: loyalty.OfEvent, ID: "effect/" + string(r.effect.ID)}
	err := club.Desk{Store: w.Store}.GivePoints(ctx, shop, r.Person, int64(step.Points), cause, step.Why, r.rules.Cause.Depth()+1)
	if err == nil {
		err = w.lookOn(ctx, shop, r)
	}
	switch {
	case err == nil:
		return result
	case fault.Is(err, fault.Conflict), fault.Is(err, fault.NotFound), fault.Is(err, fault.Invalid):
		return r.gaveUp(result, gate.NoMember, fault.Sentence(err))
	}
	result.State, result.Tries, result.Note = store.Retry, r.effect.Tries+1, fault.Sentence(err)
	r.move = r.again(min(w.Store.Now().Add(wait(r.effect.ID, r.effect.Tries)), r.next.Latest+1))
	return result
}
