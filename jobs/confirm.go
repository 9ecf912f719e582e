package jobs

import (
	"cmp"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/store"
)

// mustConfirm reports whether a word that is new is a yes to news and offers that
// the person has to confirm where they live.
func mustConfirm(policy gate.Policy, shop *commerce.Shop, p commerce.Person, known []commerce.ConsentChange, word commerce.ConsentChange) bool {
	if word.Channel != commerce.ByMail || gate.Class(word.Class) != gate.Marketing {
		return false
	}
	return policy.For(word.Channel, gate.Marketing, countryOf(shop, p, nil)).MustConfirm(known, word)
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

// askToConfirm notes that the person of a new word is asked to confirm it.
func (m *merge) askToConfirm(c saidBy, known []commerce.ConsentChange) {
	if c.person == nil || !mustConfirm(m.policy, &m.shop, c.person.Person, known, c.ConsentChange) {
		return
	}
	ask := store.ConsentAsk{Person: c.person.ID, SaidAt: c.At}
	m.told = append(m.told, happening{ask.Happening(), cmp.Or(c.platform, commerce.API), c.person})
}

// askThem puts into the inbox who is to confirm what was read at the platform,
// and reports whether there is anybody.
func (w *Worker) askThem(tx *store.Tx, shop commerce.ShopID, persons map[string]commerce.Person, known map[string]*store.AddressFacts, words []commerce.ConsentChange) (bool, error) {
	settings, err := tx.Shop(shop)
	if err != nil {
		return false, err
	}
	asked := false
	for _, word := range words {
		p, there := persons[word.Email]
		if !there || !mustConfirm(w.Policy, &settings, p, known[word.Email].Consents, word) {
			continue
		}
		if err := tx.AskToConfirm(shop, store.ConsentAsk{Person: p.ID, Email: word.Email, SaidAt: word.At}); err != nil {
			return false, err
		}
		asked = true
	}
	return asked, nil
}
