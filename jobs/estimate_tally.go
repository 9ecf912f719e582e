package jobs

import (
	"context"
	"encoding/json"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/store"
)

// tally answers for how many a condition holds. Its fields are the answer's.
type tally struct {
	Holds  int64 `json:"holds"`
	Of     int64 `json:"of"`
	Failed int64 `json:"failed"` // for whom it could not be answered

	w         *Worker
	shop      commerce.Shop
	persons   bool
	condition *campaign.Condition
	now       commerce.Instant
}

// newTally makes ready to answer e: {"about": "orders" or "persons", "condition": CEL}.
func (w *Worker) newTally(shop commerce.Shop, e store.Estimate) (*tally, error) {
	var q struct {
		About     string `json:"about"`
		Condition string `json:"condition"`
	}
	if err := json.Unmarshal(e.Question, &q); err != nil || q.About != "orders" && q.About != "persons" {
		return nil, fault.New(fault.Invalid, "a condition is asked of orders or of persons")
	}
	condition, err := campaign.Compile(q.Condition)
	if err != nil {
		return nil, err
	}
	return &tally{w: w, shop: shop, persons: q.About == "persons", condition: condition, now: e.AskedAt}, nil
}

// count asks the condition of the next rows.
func (t *tally) count(ctx context.Context, after string, rows int) (last string, n int, err error) {
	if t.persons {
		return t.countPersons(ctx, after, rows)
	}
	orders, err := t.w.Store.OrdersAfter(ctx, t.shop.ID, commerce.OrderID(after), rows)
	if err != nil || len(orders) == 0 {
		return after, 0, err
	}
	var ids []commerce.PersonID
	for _, o := range orders {
		ids = append(ids, o.PersonID)
	}
	persons, err := t.w.Store.Persons(ctx, t.shop.ID, unique(ids))
	if err != nil {
		return after, 0, err
	}
	var want wants
	for _, o := range orders {
		want.add(t.reads(), persons[o.PersonID], o.PersonID, o, "")
	}
	facts, err := t.w.readRules(ctx, t.shop, want)
	if err != nil {
		return after, 0, err
	}
	for _, o := range orders {
		t.ask(facts.of(persons[o.PersonID], o.PersonID, o, commerce.Event{}))
	}
	return string(orders[len(orders)-1].ID), len(orders), nil
}

func (t *tally) countPersons(ctx context.Context, after string, rows int) (string, int, error) {
	persons, err := t.w.Store.ListPersons(ctx, t.shop.ID, commerce.PersonID(after), rows)
	if err != nil || len(persons) == 0 {
		return after, 0, err
	}
	var want wants
	for _, p := range persons {
		want.add(t.reads(), p, p.ID, nil, "")
	}
	facts, err := t.w.readRules(ctx, t.shop, want)
	if err != nil {
		return after, 0, err
	}
	for _, p := range persons {
		t.ask(facts.of(p, p.ID, nil, commerce.Event{}))
	}
	return string(persons[len(persons)-1].ID), len(persons), nil
}

// reads says which facts the condition asks for.
func (t *tally) reads() campaign.Reads {
	return campaign.Reads{History: t.condition.NeedsHistory(), Products: t.condition.NeedsProducts(), Consents: t.condition.NeedsConsents()}
}

// ask puts the condition to somebody.
func (t *tally) ask(f campaign.Facts) {
	t.Of++
	switch holds, err := t.condition.Matches(campaign.VarsOf(f, campaign.Enrollment{}, t.now)); {
	case err != nil:
		t.Failed++
	case holds:
		t.Holds++
	}
}
