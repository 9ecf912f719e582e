package jobs

import (
	"cmp"
	"maps"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
)

// merge applies one batch of decoded deliveries inside one transaction: it
// loads and locks everything they touch, changes it in memory in the order of
// the deliveries, and writes each thing once.
type merge struct {
	tx        *store.Tx
	shop      commerce.Shop
	campaigns *shopCampaigns
	owner     string // of enrollments that are due at once
	policy    gate.Policy
	// stripeAnswers says that Stripe can be asked about the shop's orders.
	stripeAnswers bool

	orders   map[commerce.OrderID]*orderWork
	byKey    map[commerce.SourceKey]commerce.OrderID
	twins    map[string][]*orderWork
	persons  map[commerce.PersonID]*personWork
	byWho    map[commerce.Identity]commerce.PersonID
	newKeys  map[commerce.SourceKey]commerce.OrderID
	newWho   map[commerce.Identity]commerce.PersonID
	consents []saidBy
	said     map[string]commerce.Instant // when Shopify told what its customers say about mail, by customer
	touched  []commerce.PersonID         // to be looked at again
	united   []union
	asked    map[commerce.OrderID]*store.StoredOrder // whose events campaigns were asked about
	requests []store.PrivacyRequest                  // for data, answered after the commit
	happened []commerce.Event                        // what hangs on no order and is new
	told     []happening
	products []commerce.Product
	later    []func() error      // after everything else is written
	joined   []commerce.PersonID // into whom somebody was merged
	graves

	results   []store.InboxResult
	decisions []store.Decided
	due       []campaign.Enrollment
}

// orderWork is an order with what it looked like before the batch.
type orderWork struct {
	*store.StoredOrder
	before  map[eventKey]commerce.Event
	was     glimpse             // before the batch
	ended   bool                // it deserved no asks before the batch
	bought  commerce.Purchase   // as it was before the batch
	owner   commerce.PersonID   // likewise
	billed  commerce.Billed     // likewise
	told    []commerce.Platform // who had told of it before the batch
	came    map[string]bool     // parcels whose arrival was known before the batch
	changed bool
	fresh   bool
}

type personWork struct {
	commerce.Person
	changed bool
	fresh   bool // nobody knew them before the batch
}

type eventKey struct {
	kind    commerce.EventKind
	subject string
}

func newMerge(tx *store.Tx, shop commerce.Shop, campaigns *shopCampaigns, owner string) *merge {
	return &merge{
		tx: tx, shop: shop, campaigns: campaigns, owner: owner,
		orders: map[commerce.OrderID]*orderWork{}, persons: map[commerce.PersonID]*personWork{}, twins: map[string][]*orderWork{},
		asked: map[commerce.OrderID]*store.StoredOrder{}, newKeys: map[commerce.SourceKey]commerce.OrderID{}, newWho: map[commerce.Identity]commerce.PersonID{},
		said: map[string]commerce.Instant{},
	}
}

func (m *merge) run(batch []decoded) error {
	batch, err := m.withoutGone(batch)
	if err != nil {
		return err
	}
	if err := m.load(batch); err != nil {
		return err
	}
	for _, d := range batch {
		result := store.InboxResult{ID: d.delivery.ID, Note: d.change.Ignored}
		if d.err != nil {
			result.Quarantined, result.Note = true, d.err.Error()
		} else if err := m.apply(d); err != nil {
			return err
		}
		m.results = append(m.results, result)
	}
	if err := m.write(); err != nil {
		return err
	}
	if err := m.tx.FinishInbox(m.shop.ID, m.results); err != nil {
		return err
	}
	if err := m.dropDeliveries(); err != nil {
		return err
	}
	for _, do := range m.later {
		if err := do(); err != nil {
			return err
		}
	}
	if err := m.points(); err != nil {
		return err
	}
	return m.pointsForEvents()
}

