package jobs

import (
	"context"
	"slices"
	"time"

	"github.com/hibiken/asynq"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/store"
)

// A fan-out looks at so many orders in one transaction and goes on for so long.
const (
	fanoutRows = 500
	fanoutTime = 20 * time.Second
)

// fanoutID is the TaskID of the one task that works on fan-outs.
const fanoutID = "fanout:next"

// hintFanouts has a worker go on with what concerns many persons.
func (s *sweep) hintFanouts(ctx context.Context) error {
	if !s.looking {
		return nil
	}
	open, err := s.Store.FanoutsOpen(ctx)
	if err != nil || !open {
		return err
	}
	err = s.Queue.enqueue(ctx, taskFanout, fanoutID, struct{}{})
	if isConflict(err) {
		s.Queue.lost(fanoutID) // frees the id if a killed worker left it archived
		return nil
	}
	return err
}

func (w *Worker) handleFanout(ctx context.Context, _ *asynq.Task) error {
	for end := time.Now().Add(fanoutTime); time.Now().Before(end) && ctx.Err() == nil; {
		f, found, err := w.Store.NextFanout(ctx, w.id)
		if err != nil || !found {
			return nil //nolint:nilerr // the sweep asks again
		}
		if err := w.fanOut(ctx, f, end); err != nil && !fault.Is(err, fault.Conflict) {
			w.Log.Warn("fan-out not finished", "shop", f.Shop, "fanout", f.ID, "error", err)
		}
		w.insist("fan-out not given back", f.Shop, func(ctx context.Context) error { return w.Store.ReleaseFanout(ctx, f.Shop, f.ID, w.id) })
	}
	return nil
}

// fanOut asks the campaign about a shop's orders, step by step behind a cursor:
// about their events when it went live, or about their buyers when a product came
// out; or about the shop's persons, where it asks for a yes to be confirmed.
func (w *Worker) fanOut(ctx context.Context, f store.Fanout, end time.Time) error {
	for cursor := f.Cursor; time.Now().Before(end) && ctx.Err() == nil; {
		next, finished, err := w.fanStep(ctx, f, cursor, fanoutRows)
		if err != nil || finished {
			return err
		}
		cursor = next
	}
	return nil
}

// portion is what one step of a fan-out is about: orders, or persons.
type portion struct {
	orders  []*store.StoredOrder
	persons []commerce.PersonID
	count   int
	last    string // the id to go on behind
}

// portion reads at most rows of them behind the cursor.
func (w *Worker) portion(ctx context.Context, f store.Fanout, cursor string, rows int) (p portion, err error) {
	p.last = cursor
	if f.Kind == store.FanUnconfirmed {
		persons, err := w.Store.ListPersons(ctx, f.Shop, commerce.PersonID(cursor), rows)
		for _, one := range persons {
			p.persons, p.last = append(p.persons, one.ID), string(one.ID)
		}
		p.count = len(persons)
		return p, err
	}
	if p.orders, err = w.Store.OrdersAfter(ctx, f.Shop, commerce.OrderID(cursor), rows); len(p.orders) > 0 {
		p.last = string(p.orders[len(p.orders)-1].ID)
	}
	p.count = len(p.orders)
	return p, err
}

// fanStep asks about at most rows orders or persons behind the cursor and moves
// it behind them. It waits for a drain under way, which may know the campaign as
// it was before, and only then looks which there are.
func (w *Worker) fanStep(ctx context.Context, f store.Fanout, cursor string, rows int) (next string, finished bool, err error) {
	lease, err := w.waitForInbox(ctx, f.Shop)
	if err != nil {
		return cursor, false, err
	}
	defer w.insist("inbox lease not given back", f.Shop, func(ctx context.Context) error { return w.Store.ReleaseInbox(ctx, lease) })
	p, err := w.portion(ctx, f, cursor, rows)
	if err != nil {
		return cursor, false, err
	}
	cursor, finished = p.last, p.count < rows
	all, err := w.campaigns.ofShop(ctx, f.Shop)
	if err != nil {
		return cursor, false, err
	}
	err = w.Store.Transact(ctx, func(tx *store.Tx) error {
		if err := tx.HoldLease(lease); err != nil {
			return err
		}
		if err := tx.AdvanceFanout(f.Shop, f.ID, w.id, cursor, int64(p.count), finished); err != nil {
			return err
		}
		shop, err := tx.Shop(f.Shop)
		if err != nil {
			return err
		}
		m := newMerge(tx, shop, all, "")
		if m.policy = w.Policy; f.Kind == store.FanUnconfirmed {
			return m.askUnconfirmed(f, p.persons)
		}
		return m.fan(f, p.orders)
	})
	if err == nil {
		w.Log.Info("fan-out went on", "shop", f.Shop, "fanout", f.ID, "kind", f.Kind, "campaign", f.Campaign, "looked at", p.count, "finished", finished)
	}
	return cursor, finished, err
}

