package manage

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
)

// sampleSize is how many are asked: of 400 the interval is ten points wide at most.
const sampleSize = 400

// Count says for how many of a shop's orders or persons a condition holds, by a
// sample of them.
type Count struct {
	About     string // orders, persons
	Sample    int64  // how many were asked
	Of        int64  // among so many
	About95   int64  // the estimate for all of them
	Low, High int64  // its 95% interval, by Wilson's score
	Exact     bool   // everybody was asked
	Newest    bool   // Of are the newest alone, there are more
	Failed    int64  // of the sample: it could not be answered
}

// What a condition is counted about.
const (
	AboutOrders  = "orders"
	AboutPersons = "persons"
)

// AboutOf is what a campaign's condition is asked about: orders where its trigger hangs on one.
func AboutOf(d campaign.Definition) string {
	if spec := campaign.TriggerOf(d.Trigger.Kind); spec != nil && !spec.ByOrder {
		return AboutPersons
	}
	return AboutOrders
}

// CountHolds asks a condition of a sample of the shop's orders or persons, as if
// each had just entered d. A condition that does not compile is fault.Invalid.
func (k Desk) CountHolds(ctx context.Context, id commerce.ShopID, d campaign.Definition, condition *campaign.Condition) (Count, error) {
	shop, err := k.Store.Shop(ctx, id)
	if err != nil {
		return Count{}, err
	}
	out := Count{About: AboutOf(d)}
	lot, err := k.draw(ctx, id, out.About)
	if err != nil {
		return out, err
	}
	all, err := k.FactsOf(ctx, shop, d, condition, lot)
	if err != nil {
		return out, err
	}
	var held int64
	for _, f := range all {
		holds, err := condition.Matches(campaign.VarsOf(f, campaign.Enrollment{Campaign: campaign.CampaignID(d.Name), Anchor: f.Cause.OccurredAt}, k.Store.Now()))
		switch {
		case err != nil:
			out.Failed++
		case holds:
			held++
		}
	}
	out.Sample, out.Of, out.Newest = int64(len(all)), lot.Of, lot.Newest
	out.estimate(held)
	return out, nil
}

func (k Desk) draw(ctx context.Context, shop commerce.ShopID, about string) (store.Lot, error) {
	if about == AboutPersons {
		return k.Store.DrawPersons(ctx, shop, sampleSize)
	}
	return k.Store.DrawOrders(ctx, shop, sampleSize)
}

// estimate carries what held over from the sample to all.
func (c *Count) estimate(held int64) {
	if c.Exact = c.Sample >= c.Of && !c.Newest; c.Exact || c.Sample == 0 {
		c.About95, c.Low, c.High = held, held, held
		return
	}
	low, high := wilson(held, c.Sample)
	c.About95 = (held*c.Of + c.Sample/2) / c.Sample
	c.Low, c.High = max(held, int64(low*float64(c.Of))), min(c.Of-(c.Sample-held), int64(high*float64(c.Of)+0.999))
}

// FactsOf loads what a condition of d reads of each of a lot, as if the order, or
// the person, were about to enter d now.
func (k Desk) FactsOf(ctx context.Context, shop commerce.Shop, d campaign.Definition, condition *campaign.Condition, lot store.Lot) ([]campaign.Facts, error) {
	var persons []commerce.PersonID
	var products []string
	for _, o := range lot.Orders {
		persons = append(persons, o.PersonID)
		for _, l := range o.Detail.Lines {
			products = append(products, l.Product)
		}
	}
	people := map[commerce.PersonID]commerce.Person{}
	var err error
	if len(persons) > 0 {
		if people, err = k.Store.Persons(ctx, shop.ID, persons); err != nil {
			return nil, err
		}
	}
	for _, p := range lot.Persons {
		persons, people[p.ID] = append(persons, p.ID), p
	}
	read := reading{shop: shop, people: people, cause: commerce.Event{}}
	if spec := campaign.TriggerOf(d.Trigger.Kind); spec != nil {
		read.cause.Kind = spec.Events[0]
	}
	if err := k.fill(ctx, &read, condition, persons, products); err != nil {
		return nil, err
	}
	return read.all(lot), nil
}

// reading is what was loaded for a lot.
type reading struct {
	shop      commerce.Shop
	people    map[commerce.PersonID]commerce.Person
	cause     commerce.Event
	histories map[commerce.PersonID]commerce.History
	products  map[string]commerce.Product
	addresses map[string]*store.AddressFacts
	loyalty   map[commerce.PersonID]campaign.Loyalty
}

func (k Desk) fill(ctx context.Context, r *reading, condition *campaign.Condition, persons []commerce.PersonID, products []string) (err error) {
	if condition.NeedsHistory() && len(persons) > 0 {
		if r.histories, err = k.Store.Histories(ctx, r.shop.ID, persons); err != nil {
			return err
		}
	}
	if condition.NeedsProducts() && len(products) > 0 {
		if r.products, err = k.Store.Products(ctx, r.shop.ID, products); err != nil {
			return err
		}
	}
	if condition.NeedsLoyalty() && len(persons) > 0 {
		if r.loyalty, err = k.Store.LoyaltyFacts(ctx, r.shop.ID, persons); err != nil {
			return err
		}
	}
	if !condition.NeedsConsents() {
		return nil
	}
	var emails []string
	for _, p := range r.people {
		if p.Email != "" {
			emails = append(emails, p.Email)
		}
	}
	return k.Store.Transact(ctx, func(tx *store.Tx) error {
		r.addresses, err = tx.Addresses(r.shop.ID, emails)
		return err
	})
}

func (r *reading) all(lot store.Lot) (out []campaign.Facts) {
	for _, o := range lot.Orders {
		f := r.of(o.PersonID)
		f.Order, f.Cause.OccurredAt = &o.Order, o.PlacedAt
		out = append(out, f)
	}
	for _, p := range lot.Persons {
		out = append(out, r.of(p.ID))
	}
	return out
}

func (r *reading) of(id commerce.PersonID) campaign.Facts {
	f := campaign.Facts{Shop: r.shop, Person: r.people[id], Cause: r.cause, History: r.histories[id], Products: r.products}
	if a := r.addresses[f.Person.Email]; a != nil && f.Person.Email != "" {
		f.Consents = a.Consents
	}
	l := r.loyalty[id]
	f.Loyalty = &l
	return f
}