// load reads and locks what the batch may touch: first all orders, then all persons.
func (m *merge) load(batch []decoded) error {
	var keys []commerce.SourceKey
	var who []commerce.Identity
	var twinKeys []string
	var known []commerce.PersonID
	for _, d := range batch {
		if d.change.Of != "" {
			known = append(known, d.change.Of)
		}
		if o := d.change.Order; o != nil {
			keys = append(keys, append(hintedKeys(*o), o.Keys...)...)
			who = append(who, identities(o.Person, d.delivery.Platform)...)
			if k, err := m.twinKey(o); err != nil {
				return err
			} else if k != "" {
				twinKeys = append(twinKeys, k)
			}
		}
		who = append(who, identities(d.change.Person, d.delivery.Platform)...)
		who = append(who, namedPersons(d)...)
	}
	if err := m.loadOrders(unique(keys), twinKeys); err != nil {
		return err
	}
	return m.loadPersons(unique(who), keys, known)
}

func (m *merge) loadOrders(keys []commerce.SourceKey, twinKeys []string) error {
	var err error
	if m.byKey, err = m.tx.OrdersByKey(m.shop.ID, keys); err != nil {
		return err
	}
	ids := slices.Sorted(maps.Values(m.byKey))
	for hop := 0; len(ids) > 0 && hop < 8; hop++ { // a row that turned out to be another's purchase leads there
		found, err := m.tx.LockOrders(m.shop.ID, slices.Compact(ids))
		if err != nil {
			return err
		}
		ids = nil
		for _, o := range found {
			m.adopt(o)
			if o.SameAs != "" && m.orders[o.SameAs] == nil {
				ids = append(ids, o.SameAs)
			}
		}
		slices.Sort(ids)
	}
	for k, id := range m.byKey {
		for o := m.orders[id]; o != nil && o.SameAs != ""; o = m.orders[o.SameAs] {
			m.byKey[k] = o.SameAs
		}
	}
	candidates, err := m.tx.TwinCandidates(m.shop.ID, twinKeys)
	if err != nil {
		return err
	}
	for key, os := range candidates {
		for _, o := range os {
			m.twins[key] = append(m.twins[key], m.adopt(o))
		}
	}
	return nil
}

// adopt takes an order into the working set, once.
func (m *merge) adopt(o *store.StoredOrder) *orderWork {
	if known := m.orders[o.ID]; known != nil {
		return known
	}
	w := &orderWork{
		StoredOrder: o, before: eventsOf(&o.Order, m.shop), was: glimpseOf(&o.Order), bought: commerce.PurchaseOf(&o.Order, m.shop), came: comeAlready(&o.Order),
		owner: o.PersonID,
		ended: gate.Standing(&o.Order, m.shop.Settings).Answer == gate.Skip, billed: o.Billed, told: o.Tellers(),
	}
	m.orders[o.ID] = w
	return w
}

func (m *merge) loadPersons(who []commerce.Identity, keys []commerce.SourceKey, ids []commerce.PersonID) error {
	var err error
	if err = m.loadGraves(who, keys); err != nil {
		return err
	}
	if m.byWho, err = m.tx.PersonsByIdentity(m.shop.ID, who); err != nil {
		return err
	}
	for _, id := range m.byWho {
		ids = append(ids, id)
	}
	for _, o := range m.orders {
		if o.PersonID != "" {
			ids = append(ids, o.PersonID)
		}
	}
	ids = append(ids, m.buriedIDs()...)
	found, err := m.tx.LockPersons(m.shop.ID, unique(ids))
	for asked, p := range found {
		known := m.persons[p.ID]
		if known == nil {
			known = &personWork{Person: p}
			m.persons[p.ID] = known
		}
		m.persons[asked] = known // a merged person's id leads to whom it was merged into
	}
	return err
}