// liveOne is the campaign of a fan-out; nil = it is not live any more.
func (m *merge) liveOne(id campaign.CampaignID) *live {
	for i := range m.campaigns.live {
		if l := &m.campaigns.live[i]; l.ID == id && l.State.Enrolls() {
			return l
		}
	}
	return nil
}

// fan asks one campaign about these orders.
func (m *merge) fan(f store.Fanout, orders []*store.StoredOrder) error {
	c := m.liveOne(f.Campaign)
	if c == nil || len(orders) == 0 {
		return nil
	}
	var persons []commerce.PersonID
	for _, o := range orders {
		if o.PersonID != "" {
			persons = append(persons, o.PersonID)
		}
	}
	found, err := m.tx.LockPersons(m.shop.ID, unique(persons))
	if err != nil {
		return err
	}
	for id, p := range found {
		m.persons[id] = &personWork{Person: p}
	}
	var asked []question
	if f.Kind == store.FanProduct {
		asked, err = m.buyers(*c, f.Subject, orders)
	} else {
		for _, o := range orders {
			asked = m.questions(asked, o, func(l live) bool { return l.ID == c.ID })
		}
	}
	if err != nil {
		return err
	}
	entries, err := m.answer(asked, orderIDs(orders))
	if err != nil {
		return err
	}
	return m.addEntries(entries)
}

// buyers asks about each person who keeps something a new product is related
// to. Whoever is met again with another order is in already: the key says so.
func (m *merge) buyers(c live, product string, orders []*store.StoredOrder) ([]question, error) {
	ids := []string{product}
	for _, o := range orders {
		for _, l := range o.Detail.Lines {
			ids = append(ids, l.Product)
		}
	}
	catalogue, err := m.tx.Products(m.shop.ID, unique(ids))
	if err != nil {
		return nil, err
	}
	fresh, known := catalogue[product]
	cause, told, err := m.tx.Event(m.shop.ID, commerce.ProductPublished, product)
	if err != nil || !known || fresh.DeletedAt != 0 || !told {
		return nil, err
	}
	byPerson := map[commerce.PersonID][]*store.StoredOrder{}
	var persons []commerce.PersonID
	for _, o := range orders {
		if commerce.PurchaseOf(&o.Order, m.shop).Counts && o.PersonID != "" {
			persons = append(persons, o.PersonID)
			byPerson[o.PersonID] = append(byPerson[o.PersonID], o)
		}
	}
	var some []commerce.PersonID
	for _, id := range unique(persons) {
		if p := m.persons[id]; p != nil && !p.Erased && related(c.Campaign.Trigger, fresh, byPerson[id], catalogue) {
			some = append(some, p.ID)
		}
	}
	some = unique(some)
	all, err := m.tx.OrdersOfPersons(m.shop.ID, some, manyOrders)
	var asked []question
	for _, id := range some {
		if !has(all[id], product) { // also by an order of another step
			asked = append(asked, question{live: c, cause: cause, person: id})
		}
	}
	return asked, err
}

// has reports whether a product is among what somebody keeps of these orders.
func has(orders []*store.StoredOrder, product string) bool {
	return slices.ContainsFunc(orders, func(o *store.StoredOrder) bool {
		return slices.ContainsFunc(o.Kept(), func(l commerce.Line) bool { return l.Product == product })
	})
}

func orderIDs(orders []*store.StoredOrder) []commerce.OrderID {
	ids := make([]commerce.OrderID, len(orders))
	for i, o := range orders {
		ids[i] = o.ID
	}
	return ids
}

// related reports whether what somebody kept of their orders makes a new
// product one for them.
func related(t campaign.Trigger, fresh commerce.Product, orders []*store.StoredOrder, catalogue map[string]commerce.Product) bool {
	var bought []commerce.Product
	for _, o := range orders {
		for _, l := range o.Kept() {
			p, known := catalogue[l.Product]
			if !known {
				p = commerce.Product{ID: l.Product, Title: l.Title, Vendor: l.Vendor}
			}
			bought = append(bought, p)
		}
	}
	return campaign.Related(t, fresh, bought)
}
