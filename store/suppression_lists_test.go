package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

// stop is a line for an address, for good.
func stop(address string, change ...func(*store.Stop)) store.Stop {
	s := store.Stop{Address: address, Suppression: gate.Suppression{Scope: gate.ScopeAll, Reason: "bounced", At: 1000}}
	for _, c := range change {
		c(&s)
	}
	return s
}

func until(at commerce.Instant) func(*store.Stop) { return func(s *store.Stop) { s.Until = at } }

func addStops(t *testing.T, s *store.Store, shop commerce.ShopID, stops ...store.Stop) (added int64) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) (err error) {
		added, err = tx.AddStops(shop, stops)
		return err
	})
	return added
}

func listed(t *testing.T, s *store.Store, shop commerce.ShopID) (all []store.Stop) {
	t.Helper()
	require.NoError(t, s.EachStop(t.Context(), shop, func(stop store.Stop) error {
		all = append(all, stop)
		return nil
	}))
	return all
}

func TestListsComeBackAsTheyWereAdded(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada := storetest.Person(t, s, shop)
		mine := stop(ada.Email, func(s *store.Stop) { s.Scope, s.Reason = gate.TopicScope("reviews"), "asked by phone" })
		others := stop("bo@example.com", until(9000))
		require.EqualValues(t, 2, addStops(t, s, shop, mine, others))
		require.Zero(t, addStops(t, s, shop, mine, others), "again is nothing new")
		require.Equal(t, []store.Stop{mine, others}, listed(t, s, shop))
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM suppressions WHERE sealed IS NOT NULL`), "an address that a person has is kept with the person alone")

		bo := storetest.Person(t, s, shop, func(p *commerce.Person) { p.Email = "bo@example.com" })
		require.Len(t, listed(t, s, shop), 2, "who comes to be known stands there once")
		hash, err := s.AddressHash(t.Context(), shop, bo.Email)
		require.NoError(t, err)
		require.Equal(t, []string{"all bounced 1970-01-01"}, stopped(t, s, shop, hash))
	})
}

// A line is replaced only by one that lasts longer.
func TestLongerStopsTakeThePlaceOfShorter(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		for i, c := range []struct {
			until, want commerce.Instant
			added       int64
		}{{5000, 5000, 1}, {4000, 5000, 0}, {6000, 6000, 1}, {0, 0, 1}, {9000, 0, 0}} {
			require.Equal(t, c.added, addStops(t, s, shop, stop("ada@example.com", until(c.until))), i)
			require.Equal(t, c.want, listed(t, s, shop)[0].Until, i)
		}
	})
}

// Nothing is added for who was erased, and no list tells of them.
func TestListsDoNotTellOfTheErased(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada := storetest.Person(t, s, shop)
		addStops(t, s, shop, stop(ada.Email), stop("bo@example.com"))
		storetest.Do(t, s, func(tx *store.Tx) error {
			_, err := tx.Erase(shop, store.Whom{Emails: []string{ada.Email, "bo@example.com"}})
			return err
		})
		require.Empty(t, listed(t, s, shop))
		require.Zero(t, addStops(t, s, shop, stop(ada.Email, func(s *store.Stop) { s.Scope = gate.ScopeNonTransactional })))
		require.Empty(t, listed(t, s, shop))
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM suppressions WHERE sealed IS NOT NULL`))
		other := storetest.Person(t, s, shop)
		storetest.Do(t, s, func(tx *store.Tx) error {
			_, err := tx.Erase(shop, store.Whom{Emails: []string{other.Email}})
			return err
		})
		storetest.Do(t, s, func(tx *store.Tx) error {
			removed, err := tx.RemoveStop(shop, other.Email, gate.ScopeAll)
			require.False(t, removed, "their stop stays")
			return err
		})
	})
}

// What a line stops or lets go is looked at again.
func TestListsWakeWhatHangsOnThem(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada := storetest.Person(t, s, shop)
		e := storetest.Enroll(t, s, shop, storetest.Order(t, s, shop, ada.ID), func(e *campaign.Enrollment) { e.DueAt = s.Now() + 5000 })
		addStops(t, s, shop, stop(ada.Email))
		require.Equal(t, int64(s.Now()), dueAt(t, s, e.ID))
		storetest.ClockOf(s).Advance(time.Second)
		remove := func(scope gate.Scope) (removed bool) {
			storetest.Do(t, s, func(tx *store.Tx) (err error) {
				removed, err = tx.RemoveStop(shop, ada.Email, scope)
				return err
			})
			return removed
		}
		require.False(t, remove(gate.ScopePause))
		require.NotEqual(t, int64(s.Now()), dueAt(t, s, e.ID))
		require.True(t, remove(gate.ScopeAll))
		require.Equal(t, int64(s.Now()), dueAt(t, s, e.ID))
		require.Empty(t, listed(t, s, shop))
	})
}

// Lists of more than a page come whole, each line once.
func TestListsOfManyPages(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	shop := storetest.Shop(t, s)
	var stops []store.Stop
	known := map[commerce.Identity]commerce.PersonID{}
	for i := range 1203 {
		address := fmt.Sprintf("a%04d@example.com", i)
		stops = append(stops, stop(address), stop(address, func(s *store.Stop) { s.Scope = gate.TopicScope("news") }))
		if i%2 == 0 {
			known[commerce.Identity{Kind: commerce.ByEmail, Value: address}] = "somebody"
		}
	}
	storetest.Do(t, s, func(tx *store.Tx) error { return tx.AddIdentities(shop, known) })
	require.EqualValues(t, len(stops), addStops(t, s, shop, stops...))
	require.ElementsMatch(t, stops, listed(t, s, shop))
	enough := errors.New("enough")
	require.ErrorIs(t, s.EachStop(t.Context(), shop, func(store.Stop) error { return enough }), enough)
}
