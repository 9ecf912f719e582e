package jobs

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/semaphore"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
)

// executors take the steps that reach out, by kind. Each gets claimed runs of
// its kind, at most a chunk, and records how they ended.
var executors = map[campaign.StepKind]func(*Worker, context.Context, commerce.Shop, []*run){
	campaign.SendEmail:  (*Worker).send,
	campaign.NotifyTeam: (*Worker).send,
	campaign.CallTask:   (*Worker).assign,
	campaign.Webhook:    (*Worker).post,

	campaign.TagCustomer: (*Worker).tag,
	campaign.GivePoints: func(w *Worker, ctx context.Context, shop commerce.Shop, runs []*run) {
		w.giveEach(ctx, shop, runs, w.gavePoints)
	},
	campaign.GiveReward: func(w *Worker, ctx context.Context, shop commerce.Shop, runs []*run) {
		w.giveEach(ctx, shop, runs, w.gaveReward)
	},
}

// reachOut does what was claimed, several chunks side by side.
func (w *Worker) reachOut(ctx context.Context, shop commerce.ShopID, runs []*run) {
	if len(runs) == 0 {
		return
	}
	s, err := w.Store.Shop(ctx, shop)
	if err != nil {
		w.Log.Warn("claimed, not sent; the lease will end", "shop", shop, "error", err)
		return
	}
	type sort struct {
		kind      campaign.StepKind
		rehearsal bool
	}
	sorts := map[sort][]*run{}
	for _, r := range runs {
		k := sort{r.effect.Kind, r.Rehearsal}
		sorts[k] = append(sorts[k], r)
	}
	mails := semaphore.NewWeighted(w.sideBySide(ctx, shop))
	var doing sync.WaitGroup
	for k, same := range sorts {
		for chunk := range slices.Chunk(same, sendChunk) {
			doing.Go(func() {
				if k.kind == campaign.SendEmail || k.kind == campaign.NotifyTeam {
					_ = mails.Acquire(context.Background(), 1) // whoever has it ends with ctx
					defer mails.Release(1)
				}
				executors[k.kind](w, ctx, s, chunk)
			})
		}
	}
	doing.Wait()
}

// begin marks effects as under way and returns the runs that may go on; the
// others are decided anew.
func (w *Worker) begin(ctx context.Context, shop commerce.ShopID, runs []*run) (going []*run, ok bool) {
	effects := make([]store.Effect, len(runs))
	for i, r := range runs {
		effects[i] = r.effect
	}
	may, err := w.Store.BeginSending(ctx, shop, effects)
	if err != nil {
		w.Log.Warn("claimed, not sent; the lease will end", "shop", shop, "error", err)
		return nil, false
	}
	for _, r := range runs {
		if may[r.effect.ID] {
			going = append(going, r)
			continue
		}
		r.move = r.again(w.Store.Now())
	}
	return going, true
}

// attempted counts and logs an outward act.
func (w *Worker) attempted(shop commerce.ShopID, r *run, result store.EffectResult) store.EffectResult {
	w.metrics.effects.WithLabelValues(string(r.effect.Kind), string(result.State)).Inc()
	w.Log.Info(string(r.effect.Kind)+" attempted", "shop", shop, "effect", r.effect.ID, "enrollment", r.ID, "campaign", r.Campaign, "step", r.effect.StepID,
		"person", r.effect.Person, "order", r.Order, "dispatch", r.Dispatch, "try", result.Tries, "result", result.State, "answer", result.Note)
	return result
}

// hurt reports whether an attempt ended as the fuse counts it.
func hurt(results []store.EffectResult) bool {
	return slices.ContainsFunc(results, func(r store.EffectResult) bool { return r.State == store.Failed })
}
