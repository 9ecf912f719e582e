package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"flywheel/commerce"
)

// hintPause is how long a shop's next hint waits for the one before: a drain
// goes on until the inbox is empty, so more hints bring nothing.
const hintPause = 20 * time.Millisecond

// hint is whether one shop has a hint under way and whether more came meanwhile.
type hint struct {
	mu             sync.Mutex
	pending, dirty bool
}

// InboxArrived tells the queue that a shop has a new delivery. It returns at
// once; a hint that is lost costs a second, since the sweep looks in SQL.
func (q *Queue) InboxArrived(shop commerce.ShopID) {
	v, _ := q.hints.LoadOrStore(shop, &hint{})
	h := v.(*hint)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pending {
		h.dirty = true
		return
	}
	h.pending = true
	q.done.Add(1)
	go q.hint(shop, h)
}

func (q *Queue) hint(shop commerce.ShopID, h *hint) {
	defer q.done.Done()
	for {
		if err := q.enqueueDrain(context.Background(), shop); err != nil {
			q.log.Debug("hint dropped", "shop", shop, "error", err)
		}
		select {
		case <-q.stop:
			return
		case <-time.After(hintPause):
		}
		h.mu.Lock()
		again := h.dirty
		h.dirty, h.pending = false, again
		if !again {
			q.hints.Delete(shop)
		}
		h.mu.Unlock()
		if !again {
			return
		}
	}
}

// enqueueDrain puts a shop's drain in the queue; one that is there already is fine.
func (q *Queue) enqueueDrain(ctx context.Context, shop commerce.ShopID) error {
	generation, err := q.store.Generation(ctx, shop)
	if err != nil {
		return err
	}
	err = q.enqueue(ctx, taskDrain, drainID(shop, generation), DrainPayload{shop})
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil
	}
	return err
}

func drainID(shop commerce.ShopID, generation int64) string {
	return fmt.Sprintf("drain:%s:%d", shop, generation)
}
