package jobs

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hibiken/asynq"

	"flywheel/fault"
	"flywheel/store"
)

// estimateID is the TaskID of the one task that answers questions which take a while.
const estimateID = "estimate:next"

// An estimate looks at so many rows between two savings and goes on for so long.
const (
	estimateRows = 200
	estimateTime = 20 * time.Second
)

// hintEstimates has a worker answer what was asked.
func (s *sweep) hintEstimates(ctx context.Context) error {
	if !s.looking {
		return nil
	}
	open, err := s.Store.EstimatesOpen(ctx)
	if err != nil || !open {
		return err
	}
	err = s.Queue.enqueue(ctx, taskEstimate, estimateID, struct{}{})
	if isConflict(err) {
		s.Queue.lost(estimateID) // frees the id if a killed worker left it archived
		return nil
	}
	return err
}

func (w *Worker) handleEstimate(ctx context.Context, _ *asynq.Task) error {
	for end := time.Now().Add(estimateTime); time.Now().Before(end) && ctx.Err() == nil; {
		e, found, err := w.Store.NextEstimate(ctx)
		if err != nil || !found {
			return nil //nolint:nilerr // the sweep asks again
		}
		if err := w.estimate(ctx, e, end); err != nil && !fault.Is(err, fault.Conflict) && ctx.Err() == nil {
			w.Log.Warn("question not answered", "shop", e.Shop, "estimate", e.ID, "error", err)
			w.failEstimate(e, err)
		}
		w.insist("question not given back", e.Shop, func(ctx context.Context) error { return w.Store.ReleaseEstimate(ctx, e.Shop, e.ID) })
	}
	return nil
}

// counter answers a question portion by portion. Its JSON is the answer so far.
type counter interface {
	// count looks at at most rows rows behind the cursor and returns where to go on; n < rows is the end.
	count(ctx context.Context, after string, rows int) (last string, n int, err error)
}

// estimate goes on with a question until it is answered or the time is up.
func (w *Worker) estimate(ctx context.Context, e store.Estimate, end time.Time) error {
	counts, err := w.counter(ctx, &e)
	if err != nil {
		return err
	}
	for time.Now().Before(end) && ctx.Err() == nil && e.State != store.EstimateDone {
		was := e.Position
		last, n, err := counts.count(ctx, was, estimateRows)
		if err != nil {
			return err
		}
		if n < estimateRows {
			e.State = store.EstimateDone
		} else {
			e.State, e.Position = store.EstimateRunning, last
		}
		e.Seen += int64(n)
		if e.Answer, err = json.Marshal(counts); err != nil {
			return err
		}
		if err := w.Store.SaveEstimate(ctx, e.Shop, e, was); err != nil {
			return err
		}
	}
	return nil
}

// counter makes what answers e, with what it has counted so far.
func (w *Worker) counter(ctx context.Context, e *store.Estimate) (counter, error) {
	shop, err := w.Store.Shop(ctx, e.Shop)
	if err != nil {
		return nil, err
	}
	var counts counter
	switch e.Kind {
	case store.EstimateReplay:
		counts, err = w.newReplay(ctx, shop, *e)
	case store.EstimateCondition:
		counts, err = w.newTally(shop, *e)
	case store.EstimateWheel:
		counts = w.newWheel(shop, *e)
	case store.EstimateDays:
		counts, e.Expected = &dayCount{w: w, shop: shop}, daysBack
	default:
		err = fault.New(fault.Invalid, "nobody knows how to answer a question of the kind %q", e.Kind)
	}
	if err != nil {
		return nil, err
	}
	if e.Expected == 0 {
		if e.Expected, err = w.Store.CountFor(ctx, e.Shop, aboutPersons(counts)); err != nil {
			return nil, err
		}
	}
	return counts, json.Unmarshal(e.Answer, counts)
}

// aboutPersons reports whether a counter goes through persons rather than orders.
func aboutPersons(c counter) bool {
	t, ok := c.(*tally)
	return ok && t.persons
}

// failEstimate ends a question that cannot be answered, with what is wrong. What
// may be better in a moment is tried again.
func (w *Worker) failEstimate(e store.Estimate, why error) {
	if kind := fault.KindOf(why); kind == "" || kind == fault.Temporary {
		return
	}
	was := e.Position
	e.State, e.Note = store.EstimateFailed, fault.Sentence(why)
	w.insist("question not ended", e.Shop, func(ctx context.Context) error {
		err := w.Store.SaveEstimate(ctx, e.Shop, e, was)
		if fault.Is(err, fault.Conflict) {
			return nil
		}
		return err
	})
}
