package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// privacyReaches are the reaches of exports and erasure.
var privacyReaches = map[string]reach{
	"Store.Erasures": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.Erasures(t.Context(), a, "", 1000)
		require.Empty(t, got)
		return got, err
	},
	"Store.ErasedAt": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		at, err := s.ErasedAt(t.Context(), a, []commerce.Identity{{Kind: commerce.ByShopify, Value: "gone from " + b.owner}})
		require.Zero(t, at)
		return at, err
	},
	"Store.Export": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		requests, err := s.PrivacyRequests(t.Context(), b.shop, 1000)
		require.NoError(t, err)
		for _, p := range requests {
			if p.Export != "" {
				_, err = s.Export(t.Context(), a, p.Export)
				require.True(t, fault.Is(err, fault.NotFound), "%v", err)
				return nil, err
			}
		}
		t.Fatal("b has no export")
		return nil, nil
	},
	"Store.FinishRequest": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		open, err := s.OpenRequests(t.Context(), 1000)
		require.NoError(t, err)
		for _, p := range open {
			require.NoError(t, s.FinishRequest(t.Context(), a, p.ID, store.Report{Note: "intruder"}))
		}
		return nil, nil
	},
	"Store.ForgetPlatform": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		n, err := s.ForgetPlatform(t.Context(), a, b.connection.Platform)
		require.Zero(t, n)
		return n, err
	},
	"Store.Seek": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		who := store.Whom{Emails: []string{b.person.Email}}
		got, err := s.Seek(t.Context(), a, who)
		require.Empty(t, store.Sought(got))
		return nil, err
	},
	"Store.Held": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.Held(t.Context(), a, []commerce.PersonID{b.person.ID})
		require.Empty(t, got)
		return got, err
	},
	"Store.PrivacyRequest": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.PrivacyRequest(t.Context(), a, "number of "+b.owner)
	},
	"Store.PrivacyRequests": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.PrivacyRequests(t.Context(), a, 1000)
		require.Empty(t, got)
		return got, err
	},
	"Store.Reapply": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		told, err := s.Erasures(t.Context(), b.shop, "", 1000)
		require.NoError(t, err)
		for i := range told {
			told[i].Shop, told[i].ID = a, store.NewID()
		}
		return s.Reapply(t.Context(), a, told)
	},
	"Tx.BuryUnder": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		found, err := tx.Tombstones(b.shop, []commerce.Identity{{Kind: commerce.ByShopify, Value: "gone from " + b.owner}}, nil)
		for _, t := range found.By {
			return nil, tx.BuryUnder(a, map[store.Tombstone]commerce.PersonID{t: "intruder"})
		}
		return nil, err
	}),
	"Tx.DropDeliveries": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.DropDeliveries(a, []commerce.DeliveryID{b.delivery.ID, b.bad.ID})
	}),
	"Tx.Erase": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return tx.Erase(a, store.Whom{
			Persons: []commerce.PersonID{b.person.ID}, Emails: []string{b.person.Email},
			Customers: []commerce.Identity{{Kind: commerce.ByShopify, Value: "gone from " + b.owner}}, Orders: b.order.Keys,
		})
	}),
	"Tx.NamesErased": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		got, err := tx.NamesErased(a, []commerce.DeliveryID{b.delivery.ID, b.bad.ID})
		if len(got) > 0 {
			return nil, errReached
		}
		return nil, err
	}),
	"Tx.Tombstones": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		got, err := tx.Tombstones(a, []commerce.Identity{{Kind: commerce.ByShopify, Value: "gone from " + b.owner}}, b.order.Keys)
		if len(got.By)+len(got.Orders) > 0 {
			return nil, errReached
		}
		return nil, err
	}),
	"Tx.WhoIsMeant": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		got, err := tx.WhoIsMeant(a, store.Whom{Emails: []string{b.person.Email}, Orders: b.order.Keys})
		if len(got) > 0 {
			return nil, errReached
		}
		return nil, err
	}),
}

// furnishPrivacy adds a request that was answered, one that is open, and somebody who was erased.
func furnishPrivacy(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	owner := w.owner
	var answered store.PrivacyRequest
	storetest.Do(t, s, func(tx *store.Tx) (err error) {
		_, err = tx.AddPrivacyRequest(w.shop, store.PrivacyRequest{Kind: commerce.ReportData, Subject: "open request of " + owner})
		if err == nil {
			answered, err = tx.AddPrivacyRequest(w.shop, store.PrivacyRequest{
				Kind: commerce.ReportData, Subject: "request of " + owner, RequestID: "number of " + owner, Persons: []commerce.PersonID{w.person.ID},
			})
		}
		if err == nil {
			_, err = tx.Erase(w.shop, store.Whom{Customers: []commerce.Identity{{Kind: commerce.ByShopify, Value: "gone from " + owner}}})
		}
		return err
	})
	saved, err := s.SaveExport(t.Context(), answered, []byte("export of "+owner))
	require.NoError(t, err)
	require.True(t, saved)
}
