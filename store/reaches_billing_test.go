package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// billingReaches are the reaches of plans and usage.
var billingReaches = map[string]reach{
	"Store.AskEntitlement": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.AskEntitlement(t.Context(), a)
	},
	"Store.Entitlement": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Entitlement(t.Context(), a)
	},
	"Store.SeeStorefront": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.SeeStorefront(t.Context(), a, b.connection.ID)
	},
	"Store.StorefrontSeen": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		at, err := s.StorefrontSeen(t.Context(), a, b.connection.ID)
		require.Zero(t, at)
		return at, err
	},
	"Store.Usage": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		n, err := s.Usage(t.Context(), a, 0, 100*dayLong)
		require.Zero(t, n)
		return n, err
	},
	"Tx.AddUsage": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.AddUsage(a, []store.UsageDay{{Day: 1, Paid: 1}})
	}),
	"Tx.Entitlement": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return tx.Entitlement(a)
	}),
	"Tx.PlanHolds": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		held, err := tx.PlanHolds(a)
		if held {
			return held, errReached
		}
		return held, err
	}),
	"Tx.SaveEntitlement": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.SaveEntitlement(a, commerce.Entitlement{State: commerce.PlanNone})
	}),
	"Tx.Usage": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		n, err := tx.Usage(a, 0, 100*dayLong)
		if n != 0 {
			return n, errReached
		}
		return n, err
	}),
}

func furnishBilling(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) error {
		if err := tx.AddUsage(w.shop, []store.UsageDay{{Day: 1, Paid: 7}}); err != nil {
			return err
		}
		return tx.SaveEntitlement(w.shop, commerce.Entitlement{Plan: "plan of " + w.owner, State: commerce.PlanActive, HoldsFrom: 1})
	})
	require.NoError(t, s.SeeStorefront(t.Context(), w.shop, w.connection.ID))
}
