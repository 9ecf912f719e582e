package jobs

import (
	"time"

	"flywheel/commerce"
	"flywheel/delight/calendar"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/links"
	"flywheel/sender"
	"flywheel/store"
)

// gateFacts are what the gate reads for a chunk of runs, taken under its locks.
type gateFacts struct {
	now       commerce.Instant
	shop      commerce.Shop
	paused    bool
	overPlan  bool // the shop's asks are held
	way       sender.Way
	buyers    map[commerce.PersonID]bool // who has an order, of those the sender asks about
	ties      map[commerce.Platform]commerce.Connection
	states    map[campaign.CampaignID]store.Standing
	addresses map[string]*store.AddressFacts
	campaigns map[campaign.CampaignID]*campaign.Definition // that are at hand
	held      map[store.StepName]commerce.Instant          // since when a pause held them
	asks      askFacts
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
	if f.states, err = tx.CampaignStates(shop, campaignsOf(runs)); err != nil {
		return nil, err
	}
	return f, f.loadHolds(tx, runs)
}

// loadBuyers reads whether those have an order here about whom no order tells,
// where the sender writes to nobody else.
func (f *gateFacts) loadBuyers(tx *store.Tx, runs []*run) (err error) {
	var persons []commerce.PersonID
	for _, r := range runs {
		if f.way.OnlyBuyers && r.order == nil {
			persons = append(persons, r.person.ID)
		}
	}
	if len(persons) > 0 {
		f.buyers, err = tx.Bought(f.shop.ID, unique(persons))
	}
	return err
}

// loadHolds reads since when pauses have held steps that are due after one.
func (f *gateFacts) loadHolds(tx *store.Tx, runs []*run) (err error) {
	var steps []store.StepName
	for _, r := range runs {
		if r.next.Step != nil && (f.states[r.Campaign].ResumedAt != 0 || f.shop.ResumedAt != 0) {
			steps = append(steps, r.stepName())
		}
	}
	if len(steps) > 0 {
		f.held, err = tx.HeldSince(f.shop.ID, steps)
	}
	return err
}

func (r *run) stepName() store.StepName {
	return store.StepName{EntryName: store.EntryName{Campaign: r.Campaign, Key: r.EntryKey}, StepID: r.next.Step.ID}
}

func campaignsOf(runs []*run) []campaign.CampaignID {
	ids := make([]campaign.CampaignID, len(runs))
	for i, r := range runs {
		ids[i] = r.Campaign
	}
	return unique(ids)
}

// of gathers the facts of one run.
func (f *gateFacts) of(r *run, policy gate.Policy) gate.Facts {
	d, spec := r.version.Definition(), campaign.StepOf(r.next.Step.Kind)
	facts := f.about(r.person, r.order, d.Class, channelOf(r.next.Step.Kind), policy)
	if told := r.rules.Cause.Platform; r.order == nil && told != "" {
		_, facts.Connected = f.ties[told]
	}
	facts.Topic, facts.Job, facts.LatestUseful = d.Topic, d.Job, r.next.Latest
	facts.Answers, facts.Unpaid, facts.Internal = r.version.Trigger().Answers, r.version.Trigger().Unpaid, !spec.Reaches
	facts.Self = gate.Rank{Priority: d.Priority, Due: r.next.Due, ID: string(r.ID)}
	f.stateOf(&facts, r.Campaign, r.Rehearsal)
	facts.HeldSince, facts.Unread = f.held[r.stepName()], r.unread
	f.asks.of(&facts, r, f, policy)
	return facts
}

