package jobs

import (
	"cmp"
	"context"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/delight/replay"
	"flywheel/store"
)

// someone is what is known of one person whose past is replayed.
type someone struct {
	shopper
	events    []commerce.Event
	products  map[string]commerce.Product
	address   *store.AddressFacts // nil where there is no address
	uses      []store.Use
	customers []string // ids at the platforms
	loyalty   campaign.Loyalty
	asked     []commerce.OrderID
	entered   map[string]bool // entry keys
}

// asked is one event that a campaign would have been asked about.
type asked struct {
	cause  commerce.Event
	order  *store.StoredOrder // nil where the cause is no order
	person *someone
}

func (q asked) orderID() commerce.OrderID {
	if q.order == nil {
		return ""
	}
	return q.order.ID
}

// people reads what is needed of shoppers, in one transaction without a lock.
func (r *replayCount) people(ctx context.Context, shoppers []shopper) ([]*someone, error) {
	if len(shoppers) == 0 {
		return nil, nil
	}
	var ids []commerce.PersonID
	var emails []string
	for _, b := range shoppers {
		ids, emails = append(ids, b.ID), append(emails, b.Email)
	}
	kinds := slices.Concat(r.flow.Reads().Events, r.kinds())
	slices.Sort(kinds)
	var out []*someone
	err := r.w.Store.Transact(ctx, func(tx *store.Tx) error {
		events, err := tx.EventsOf(r.shop.ID, ids, slices.Compact(kinds), 0)
		if err != nil {
			return err
		}
		customers, err := tx.CustomerIDs(r.shop.ID, ids)
		if err != nil {
			return err
		}
		var loyal map[commerce.PersonID]campaign.Loyalty
		if r.flow.Reads().Loyalty {
			if loyal, err = tx.LoyaltyFacts(r.shop.ID, ids); err != nil {
				return err
			}
		}
		out = nil
		for _, b := range shoppers {
			one := &someone{shopper: b, events: events[b.ID], customers: customers[b.ID], loyalty: loyal[b.ID], entered: map[string]bool{}}
			one.loyalty.AsOfNow = true // nobody keeps what it was on each day
			out = append(out, one)
		}
		if err := r.loadAddresses(tx, out, emails); err != nil {
			return err
		}
		return r.loadProducts(tx, out)
	})
	return out, err
}

// loadAddresses reads what was said and sent to addresses. What the campaign has
// really sent is what is being asked about, so that is left out.
func (r *replayCount) loadAddresses(tx *store.Tx, people []*someone, emails []string) error {
	addresses, err := tx.Addresses(r.shop.ID, emails)
	if err != nil {
		return err
	}
	var hashes []string
	for _, a := range addresses {
		hashes = append(hashes, a.Hash)
	}
	uses, err := tx.Uses(r.shop.ID, hashes, r.From.Add(-r.way.window()))
	for _, p := range people {
		if p.address = addresses[p.Email]; p.address != nil {
			p.uses = slices.DeleteFunc(slices.Clone(uses[p.address.Hash]), func(u store.Use) bool { return u.Campaign == r.campaign.ID })
		}
	}
	return err
}

// kinds are the kinds of event that the campaign's trigger reads.
func (r *replayCount) kinds() []commerce.EventKind {
	if r.campaign.Trigger.Kind == campaign.OnCustomEvent {
		return []commerce.EventKind{commerce.CustomKind(r.campaign.Trigger.Name)}
	}
	return r.flow.Trigger().Events
}

func (r *replayCount) loadProducts(tx *store.Tx, people []*someone) error {
	if !r.flow.Reads().Products {
		return nil
	}
	var ids []string
	for _, p := range people {
		for _, o := range p.orders {
			for _, l := range o.Detail.Lines {
				ids = append(ids, l.Product)
			}
		}
	}
	products, err := tx.Products(r.shop.ID, unique(ids))
	for _, p := range people {
		p.products = products
	}
	return err
}

// person asks the campaign about all that somebody's past brought, in the order in which it did.
func (r *replayCount) person(p *someone) {
	var questions []asked
	for _, o := range p.orders {
		for _, e := range eventsOf(&o.Order, r.shop) {
			if len(r.index.For(e.Kind, e.Name)) > 0 {
				questions = append(questions, asked{e, o, p})
			}
		}
	}
	if !r.flow.Trigger().ByOrder || r.flow.Trigger().Loose {
		for _, e := range p.events {
			if e.OrderID == "" && len(r.index.For(e.Kind, e.Name)) > 0 {
				questions = append(questions, asked{e, nil, p})
			}
		}
	}
	slices.SortFunc(questions, func(a, b asked) int {
		return cmp.Or(cmp.Compare(a.cause.OccurredAt, b.cause.OccurredAt), cmp.Compare(a.cause.Kind, b.cause.Kind), cmp.Compare(a.cause.Subject, b.cause.Subject))
	})
	last := map[string]gate.Reason{} // why not, of causes that nothing has let in so far
	for _, q := range questions {
		r.ask(q, last)
	}
	for _, q := range questions {
		if why, refused := last[q.key()]; refused {
			if v := r.verdict(q, r.To); v.Refusal.Reason != "" { // by now more is known of it
				why = v.Refusal.Reason
			}
			r.Refuse(q.orderID(), p.ID, why)
			delete(last, q.key())
		}
	}
}

// key is what a refusal is about: an order, whichever of its events was asked
// about. One that is placed is refused as unpaid until it is paid, and then let in.
func (q asked) key() string {
	if q.order != nil {
		return string(q.order.ID)
	}
	return string(q.cause.Kind) + "|" + q.cause.Subject
}

