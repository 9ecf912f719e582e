package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/store"
)

// run is one enrollment on its way through a step.
type run struct {
	campaign.Enrollment
	version *compiled
	order   *store.StoredOrder // nil where the cause is no order
	person  commerce.Person
	next    campaign.Next

	decision gate.Decision
	effect   store.Effect
	link     string // the token in the message
	move     store.Move
}

func (w *Worker) handleStep(ctx context.Context, t *asynq.Task) error {
	var p StepPayload
	if err := json.Unmarshal(t.Payload(), &p); err != nil {
		return fmt.Errorf("step payload: %w: %w", err, asynq.RevokeTask)
	}
	es, err := w.Store.EnrollmentsForRun(ctx, p.Shop, p.Runs)
	if err != nil {
		w.Log.Warn("step not started", "shop", p.Shop, "task", p.Task, "error", err)
		return nil // the sweep finds the rows queued with their task gone
	}
	for chunk := range slices.Chunk(w.work(p.Shop, es), decideChunk) {
		if !w.takeSlots(ctx, len(chunk)) {
			w.rest(p.Shop, chunk) // still queued in SQL: the sweep finds their task gone
			continue
		}
		w.runStep(ctx, p.Shop, chunk)
		w.slots.Release(int64(len(chunk)))
	}
	return nil
}

// runStep takes a chunk of one shop's enrollments, which this worker has in
// hand, through their present step: what is it, may it go, claim, render, send,
// record. The outcome is in SQL.
func (w *Worker) runStep(ctx context.Context, shop commerce.ShopID, es []campaign.Enrollment) {
	w.runWith(ctx, shop, es, func() ([]*run, error) { return w.prepare(ctx, shop, es) })
}

// runWith is runStep for those who prepare the runs in their own way.
func (w *Worker) runWith(ctx context.Context, shop commerce.ShopID, es []campaign.Enrollment, prepare func() ([]*run, error)) {
	defer w.rest(shop, es)
	defer func() {
		if p := recover(); p != nil { // the leases end, and others try
			w.Log.Error("panic in a step", "shop", shop, "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
		}
	}()
	began := time.Now()
	runs, err := prepare()
	if err == nil {
		err = w.decide(ctx, shop, runs)
	}
	if err != nil {
		w.Log.Warn("step not decided", "shop", shop, "error", err)
		w.giveBack(shop, es)
		return
	}
	w.metrics.took("decide", began)
	var sends sync.WaitGroup
	for chunk := range slices.Chunk(claimed(runs), sendChunk) {
		sends.Go(func() { w.send(ctx, shop, chunk) })
	}
	sends.Wait()
}

// prepare reads what the rules need and asks what each enrollment has to do. It
// holds no lock: the revision guards what it read.
func (w *Worker) prepare(ctx context.Context, shop commerce.ShopID, es []campaign.Enrollment) ([]*run, error) {
	var orderIDs []commerce.OrderID
	var personIDs []commerce.PersonID
	for _, e := range es {
		if e.Order != "" {
			orderIDs = append(orderIDs, e.Order)
		}
		personIDs = append(personIDs, e.Person)
	}
	settings, err := w.Store.Shop(ctx, shop)
	if err != nil {
		return nil, err
	}
	orders, err := w.Store.Orders(ctx, shop, unique(orderIDs))
	if err != nil {
		return nil, err
	}
	persons, err := w.Store.Persons(ctx, shop, unique(personIDs))
	if err != nil {
		return nil, err
	}
	return w.ready(ctx, settings, es, orders, persons)
}

// ready asks what each enrollment has to do, by facts that were read.
func (w *Worker) ready(ctx context.Context, settings commerce.Shop, es []campaign.Enrollment,
	orders map[commerce.OrderID]*store.StoredOrder, persons map[commerce.PersonID]commerce.Person,
) ([]*run, error) {
	shop, runs := settings.ID, make([]*run, 0, len(es))
	for _, e := range es {
		version, err := w.campaigns.version(ctx, shop, e.Campaign, e.Version)
		if fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound) { // written by a newer binary; one may take over within the hour
			w.Log.Error("campaign cannot be used", "shop", shop, "campaign", e.Campaign, "version", e.Version, "error", err)
			e.DueAt = w.Store.Now().Add(time.Hour)
			w.giveBack(shop, []campaign.Enrollment{e})
			continue
		}
		if err != nil {
			return nil, err
		}
		r := &run{Enrollment: e, version: version, order: orders[e.Order], person: persons[e.Person]}
		r.next = campaign.NextStep(version.Definition, e.Position, r.facts(), settings)
		r.askCondition(settings.Settings)
		runs = append(runs, r)
	}
	return runs, nil
}

// askCondition ends a walk that would not begin today: what an order is may be
// told after it has enrolled, as when a payment turns out to be a renewal.
func (r *run) askCondition(s commerce.Settings) {
	if r.next.Step == nil || r.order == nil {
		return
	}
	switch ok, err := r.version.matches(r.facts(), r.person, s); {
	case err != nil:
		r.next.End = &gate.Decision{Answer: gate.Skip, Reason: gate.ConditionBroken, Detail: err.Error()}
	case !ok:
		r.next.End = &gate.Decision{Answer: gate.Skip, Reason: gate.ConditionNotMet}
	}
}

