package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/hibiken/asynq"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/api"
	"flywheel/integrations/shopify"
	"flywheel/integrations/stripe"
	"flywheel/store"
)

// A drain takes so many deliveries in one transaction and goes on for so long.
const (
	drainRows = 100
	drainTime = 5 * time.Second
)

// decoded is a delivery with what it says, or why it cannot be read.
type decoded struct {
	delivery commerce.Delivery
	change   commerce.Change
	err      error
}

func (w *Worker) handleDrain(ctx context.Context, t *asynq.Task) error {
	var p DrainPayload
	if err := json.Unmarshal(t.Payload(), &p); err != nil {
		return fmt.Errorf("drain payload: %w: %w", err, asynq.RevokeTask)
	}
	left, err := w.drain(ctx, p.Shop)
	if err != nil {
		w.Log.Warn("drain ended early", "shop", p.Shop, "error", err)
	}
	if left {
		w.drainAgain(ctx, p.Shop)
	}
	return nil // what is left is in SQL, and the sweep looks there
}

// drainAgain hints at a shop whose drain used up its time. This task still has
// its TaskID, so the next one needs another.
func (w *Worker) drainAgain(ctx context.Context, shop commerce.ShopID) {
	generation, err := w.Store.Generation(ctx, shop)
	if err == nil {
		err = w.Store.BumpGeneration(ctx, shop, generation)
	}
	if err != nil {
		w.Log.Warn("drain not continued; the sweep will", "shop", shop, "error", err)
		return
	}
	w.Queue.InboxArrived(shop)
}

// drain processes a shop's inbox until it is empty or its time is over, and
// runs what is due at once. It reports whether time was up first.
func (w *Worker) drain(ctx context.Context, shop commerce.ShopID) (left bool, err error) {
	lease, ok, err := w.Store.LeaseInbox(ctx, shop, store.NewID())
	if err != nil || !ok {
		return false, err
	}
	defer func() {
		w.insist("inbox lease not given back", shop, func(ctx context.Context) error { return w.Store.ReleaseInbox(ctx, lease) })
	}()
	return w.drainUnder(ctx, lease)
}

// drainUnder processes the inbox whose lease the caller has.
func (w *Worker) drainUnder(ctx context.Context, lease store.InboxLease) (left bool, err error) {
	for end := time.Now().Add(drainTime); time.Now().Before(end) && ctx.Err() == nil; {
		began := time.Now()
		rows, err := w.Store.NextInbox(ctx, lease.Shop, drainRows)
		if err != nil || len(rows) == 0 {
			return false, err
		}
		batch := decodeAll(rows)
		w.metrics.took("decode", began)
		w.hearGoodbyes(ctx, lease.Shop, batch)
		if err := w.drainBatch(ctx, lease, batch); err != nil {
			return false, err
		}
		w.metrics.took("drain", began)
	}
	return true, nil
}

// drainBatch processes a batch by the shop's campaigns as they are now.
func (w *Worker) drainBatch(ctx context.Context, lease store.InboxLease, batch []decoded) error {
	campaigns, err := w.campaigns.ofShop(ctx, lease.Shop)
	if err != nil {
		return err
	}
	return w.process(ctx, lease, campaigns, batch)
}

func decodeAll(rows []commerce.Delivery) []decoded {
	out := make([]decoded, len(rows))
	for i, d := range rows {
		out[i].delivery = d
		out[i].change, out[i].err = decode(d)
	}
	return out
}

// decode says what a delivery tells. A decoder that panics has met a body
// nobody thought of: that one is quarantined, and the others go on.
func decode(d commerce.Delivery) (c commerce.Change, err error) {
	defer func() {
		if p := recover(); p != nil {
			c, err = commerce.Change{}, fault.New(fault.Permanent, "the body breaks its decoder")
		}
	}()
	switch {
	case d.Body == nil:
		err = fault.New(fault.Permanent, "the body is gone or cannot be opened")
	case d.Platform == commerce.Shopify:
		return shopify.Decode(d)
	case d.Platform == commerce.Stripe:
		return stripe.Decode(d)
	case d.Platform == commerce.API && d.Topic == store.TopicConsentAsked:
		return decodeAsked(d)
	case d.Platform == commerce.API && d.Topic == store.TopicOwn:
		return decodeOwn(d)
	case d.Platform == commerce.API:
		return api.Decode(d)
	default:
		err = fault.New(fault.Permanent, "platform %q is unknown", d.Platform)
	}
	return c, err
}

