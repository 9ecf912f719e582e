package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestAddressesAreHashedWithTheShopsOwnKey(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		one, two := storetest.Shop(t, s), storetest.Shop(t, s)
		hash := func(shop commerce.ShopID, email string) string {
			outside, err := s.AddressHash(t.Context(), shop, email)
			require.NoError(t, err)
			storetest.Do(t, s, func(tx *store.Tx) error {
				inside, err := tx.AddressHash(shop, email)
				require.Equal(t, outside, inside)
				return err
			})
			return outside
		}
		require.Regexp(t, "^[0-9a-f]{32}$", hash(one, "ada@example.com"))
		require.Equal(t, hash(one, "ada@example.com"), hash(one, "ada@example.com"))
		require.NotEqual(t, hash(one, "ada@example.com"), hash(two, "ada@example.com"))
		require.NotEqual(t, hash(one, "ada@example.com"), hash(one, "bob@example.com"))
		require.Empty(t, hash(one, ""))
	})
}

func TestAddresses(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		said := []commerce.ConsentChange{
			{Email: "ada@example.com", Channel: commerce.ByMail, Class: "marketing", State: commerce.Subscribed, Source: "checkout", At: 2000, Double: true},
			{Email: "ada@example.com", Channel: commerce.ByMail, Class: "marketing", State: commerce.Unsubscribed, Source: "link", At: 1000},
			{CustomerID: "7", Channel: commerce.ByMail, Class: "service", State: commerce.Subscribed, At: 1000}, // no address: not kept here
		}
		hash, err := s.AddressHash(t.Context(), shop, "ada@example.com")
		require.NoError(t, err)
		for range 2 { // saying the same twice is once
			storetest.Do(t, s, func(tx *store.Tx) error {
				if err := tx.AddConsents(shop, said); err != nil {
					return err
				}
				return tx.Suppress(shop, hash, gate.TopicScope("reviews"), "link")
			})
		}
		stops := []gate.Suppression{{Scope: "topic:reviews", Reason: "link", At: s.Now()}}
		for i := range said {
			said[i].Email = ""
		}
		want := map[string]*store.AddressFacts{
			"ada@example.com": {Hash: hash, Suppressions: stops, Consents: []commerce.ConsentChange{said[1], said[0]}},
			"bob@example.com": {},
		}
		storetest.Do(t, s, func(tx *store.Tx) error {
			got, err := tx.Addresses(shop, []string{"ada@example.com", "", "bob@example.com", "ada@example.com"})
			require.NoError(t, err)
			want["bob@example.com"].Hash = got["bob@example.com"].Hash
			require.Empty(t, cmp.Diff(want, got), "the oldest word first")
			none, err := tx.Addresses(shop, nil)
			require.Empty(t, none)
			return err
		})
		list, err := s.Suppressions(t.Context(), shop, hash)
		require.NoError(t, err)
		require.Equal(t, stops, list)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.Unsuppress(shop, hash, gate.ScopeAll) })
		list, err = s.Suppressions(t.Context(), shop, hash)
		require.NoError(t, err)
		require.Equal(t, stops, list, "another scope")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.Unsuppress(shop, hash, gate.TopicScope("reviews")) })
		list, err = s.Suppressions(t.Context(), shop, hash)
		require.NoError(t, err)
		require.Empty(t, list)
	})
}

// A word about consent is for every step that waits for it, also of the person somebody was merged into.
func TestKeepConsentsLooksAtTheirPersonsAgain(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada, guest, other := storetest.Person(t, s, shop), storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		merge(t, s, shop, guest, ada)
		var es []campaign.Enrollment
		for _, p := range []commerce.Person{ada, guest, other} {
			es = append(es, storetest.Enroll(t, s, shop, storetest.Order(t, s, shop, p.ID), func(e *campaign.Enrollment) { e.DueAt = s.Now() + 5000 }))
		}
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.KeepConsents(shop, []commerce.ConsentChange{{Email: guest.Email, Channel: commerce.ByMail, Class: "service", State: commerce.Subscribed, At: 1}})
		})
		now := int64(s.Now())
		require.Equal(t, []int64{now, now, now + 5000}, []int64{dueAt(t, s, es[0].ID), dueAt(t, s, es[1].ID), dueAt(t, s, es[2].ID)})
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM consents`))
	})
}
