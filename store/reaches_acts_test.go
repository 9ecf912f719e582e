package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

// actsReaches are the reaches of what people choose and do with messages, and of suppression lists.
var actsReaches = map[string]reach{
	"Store.AddAct": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.AddAct(t.Context(), a, b.effect.ID, "click")
	},
	"Store.AddressByHash": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.AddressByHash(t.Context(), a, b.hash)
		require.Empty(t, got.Suppressions)
		require.Empty(t, got.Consents)
		return got, err
	},
	"Store.EachStop": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.EachStop(t.Context(), a, func(store.Stop) error { return errReached })
	},
	"Tx.AddressByHash": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) { return tx.AddressByHash(a, b.hash) }),
	"Tx.AddConsentOf": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.AddConsentOf(a, b.hash, commerce.ConsentChange{Channel: commerce.ByMail, Class: "marketing", State: commerce.Unsubscribed, At: 2})
	}),
	"Tx.AddStops": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		_, err := tx.AddStops(a, []store.Stop{{Address: b.person.Email, Suppression: gate.Suppression{Scope: gate.ScopeAll, Reason: "intruder"}}})
		return nil, err
	}),
	"Store.CustomerCountries": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.CustomerCountries(t.Context(), a)
		require.Empty(t, got)
		return got, err
	},
	"Tx.AddNote": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		fresh, err := tx.AddNote(a, b.effect, nil)
		require.False(b.t, fresh, "the channel is another shop's")
		return fresh, err
	}),
	"Tx.AddTrialOf": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		_, err := tx.AddTrialOf(a, b.person.ID, "trial", "{}") // b has the same
		return nil, err
	}),
	"Tx.AskedToConfirm": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		at, err := tx.AskedToConfirm(a, []commerce.PersonID{b.person.ID})
		require.Zero(b.t, at[b.person.ID])
		return nil, err
	}),
	"Tx.OwnersOf": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		got, err := tx.OwnersOf(a, []string{b.person.Email})
		if len(got) > 0 {
			return nil, errReached
		}
		return nil, err
	}),
	"Tx.AskToConfirm": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.AskToConfirm(a, store.ConsentAsk{Person: b.person.ID, Email: b.person.Email, SaidAt: 1})
	}),
	"Tx.ChooseLanguage": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.ChooseLanguage(a, b.person.ID, "fa")
	}),
	"Tx.Pause": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.Pause(a, b.hash, tx.Now()+1000)
	}),
	"Tx.RemoveStop": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		removed, err := tx.RemoveStop(a, b.person.Email, gate.TopicScope("reviews"))
		if removed {
			return nil, errReached
		}
		return nil, err
	}),
}

func furnishActs(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	execute(t, s, `INSERT INTO message_acts (shop_id, effect_id, kind, person_id, campaign_id, first_at, last_at, times) VALUES ($1, $2, $3, $4, $5, $6, $6, 1)`,
		string(w.shop), string(w.effect.ID), "click", string(w.person.ID), "clicks of "+w.owner, int64(s.Now()))
	storetest.Do(t, s, func(tx *store.Tx) error {
		if _, err := tx.AddTrialOf(w.shop, w.person.ID, "trial", "{}"); err != nil {
			return err
		}
		_, err := tx.AddStops(w.shop, []store.Stop{{Address: "nobody@of-" + w.owner + ".example", Suppression: gate.Suppression{Scope: gate.ScopeAll, Reason: "list of " + w.owner}}})
		return err
	})
}
