package store_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestTombstonesKnowAgainWhoWasErased(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada := storetest.Person(t, s, shop)
		atShopify, atStripe := commerce.Identity{Kind: commerce.ByShopify, Value: "77"}, commerce.Identity{Kind: commerce.ByStripe, Value: "cus_7"}
		address, stranger := commerce.Identity{Kind: commerce.ByEmail, Value: ada.Email}, commerce.Identity{Kind: commerce.ByShopify, Value: "never seen"}
		order := commerce.SourceKey{Platform: commerce.Shopify, Kind: "order", ID: "5"}
		ids := []commerce.Identity{atShopify, atStripe, address, stranger, {Kind: commerce.ByEmail, Value: "bo@example.com"}, {Kind: commerce.ByStripe, Value: "77"}}
		look := func() (found store.Tombstones) {
			storetest.Do(t, s, func(tx *store.Tx) (err error) {
				found, err = tx.Tombstones(shop, ids, []commerce.SourceKey{order, {Platform: commerce.Shopify, Kind: "order", ID: "6"}})
				return err
			})
			return found
		}
		require.Empty(t, look())
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.AddIdentities(shop, map[commerce.Identity]commerce.PersonID{atShopify: ada.ID, atStripe: ada.ID})
		})
		erase(t, s, shop, store.Whom{Persons: []commerce.PersonID{ada.ID}, Orders: []commerce.SourceKey{order}})
		erase(t, s, shop, store.Whom{Customers: []commerce.Identity{stranger}})
		found := look()
		require.Len(t, found.By, 4)
		require.Len(t, found.Orders, 1)
		for id, stone := range found.By {
			require.Equal(t, s.Now(), stone.At)
			require.Equal(t, id == stranger, stone.Person == "", "%v", id)
		}
		require.True(t, found.Has(atStripe))
		require.False(t, found.Has(commerce.Identity{Kind: commerce.ByStripe, Value: "77"}))

		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.BuryUnder(shop, map[store.Tombstone]commerce.PersonID{found.By[stranger]: ada.ID})
		})
		require.Equal(t, ada.ID, look().By[stranger].Person)
		for id, want := range map[commerce.Identity]commerce.Instant{stranger: s.Now(), {Kind: commerce.ByShopify, Value: "78"}: 0} {
			at, err := s.ErasedAt(t.Context(), shop, []commerce.Identity{id})
			require.NoError(t, err)
			require.Equal(t, want, at)
		}
	})
}

// A delivery that nobody can decode is known by the references the door read.
func TestDeliveriesOfTheErasedAreDropped(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		before := storetest.AddDelivery(t, s, w.connection, func(d *commerce.Delivery) { d.Email = w.person.Email })
		erase(t, s, w.shop, store.Whom{Persons: []commerce.PersonID{w.person.ID}, Customers: []commerce.Identity{{Kind: commerce.ByShopify, Value: "77"}}})
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM inbox_bodies WHERE inbox_id = $1`, before.ID), "it is still to be processed")
		after := storetest.AddDelivery(t, s, w.connection, func(d *commerce.Delivery) { d.CustomerRef = "77" })
		other := storetest.AddDelivery(t, s, w.connection, func(d *commerce.Delivery) { d.CustomerRef, d.Email = "78", "bo@example.com" })
		var named []commerce.DeliveryID
		storetest.Do(t, s, func(tx *store.Tx) (err error) {
			named, err = tx.NamesErased(w.shop, []commerce.DeliveryID{before.ID, after.ID, other.ID})
			if err == nil {
				err = tx.DropDeliveries(w.shop, named)
			}
			return err
		})
		require.ElementsMatch(t, []commerce.DeliveryID{before.ID, after.ID}, named)
		require.Equal(t, []string{`id="` + string(other.ID) + `"`}, table(t, s, `SELECT id FROM inbox WHERE customer_ref <> '' OR email_hash <> ''`))
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM inbox_bodies WHERE inbox_id IN ($1, $2)`, before.ID, after.ID))
	})
}

