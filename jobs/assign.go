package jobs

import (
	"context"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/sender"
	"flywheel/store"
)

// callSoon is until when a call should be made where the step does not say.
const callSoon = 48 * time.Hour

// assign puts calls on the staff's list. The row's id is the effect's, so that
// a repeat makes no second one.
func (w *Worker) assign(ctx context.Context, shop commerce.Shop, runs []*run) {
	if runs[0].Rehearsal { // nobody is called; the team reads what would stand on its list
		w.send(ctx, shop, runs)
		return
	}
	going, ok := w.begin(ctx, shop.ID, runs)
	if !ok {
		return
	}
	var results []store.EffectResult
	var tasks []store.Task
	for _, r := range going {
		result := store.EffectResult{ID: r.effect.ID, Dispatch: r.effect.Dispatch, Tries: r.effect.Tries, State: store.Sent}
		said, err := r.version.notes[r.effect.StepID].Say(w.messageFacts(shop, sender.Way{}, r))
		if err != nil {
			w.Log.Error("note not rendered", "shop", shop.ID, "effect", r.effect.ID, "error", err)
			result.State, result.Note = store.Failed, "the note cannot be rendered"
		} else {
			tasks = append(tasks, store.Task{
				ID: r.effect.ID, Person: r.effect.Person, Order: r.Order, Campaign: r.Campaign, StepID: r.effect.StepID,
				Title: said.Title, Script: strings.Join(said.Body, "\n\n"), DueAt: w.callBy(r),
			})
		}
		results = append(results, w.attempted(shop.ID, r, result))
	}
	w.recordWith(shop.ID, runs, results, func(tx *store.Tx) error {
		for _, t := range tasks {
			if err := tx.AddTask(shop.ID, t); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *Worker) callBy(r *run) commerce.Instant {
	within := time.Duration(r.next.Step.Within)
	if within == 0 {
		within = callSoon
	}
	return w.Store.Now().Add(within)
}
