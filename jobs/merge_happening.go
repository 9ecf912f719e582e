package jobs

import (
	"maps"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/store"
)

// happening is what a delivery tells apart from orders, with whom it is of; nil = nobody.
type happening struct {
	commerce.Happening
	platform commerce.Platform
	person   *personWork
}

// happen notes what a delivery tells apart from orders.
func (m *merge) happen(d decoded, person *personWork) {
	for _, h := range d.change.Happened {
		m.told = append(m.told, happening{h, d.delivery.Platform, person})
	}
	if p := d.change.Product; p != nil {
		m.products = append(m.products, *p)
	}
}

// writeHappenings keeps what happened, finds out what of it is new, and has
// those walks looked at that wait for it.
func (m *merge) writeHappenings() error {
	if err := m.tx.SaveProducts(m.shop.ID, m.products); err != nil {
		return err
	}
	var events []commerce.Event
	for _, h := range m.told {
		id := commerce.PersonID("")
		if h.person != nil {
			id = h.person.ID
			if p := m.persons[id]; p != nil { // joined with another meanwhile
				id = p.ID
			}
			if h.person.Erased && !m.unname(&h.Happening) {
				continue
			}
		}
		events = append(events, h.Event(m.shop, h.platform, id))
	}
	var err error
	if m.happened, err = m.tx.AddEvents(m.shop.ID, events); err != nil {
		return err
	}
	if err := m.fanOut(); err != nil {
		return err
	}
	return m.wakeWaiting(m.happened)
}

// unname takes from what happened to somebody erased who they were; that it
// happened stays. false = nothing but their name is in it.
func (m *merge) unname(h *commerce.Happening) bool {
	h.Props = nil
	if h.Kind == commerce.CustomerCreated {
		h.Subject = m.stones.Account(h.Subject)
	}
	return h.Subject != ""
}

// wakeWaiting makes the walks due that wait for one of these events.
func (m *merge) wakeWaiting(events []commerce.Event) error {
	var came []store.Waiting
	for _, e := range events {
		p := m.persons[e.PersonID]
		if e.PersonID != "" && (p == nil || !p.fresh) { // who is new waits for nothing yet
			came = append(came, store.Waiting{Person: e.PersonID, Kind: e.Kind})
		}
	}
	if len(came) == 0 {
		return nil
	}
	return m.tx.TouchWaiting(m.shop.ID, came)
}

// fanOut notes that a product which came out concerns those who bought a related one.
func (m *merge) fanOut() error {
	for _, e := range m.happened {
		if e.Kind != commerce.ProductPublished || e.Historic {
			continue
		}
		for _, c := range m.campaigns.asked(e) {
			f := store.Fanout{Kind: store.FanProduct, Campaign: c.ID, Subject: e.Subject}
			if _, err := m.tx.AddFanout(m.shop.ID, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// learn notes how long parcels travelled, wakes who waits for what came of the
// orders, and asks for the campaigns to be looked at whose orders went back.
func (m *merge) learn(orders []*orderWork, events []commerce.Event) error {
	for _, o := range orders {
		for _, days := range o.travelled() {
			if err := m.tx.AddTransit(m.shop.ID, o.Detail.Country, o.Detail.ShippingMethod, days); err != nil {
				return err
			}
		}
	}
	if err := m.dropTasks(orders); err != nil {
		return err
	}
	if slices.ContainsFunc(events, func(e commerce.Event) bool { return e.Kind == commerce.RefundMade || e.Kind == commerce.OrderCancelled }) {
		if err := m.tx.AskFuse(m.shop.ID); err != nil {
			return err
		}
	}
	return m.wakeWaiting(events)
}

// dropTasks takes calls off the staff's list whose order is not one to call about any more.
func (m *merge) dropTasks(orders []*orderWork) error {
	for _, o := range orders {
		now := gate.Standing(&o.Order, m.shop.Settings)
		if o.fresh || o.ended || now.Answer != gate.Skip {
			continue
		}
		if err := m.tx.DropTasks(m.shop.ID, o.ID, string(now.Reason)); err != nil {
			return err
		}
	}
	return nil
}

// travelled returns how many days each parcel took of which the batch brought
// the carrier's word that it has come.
func (o *orderWork) travelled() (days []int) {
	for _, id := range slices.Sorted(maps.Keys(o.Fulfilments)) {
		if took, known := o.Fulfilments[id].TravelDays(); known && !o.came[id] {
			days = append(days, took)
		}
	}
	return days
}

// comeAlready are the parcels that had come before the batch.
func comeAlready(o *commerce.Order) map[string]bool {
	came := map[string]bool{}
	for id, f := range o.Fulfilments {
		if _, known := f.TravelDays(); known {
			came[id] = true
		}
	}
	return came
}
