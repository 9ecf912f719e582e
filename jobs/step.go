package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/hibiken/asynq"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/message"
	"flywheel/sender"
	"flywheel/store"
)

// run is one enrollment on its way through a step.
type run struct {
	campaign.Enrollment
	version *compiled
	order   *store.StoredOrder // nil where the cause is no order
	person  commerce.Person
	rules   campaign.Facts
	next    campaign.Next
	behind  campaign.Next // what is to do behind the next step, if that is taken

	decision gate.Decision
	way      sender.Way // by what it was decided that it goes
	effect   store.Effect
	link     string // the token in the message
	confirm  string // the token that confirms a yes, where the message asks for that
	account  string // the token that opens what the person has in the loyalty program
	move     store.Move
	passed   bool          // the move leads behind the step
	unread   bool          // what the person says at Shopify could not be asked
	said     *message.Said // what staff are told, once it is rendered
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
		release, ok := w.takeSlots(ctx, p.Shop, len(chunk))
		if !ok {
			w.rest(p.Shop, chunk) // still queued in SQL: the sweep finds their task gone
			continue
		}
		w.runStep(ctx, p.Shop, chunk)
		release()
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
	var asked *reading
	if err == nil {
		asked, err = w.unread(ctx, shop, runs)
	}
	if err != nil {
		w.Log.Warn("step not prepared", "shop", shop, "error", err)
		w.giveBack(shop, es)
		return
	}
	if asked == nil {
		w.carryOut(ctx, shop, began, runs)
		return
	}
	// What waits for nobody's word is not held up by asking for it.
	w.carryOut(ctx, shop, began, slices.DeleteFunc(runs, func(r *run) bool { return slices.Contains(asked.runs, r) }))
	if err := w.read(ctx, shop, asked); err != nil {
		w.Log.Warn("consents not kept", "shop", shop, "error", err)
		w.giveBack(shop, enrollments(asked.runs))
		return
	}
	w.carryOut(ctx, shop, time.Now(), asked.runs)
}

// carryOut decides about runs and does what may be done.
func (w *Worker) carryOut(ctx context.Context, shop commerce.ShopID, began time.Time, runs []*run) {
	if len(runs) == 0 {
		return
	}
	if err := w.decide(ctx, shop, runs); err != nil {
		w.Log.Warn("step not decided", "shop", shop, "error", err)
		w.giveBack(shop, enrollments(runs))
		return
	}
	w.metrics.took("decide", began)
	w.reachOut(ctx, shop, claimed(runs))
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
	var want wants
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
		want.add(version.Reads(), r.person, e.Person, r.order, e.Cause)
		runs = append(runs, r)
	}
	rules, err := w.readRules(ctx, settings, want)
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		r.rules = rules.of(r.person, r.Person, r.order, rules.causes[r.Cause])
		r.rules.Asked = rules.asked[r.Person][r.Campaign]
		r.look(w.Store.Now())
	}
	return runs, nil
}

// look asks the campaign what is to be done now, and what would be behind it:
// its conditions are not asked again where locks are held.
func (r *run) look(now commerce.Instant) {
	walk := campaign.Walk{Enrollment: r.Enrollment, Facts: r.rules, Now: now}
	r.next = r.version.Next(walk)
	due := r.next.Step != nil && r.next.Due <= now
	if r.Position.StepID == "" && !r.version.Trigger().Clock && r.next.End == nil && (due || len(r.next.Passed) > 0) { // it begins here
		if d := r.mayBegin(now); d.Answer == gate.Skip {
			r.next = campaign.Next{End: &d, Position: r.Position}
		}
	}
	if !due || r.next.End != nil {
		return
	}
	r.lookBehind(now)
}

// lookBehind asks the campaign what is behind the step that is taken.
func (r *run) lookBehind(now commerce.Instant) {
	walk := campaign.Walk{Enrollment: r.Enrollment, Facts: r.rules, Now: now}
	walk.Enrollment.Position = campaign.After(r.next.Step.ID, r.next.Due)
	walk.Enrollment.SkipStep, walk.Enrollment.GoNow = "", 0
	r.behind = r.version.Next(walk)
}

// mayBegin asks the campaign's condition once more when the first step comes:
// what an order is may be told after it has enrolled, as when a payment turns
// out to be a renewal.
func (r *run) mayBegin(now commerce.Instant) gate.Decision {
	return r.version.Judge(r.rules, r.Enrollment, now)
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
	way, err := w.way(ctx, shop)
	if err != nil {
		return err
	}
	var decisions []store.Decided
	err = w.Store.Transact(ctx, func(tx *store.Tx) error {
		if err := tx.DeferFlush(); err != nil {
			return err
		}
		t := &turn{tx: tx, shop: shop, runs: runs, way: way}
		decided, err := w.take(t)
		decisions = decided
		return err
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

func (r *run) decided() store.Decided {
	d := store.Decided{Campaign: r.Campaign, EntryKey: r.EntryKey, Person: r.person.ID, Decision: r.decision}
	if r.next.Step != nil {
		d.StepID = r.next.Step.ID
	}
	return d
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