// facts returns the order's facts, nil where the cause is no order.
func (r *run) facts() *commerce.Order {
	if r.order == nil {
		return nil
	}
	return &r.order.Order
}

// decide takes the rows, asks the gate and claims effects, in one transaction
// under the locks of orders, persons and enrollments.
func (w *Worker) decide(ctx context.Context, shop commerce.ShopID, runs []*run) error {
	var decisions []store.Decided
	err := w.Store.Transact(ctx, func(tx *store.Tx) error {
		if err := tx.DeferFlush(); err != nil {
			return err
		}
		f, err := loadGate(tx, shop, runs)
		if err != nil {
			return err
		}
		taken, err := tx.TakeEnrollments(shop, w.id, enrollments(runs))
		if err != nil {
			return err
		}
		decisions = nil
		var moves []store.Move
		var effects []store.Effect
		for _, r := range runs {
			r.effect, r.decision = store.Effect{}, gate.Decision{}
			if !taken[r.ID] { // changed since it was read: the next run reads it anew, unless another has it
				moves = append(moves, stay(r.Enrollment, r.DueAt))
				continue
			}
			w.judge(r, f)
			if r.decision.Reason != "" && r.decision.Answer != gate.Send {
				decisions = append(decisions, r.decided())
			}
			if r.decision.Answer == gate.Send {
				effects = append(effects, f.effect(r))
			} else {
				moves = append(moves, r.move)
			}
			if r.decision.Answer == gate.Skip {
				if err := tx.CloseEffects(shop, r.ID, closedAs(r.decision), string(r.decision.Reason)); err != nil {
					return err
				}
			}
		}
		more, err := w.claim(tx, shop, runs, effects)
		if err != nil {
			return err
		}
		if err := tx.SaveDecisions(shop, decisions); err != nil {
			return err
		}
		return w.move(tx, shop, append(moves, more...))
	})
	if err == nil {
		for _, d := range decisions {
			w.metrics.decisions.WithLabelValues(string(d.Answer), string(d.Reason)).Inc()
			w.Log.Info("step decided", "shop", shop, "campaign", d.Campaign, "entry", d.EntryKey, "step", d.StepID,
				"answer", d.Answer, "reason", d.Reason, "until", d.Until)
		}
	}
	return err
}

func closedAs(d gate.Decision) store.EffectState {
	if d.Reason == gate.TooLate {
		return store.Expired
	}
	return store.Withdrawn
}

// judge sets the run's decision and, where it does not send, its move.
func (w *Worker) judge(r *run, f *gateFacts) {
	now := f.now
	switch {
	case r.next.End != nil:
		r.decision = *r.next.End
		if r.decision.Reason == gate.SequenceComplete {
			r.decision = gate.Decision{}
		}
		r.move = ended(r.Enrollment, string(r.next.End.Reason))
		return
	case r.next.Due > now:
		r.move = stay(r.Enrollment, r.next.Due)
		return
	}
	r.decision = gate.Decide(f.of(r, w.Policy), now)
	switch r.decision.Answer {
	case gate.Defer:
		r.move = stay(r.Enrollment, r.decision.Until)
	case gate.Hold:
		r.move = stay(r.Enrollment, r.decision.Until+1)
	case gate.Skip:
		r.move = f.past(r, string(r.decision.Reason))
	}
}

// claim makes one effect row for each run that may send, with its link. A run
// whose effect is past claiming already goes on behind the step.
func (w *Worker) claim(tx *store.Tx, shop commerce.ShopID, runs []*run, effects []store.Effect) ([]store.Move, error) {
	got, err := tx.ClaimEffects(shop, effects)
	if err != nil {
		return nil, err
	}
	var moves []store.Move
	var rows []store.Link
	for _, r := range runs {
		if r.decision.Answer != gate.Send {
			continue
		}
		effect, ok := got[r.ID]
		if !ok {
			r.decision.Answer = gate.Skip
			moves = append(moves, r.move)
			continue
		}
		r.effect = effect
		link, token := unsubscribeLink(shop, effect, tx.Now())
		r.link = token
		rows = append(rows, link)
	}
	return moves, tx.AddLinks(shop, rows)
}

func (r *run) decided() store.Decided {
	d := store.Decided{Campaign: r.Campaign, EntryKey: r.EntryKey, Person: r.person.ID, Decision: r.decision}
	if r.next.Step != nil {
		d.StepID = r.next.Step.ID
	}
	return d
}

func ended(e campaign.Enrollment, reason string) store.Move {
	m := stay(e, e.DueAt)
	m.Ended, m.Reason = true, reason
	return m
}

func enrollments(runs []*run) []campaign.Enrollment {
	out := make([]campaign.Enrollment, len(runs))
	for i, r := range runs {
		out[i] = r.Enrollment
	}
	return out
}

func claimed(runs []*run) []*run {
	var out []*run
	for _, r := range runs {
		if r.effect.ID != "" {
			out = append(out, r)
		}
	}
	return out
}
