package jobs

import (
	"slices"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/links"
	"flywheel/sender"
	"flywheel/store"
)

// turn is what one transaction decides about a chunk of runs.
type turn struct {
	tx    *store.Tx
	shop  commerce.ShopID
	runs  []*run
	way   sender.Way
	facts *gateFacts

	decisions []store.Decided
	moves     []store.Move
	effects   []store.Effect
	passes    []store.Pass
	following []campaign.Enrollment
}

// take locks and takes the runs, asks the gate about each, and writes what
// follows. It returns the decisions that hold something back.
func (w *Worker) take(t *turn) ([]store.Decided, error) {
	var err error
	if t.facts, err = loadGate(t.tx, t.shop, t.runs); err != nil {
		return nil, err
	}
	t.facts.way = t.way
	if err = t.facts.loadBuyers(t.tx, t.runs); err != nil {
		return nil, err
	}
	if len(w.Plans) > 0 {
		if t.facts.overPlan, err = t.tx.PlanHolds(t.shop); err != nil {
			return nil, err
		}
	}
	t.facts.campaigns = w.campaigns.known(t.shop)
	taken, err := t.tx.TakeEnrollments(t.shop, w.id, enrollments(t.runs))
	if err != nil {
		return nil, err
	}
	if err := t.facts.loadAsks(t.tx, t.runs); err != nil {
		return nil, err
	}
	for _, r := range t.runs {
		r.effect, r.decision, r.way = store.Effect{}, gate.Decision{}, t.way
		if !taken[r.ID] { // changed since it was read: the next run reads it anew, unless another has it
			t.moves = append(t.moves, stay(r.Enrollment, r.DueAt))
			continue
		}
		if err := w.settleOne(t, r); err != nil {
			return nil, err
		}
	}
	if err := w.claim(t); err != nil {
		return nil, err
	}
	return t.decisions, t.write(w)
}

// settleOne decides about one run. A run that sends counts for those behind it
// in the same turn: they have one person's room between them.
func (w *Worker) settleOne(t *turn, r *run) error {
	w.judge(r, t.facts)
	t.following = append(t.following, r.successor()...)
	if r.decision.Reason != "" && r.decision.Answer != gate.Send {
		t.decisions = append(t.decisions, r.decided())
	}
	t.passes = append(t.passes, r.leading()...)
	if slices.ContainsFunc(r.next.Passed, func(p campaign.Pass) bool { return p.Branch == campaign.BranchSkipped }) { // what was on its way will not go
		if err := t.tx.CloseEffects(t.shop, r.ID, store.Withdrawn, string(gate.SkippedByHand)); err != nil {
			return err
		}
	}
	if r.decision.Answer == gate.Send {
		t.effects = append(t.effects, t.facts.effect(r))
		t.facts.asks.count(r, t.facts)
		return nil
	}
	t.moves, t.passes = append(t.moves, r.move), append(t.passes, r.trailing()...)
	if r.decision.Answer == gate.Skip {
		return t.tx.CloseEffects(t.shop, r.ID, closedAs(r.decision), string(r.decision.Reason))
	}
	return nil
}

func (t *turn) write(w *Worker) error {
	if err := t.tx.SaveDecisions(t.shop, t.decisions); err != nil {
		return err
	}
	if err := t.tx.AddPasses(t.shop, t.passes); err != nil {
		return err
	}
	if _, err := t.tx.AddEnrollments(t.shop, t.following, ""); err != nil {
		return err
	}
	return w.move(t.tx, t.shop, t.moves)
}

func closedAs(d gate.Decision) store.EffectState {
	if d.Reason == gate.TooLate {
		return store.Expired
	}
	return store.Withdrawn
}

// judge sets the run's decision and, where it does not send, its move.
func (w *Worker) judge(r *run, f *gateFacts) {
	switch {
	case r.Rehearsal && f.states[r.Campaign].State == campaign.Live: // entered while somebody pressed Go live
		r.decision = gate.Decision{Answer: gate.Skip, Reason: gate.RehearsalOver}
		r.move = r.end(string(gate.RehearsalOver))
		return
	case r.next.End != nil:
		r.decision = *r.next.End
		if r.decision.Reason == gate.SequenceComplete || r.decision.Reason == gate.WalkEnded {
			r.decision = gate.Decision{}
		}
		r.move = r.end(string(r.next.End.Reason))
		return
	case r.next.Step == nil || r.next.Due > f.now:
		r.move = r.listen(r.again(r.next.Due), f.now)
		r.move.Used = r.SkipStep != "" && len(r.next.Passed) > 0
		return
	}
	r.decision = gate.Decide(f.of(r, w.Policy), f.now)
	switch r.decision.Answer {
	case gate.Defer:
		r.move = r.again(r.decision.Until)
	case gate.Hold:
		r.move = r.again(r.decision.Until + 1)
	case gate.Skip:
		r.move = r.past(f.now, string(r.decision.Reason))
	}
}

// claim makes one effect row for each run that may go out, with a link for those
// that are mails to a customer. A run whose effect is past claiming already
// goes on behind the step.
func (w *Worker) claim(t *turn) error {
	got, err := t.tx.ClaimEffects(t.shop, t.effects)
	if err != nil {
		return err
	}
	var rows []store.Link
	for _, r := range t.runs {
		if r.decision.Answer != gate.Send {
			continue
		}
		effect, ok := got[r.ID]
		if !ok {
			r.decision.Answer = gate.Skip
			t.moves, t.passes = append(t.moves, r.move), append(t.passes, r.trailing()...)
			continue
		}
		r.effect = effect
		if effect.Kind != campaign.SendEmail || r.Rehearsal { // the team must not unsubscribe the customer by trying it out
			continue
		}
		link, token := linkFor(links.Unsubscribe, t.shop, effect, t.tx.Now().Add(linkTime))
		r.link = token
		rows = append(rows, link)
		if r.rules.Cause.Kind == commerce.ConsentAsked {
			link, r.confirm = linkFor(links.Confirm, t.shop, effect, t.tx.Now().Add(confirmTime))
			rows = append(rows, link)
		}
		if r.version.messages[effect.StepID].Loyal() {
			link, r.account = linkFor(links.Account, t.shop, effect, t.tx.Now().Add(accountTime))
			rows = append(rows, link)
		}
	}
	return t.tx.AddLinks(t.shop, rows)
}