// process applies a batch in one transaction. A batch that the database
// refuses is halved until the row at fault stands alone and is quarantined.
func (w *Worker) process(ctx context.Context, lease store.InboxLease, campaigns *shopCampaigns, batch []decoded) error {
	if parts := apart(batch); len(parts) > 1 {
		for _, part := range parts {
			if err := w.process(ctx, lease, campaigns, part); err != nil {
				return err
			}
		}
		return nil
	}
	m, err := w.apply(ctx, lease, campaigns, batch)
	switch {
	case err == nil:
		return w.afterwards(ctx, lease.Shop, m)
	case ctx.Err() != nil, fault.Is(err, fault.Conflict), store.Unavailable(err):
		return err
	case len(batch) > 1:
		if err := w.process(ctx, lease, campaigns, batch[:len(batch)/2]); err != nil {
			return err
		}
		return w.process(ctx, lease, campaigns, batch[len(batch)/2:])
	}
	w.Log.Error("delivery quarantined", "shop", lease.Shop, "delivery", batch[0].delivery.ID, "error", err)
	return w.Store.Transact(ctx, func(tx *store.Tx) error {
		if err := tx.HoldLease(lease); err != nil {
			return err
		}
		id := batch[0].delivery.ID
		if err := tx.FinishInbox(lease.Shop, []store.InboxResult{{ID: id, Quarantined: true, Note: "could not be processed"}}); err != nil {
			return err
		}
		return dropIfErased(tx, lease.Shop, []commerce.DeliveryID{id})
	})
}

// apply merges a batch in one transaction, with what else is to be written. A
// panic fails the transaction like any error: the row that causes it is found
// and set aside.
func (w *Worker) apply(ctx context.Context, lease store.InboxLease, campaigns *shopCampaigns, batch []decoded, also ...func(*merge) error) (*merge, error) {
	var m *merge
	whom, err := w.seek(ctx, lease.Shop, batch)
	if err != nil {
		return nil, err
	}
	answers, err := w.stripeAnswers(ctx, lease.Shop, batch)
	if err != nil {
		return nil, err
	}
	err = w.Store.Transact(ctx, func(tx *store.Tx) (err error) {
		defer func() {
			if p := recover(); p != nil {
				w.Log.Error("panic while merging", "shop", lease.Shop, "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
				err = fault.New(fault.Permanent, "merging a delivery panicked")
			}
		}()
		if err := errors.Join(tx.DeferFlush(), tx.HoldLease(lease)); err != nil {
			return err
		}
		shop, err := tx.Shop(lease.Shop)
		if err != nil {
			return err
		}
		m = newMerge(tx, shop, campaigns, w.id)
		m.whom, m.stripeAnswers, m.policy = whom, answers, w.Policy
		if err := m.run(batch); err != nil {
			return err
		}
		for _, do := range also {
			if err := do(m); err != nil {
				return err
			}
		}
		return nil
	})
	return m, err
}

// afterwards does what must wait for the commit: log, run what is due at
// once, and erase a shop that asked for it.
func (w *Worker) afterwards(ctx context.Context, shop commerce.ShopID, m *merge) error {
	for _, r := range m.results {
		if r.Quarantined {
			w.Log.Warn("delivery quarantined", "shop", shop, "delivery", r.ID) // the reason may quote the body: it stays in SQL
		}
	}
	for _, d := range m.decisions {
		w.metrics.decisions.WithLabelValues(string(d.Answer), string(d.Reason)).Inc()
	}
	w.runAtOnce(ctx, m)
	return w.obeyed(ctx, m)
}

// runAtOnce runs enrollments that the drain leased to this worker, several
// chunks side by side. It waits a moment for free slots, so that a slow mail
// server slows the drain and not the memory; what a mail server that hangs
// leaves is the sweep's, since deliveries must go on. What the drain has just
// written need not be read again to prepare; the decision reads it anew under
// its locks.
func (w *Worker) runAtOnce(ctx context.Context, m *merge) {
	shop := m.shop.ID
	free := true
	for chunk := range slices.Chunk(m.due, decideChunk) {
		w.work(shop, chunk)
		var release func()
		if free {
			release, free = w.takeSlots(ctx, shop, len(chunk))
		}
		if !free {
			w.giveBack(shop, chunk)
			w.rest(shop, chunk)
			continue
		}
		w.sending.Add(1)
		go func() {
			defer w.sending.Done()
			defer release()
			ctx, cancel := context.WithTimeout(context.Background(), taskTimeout)
			defer cancel()
			orders, persons := m.factsOf(chunk)
			w.runWith(ctx, shop, chunk, func() ([]*run, error) { return w.ready(ctx, m.shop, chunk, orders, persons) })
		}()
	}
}
