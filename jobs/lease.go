package jobs

import (
	"context"
	"slices"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
)

// work takes rows in hand, so that their leases are renewed, and returns those
// that nobody in this process had: two tasks may name the same row. rest lets
// them go, so that the leases end.
func (w *Worker) work(shop commerce.ShopID, es []campaign.Enrollment) []campaign.Enrollment {
	var mine []campaign.Enrollment
	for _, e := range es {
		if _, busy := w.working.LoadOrStore(store.ShopRow{Shop: shop, ID: e.ID}, struct{}{}); !busy {
			mine = append(mine, e)
		}
	}
	return mine
}

func (w *Worker) rest(shop commerce.ShopID, es []campaign.Enrollment) {
	for _, e := range es {
		w.working.Delete(store.ShopRow{Shop: shop, ID: e.ID})
	}
}

func (w *Worker) renewLoop(ctx context.Context) {
	ticker := time.NewTicker(store.LeaseRenewal)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if rows := w.inHand(); len(rows) > 0 {
			if err := w.Store.RenewLeases(ctx, w.id, rows); err != nil {
				w.Log.Warn("leases not renewed", "rows", len(rows), "error", err)
			}
		}
	}
}

// inHand lists the rows this process works on, in the order in which they are locked.
func (w *Worker) inHand() []store.ShopRow {
	var rows []store.ShopRow
	w.working.Range(func(row, _ any) bool {
		rows = append(rows, row.(store.ShopRow))
		return true
	})
	slices.SortFunc(rows, store.ShopRow.Compare)
	return rows
}

// giveBack returns rows to the sweep as they are.
func (w *Worker) giveBack(shop commerce.ShopID, es []campaign.Enrollment) {
	moves := make([]store.Move, len(es))
	for i, e := range es {
		moves[i] = stay(e, e.DueAt)
	}
	w.insist("rows not given back", shop, func(ctx context.Context) error {
		return w.Store.Transact(ctx, func(tx *store.Tx) error { return w.move(tx, shop, moves) })
	})
}

// insist does what ends a lease. Where the database is away it is tried again
// behind the caller's back, so that work goes on as soon as the database does
// and not only when the lease is over.
func (w *Worker) insist(what string, shop commerce.ShopID, do func(context.Context) error) {
	err := do(context.WithoutCancel(w.alive))
	if err == nil {
		return
	}
	w.Log.Warn(what, "shop", shop, "error", err)
	w.sending.Go(func() {
		ctx, cancel := context.WithTimeout(w.alive, 25*time.Second)
		defer cancel()
		for err != nil {
			select {
			case <-ctx.Done():
				return // the lease ends by itself
			case <-time.After(250 * time.Millisecond):
				err = do(ctx)
			}
		}
	})
}

// move ends runs of this worker. A row that another has in hand stays with it.
func (w *Worker) move(tx *store.Tx, shop commerce.ShopID, moves []store.Move) error {
	for i := range moves {
		moves[i].Owner = w.id
	}
	return tx.MoveEnrollments(shop, moves)
}

// slotPatience is how long work waits for a free slot before it lets others go on.
const slotPatience = time.Second

// takeSlots waits for n slots at once, though not for long. The caller releases them.
func (w *Worker) takeSlots(ctx context.Context, shop commerce.ShopID, n int) (release func(), ok bool) {
	slots := w.slots
	if way, err := w.way(ctx, shop); err == nil && way.Lines > 0 {
		slots = w.apart
	}
	ctx, cancel := context.WithTimeout(ctx, slotPatience)
	defer cancel()
	return func() { slots.Release(int64(n)) }, slots.Acquire(ctx, int64(n)) == nil
}