// about is what holds for a person and an order, whatever the message.
func (f *gateFacts) about(p commerce.Person, o *store.StoredOrder, class gate.Class, by commerce.Channel, policy gate.Policy) gate.Facts {
	facts := gate.Facts{
		Shop: f.shop, PausedAll: f.paused, Class: class, Channel: by, Person: p,
		Connected: len(f.ties) > 0, OverPlan: f.overPlan, Rule: policy.Of(&f.shop, by, class, countryOf(p, o)),
	}
	facts.Sender = gate.Sender{Stopped: f.way.Stopped, OnlyBuyers: f.way.OnlyBuyers, Bought: o != nil || f.buyers[p.ID]}
	country, region := p.Country, ""
	if o != nil {
		facts.Order = &o.Order
		_, facts.Connected = f.ties[platformOf(o)]
		if o.Detail.Country != "" {
			country, region = o.Detail.Country, o.Detail.Region
		}
	}
	facts.Place = calendar.Locate(p.Timezone, country, region, f.shop.Timezone, f.shop.Country)
	if a := f.addresses[p.Email]; a != nil {
		facts.Suppressions, facts.Consents = a.Suppressions, a.Consents
	}
	return facts
}

// stateOf says whether a campaign may send now, and since when it may again.
func (f *gateFacts) stateOf(facts *gate.Facts, id campaign.CampaignID, rehearsal bool) {
	s := f.states[id]
	facts.CampaignLive = s.State == campaign.Live && !rehearsal || s.State == campaign.Rehearsal && rehearsal
	facts.PausedReason = gate.Reason(s.PausedReason)
	facts.PausedAt, facts.ResumedAt = s.PausedAt, s.ResumedAt
	if f.shop.ResumedAt > facts.ResumedAt {
		facts.PausedAt, facts.ResumedAt = f.shop.PausedAt, f.shop.ResumedAt
	}
}

func channelOf(kind campaign.StepKind) commerce.Channel {
	if kind == campaign.CallTask {
		return commerce.ByCall
	}
	return commerce.ByMail
}

// platformOf names whose connection an order came by.
func platformOf(o *store.StoredOrder) commerce.Platform {
	if o.Detail.Known() {
		return o.Detail.Platform
	}
	return o.Keys[0].Platform
}

// countryOf is whose rules count: the shipping address, else billing, else the
// person's own; "" = none is known, and the shop's counts.
func countryOf(p commerce.Person, o *store.StoredOrder) string {
	if o != nil && o.Detail.Country != "" {
		return o.Detail.Country
	}
	return p.Country
}

// effect is the row that a run which may send claims, with the revisions its
// decision saw. The run's move is where it goes once that is done.
func (f *gateFacts) effect(r *run) store.Effect {
	d := r.version.Definition()
	e := store.Effect{
		Enrollment: r.ID, StepID: r.next.Step.ID, Kind: r.next.Step.Kind, Class: d.Class, Topic: d.Topic, Campaign: r.Campaign,
		Person: r.person.ID, Order: r.Order, Dispatch: r.Dispatch, Rehearsal: r.Rehearsal, EnrollmentRev: r.Rev, PersonRev: r.person.Rev,
	}
	if a := f.addresses[r.person.Email]; a != nil {
		e.AddressHash = a.Hash
	}
	tie := f.anyTie()
	switch told := r.rules.Cause.Platform; {
	case r.order != nil:
		e.OrderRev, tie = r.order.Rev, f.ties[platformOf(r.order)]
	case told != "":
		tie = f.ties[told]
	}
	e.Connection, e.Epoch = tie.ID, tie.Epoch
	r.move = r.past(f.now, string(gate.SequenceComplete))
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

// linkTime is how long the links of a message work, confirmTime the one that confirms
// a yes, and accountTime the one that opens what somebody has in a loyalty program.
const (
	linkTime    = 400 * 24 * time.Hour
	confirmTime = 30 * 24 * time.Hour
	accountTime = 90 * 24 * time.Hour
)

func linkFor(purpose links.Purpose, shop commerce.ShopID, e store.Effect, until commerce.Instant) (store.Link, string) {
	token, hash := links.NewToken()
	return store.Link{Hash: hash, Shop: shop, Purpose: string(purpose), Effect: e.ID, Person: e.Person, Expires: until}, token
}
