package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// signInsReaches are the reaches of customers' own pages: each link and person named is of the other shop.
var signInsReaches = map[string]reach{
	"Tx.AskSignIn": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.AskSignIn(a, store.SignInAsk{Email: b.person.Email, Person: b.person.ID})
	}),
	"Store.CustomerLink": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.CustomerLink(t.Context(), a, []byte("session of "+b.owner), "session")
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		require.Empty(t, got.Person)
		return nil, nil
	},
	"Tx.TakeCustomerLink": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		got, err := tx.TakeCustomerLink(a, []byte("session of "+b.owner), "session")
		require.True(b.t, fault.Is(err, fault.NotFound), "%v", err)
		require.Empty(b.t, got.Person)
		return nil, nil
	}),
	"Store.CustomerOf": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.CustomerOf(t.Context(), a, commerce.Identity{Kind: commerce.ByShopify, Value: "number of " + b.owner})
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		return got, nil
	},
	"Store.LastMailTo": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.LastMailTo(t.Context(), a, b.person.ID)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		return got, nil
	},
	"Store.AskedForData": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.AskedForData(t.Context(), a, b.person.ID)
	},
	"Tx.AskedForData": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return tx.AskedForData(a, b.person.ID)
	}),
}

func furnishSignIns(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) error {
		if err := tx.AddIdentities(w.shop, map[commerce.Identity]commerce.PersonID{{Kind: commerce.ByShopify, Value: "number of " + w.owner}: w.person.ID}); err != nil {
			return err
		}
		return tx.AddLinks(w.shop, []store.Link{{Hash: []byte("session of " + w.owner), Purpose: "session", Person: w.person.ID, Expires: s.Now() + 1_000_000}})
	})
}
