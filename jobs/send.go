package jobs

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/integrations/mail"
	"flywheel/sender"
	"flywheel/store"
)

// backoff is how long a mail waits after each attempt that was certainly not
// accepted; the last entry repeats until the message is of no use any more.
var backoff = []time.Duration{
	time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
}

// send renders and sends mails that were claimed, and records how it ended.
// What is not marked as sending was never given to the provider.
func (w *Worker) send(ctx context.Context, s commerce.Shop, runs []*run) {
	shop := s.ID
	way, err := w.way(ctx, shop)
	var room room
	if err == nil {
		if leave, ok := w.lanes.enter(ctx, way); ok {
			defer leave()
			room, err = w.admit(ctx, shop, way, runs)
		} else {
			room = w.standAside(way, runs)
		}
	}
	if err != nil {
		w.Log.Warn("claimed, not sent; the lease will end", "shop", shop, "error", err)
		return
	}
	ready, messages, results := w.render(ctx, s, way, room.going)
	results = append(results, room.results...)
	if len(ready) > 0 {
		given, err := w.give(ctx, shop, way, ready, messages)
		if err != nil {
			w.Log.Warn("claimed, not sent; the lease will end", "shop", shop, "error", err)
			w.giveRoomBack(shop, way, room.taken)
			return
		}
		results = append(results, given...)
	}
	w.recordWith(shop, runs, results, func(tx *store.Tx) error { return room.settled(tx, shop, way, results) })
	w.unpark(shop, results)
}

// give marks rendered mails as under way and hands them to the mail server. After
// an error none of them was marked.
func (w *Worker) give(ctx context.Context, shop commerce.ShopID, way sender.Way, ready []*run, messages []mail.Message) (results []store.EffectResult, err error) {
	effects := make([]store.Effect, len(ready))
	for i, r := range ready {
		effects[i] = r.effect
	}
	if way.Lines == 0 {
		if err := w.sends.Acquire(ctx, 1); err != nil {
			return nil, err
		}
		defer w.sends.Release(1)
	}
	began := time.Now()
	going, err := w.Store.BeginSending(ctx, shop, effects)
	if err != nil {
		return nil, err
	}
	var batch []mail.Message
	var sent []*run
	for i, r := range ready {
		if !going[r.effect.ID] {
			r.move = r.again(w.Store.Now()) // decided anew
			continue
		}
		batch, sent = append(batch, messages[i]), append(sent, r)
	}
	given := time.Now()
	for i, outcome := range way.Mail.Send(ctx, batch, w.watch(ctx, shop, sent, began)) {
		results = append(results, w.settle(shop, sent[i], outcome))
	}
	if len(batch) > 0 {
		w.metrics.took("smtp", given)
	}
	return results, nil
}

// unpark takes up again what was certainly not accepted but became unknown
// meanwhile, as when this worker stood still past its leases.
func (w *Worker) unpark(shop commerce.ShopID, results []store.EffectResult) {
	for _, r := range results {
		if r.State != store.Withdrawn && r.State != store.Retry {
			continue
		}
		w.insist("mail not taken up again", shop, func(ctx context.Context) error {
			err := w.Store.Resend(ctx, shop, r.ID)
			if fault.Is(err, fault.NotFound) {
				return nil // it did not become unknown, as nearly always
			}
			return err
		})
	}
}

// watchAfter is how long what was seen at the beginning of a chunk is believed.
const watchAfter = 100 * time.Millisecond

// watch asks again, directly before a mail that has waited for its turn, whether
// all still holds: behind a slow mail server a refund or a pause counts too. A
// worker that is to stop begins no further mail.
func (w *Worker) watch(ctx context.Context, shop commerce.ShopID, sent []*run, began time.Time) func(int) bool {
	return func(i int) bool {
		if w.alive.Err() != nil {
			return false
		}
		if time.Since(began) < watchAfter {
			return true
		}
		ok, err := w.Store.StillSending(ctx, shop, sent[i].effect)
		if err != nil {
			w.Log.Warn("mail not begun", "shop", shop, "effect", sent[i].effect.ID, "error", err)
		}
		return ok && err == nil
	}
}

// settle turns a provider's answer into the effect's state and the enrollment's move.
func (w *Worker) settle(shop commerce.ShopID, r *run, o mail.Outcome) store.EffectResult {
	result := store.EffectResult{ID: r.effect.ID, Dispatch: r.effect.Dispatch, Tries: r.effect.Tries, Note: strings.TrimSpace(fmt.Sprintf("%d %s %s", o.Code, o.Enhanced, o.Detail))}
	switch o.State {
	case mail.Sent:
		result.State = store.Sent
	case mail.Failed:
		result.State = store.Failed
	case mail.Unknown:
		result.State = store.Unknown
	case mail.NotTried:
		result.State, result.Note = store.Withdrawn, "something changed since the decision"
		r.move = r.again(w.Store.Now()) // decided anew
	default:
		result.State, result.Tries = store.Retry, r.effect.Tries+1
		due := w.Store.Now().Add(wait(r.effect.ID, r.effect.Tries))
		r.move = r.again(min(due, r.next.Latest+1))
	}
	if r.move.Ended && result.State != store.Sent {
		r.move.Reason = map[store.EffectState]string{store.Failed: string(gate.DeliveryRefused), store.Unknown: string(gate.OutcomeUnknown)}[result.State]
	}
	w.metrics.effects.WithLabelValues(string(r.effect.Kind), string(result.State)).Inc()
	w.Log.Info("mail attempted", "shop", shop, "effect", r.effect.ID, "enrollment", r.ID, "campaign", r.Campaign, "step", r.effect.StepID,
		"person", r.effect.Person, "order", r.Order, "dispatch", r.Dispatch, "try", result.Tries, "result", result.State, "answer", result.Note)
	return result
}

// wait is the backoff after so many tries, spread by a tenth so that retries do not march in step.
func wait(id store.EffectID, tries int64) time.Duration {
	d := backoff[min(int(tries), len(backoff)-1)]
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	return d + d/10*time.Duration(h.Sum32()%100)/100
}

// record writes the results. It is tried until the database takes it or the
// lease is nearly over: what has gone out must not be forgotten.
func (w *Worker) record(shop commerce.ShopID, runs []*run, results []store.EffectResult) {
	w.recordWith(shop, runs, results, func(*store.Tx) error { return nil })
}

// recordWith is record with what an act itself writes.
func (w *Worker) recordWith(shop commerce.ShopID, runs []*run, results []store.EffectResult, also func(*store.Tx) error) {
	moves := make([]store.Move, len(runs))
	var passes []store.Pass
	for i, r := range runs {
		moves[i] = r.move
		passes = append(passes, r.trailing()...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 25*time.Second)
	defer cancel()
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		err := w.Store.Transact(ctx, func(tx *store.Tx) error {
			if err := errors.Join(tx.FinishEffects(shop, results), tx.AddPasses(shop, passes), addNotes(tx, shop, runs, results), also(tx)); err != nil {
				return err
			}
			if hurt(results) {
				if err := tx.AskFuse(shop); err != nil {
					return err
				}
			}
			return w.move(tx, shop, moves)
		})
		if err == nil {
			return
		}
		w.Log.Error("results not recorded", "shop", shop, "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}
