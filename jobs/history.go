package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hibiken/asynq"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
)

// planEvery is how often connections are looked for that nobody looks at yet.
const planEvery = time.Minute

// hintHistory has workers go on with shops' pasts, and look for what their
// webhooks left out.
func (s *sweep) hintHistory(ctx context.Context) error {
	if !s.looking || !s.canAsk(commerce.Shopify) && !s.canAsk(commerce.Stripe) {
		return nil
	}
	if time.Since(s.planned) >= planEvery {
		if err := s.Store.AddReconciliations(ctx); err != nil {
			return err
		}
		s.planned = time.Now()
	}
	for _, work := range []struct {
		name, id string
		due      func(context.Context, int) ([]store.ShopConnection, error)
	}{
		{taskBackfill, "backfill", s.Store.DueBackfills},
		{taskReconcile, "reconcile", s.Store.DueReconciliations},
	} {
		if work.name == taskReconcile && s.NoReconcile {
			continue
		}
		due, err := work.due(ctx, 20)
		if err != nil {
			return err
		}
		for _, d := range due {
			id := fmt.Sprintf("%s:%s:%s", work.id, d.Shop, d.Connection)
			err := s.Queue.enqueue(ctx, work.name, id, ConnectionPayload(d))
			if isConflict(err) && s.Queue.orphaned(id) {
				id = fmt.Sprintf("%s:%d", id, time.Now().Unix()/30) // one more in half a minute
				err = s.Queue.enqueue(ctx, work.name, id, ConnectionPayload(d))
			}
			if err != nil && !isConflict(err) {
				return err
			}
		}
	}
	return nil
}

// canAsk reports whether this worker is set up to ask a platform anything.
func (w *Worker) canAsk(p commerce.Platform) bool {
	if p == commerce.Stripe {
		return w.Accounts != nil && w.Accounts.Stripe != nil
	}
	return w.Shopify != nil && w.Install != nil
}

// ofConnection handles a task that is about one connection. What it could not
// finish is in the row, which says when it goes on.
func (w *Worker) ofConnection(what string, do func(context.Context, commerce.ShopID, commerce.ConnectionID) error) asynq.HandlerFunc {
	return func(ctx context.Context, t *asynq.Task) error {
		var p ConnectionPayload
		if err := json.Unmarshal(t.Payload(), &p); err != nil {
			return fmt.Errorf("%s payload: %w: %w", what, err, asynq.RevokeTask)
		}
		if err := do(ctx, p.Shop, p.Connection); err != nil && !fault.Is(err, fault.Conflict) {
			w.Log.Warn(what+" not finished", "shop", p.Shop, "error", err)
		}
		return nil
	}
}
