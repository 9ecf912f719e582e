package jobs

import (
	"cmp"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/store"
)

// newestOrders is how many of somebody's newest orders are looked through for
// the one that was placed last: what is read of the past is told late.
const newestOrders = 20

// mustConfirm reports whether a word that is new is a yes to news and offers that
// the person has to confirm where they live. As for the gate, the country is that
// of the order a message is about, here their last, and else their own: whom it
// would hold for either is asked.
func mustConfirm(policy gate.Policy, shop *commerce.Shop, p commerce.Person, last *store.StoredOrder, known []commerce.ConsentChange, word commerce.ConsentChange) bool {
	if !plainYes(word) {
		return false
	}
	asks := *shop // a yes is confirmed also while the shop leaves people of unknown countries alone
	asks.Settings.Consent.KnownOnly = false
	for _, o := range []*store.StoredOrder{last, nil} {
		if policy.Of(&asks, word.Channel, gate.Marketing, countryOf(p, o)).MustConfirm(known, word) {
			return true
		}
	}
	return false
}

// plainYes reports whether a word is a yes to news and offers by mail that nobody has confirmed yet.
func plainYes(word commerce.ConsentChange) bool {
	return word.Channel == commerce.ByMail && gate.Class(word.Class) == gate.Marketing && word.State == commerce.Subscribed && !word.Double
}

// lastOf is the order that was placed last of those that name a country; nil = none does.
func lastOf(orders []*store.StoredOrder) (last *store.StoredOrder) {
	for _, o := range orders {
		if o.Detail.Country != "" && !o.Detail.Test && (last == nil || cmp.Or(o.PlacedAt, o.Payment.At()) > cmp.Or(last.PlacedAt, last.Payment.At())) {
			last = o
		}
	}
	return last
}

// decodeAsked says what the shop's own pages have put into the inbox: that
// somebody is to confirm a yes. They are found by the address that said it.
func decodeAsked(d commerce.Delivery) (commerce.Change, error) {
	a, err := store.ReadConsentAsk(d.Body)
	if err != nil {
		return commerce.Change{}, err
	}
	return commerce.Change{
		Person:   &commerce.PersonFacts{Email: a.Email},
		Happened: []commerce.Happening{a.Happening()},
	}, nil
}

// askToConfirm notes of new words whose person is asked to confirm them. The
// orders of the batch are written by now; whoever is new lives where their order says.
func (m *merge) askToConfirm(fresh []saidBy, known map[string]*store.AddressFacts) error {
	var yeses []saidBy
	var before []commerce.PersonID
	for _, c := range fresh {
		if !plainYes(c.ConsentChange) {
			continue
		}
		if yeses = append(yeses, c); !c.person.fresh {
			before = append(before, c.person.ID)
		}
	}
	if len(yeses) == 0 {
		return nil
	}
	orders, err := m.tx.OrdersOfPersons(m.shop.ID, unique(before), newestOrders)
	if err != nil {
		return err
	}
	for _, c := range yeses {
		if mustConfirm(m.policy, &m.shop, c.person.Person, lastOf(orders[c.person.ID]), known[c.Email].Consents, c.ConsentChange) {
			ask := store.ConsentAsk{Person: c.person.ID, SaidAt: c.At}
			m.told = append(m.told, happening{ask.Happening(), cmp.Or(c.platform, commerce.API), c.person})
		}
	}
	return nil
}

// askThem puts into the inbox who is to confirm what was read at the platform,
// and reports whether there is anybody.
func (w *Worker) askThem(tx *store.Tx, shop commerce.ShopID, persons map[string]commerce.Person, known map[string]*store.AddressFacts, words []commerce.ConsentChange) (bool, error) {
	settings, err := tx.Shop(shop)
	if err != nil {
		return false, err
	}
	var who []commerce.PersonID
	for _, word := range words {
		if p, there := persons[word.Email]; there && plainYes(word) {
			who = append(who, p.ID)
		}
	}
	orders, err := tx.OrdersOfPersons(shop, unique(who), newestOrders)
	if err != nil {
		return false, err
	}
	asked := false
	for _, word := range words {
		p, there := persons[word.Email]
		if !there || !mustConfirm(w.Policy, &settings, p, lastOf(orders[p.ID]), known[word.Email].Consents, word) {
			continue
		}
		if err := tx.AskToConfirm(shop, store.ConsentAsk{Person: p.ID, Email: word.Email, SaidAt: word.At}); err != nil {
			return false, err
		}
		asked = true
	}
	return asked, nil
}
