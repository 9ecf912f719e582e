package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// choose notes that somebody wants no marketing any more, now.
func choose(t *testing.T, s *store.Store, shop commerce.ShopID, person commerce.PersonID) commerce.Instant {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) error { return tx.AskUnsubscribe(shop, commerce.Shopify, person, tx.Now()) })
	return s.Now()
}

func takeBack(t *testing.T, s *store.Store, shop commerce.ShopID, person commerce.PersonID) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) error { return tx.DropUnsubscribes(shop, commerce.Shopify, person) })
}

func next(t *testing.T, s *store.Store) (store.Writeback, bool) {
	t.Helper()
	w, found, err := s.NextWriteback(t.Context(), time.Minute)
	require.NoError(t, err)
	return w, found
}

func finished(t *testing.T, s *store.Store, w store.Writeback) (done bool) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) (err error) {
		done, err = tx.FinishWriteback(w.Shop, w, store.Told)
		return err
	})
	return done
}

func waits(t *testing.T, s *store.Store) bool {
	t.Helper()
	due, err := s.WritebacksDue(t.Context())
	require.NoError(t, err)
	return due
}

// A choice is taken by one, tried again when it was put off or its taker is
// lost, and over when it is told.
func TestWritebackIsTakenPutOffAndDone(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		require.False(t, waits(t, s))
		said := choose(t, s, shop, "ada")
		require.True(t, waits(t, s))
		w, found := next(t, s)
		require.True(t, found)
		require.Equal(t, store.Writeback{Shop: shop, ID: w.ID, Platform: commerce.Shopify, Person: "ada", SaidAt: said, Tries: 1}, w)
		_, found = next(t, s)
		require.False(t, found, "another has it")
		require.False(t, waits(t, s))

		storetest.ClockOf(s).Advance(time.Minute) // its taker is lost
		again, found := next(t, s)
		require.True(t, found)
		require.EqualValues(t, 2, again.Tries)
		require.NoError(t, s.PutOffWriteback(t.Context(), shop, w, s.Now(), "too late"))
		require.False(t, waits(t, s), "who has lost it plans nothing")
		require.False(t, finished(t, s, w))
		require.NoError(t, s.PutOffWriteback(t.Context(), shop, again, s.Now().Add(time.Hour), "busy"))
		storetest.ClockOf(s).Advance(time.Hour - 1)
		require.False(t, waits(t, s))
		storetest.ClockOf(s).Advance(1e6)
		last, found := next(t, s)
		require.True(t, found)
		still, err := s.StillToTell(t.Context(), shop, last)
		require.NoError(t, err)
		require.True(t, still)
		require.True(t, finished(t, s, last))
		require.False(t, finished(t, s, last), "once")
		storetest.ClockOf(s).Advance(1000 * time.Hour)
		require.False(t, waits(t, s))
		require.Equal(t, "told", word(t, s, `SELECT note FROM writebacks`))
	})
}

// One click of a mail program and one on the page are one thing to tell; a later
// choice is told with its own moment, and one that was taken back not at all.
func TestWritebackOfSeveralChoices(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		choose(t, s, shop, "ada")
		choose(t, s, shop, "ada")
		storetest.ClockOf(s).Advance(time.Second)
		later := choose(t, s, shop, "ada")
		w, found := next(t, s)
		require.True(t, found)
		require.Equal(t, later, w.SaidAt)
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM writebacks`))

		storetest.ClockOf(s).Advance(time.Second)
		latest := choose(t, s, shop, "ada") // while the one before is being told
		require.False(t, finished(t, s, w), "the later is still to be told")
		storetest.ClockOf(s).Advance(time.Minute)
		w, found = next(t, s)
		require.True(t, found)
		require.Equal(t, latest, w.SaidAt)

		takeBack(t, s, shop, "ada")
		still, err := s.StillToTell(t.Context(), shop, w)
		require.NoError(t, err)
		require.False(t, still)
		require.False(t, finished(t, s, w))
		require.NoError(t, s.PutOffWriteback(t.Context(), shop, w, s.Now(), "busy"))
		require.False(t, waits(t, s), "taken back for good")
		choose(t, s, shop, "ada") // and chosen again
		require.True(t, waits(t, s))
	})
}

// In the same millisecond, too.
func TestWritebackTakenBackAndChosenAgain(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		choose(t, s, shop, "ada")
		takeBack(t, s, shop, "ada")
		require.False(t, waits(t, s))
		choose(t, s, shop, "ada")
		w, found := next(t, s)
		require.True(t, found)
		require.EqualValues(t, 1, w.Tries)
	})
}

// Whoever was merged meanwhile takes back what their former self chose, and nobody else's.
func TestDropUnsubscribesOfThemselves(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada, old, bo := storetest.Person(t, s, shop), storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		choose(t, s, shop, old.ID)
		choose(t, s, shop, bo.ID)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.MergePersons(shop, old.ID, ada.ID, "the same") })
		takeBack(t, s, shop, ada.ID)
		w, found := next(t, s)
		require.True(t, found)
		require.Equal(t, bo.ID, w.Person)
		_, found = next(t, s)
		require.False(t, found)
	})
}

// Of many that look at once each thing is told by one.
func TestNextWritebackIsTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		for _, p := range []commerce.PersonID{"ada", "bo", "cy"} {
			choose(t, s, shop, p)
		}
		var mu sync.Mutex
		taken := map[commerce.PersonID]int{}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 6 {
					w, found, err := s.NextWriteback(t.Context(), time.Minute)
					if err == nil && found {
						mu.Lock()
						taken[w.Person]++
						mu.Unlock()
					}
				}
			})
		}
		all.Wait()
		require.Equal(t, map[commerce.PersonID]int{"ada": 1, "bo": 1, "cy": 1}, taken)
	})
}

// What a platform has been told is not undone by taking it back here.
func TestUnsubscribeTold(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		told := func() (yes bool) {
			storetest.Do(t, s, func(tx *store.Tx) (err error) {
				yes, err = tx.UnsubscribeTold(shop, commerce.Shopify, "ada")
				return err
			})
			return yes
		}
		choose(t, s, shop, "ada")
		require.False(t, told(), "nobody has told it yet")
		takeBack(t, s, shop, "ada")
		require.False(t, told(), "and nobody will")
		for _, note := range []string{"no customer", "the customer is gone", "the person was erased", "the platform refuses it"} {
			storetest.ClockOf(s).Advance(time.Minute)
			choose(t, s, shop, "ada")
			w, found := next(t, s)
			require.True(t, found)
			storetest.Do(t, s, func(tx *store.Tx) error {
				_, err := tx.FinishWriteback(shop, w, note)
				return err
			})
			require.False(t, told(), note)
		}
		storetest.ClockOf(s).Advance(time.Minute)
		choose(t, s, shop, "ada")
		w, found := next(t, s)
		require.True(t, found)
		require.True(t, finished(t, s, w))
		require.True(t, told())
		takeBack(t, s, shop, "ada")
		require.True(t, told())
	})
}
