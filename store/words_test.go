package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// worded makes the words of everybody.
func worded(t testing.TB, s *store.Store) {
	t.Helper()
	for {
		n, err := s.WordPersons(t.Context())
		require.NoError(t, err)
		if n == 0 {
			return
		}
	}
}

// find returns the last names of those who are found.
func find(t testing.TB, s *store.Store, shop commerce.ShopID, query string) (names []string) {
	t.Helper()
	got, err := s.FindPersons(t.Context(), shop, commerce.SearchWords(query), "", 10)
	require.NoError(t, err)
	for _, p := range got.Persons {
		names = append(names, p.LastName)
	}
	return names
}

func named(first, last, email string) func(*commerce.Person) {
	return func(p *commerce.Person) { p.FirstName, p.LastName, p.Email = first, last, email }
}

func TestFindPersons(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		storetest.Person(t, s, shop, named("Ada", "Lovelace", "ada@maths.example"))
		storetest.Person(t, s, shop, named("Ada", "Müller", "am@nour.example"))
		storetest.Person(t, s, shop, named("فاطمة", "أحمدي", "f@nour.example"))
		storetest.Person(t, s, storetest.Shop(t, s), named("Ada", "Elsewhere", "else@nour.example"))
		some, err := s.Unworded(t.Context())
		require.NoError(t, err)
		require.True(t, some)
		worded(t, s)
		some, err = s.Unworded(t.Context())
		require.NoError(t, err)
		require.False(t, some)
		for query, want := range map[string][]string{
			"ada": {"Müller", "Lovelace"}, "AD mull": {"Müller"}, "love ada": {"Lovelace"}, "nour.example": {"أحمدي", "Müller"},
			"فاطمه احمدی": {"أحمدي"}, "ada فاطمه": nil, "grace": nil, "ada@maths": {"Lovelace"}, "z": nil, "": {"أحمدي", "Müller", "Lovelace"},
		} {
			require.Equal(t, want, find(t, s, shop, query), query)
		}
	})
}

