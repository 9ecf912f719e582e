package jobs

import (
	"context"
	"time"

	"github.com/hibiken/asynq"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify"
	"flywheel/store"
)

// writebackID is the TaskID of the one task that tells platforms what customers have chosen.
const writebackID = "writeback:next"

const (
	writebackTime = 20 * time.Second
	// writebackLease is how long nobody else takes what one has taken; being told twice does no harm.
	writebackLease = 2 * time.Minute
)

// writebackPauses is how long a choice waits after each try in vain: ten tries in
// not quite seven days. Then a person has to look.
var writebackPauses = []time.Duration{
	time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 12 * time.Hour, 24 * time.Hour, 48 * time.Hour, 72 * time.Hour,
}

// hintWritebacks has a worker tell what customers have chosen.
func (s *sweep) hintWritebacks(ctx context.Context) error {
	return s.hintTelling(ctx, s.Store.WritebacksDue, taskWriteback, writebackID)
}

// hintTelling has one worker tell a platform what is due, where the shop's may be told.
func (s *sweep) hintTelling(ctx context.Context, due func(context.Context) (bool, error), task, id string) error {
	if !s.looking || s.Shopify == nil || s.Install == nil {
		return nil
	}
	some, err := due(ctx)
	if err != nil || !some {
		return err
	}
	err = s.Queue.enqueue(ctx, task, id, struct{}{})
	if isConflict(err) {
		s.Queue.lost(id) // frees the id if a killed worker left it archived
		return nil
	}
	return err
}

func (w *Worker) handleWritebacks(ctx context.Context, _ *asynq.Task) error {
	for end := time.Now().Add(writebackTime); time.Now().Before(end) && ctx.Err() == nil; {
		b, found, err := w.Store.NextWriteback(ctx, writebackLease)
		if err != nil || !found {
			return nil //nolint:nilerr // the sweep asks again
		}
		if err := w.writeBack(ctx, b); err != nil {
			w.Log.Warn("choice not told", "shop", b.Shop, "person", b.Person, "try", b.Tries, "error", err)
		}
	}
	return nil
}

// writeBack makes one try and records how it ended. The choice itself counts
// here since it was made, whatever becomes of this.
func (w *Worker) writeBack(ctx context.Context, b store.Writeback) error {
	note, err := w.unsubscribe(ctx, b)
	if ctx.Err() != nil {
		return err // it is we who go away; another takes it up
	}
	final := fault.Is(err, fault.Invalid) || b.Tries > int64(len(writebackPauses))
	if err != nil && !final {
		next := w.Store.Now().Add(writebackPauses[b.Tries-1])
		if kept := w.Store.PutOffWriteback(ctx, b.Shop, b, next, fault.Sentence(err)); kept != nil {
			return kept
		}
		return err
	}
	if err != nil {
		note = fault.Sentence(err)
	}
	return w.Store.Transact(ctx, func(tx *store.Tx) error {
		done, failed := tx.FinishWriteback(b.Shop, b, note)
		if failed == nil && done && err != nil {
			failed = tx.AddFinding(b.Shop, "unsubscribe_not_told", string(b.Person),
				"a customer wants no marketing any more and gets none from here, but Shopify could not be told: unsubscribe them there by hand")
		}
		return failed
	})
}

// unsubscribe tells Shopify of each customer that the person is. Only this way:
// who takes a choice back here may have said no elsewhere since, so nobody is
// ever subscribed there by us. Without an error note says what came of it.
func (w *Worker) unsubscribe(ctx context.Context, b store.Writeback) (note string, err error) {
	persons, err := w.Store.Persons(ctx, b.Shop, []commerce.PersonID{b.Person})
	if err != nil {
		return "", err
	}
	if p, known := persons[b.Person]; !known || p.Erased {
		return "the person was erased", nil
	}
	customers, err := w.Store.Customers(ctx, b.Shop, b.Platform, []commerce.PersonID{b.Person})
	if err != nil {
		return "", err
	}
	if len(customers[b.Person]) == 0 {
		return "no customer", nil
	}
	conn, found, err := w.shopifyOf(ctx, b.Shop)
	if err == nil && !found {
		err = fault.New(fault.Temporary, "the shop is not connected")
	}
	if err != nil {
		return "", err
	}
	if still, err := w.Store.StillToTell(ctx, b.Shop, b); err != nil || !still {
		return "taken back", err
	}
	n, err := eachCustomer(customers[b.Person], func(id string) error {
		return w.atShopify(ctx, conn, func(a shopify.Access) error { return w.Shopify.Unsubscribe(ctx, a, id, b.SaidAt.Time()) })
	})
	switch {
	case err != nil:
		return "", err
	case n == 0:
		return "the customer is gone", nil
	}
	w.Log.Info("choice told", "shop", b.Shop, "person", b.Person, "platform", b.Platform, "try", b.Tries)
	return store.Told, nil
}
