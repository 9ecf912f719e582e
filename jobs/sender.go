package jobs

import (
	"context"
	"hash/fnv"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/integrations/mail"
	"flywheel/message"
	"flywheel/sender"
	"flywheel/store"
)

// way is by what the shop's mails go out now.
func (w *Worker) way(ctx context.Context, shop commerce.ShopID) (sender.Way, error) {
	if w.Senders == nil {
		return sender.Way{Kind: sender.Own, Mail: w.Mail}, nil
	}
	return w.Senders.Of(ctx, shop)
}

// toCustomers reports whether runs, which are of one kind, go to customers: not
// to the team, be it a note or a rehearsal.
func toCustomers(runs []*run) bool {
	return len(runs) > 0 && runs[0].effect.Kind == campaign.SendEmail && !runs[0].Rehearsal
}

// room is what a sender lets go of a chunk.
type room struct {
	going []*run
	// held are put off, each with the decision that says why.
	held      []*run
	decisions []store.Decided
	results   []store.EffectResult
	taken     int64 // reserved of the day's limit
}

// ratePatience is how long a chunk waits for its turn at a provider before the rest of it is put off.
const ratePatience = 10 * time.Second

// admit asks how many of the runs the shop's sender may take on now: whether they
// were decided for this very sender, what is left of its day, and what its provider
// takes at this moment. Where it has no limits, it asks nobody.
func (w *Worker) admit(ctx context.Context, shop commerce.ShopID, way sender.Way, runs []*run) (r room, err error) {
	for _, one := range runs {
		if toCustomers(runs) && !one.way.SameFor(way) { // whom it may write to is another matter now: decided anew
			one.move = one.again(w.Store.Now())
			r.results = append(r.results, one.withdrawn("who the shop writes as changed since the decision"))
			continue
		}
		r.going = append(r.going, one)
	}
	n := way.Take(ctx, len(r.going), ratePatience)
	r.putOff(w.Store.Now(), r.going[n:], func(one *run) commerce.Instant {
		return w.Store.Now().Add(spread(one.effect.ID, time.Minute, time.Minute))
	})
	r.going = r.going[:n]
	if way.DailyLimit == 0 || !toCustomers(runs) {
		return r, nil
	}
	if r.taken, err = w.Store.TakeSending(ctx, shop, way.Counted, way.Day, int64(len(r.going)), way.DailyLimit); err != nil {
		return r, err
	}
	tomorrow := way.Day.Add(24 * time.Hour)
	r.putOff(w.Store.Now(), r.going[r.taken:], func(one *run) commerce.Instant { return tomorrow.Add(spread(one.effect.ID, morningFrom, morningTime)) })
	r.going = r.going[:r.taken]
	return r, nil
}

// standAside puts off runs that found the shop's own account busy.
func (w *Worker) standAside(way sender.Way, runs []*run) (r room) {
	now := w.Store.Now()
	r.putOff(now, runs, func(*run) commerce.Instant { return w.lanes.later(way, now) })
	return r
}

// What a sender's day has no room for goes in the morning of the next, in UTC as its days are, and not all at once.
const (
	morningFrom = 5 * time.Minute
	morningTime = 4 * time.Hour
)

// putOff has runs wait until an instant of their own, or until they are of no use any more.
func (r *room) putOff(now commerce.Instant, runs []*run, until func(*run) commerce.Instant) {
	for _, one := range runs {
		due := max(until(one), now)
		one.move = one.again(min(due, one.next.Latest+1))
		one.decision = gate.Decision{Answer: gate.Defer, Reason: gate.SendingLimit, Until: due}
		r.held = append(r.held, one)
		r.decisions = append(r.decisions, one.decided())
		r.results = append(r.results, one.withdrawn("the sender takes no more at the moment"))
	}
}

// withdrawn is the result of a claim that is taken back before anything was sent.
func (r *run) withdrawn(note string) store.EffectResult {
	return store.EffectResult{ID: r.effect.ID, Dispatch: r.effect.Dispatch, State: store.Withdrawn, Tries: r.effect.Tries, Note: note}
}

// settled writes what the sender's limits had to say beside how the mails ended:
// what did not go out is not counted.
func (r *room) settled(tx *store.Tx, shop commerce.ShopID, way sender.Way, results []store.EffectResult) error {
	if err := tx.SaveDecisions(shop, r.decisions); err != nil || r.taken == 0 {
		return err
	}
	gone := int64(0)
	for _, e := range results {
		if e.State == store.Sent || e.State == store.Unknown {
			gone++
		}
	}
	return tx.GiveBackSending(shop, way.Counted, way.Day, r.taken-gone)
}

// giveRoomBack returns what was reserved of a day for mails of which none went, since
// the next lease reserves anew. The task's own time may be over.
func (w *Worker) giveRoomBack(shop commerce.ShopID, way sender.Way, taken int64) {
	if taken == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := w.Store.Transact(ctx, func(tx *store.Tx) error { return tx.GiveBackSending(shop, way.Counted, way.Day, taken) })
	if err != nil {
		w.Log.Warn("room of a sender not given back", "shop", shop, "sender", way.Counted, "mails", taken, "error", err)
	}
}

// spread is from plus a part of over, by hash, so that what was put off does not come at once.
func spread(id store.EffectID, from, over time.Duration) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	return from + over/1000*time.Duration(h.Sum32()%1000)
}

// writes makes a mail one of the shop's sender. lang is the reader's.
func writes(way sender.Way, shop commerce.Shop, m message.Message, lang, effect string) mail.Message {
	return way.Stamp(letter(m), shop, lang, effect)
}

// lookAtSenders looks at domains and their keys, hourly.
func (w *Worker) lookAtSenders(ctx context.Context) error {
	if w.Senders == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, refreshTime)
	defer cancel()
	return w.Senders.Sweep(ctx)
}