// write flushes the working set, each thing once, in the order of the locks.
func (m *merge) write() error {
	orders := m.changedOrders()
	m.bill(orders)
	if err := m.writeOrders(orders); err != nil {
		return err
	}
	if err := m.writeConsents(); err != nil {
		return err
	}
	if err := m.writePersons(); err != nil {
		return err
	}
	if err := m.writeUnions(); err != nil {
		return err
	}
	if err := m.refer(orders); err != nil {
		return err
	}
	if err := m.useRewards(orders); err != nil {
		return err
	}
	if err := m.reopen(orders); err != nil {
		return err
	}
	if err := m.writeHappenings(); err != nil {
		return err
	}
	if err := m.enroll(orders); err != nil {
		return err
	}
	return m.countUsage(orders)
}

func (m *merge) changedOrders() []*orderWork {
	var out []*orderWork
	for _, o := range m.orders {
		if o.changed {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b *orderWork) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func (m *merge) writeOrders(orders []*orderWork) error {
	var rows []*store.StoredOrder
	var events []commerce.Event
	var touched []commerce.OrderID
	for _, o := range orders {
		bought := commerce.PurchaseOf(&o.Order, m.shop)
		o.Purchase = &bought
		rows = append(rows, o.StoredOrder)
		now := eventsOf(&o.Order, m.shop)
		for key, e := range now {
			if old, seen := o.before[key]; !seen || !old.Equal(e) {
				events = append(events, e)
			}
		}
		for key := range o.before {
			if _, still := now[key]; !still { // a refund that failed after all, a cancel that was denied
				m.later = append(m.later, func() error { return m.tx.DeleteEvent(m.shop.ID, key.kind, key.subject) })
			}
		}
		if !o.fresh {
			touched = append(touched, o.ID)
		}
	}
	if err := m.tx.SaveOrders(m.shop.ID, rows); err != nil {
		return err
	}
	if err := m.tx.AddOrderKeys(m.shop.ID, m.newKeys); err != nil {
		return err
	}
	slices.SortFunc(events, func(a, b commerce.Event) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Kind, b.Kind))
	})
	if err := m.tx.SaveEvents(m.shop.ID, events); err != nil {
		return err
	}
	if err := m.learn(orders, events); err != nil {
		return err
	}
	return m.tx.TouchEnrollments(m.shop.ID, touched)
}

func (m *merge) writePersons() error {
	var persons []commerce.Person
	for id, p := range m.persons {
		if p.changed && id == p.ID {
			persons = append(persons, p.Person)
		}
	}
	slices.SortFunc(persons, func(a, b commerce.Person) int { return cmp.Compare(a.ID, b.ID) })
	if err := m.tx.SavePersons(m.shop.ID, persons); err != nil {
		return err
	}
	if err := m.tx.AddIdentities(m.shop.ID, m.newWho); err != nil {
		return err
	}
	if err := m.tx.BuryUnder(m.shop.ID, m.buried); err != nil {
		return err
	}
	return m.tx.TouchPersons(m.shop.ID, unique(m.touched))
}

// eventsOf derives the order's events; a row that is another's purchase has none of its own.
func eventsOf(o *commerce.Order, shop commerce.Shop) map[eventKey]commerce.Event {
	out := map[eventKey]commerce.Event{}
	if o.SameAs != "" {
		return out
	}
	for _, e := range o.Events(shop) {
		out[eventKey{e.Kind, e.Subject}] = e
	}
	return out
}

// unique returns the values once each, in an order that does not depend on arrival.
func unique[T comparable](values []T) []T {
	seen := make(map[T]bool, len(values))
	var out []T
	for _, v := range values {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// factsOf returns the orders and persons of enrollments that the batch made.
func (m *merge) factsOf(es []campaign.Enrollment) (map[commerce.OrderID]*store.StoredOrder, map[commerce.PersonID]commerce.Person) {
	orders, persons := map[commerce.OrderID]*store.StoredOrder{}, map[commerce.PersonID]commerce.Person{}
	for _, e := range es {
		if o := m.orders[e.Order]; o != nil {
			orders[e.Order] = o.StoredOrder
		}
		if p := m.persons[e.Person]; p != nil {
			persons[e.Person] = p.Person
		}
	}
	return orders, persons
}
