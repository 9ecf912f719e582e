package jobs

import (
	"context"
	"errors"
	"time"
)

// maintainLease names the one process that tidies up.
const maintainLease = "maintain"

// maintainEvery is how often rows past their time are removed; once a night
// would do, but small steps keep each short.
const maintainEvery = time.Hour

// maintainLoop removes what is past its time and finishes shops whose erasure
// was interrupted.
func (w *Worker) maintainLoop(ctx context.Context) {
	ticker := time.NewTicker(maintainEvery)
	defer ticker.Stop()
	for {
		if err := w.maintain(ctx); err != nil && ctx.Err() == nil {
			w.Log.Warn("maintenance", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (w *Worker) maintain(ctx context.Context) error {
	leads, err := w.Store.Lead(ctx, maintainLease, w.id, maintainEvery/2)
	if err != nil || !leads {
		return err
	}
	kept := w.upkeep(ctx)
	gone, err := w.Store.Retain(ctx)
	if gone > 0 {
		w.Log.Info("rows past their time removed", "rows", gone)
	}
	return errors.Join(kept, err, w.refreshTokens(ctx), w.bidFarewell(ctx), w.settleCodes(ctx), w.lookAtSenders(ctx))
}
