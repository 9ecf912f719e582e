package jobs

import (
	"context"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
)

// ruleFacts are what campaigns' rules read beside order and person, for many
// walks at once. Only what some of their versions read is loaded.
type ruleFacts struct {
	shop      commerce.Shop
	histories map[commerce.PersonID]commerce.History
	events    map[commerce.PersonID][]commerce.Event
	causes    map[string]commerce.Event // by "kind|subject"
	products  map[string]commerce.Product
	others    map[commerce.PersonID][]*store.StoredOrder
	addresses map[string]*store.AddressFacts
	asked     map[commerce.PersonID]map[campaign.CampaignID][]commerce.OrderID
	loyalty   map[commerce.PersonID]campaign.Loyalty // nil = not loaded
}

// wants says what a set of walks reads together.
type wants struct {
	campaign.Reads
	persons  []commerce.PersonID
	emails   []string
	products []string
	causes   []string
}

// add notes what one walk reads.
func (w *wants) add(r campaign.Reads, person commerce.Person, id commerce.PersonID, o *store.StoredOrder, cause string) {
	w.History, w.Orders, w.Consents = w.History || r.History, w.Orders || r.Orders, w.Consents || r.Consents
	w.Products, w.Asked, w.Loyalty = w.Products || r.Products, w.Asked || r.Asked, w.Loyalty || r.Loyalty
	w.Events = append(w.Events, r.Events...)
	w.persons = append(w.persons, id)
	if r.Consents && person.Email != "" {
		w.emails = append(w.emails, person.Email)
	}
	if r.Products && o != nil {
		for _, l := range o.Detail.Lines {
			w.products = append(w.products, l.Product)
		}
	}
	if o == nil && cause != "" {
		w.causes = append(w.causes, cause)
	}
}

// tidy makes each thing wanted once.
func (w *wants) tidy() {
	w.persons, w.emails, w.products, w.causes, w.Events = unique(w.persons), unique(w.emails), unique(w.products), unique(w.causes), unique(w.Events)
}

// readRules loads what the rules read, outside any transaction: the revisions
// of enrollment, order and person guard it.
func (w *Worker) readRules(ctx context.Context, shop commerce.Shop, want wants) (f ruleFacts, err error) {
	want.tidy()
	f.shop = shop
	if want.History && len(want.persons) > 0 {
		if f.histories, err = w.Store.Histories(ctx, shop.ID, want.persons); err != nil {
			return f, err
		}
	}
	if len(want.Events) > 0 {
		if f.events, err = w.Store.EventsOf(ctx, shop.ID, want.persons, want.Events, 0); err != nil {
			return f, err
		}
	}
	if len(want.products) > 0 {
		if f.products, err = w.Store.Products(ctx, shop.ID, want.products); err != nil {
			return f, err
		}
	}
	if len(want.causes) > 0 {
		if f.causes, err = w.Store.Causes(ctx, shop.ID, want.causes); err != nil {
			return f, err
		}
	}
	if want.Asked {
		if f.asked, err = w.Store.Asked(ctx, shop.ID, want.persons); err != nil {
			return f, err
		}
	}
	if want.Loyalty {
		if f.loyalty, err = w.Store.LoyaltyFacts(ctx, shop.ID, want.persons); err != nil {
			return f, err
		}
	}
	if !want.Orders && len(want.emails) == 0 {
		return f, nil
	}
	return f, w.Store.Transact(ctx, func(tx *store.Tx) error { return f.readMore(tx, want) })
}

// readMore loads what only a transaction can.
func (f *ruleFacts) readMore(tx *store.Tx, want wants) (err error) {
	if want.Orders {
		if f.others, err = tx.OrdersOfPersons(f.shop.ID, want.persons, manyOrders); err != nil {
			return err
		}
	}
	if len(want.emails) > 0 {
		f.addresses, err = tx.Addresses(f.shop.ID, want.emails)
	}
	return err
}

// readRulesIn is readRules inside the transaction that writes what they read.
func readRulesIn(tx *store.Tx, shop commerce.Shop, want wants) (f ruleFacts, err error) {
	want.tidy()
	f.shop = shop
	if want.History && len(want.persons) > 0 {
		if f.histories, err = tx.Histories(shop.ID, want.persons); err != nil {
			return f, err
		}
	}
	if len(want.Events) > 0 {
		if f.events, err = tx.EventsOf(shop.ID, want.persons, want.Events, 0); err != nil {
			return f, err
		}
	}
	if len(want.products) > 0 {
		if f.products, err = tx.Products(shop.ID, want.products); err != nil {
			return f, err
		}
	}
	if want.Loyalty {
		if f.loyalty, err = tx.LoyaltyFacts(shop.ID, want.persons); err != nil {
			return f, err
		}
	}
	return f, f.readMore(tx, want)
}

// of gathers the facts of one person and cause.
func (f *ruleFacts) of(person commerce.Person, id commerce.PersonID, o *store.StoredOrder, cause commerce.Event) campaign.Facts {
	facts := campaign.Facts{
		Shop: f.shop, Person: person, Cause: cause, History: f.histories[id], Events: f.events[id], Products: f.products,
	}
	if a := f.addresses[person.Email]; a != nil && person.Email != "" {
		facts.Consents = a.Consents
	}
	if f.loyalty != nil {
		l := f.loyalty[id]
		facts.Loyalty = &l
	}
	if o != nil {
		facts.Order = &o.Order
		facts.History = withPurchase(facts.History, &o.Order, f.shop)
	}
	if others := f.others[id]; len(others) > 0 {
		facts.Orders = make(map[commerce.OrderID]*commerce.Order, len(others))
		for _, other := range others {
			facts.Orders[other.ID] = &other.Order
		}
	}
	return facts
}

// withPurchase puts an order into a history as it is now: what was read of it
// may be older.
func withPurchase(h commerce.History, o *commerce.Order, shop commerce.Shop) commerce.History {
	if h == nil {
		return nil
	}
	own := commerce.PurchaseOf(o, shop)
	if i := slices.IndexFunc(h, func(p commerce.Purchase) bool { return p.Order == o.ID }); i >= 0 {
		if h[i] == own {
			return h
		}
		h = slices.Delete(slices.Clone(h), i, i+1)
	}
	h = append(slices.Clone(h), own)
	commerce.SortHistory(h)
	return h
}
