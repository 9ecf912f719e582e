package jobs

import (
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/links"
	"flywheel/store"
)

// gateFacts are what the gate reads for a chunk of runs, taken under its locks.
type gateFacts struct {
	now       commerce.Instant
	shop      commerce.Shop
	paused    bool
	ties      map[commerce.Platform]commerce.Connection
	states    map[campaign.CampaignID]campaign.State
	addresses map[string]*store.AddressFacts
}

// loadGate locks what the runs decide about, orders before persons, and reads
// them anew: what prepare saw may be older.
func loadGate(tx *store.Tx, shop commerce.ShopID, runs []*run) (*gateFacts, error) {
	f := &gateFacts{now: tx.Now()}
	var orderIDs []commerce.OrderID
	var personIDs []commerce.PersonID
	for _, r := range runs {
		if r.Order != "" {
			orderIDs = append(orderIDs, r.Order)
		}
		personIDs = append(personIDs, r.Person)
	}
	orders, err := tx.LockOrders(shop, unique(orderIDs))
	if err != nil {
		return nil, err
	}
	persons, err := tx.LockPersons(shop, unique(personIDs))
	if err != nil {
		return nil, err
	}
	var emails []string
	for _, r := range runs {
		r.order, r.person = orders[r.Order], persons[r.Person]
		emails = append(emails, r.person.Email)
	}
	if f.addresses, err = tx.Addresses(shop, emails); err != nil {
		return nil, err
	}
	if f.shop, err = tx.Shop(shop); err != nil {
		return nil, err
	}
	if f.paused, err = tx.PausedAll(); err != nil {
		return nil, err
	}
	if f.ties, err = tx.Ties(shop); err != nil {
		return nil, err
	}
	f.states, err = tx.CampaignStates(shop)
	return f, err
}

// of gathers the facts of one run.
func (f *gateFacts) of(r *run, policy gate.Policy) gate.Facts {
	d := r.version.Definition
	facts := gate.Facts{
		ShopState: f.shop.State, PausedAll: f.paused, CampaignLive: f.states[r.Campaign] == campaign.Live, Settings: f.shop.Settings,
		Class: d.Class, Topic: d.Topic, Channel: commerce.ByMail, Person: r.person, Order: r.facts(), LatestUseful: r.next.Latest,
		Connected: len(f.ties) > 0, Rule: policy.For(commerce.ByMail, d.Class, f.country(r)),
	}
	if r.order != nil {
		_, facts.Connected = f.ties[r.platform()]
	}
	if a := f.addresses[r.person.Email]; a != nil {
		facts.Suppressions, facts.Consents = a.Suppressions, a.Consents
	}
	return facts
}

// platform names whose connection the order came by.
func (r *run) platform() commerce.Platform {
	if r.order.Detail.Known() {
		return r.order.Detail.Platform
	}
	return r.order.Keys[0].Platform
}

// country is whose rules count: the shipping address, else billing, else the shop's.
func (f *gateFacts) country(r *run) string {
	if r.order != nil && r.order.Detail.Country != "" {
		return r.order.Detail.Country
	}
	if r.person.Country != "" {
		return r.person.Country
	}
	return f.shop.Country
}

// effect is the row that a run which may send claims, with the revisions its
// decision saw. The run's move is where it goes once that is done.
func (f *gateFacts) effect(r *run) store.Effect {
	d := r.version.Definition
	e := store.Effect{
		Enrollment: r.ID, StepID: r.next.Step.ID, Kind: r.next.Step.Kind, Class: d.Class, Topic: d.Topic, Campaign: r.Campaign,
		Person: r.person.ID, Order: r.Order, Dispatch: r.Dispatch, EnrollmentRev: r.Rev, PersonRev: r.person.Rev,
	}
	if a := f.addresses[r.person.Email]; a != nil {
		e.AddressHash = a.Hash
	}
	tie := f.anyTie()
	if r.order != nil {
		e.OrderRev, tie = r.order.Rev, f.ties[r.platform()]
	}
	e.Connection, e.Epoch = tie.ID, tie.Epoch
	r.move = f.past(r, string(gate.SequenceComplete))
	return e
}

func (f *gateFacts) anyTie() commerce.Connection {
	if c, ok := f.ties[f.shop.Leading]; ok {
		return c
	}
	for _, c := range f.ties {
		return c
	}
	return commerce.Connection{}
}

// past moves a run behind its step. reason stands if nothing is left to do.
func (f *gateFacts) past(r *run, reason string) store.Move {
	m := stay(r.Enrollment, 0)
	m.Position = campaign.After(r.next.Step.ID, r.next.Due)
	next := campaign.NextStep(r.version.Definition, m.Position, r.facts(), f.shop)
	if next.End != nil {
		m.Ended, m.Reason, m.DueAt = true, reason, f.now
		return m
	}
	m.DueAt = next.Due
	return m
}

// linkTime is how long the links of a message work.
const linkTime = 400 * 24 * time.Hour

func unsubscribeLink(shop commerce.ShopID, e store.Effect, now commerce.Instant) (store.Link, string) {
	token, hash := links.NewToken()
	return store.Link{
		Hash: hash, Shop: shop, Purpose: string(links.Unsubscribe), Effect: e.ID, Person: e.Person, Expires: now.Add(linkTime),
	}, token
}
