package jobs

import (
	"slices"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
)

// askFacts are what only asks compare themselves with: what the addresses have
// got, and what else the persons are to get.
type askFacts struct {
	uses    map[string][]store.Use // by address hash
	rivals  map[commerce.PersonID][]campaign.Enrollment
	orders  map[commerce.OrderID]*store.StoredOrder
	members map[commerce.PersonID][]string // ids at the platforms
}

// loadAsks reads them for the runs that may ask somebody now. Deciders of one
// address come one after the other: two persons may have the same.
func (f *gateFacts) loadAsks(tx *store.Tx, runs []*run) error {
	if err := f.loadMembers(tx, runs); err != nil {
		return err
	}
	var hashes []string
	var persons []commerce.PersonID
	for _, r := range runs {
		if !r.asks(f.now) {
			continue
		}
		if a := f.addresses[r.person.Email]; a != nil {
			hashes = append(hashes, a.Hash)
		}
		persons = append(persons, r.person.ID)
	}
	if persons = unique(persons); len(persons) == 0 {
		return nil
	}
	if err := tx.LockAddresses(f.shop.ID, unique(hashes)); err != nil {
		return err
	}
	window := f.window()
	var err error
	if f.asks.uses, err = tx.Uses(f.shop.ID, unique(hashes), f.now.Add(-window)); err != nil {
		return err
	}
	if f.asks.rivals, err = tx.Rivals(f.shop.ID, persons, f.now.Add(window)); err != nil {
		return err
	}
	return f.loadRivals(tx, runs)
}

// loadMembers reads by which ids the platforms know the runs' persons, where the
// shop names some that are left alone. That holds for thanks and calls too.
func (f *gateFacts) loadMembers(tx *store.Tx, runs []*run) (err error) {
	var persons []commerce.PersonID
	for _, r := range runs {
		if r.person.ID != "" {
			persons = append(persons, r.person.ID)
		}
	}
	if len(f.shop.Settings.Exclude.Customers) > 0 && len(persons) > 0 {
		f.asks.members, err = tx.CustomerIDs(f.shop.ID, unique(persons))
	}
	return err
}

// loadRivals reads the orders of rivals that are not those of the runs, without
// locking them: what they would get is a guess that the next run makes anew.
func (f *gateFacts) loadRivals(tx *store.Tx, runs []*run) (err error) {
	f.asks.orders = map[commerce.OrderID]*store.StoredOrder{}
	for _, r := range runs {
		if r.order != nil {
			f.asks.orders[r.Order] = r.order
		}
	}
	var more []commerce.OrderID
	var campaigns []campaign.CampaignID
	for _, es := range f.asks.rivals {
		for _, e := range es {
			if e.Order != "" && f.asks.orders[e.Order] == nil {
				more = append(more, e.Order)
			}
			if _, known := f.states[e.Campaign]; !known {
				campaigns = append(campaigns, e.Campaign)
			}
		}
	}
	found, err := tx.Orders(f.shop.ID, unique(more))
	for id, o := range found {
		f.asks.orders[id] = o
	}
	if len(campaigns) == 0 || err != nil {
		return err
	}
	states, err := tx.CampaignStates(f.shop.ID, unique(campaigns))
	for id, s := range states {
		f.states[id] = s
	}
	return err
}

// window is the longest time that a cap of the shop looks back on.
func (f *gateFacts) window() time.Duration {
	caps := f.shop.Settings.Caps.WithDefaults()
	return time.Duration(max(caps.Asks.Days, caps.Marketing.Days)) * 24 * time.Hour
}

// asks reports whether the run's step asks something of the customer and is due.
func (r *run) asks(now commerce.Instant) bool {
	return r.next.Step != nil && r.next.Due <= now && !r.Rehearsal && r.next.End == nil &&
		r.version.Definition().Class != gate.Transactional && campaign.StepOf(r.next.Step.Kind).Message
}

// of adds what an ask compares itself with to its facts.
func (a *askFacts) of(facts *gate.Facts, r *run, f *gateFacts, policy gate.Policy) {
	facts.CustomerIDs = a.members[r.person.ID]
	if !r.asks(f.now) {
		return
	}
	hash := ""
	if known := f.addresses[r.person.Email]; known != nil {
		hash = known.Hash
	}
	for _, u := range a.uses[hash] {
		if u.Enrollment != r.ID || u.StepID != r.next.Step.ID { // a step does not count itself
			facts.Used = append(facts.Used, u.Use)
		}
	}
	for _, e := range a.rivals[r.person.ID] {
		if e.ID != r.ID && !claimedAlready(e, a.uses[hash]) {
			facts.Rivals = append(facts.Rivals, a.rival(e, r, f, facts.Used, policy))
		}
	}
}

// claimedAlready reports whether a rival's ask stands among the uses: then the
// cap counts it, and it must not count twice.
func claimedAlready(e campaign.Enrollment, uses []store.Use) bool {
	return slices.ContainsFunc(uses, func(u store.Use) bool { return u.Enrollment == e.ID && u.At >= e.Ask.Due })
}

// rival is another walk of the person as the gate judges it.
func (a *askFacts) rival(e campaign.Enrollment, r *run, f *gateFacts, used []gate.Use, policy gate.Policy) gate.Rival {
	o := a.orders[e.Order]
	facts := f.about(r.person, o, e.Ask.Class, commerce.ByMail, policy)
	facts.Topic, facts.LatestUseful, facts.Answers = e.Ask.Topic, e.Ask.Latest, e.Ask.Answers
	facts.Used, facts.CustomerIDs = used, a.members[r.person.ID]
	f.stateOf(&facts, e.Campaign, false)
	if d := f.campaigns[e.Campaign]; d != nil {
		facts.Job, facts.Unpaid = d.Job, campaign.TriggerOf(d.Trigger.Kind).Unpaid
	}
	return gate.Rival{
		Rank: gate.Rank{Priority: e.Ask.Priority, Due: e.Ask.Due, ID: string(e.ID)}, Next: e.DueAt, Campaign: string(e.Campaign), Facts: facts,
	}
}

// count has an ask that is about to go count for those behind it in the same
// transaction, as its effect's row will for all others.
func (a *askFacts) count(r *run, f *gateFacts) {
	known := f.addresses[r.person.Email]
	if known == nil || !r.asks(f.now) {
		return
	}
	a.uses[known.Hash] = append(a.uses[known.Hash], store.Use{
		Use: gate.Use{At: f.now, Class: r.version.Definition().Class}, Enrollment: r.ID, StepID: r.next.Step.ID,
	})
}
