package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// known makes a person known by ids of a platform.
func known(t *testing.T, s *store.Store, shop commerce.ShopID, kind commerce.IdentityKind, person commerce.PersonID, ids ...string) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) error {
		all := map[commerce.Identity]commerce.PersonID{}
		for _, id := range ids {
			all[commerce.Identity{Kind: kind, Value: id}] = person
		}
		return tx.AddIdentities(shop, all)
	})
}

func customers(t *testing.T, s *store.Store, shop commerce.ShopID, persons ...commerce.PersonID) map[commerce.PersonID][]store.Customer {
	t.Helper()
	got, err := s.Customers(t.Context(), shop, commerce.Shopify, persons)
	require.NoError(t, err)
	return got
}

// A person has the customers of all who are the same, each with when what they
// say was known last; other platforms' and guests are none.
func TestCustomers(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada, old, bo, guest := storetest.Person(t, s, shop), storetest.Person(t, s, shop), storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		known(t, s, shop, commerce.ByShopify, ada.ID, "11")
		known(t, s, shop, commerce.ByShopify, old.ID, "12", "13")
		known(t, s, shop, commerce.ByShopify, bo.ID, "14")
		known(t, s, shop, commerce.ByStripe, bo.ID, "cus_1")
		storetest.Do(t, s, func(tx *store.Tx) error {
			if err := tx.MergePersons(shop, old.ID, ada.ID, "the same"); err != nil {
				return err
			}
			return tx.MarkConsentsRead(shop, commerce.Shopify, map[string]commerce.Instant{"11": 5, "13": 7, "99": 9})
		})
		all := []store.Customer{{ID: "11", ReadAt: 5}, {ID: "12"}, {ID: "13", ReadAt: 7}}
		got := customers(t, s, shop, ada.ID, old.ID, bo.ID, guest.ID)
		require.Len(t, got, 3)
		require.ElementsMatch(t, all, got[ada.ID])
		require.ElementsMatch(t, all, got[old.ID], "from whichever end")
		require.Equal(t, []store.Customer{{ID: "14"}}, got[bo.ID])
		require.Empty(t, customers(t, s, shop))
	})
}

// What is heard late takes nothing back.
func TestMarkConsentsReadKeepsTheNewest(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		p := storetest.Person(t, s, shop)
		known(t, s, shop, commerce.ByShopify, p.ID, "11")
		for _, c := range []struct{ mark, want commerce.Instant }{{20, 20}, {10, 20}, {30, 30}} {
			storetest.Do(t, s, func(tx *store.Tx) error {
				return tx.MarkConsentsRead(shop, commerce.Shopify, map[string]commerce.Instant{"11": c.mark})
			})
			require.Equal(t, []store.Customer{{ID: "11", ReadAt: c.want}}, customers(t, s, shop, p.ID)[p.ID])
		}
		require.NoError(t, s.Transact(t.Context(), func(tx *store.Tx) error { return tx.MarkConsentsRead(shop, commerce.Shopify, nil) }))
	})
}
