package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestPersonComesBackAsSaved(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		want := storetest.Person(t, s, shop, func(p *commerce.Person) { p.FirstName, p.Timezone = "عائشة", "Asia/Riyadh" })
		require.EqualValues(t, 1, want.Rev)
		got, err := s.Person(t.Context(), shop, want.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))
		want.LastName, want.Rev = "Byron", 2
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SavePersons(shop, []commerce.Person{want}) })
		all, err := s.Persons(t.Context(), shop, []commerce.PersonID{want.ID, "none"})
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(map[commerce.PersonID]commerce.Person{want.ID: want}, all))
		_, err = s.Person(t.Context(), shop, "none")
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	})
}

func TestIdentities(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		mail := func(v string) commerce.Identity { return commerce.Identity{Kind: commerce.ByEmail, Value: v} }
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.AddIdentities(shop, map[commerce.Identity]commerce.PersonID{mail("ada@example.com"): "ada", {Kind: commerce.ByShopify, Value: "7"}: "ada"})
		})
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.AddIdentities(shop, map[commerce.Identity]commerce.PersonID{mail("ada@example.com"): "eve", mail("eve@example.com"): "eve"})
		})
		storetest.Do(t, s, func(tx *store.Tx) error {
			got, err := tx.PersonsByIdentity(shop, []commerce.Identity{mail("ada@example.com"), mail("eve@example.com"), {Kind: commerce.ByStripe, Value: "7"}, {Kind: commerce.ByShopify, Value: "7"}})
			require.Equal(t, map[commerce.Identity]commerce.PersonID{mail("ada@example.com"): "ada", mail("eve@example.com"): "eve", {Kind: commerce.ByShopify, Value: "7"}: "ada"}, got)
			return err
		})
	})
}

func merge(t *testing.T, s *store.Store, shop commerce.ShopID, from, into commerce.Person) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) error { return tx.MergePersons(shop, from.ID, into.ID, "same address") })
}

func TestMergedPersonsAreReadAsOne(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		var chain []commerce.Person
		for range 12 {
			chain = append(chain, storetest.Person(t, s, shop))
		}
		last := chain[len(chain)-1]
		for i := range chain[1:] {
			merge(t, s, shop, chain[i], chain[i+1])
		}
		ids := []commerce.PersonID{chain[0].ID, chain[5].ID, last.ID}
		got, err := s.Persons(t.Context(), shop, ids)
		require.NoError(t, err)
		require.Equal(t, map[commerce.PersonID]commerce.Person{chain[0].ID: last, chain[5].ID: last, last.ID: last}, got)
		storetest.Do(t, s, func(tx *store.Tx) error {
			locked, err := tx.LockPersons(shop, ids)
			require.Equal(t, got, locked)
			return err
		})
		first, err := s.Person(t.Context(), shop, chain[0].ID)
		require.NoError(t, err)
		require.Equal(t, chain[1].ID, first.MergedInto)
		require.EqualValues(t, 2, first.Rev)
		list, err := s.ListPersons(t.Context(), shop, "", 10)
		require.NoError(t, err)
		require.Equal(t, []commerce.Person{last}, list, "one line for all of them")
	})
}

func TestMergesMakeNoCircle(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		a, b, c := storetest.Person(t, s, shop), storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		merge(t, s, shop, a, b)
		merge(t, s, shop, b, c)
		for _, pair := range [][2]commerce.Person{{a, a}, {c, a}, {b, a}} {
			err := s.Transact(t.Context(), func(tx *store.Tx) error { return tx.MergePersons(shop, pair[0].ID, pair[1].ID, "") })
			require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		}
		require.EqualValues(t, 2, number(t, s, `SELECT COUNT(*) FROM person_merges`))
	})
}

func TestUndoMergeMakesTwoAgainAndLooksAtBothAnew(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada, guest, other := storetest.Person(t, s, shop), storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		later := func(e *campaign.Enrollment) { e.DueAt = s.Now() + 5000 }
		var es []campaign.Enrollment
		for _, p := range []commerce.Person{ada, guest, other} {
			es = append(es, storetest.Enroll(t, s, shop, storetest.Order(t, s, shop, p.ID), later))
		}
		merge(t, s, shop, guest, ada)
		require.NoError(t, s.UndoMerge(t.Context(), shop, guest.ID))
		got, err := s.Persons(t.Context(), shop, []commerce.PersonID{guest.ID})
		require.NoError(t, err)
		require.Equal(t, guest.Email, got[guest.ID].Email)
		require.EqualValues(t, 3, got[guest.ID].Rev)
		now := int64(s.Now())
		require.Equal(t, []int64{now, now, now + 5000}, []int64{dueAt(t, s, es[0].ID), dueAt(t, s, es[1].ID), dueAt(t, s, es[2].ID)})
		require.Equal(t, now, number(t, s, `SELECT undone_at FROM person_merges`), "the row stays")

		err = s.UndoMerge(t.Context(), shop, guest.ID)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		merge(t, s, shop, guest, ada)
		require.NoError(t, s.UndoMerge(t.Context(), shop, guest.ID), "once more")
	})
}

func TestListPersonsPagesById(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		want := []commerce.Person{storetest.Person(t, s, shop), storetest.Person(t, s, shop), storetest.Person(t, s, shop)}
		page, err := s.ListPersons(t.Context(), shop, "", 2)
		require.NoError(t, err)
		require.Equal(t, want[:2], page)
		page, err = s.ListPersons(t.Context(), shop, page[1].ID, 2)
		require.NoError(t, err)
		require.Equal(t, want[2:], page)
	})
}

// Only somebody without a name on whom nothing hangs is dropped.
func TestDropNamelessSparesEverybodyElse(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		nameless := func(p *commerce.Person) { p.Email, p.Phone, p.FirstName, p.LastName = "", "", "", "" }
		alone, buyer, named := storetest.Person(t, s, shop, nameless), storetest.Person(t, s, shop, nameless), storetest.Person(t, s, shop)
		storetest.Order(t, s, shop, buyer.ID)
		storetest.Do(t, s, func(tx *store.Tx) error {
			for _, p := range []commerce.Person{alone, buyer, named} {
				if err := tx.DropNameless(shop, p.ID); err != nil {
					return err
				}
			}
			return nil
		})
		left, err := s.ListPersons(t.Context(), shop, "", 10)
		require.NoError(t, err)
		require.ElementsMatch(t, []commerce.PersonID{buyer.ID, named.ID}, []commerce.PersonID{left[0].ID, left[1].ID})
		require.Len(t, left, 2)
	})
}