// Whatever changes by which somebody is found makes their words anew, and nothing else does.
func TestWordsFollowTheirPersons(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		p := storetest.Person(t, s, shop, named("Ada", "Lovelace", "ada@maths.example"))
		other := storetest.Person(t, s, shop, named("Augusta", "King", "augusta@king.example"))
		worded(t, s)
		waits := func() int64 { return number(t, s, `SELECT COUNT(*) FROM persons WHERE worded = 0`) }
		save := func(p commerce.Person) {
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.SavePersons(shop, []commerce.Person{p}) })
		}
		p.Country, p.Language = "GB", "en"
		save(p)
		require.Zero(t, waits(), "nobody is searched by country")
		p.Phone = "+44 20 7946 0018"
		save(p)
		require.EqualValues(t, 1, waits())
		worded(t, s)
		require.Equal(t, []string{"Lovelace"}, find(t, s, shop, "020 7946"))

		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.AddIdentities(shop, map[commerce.Identity]commerce.PersonID{{Kind: commerce.ByStripe, Value: "cus_Ada1"}: p.ID})
		})
		worded(t, s)
		require.Equal(t, []string{"Lovelace"}, find(t, s, shop, "cus_ada1"))
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.AddIdentities(shop, map[commerce.Identity]commerce.PersonID{{Kind: commerce.ByStripe, Value: "cus_Ada1"}: other.ID})
		})
		require.Zero(t, waits(), "it was taken")

		storetest.Do(t, s, func(tx *store.Tx) error { return tx.MergePersons(shop, other.ID, p.ID, "test") })
		worded(t, s)
		require.Equal(t, []string{"Lovelace"}, find(t, s, shop, "augusta"), "who was merged leads to the one who stays")
		other.MergedInto, other.FirstName = p.ID, "Byron"
		save(other)
		worded(t, s)
		require.Equal(t, []string{"Lovelace"}, find(t, s, shop, "byron"), "another name of theirs does too")
		require.Nil(t, find(t, s, shop, "augusta byron lovelace nobody"))
		require.NoError(t, s.UndoMerge(t.Context(), shop, other.ID))
		worded(t, s)
		require.Equal(t, []string{"King"}, find(t, s, shop, "byron"))

		storetest.Do(t, s, func(tx *store.Tx) error {
			_, err := tx.Erase(shop, store.Whom{Persons: []commerce.PersonID{p.ID}})
			return err
		})
		worded(t, s)
		require.Nil(t, find(t, s, shop, "lovelace"))
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM person_words WHERE person_id = $1`, string(p.ID)))
	})
}

// populate makes n persons of a shop, of whom each tenth is an Ali, each thousandth has a name of their own, and all have one domain.
func populate(t testing.TB, s *store.Store, shop commerce.ShopID, n int) {
	t.Helper()
	execute(t, s, fmt.Sprintf(`WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < %d)
		INSERT INTO persons (shop_id, id, email, phone, first_name, last_name, language, country, timezone, updated_at, created_at)
		SELECT $1, 'p' || (100000 + i), 'u' || i || '@mail.example', '', CASE WHEN i %% 10 = 0 THEN 'Ali' ELSE 'Sara' || (i %% 7) END,
			CASE WHEN i %% 1000 = 0 THEN 'Rare' || i ELSE 'Common' END, '', '', '', 0, 0 FROM r`, n), string(shop))
}

// Every page of every search is found through indexes, and quick, in a shop of
// many; paging through brings each once.
func TestSearchAmongMany(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		const many = 20_000
		shop := storetest.Shop(t, s)
		populate(t, s, shop, many)
		began := time.Now()
		worded(t, s)
		wording := time.Since(began) // which looks at each of them once
		t.Logf("%d persons worded in %v", many, wording)
		if !s.Embedded() {
			execute(t, s, `ANALYZE`)
		}
		for query, want := range map[string]int{"rare": many / 1000, "ali rare": many / 1000, "ali": many / 10, "rare7000": 1, "mail.example ali": many / 10, "sara1 rare": 0} {
			seen, pages, longest := map[commerce.PersonID]bool{}, 0, time.Duration(0)
			for after := commerce.PersonID(""); ; pages++ {
				require.Less(t, pages, 100)
				began := time.Now()
				got, err := s.FindPersons(t.Context(), shop, commerce.SearchWords(query), after, 50)
				longest = max(longest, time.Since(began))
				require.NoError(t, err)
				require.True(t, slices.IsSortedFunc(got.Persons, func(a, b commerce.Person) int { return strings.Compare(string(b.ID), string(a.ID)) }))
				for _, p := range got.Persons {
					require.False(t, seen[p.ID], "%s twice", p.ID)
					seen[p.ID] = true
				}
				if after = got.Next; after == "" {
					break
				}
			}
			require.Len(t, seen, want, query)
			t.Logf("%s: %d in %d pages, longest %v", query, len(seen), pages+1, longest)
			require.Less(t, longest, max(wording, 2*time.Second), query)
		}
	})
}

func TestSearchesProbeIndexes(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		large := 100
		if !s.Embedded() {
			large = 8000
		}
		fillShops(t, s, large)
		execute(t, s, `INSERT INTO person_words (shop_id, word, person_id) SELECT shop_id, 'ada', id FROM persons`)
		execute(t, s, `INSERT INTO person_words (shop_id, word, person_id) SELECT shop_id, email, id FROM persons`)
		execute(t, s, `UPDATE persons SET worded = 1 WHERE id <> 'p3'`)
		if !s.Embedded() {
			execute(t, s, `ANALYZE`)
		}
		shop := commerce.ShopID("shop-7")
		seen := explain(t, s, 5, func() {
			for _, words := range [][]string{nil, {"ada"}, {"ada", "e7-4"}, {"e7-44"}} {
				_, err := s.FindPersons(t.Context(), shop, words, "p50", 20)
				require.NoError(t, err)
			}
			_, err := s.Unworded(t.Context())
			require.NoError(t, err)
		})
		require.NotEmpty(t, seen)
	})
}

// A rare word is looked up by itself, not among all words of the shop.
func TestARareWordIsLookedUp(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		populate(t, s, shop, 3000)
		worded(t, s)
		if !s.Embedded() {
			execute(t, s, `ANALYZE`)
		}
		looked := false
		for _, p := range store.Plans(s, func() {
			_, err := s.FindPersons(t.Context(), shop, []string{"rare", "ali"}, "", 20)
			require.NoError(t, err)
		}) {
			if strings.Contains(p.Statement, "DISTINCT") {
				looked = true
				require.NotContains(t, p.Text, "person_words_person (shop_id=? AND person_id<?)")
				require.Regexp(t, `sqlite_autoindex_person_words_1 \(shop_id=\? AND word>\?|person_words_pkey|word >= `, p.Text)
			}
		}
		require.True(t, looked)
	})
}