func TestWhoIsMeantByARequest(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada, before, bo := storetest.Person(t, s, shop), storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		merge(t, s, shop, before, ada)
		order := storetest.Order(t, s, shop, before.ID)
		for name, w := range map[string]store.Whom{
			"by address": {Emails: []string{ada.Email}}, "by a former address": {Emails: []string{before.Email}},
			"by an order": {Orders: order.Keys}, "by themselves": {Persons: []commerce.PersonID{before.ID}},
		} {
			storetest.Do(t, s, func(tx *store.Tx) error {
				got, err := tx.WhoIsMeant(shop, w)
				require.ElementsMatch(t, []commerce.PersonID{ada.ID, before.ID}, got, name)
				return err
			})
		}
		storetest.Do(t, s, func(tx *store.Tx) error {
			got, err := tx.WhoIsMeant(shop, store.Whom{Emails: []string{"nobody@example.com"}, Persons: []commerce.PersonID{"nobody"}})
			require.Empty(t, got)
			return err
		})
		require.NotEmpty(t, bo.Email)
	})
}

// The platform's id of somebody erased is in no event and in nothing that came
// of one, and the event told again is known by its mark.
func TestTheEventOfAnErasedAccountNamesNobody(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada, bo := storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		made := func(kind commerce.IdentityKind, id string, p commerce.Person) commerce.Event {
			return commerce.Event{Kind: commerce.CustomerCreated, Subject: string(kind) + ":" + id, PersonID: p.ID, OccurredAt: 5}
		}
		theirs := []commerce.Event{made(commerce.ByShopify, "606677889", ada), made(commerce.ByStripe, "cus_606677889", ada)}
		others := made(commerce.ByShopify, "78", bo)
		storetest.Do(t, s, func(tx *store.Tx) error {
			if _, err := tx.AddEvents(shop, append(theirs, others)); err != nil {
				return err
			}
			if _, err := tx.AddEnrollments(shop, []campaign.Enrollment{{
				ID: "e", Campaign: "c", EntryKey: "event:customer_created:" + theirs[0].Subject, Cause: "customer_created|" + theirs[0].Subject, Person: ada.ID,
			}}, ""); err != nil {
				return err
			}
			return tx.SaveDecisions(shop, []store.Decided{{Campaign: "d", EntryKey: "event:customer_created:" + theirs[0].Subject, Person: ada.ID}})
		})
		whom := store.Whom{Persons: []commerce.PersonID{ada.ID}, Customers: []commerce.Identity{{Kind: commerce.ByShopify, Value: "606677889"}}}
		for range 2 { // a second request changes nothing
			erase(t, s, shop, whom)
			require.NotContains(t, strings.Join(dumpAll(t, s), "\n"), "606677889")
			require.EqualValues(t, 3, number(t, s, `SELECT COUNT(*) FROM events`), "that they were made stays")
		}
		storetest.Do(t, s, func(tx *store.Tx) error {
			stones, err := tx.Tombstones(shop, nil, nil)
			if err != nil {
				return err
			}
			for _, e := range append(theirs, made(commerce.ByShopify, "77", ada)) {
				known := e.Subject != "shopify:77"
				e.Subject = stones.Account(e.Subject)
				fresh, err := tx.AddEvents(shop, []commerce.Event{e})
				require.NoError(t, err)
				require.Equal(t, known, len(fresh) == 0)
				_, found, err := tx.Event(shop, commerce.CustomerCreated, e.Subject)
				require.NoError(t, err)
				require.True(t, found)
			}
			require.Empty(t, store.Tombstones{}.Account("shopify:77"), "nobody was ever erased")
			return nil
		})
		_, err := s.Event(t.Context(), shop, commerce.CustomerCreated, others.Subject)
		require.NoError(t, err)
	})
}