// ask puts one event to the campaign as it would have been put then, and walks
// on where it lets in; else it notes why not.
func (r *replayCount) ask(q asked, last map[string]gate.Reason) {
	v := r.verdict(q, min(max(q.cause.OccurredAt, r.From), r.To))
	switch {
	case v.Refusal.Reason == gate.BeforeLive, v.Refusal.Reason == gate.Historic, v.Refusal.Reason == gate.BeforeStart:
		return // from before the days that were asked about
	case v.Refusal.Reason != "":
		if !q.person.entered[q.key()] {
			last[q.key()] = v.Refusal.Reason
		}
		return
	case v.Entry == nil, q.person.entered[v.Entry.Key]:
		return
	}
	delete(last, q.key())
	q.person.entered[q.key()] = true
	q.person.entered[v.Entry.Key] = true
	begun := campaign.Enrollment{
		ID: campaign.EnrollmentID(v.Entry.Key), Campaign: r.campaign.ID, Person: q.person.ID, Order: q.orderID(),
		EntryKey: v.Entry.Key, Cause: v.Entry.Cause, Anchor: v.Entry.Anchor, Position: campaign.Position{Anchor: v.Entry.Anchor},
	}
	if v.Entry.Anchor > r.To {
		r.Later++
		return
	}
	r.Add(q.orderID(), q.person.ID, replay.Walk(replay.Case{
		Flow: r.flow.Flow, Begun: begun, Changes: q.person.changes(), Now: r.To,
		Facts: func(at commerce.Instant) campaign.Facts { return r.facts(q, at) },
		Gate: func(e campaign.Enrollment, n campaign.Next, at commerce.Instant) gate.Facts {
			return r.gate(q, e, n, at)
		},
	}, func(e campaign.Enrollment, s replay.Step) { r.sent(q, e, s) }))
}

// verdict is what the campaign would have made of an event, by the facts at an instant.
func (r *replayCount) verdict(q asked, at commerce.Instant) campaign.Verdict {
	facts := r.facts(q, at)
	asking := campaign.Enrollment{Campaign: r.campaign.ID, Person: q.person.ID, Order: q.orderID()}
	return campaign.Enroll(r.campaign, q.cause, facts, func() gate.Decision { return r.flow.Judge(facts, asking, at) })
}

// sent has a message that would have gone out count for those behind it.
func (r *replayCount) sent(q asked, e campaign.Enrollment, s replay.Step) {
	if q.order != nil {
		q.person.asked = append(q.person.asked, q.order.ID)
	}
	if r.campaign.Class != gate.Transactional && r.Reaches(s.ID) {
		q.person.uses = append(q.person.uses, store.Use{Use: gate.Use{At: s.At, Class: r.campaign.Class}, Enrollment: e.ID, StepID: s.ID})
	}
}

// facts are what the campaign's rules would have read of somebody at an instant.
func (r *replayCount) facts(q asked, at commerce.Instant) campaign.Facts {
	f := campaign.Facts{Shop: r.shop, Person: q.person.Person, Cause: q.cause, Products: q.person.products, Asked: q.person.asked, Loyalty: &q.person.loyalty}
	f.Orders = make(map[commerce.OrderID]*commerce.Order, len(q.person.orders))
	for _, o := range q.person.orders {
		then := o.AsOf(at)
		f.Orders[o.ID] = then
		f.History = append(f.History, commerce.PurchaseOf(then, r.shop))
		if q.order != nil && o.ID == q.order.ID {
			f.Order = then
		}
	}
	commerce.SortHistory(f.History)
	for _, e := range q.person.events {
		if e.OccurredAt <= at {
			f.Events = append(f.Events, e)
		}
	}
	if q.person.address != nil {
		f.Consents = consentsAsOf(q.person.address.Consents, at)
	}
	return f
}

// gate is what the gate would have read at an instant.
func (r *replayCount) gate(q asked, e campaign.Enrollment, n campaign.Next, at commerce.Instant) gate.Facts {
	order := q.order
	if order != nil {
		then := *order
		then.Order = *order.AsOf(at)
		order = &then
	}
	f := r.way
	f.now = at
	run := &run{Enrollment: e, version: r.flow, order: order, person: q.person.Person, next: n, rules: campaign.Facts{Cause: q.cause}}
	if a := q.person.address; a != nil {
		f.addresses = map[string]*store.AddressFacts{q.person.Email: {
			Hash: a.Hash, Consents: consentsAsOf(a.Consents, at),
			Suppressions: slices.DeleteFunc(slices.Clone(a.Suppressions), func(s gate.Suppression) bool { return s.At > at }),
		}}
		f.asks.uses = map[string][]store.Use{a.Hash: slices.DeleteFunc(slices.Clone(q.person.uses), func(u store.Use) bool { return u.At > at })}
	}
	f.asks.members = map[commerce.PersonID][]string{q.person.ID: q.person.customers}
	f.buyers = map[commerce.PersonID]bool{q.person.ID: true} // whoever is looked at has an order
	return f.of(run, r.w.Policy)
}

// changes are the instants at which something about somebody changed, sorted.
func (p *someone) changes() []commerce.Instant {
	var out []commerce.Instant
	for _, o := range p.orders {
		out = append(out, o.Changes()...)
	}
	for _, e := range p.events {
		out = append(out, e.OccurredAt)
	}
	if p.address != nil {
		for _, c := range p.address.Consents {
			out = append(out, c.At)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func consentsAsOf(said []commerce.ConsentChange, at commerce.Instant) []commerce.ConsentChange {
	out := make([]commerce.ConsentChange, 0, len(said))
	for _, c := range said {
		if c.At <= at {
			out = append(out, c)
		}
	}
	return out
}
