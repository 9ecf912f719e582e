package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
	"flywheel/store/storetest"
)

// Lists of members and sums of the ledger, as staff's pages and files read them.
func TestMembersAreListedAndSummed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		guest := storetest.Person(t, s, k.shop).ID
		twin := storetest.Person(t, s, k.shop).ID
		storetest.Do(t, s, func(tx *store.Tx) error {
			members, err := tx.LockMembers(k.shop, []commerce.PersonID{k.person, guest, twin})
			if err != nil {
				return err
			}
			post := func(who commerce.PersonID, rows ...loyalty.Row) error {
				for i := range rows {
					rows[i].At = tx.Now()
				}
				_, err := tx.PostLedger(k.shop, members[who], rows, loyalty.Policy{})
				return err
			}
			staff := func(id string) loyalty.Cause { return loyalty.Cause{Kind: loyalty.OfStaff, ID: id} }
			if err := post(k.person, loyalty.Row{Kind: loyalty.Adjust, Cause: staff("a"), Points: 100}, loyalty.Row{Kind: loyalty.Redeem, Cause: loyalty.Cause{Kind: loyalty.OfReward, ID: "r"}, Points: -40},
				loyalty.Row{Kind: loyalty.Adjust, Cause: loyalty.Cause{Kind: loyalty.OfReward, ID: "r"}, Points: 40}, loyalty.Row{Kind: loyalty.Redeem, Cause: loyalty.Cause{Kind: loyalty.OfReward, ID: "q"}, Points: -30},
				loyalty.Row{Kind: loyalty.Adjust, Cause: staff("b"), Points: -5}); err != nil {
				return err
			}
			if err := post(guest, loyalty.Row{Kind: loyalty.Adjust, Cause: staff("c"), Points: 7}, loyalty.Row{Kind: loyalty.Expire, Cause: loyalty.Cause{Kind: loyalty.OfLot, ID: "x"}, Points: -2}); err != nil {
				return err
			}
			found, err := tx.Posted(k.shop, loyalty.OfStaff, []string{"a", "c", "never"})
			require.Equal(t, map[string]bool{"a": true, "c": true}, found)
			if err != nil {
				return err
			}
			return tx.MergePersons(k.shop, twin, guest, "test")
		})
		ids := func(which store.MemberChoice) (out []commerce.PersonID) {
			got, more, err := s.LoyaltyMembers(t.Context(), k.shop, which, store.LoyaltyMember{}, 10)
			require.NoError(t, err)
			require.False(t, more)
			for _, m := range got {
				out = append(out, m.Person)
			}
			return out
		}
		require.Equal(t, []commerce.PersonID{k.person, guest}, ids(store.MemberChoice{}), "by points; who was merged away is not there")
		require.Equal(t, []commerce.PersonID{k.person}, ids(store.MemberChoice{State: store.Joined}))
		require.Equal(t, []commerce.PersonID{guest}, ids(store.MemberChoice{State: store.Guest}))
		require.Empty(t, ids(store.MemberChoice{Tier: "gold"}))

		byID, err := s.MembersByID(t.Context(), k.shop, "", 1)
		require.NoError(t, err)
		require.Len(t, byID, 1)
		rest, err := s.MembersByID(t.Context(), k.shop, byID[0].Person, 10)
		require.NoError(t, err)
		require.Len(t, rest, 1)
		require.NotEqual(t, byID[0].Person, rest[0].Person)

		some, err := s.MembersOf(t.Context(), k.shop, []commerce.PersonID{guest, "nobody"})
		require.NoError(t, err)
		require.Len(t, some, 1)
		require.EqualValues(t, 5, some[guest].Points)

		in, err := s.MembersIn(t.Context(), k.shop)
		require.NoError(t, err)
		require.Equal(t, map[store.MemberState]int64{store.Joined: 1, store.Guest: 1}, in)

		sums, err := s.LedgerSums(t.Context(), k.shop, 0, s.Now().Add(time.Second))
		require.NoError(t, err)
		require.Equal(t, store.LedgerSums{Given: 107, Spent: 30, Expired: 2, Taken: 5}, sums)
		sums, err = s.LedgerSums(t.Context(), k.shop, s.Now().Add(time.Second), 1<<60)
		require.NoError(t, err)
		require.Zero(t, sums)
	})
}

func TestProgramVersions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		p, err := s.LoyaltyProgram(t.Context(), k.shop)
		require.NoError(t, err)
		p.ReturnDays = 30
		_, err = s.SaveProgram(t.Context(), k.shop, p.Program, p.Rev, "clerk")
		require.NoError(t, err)
		all, more, err := s.ProgramVersions(t.Context(), k.shop, 0, 1)
		require.NoError(t, err)
		require.True(t, more)
		require.Equal(t, "clerk", all[0].By)
		require.Equal(t, 30, all[0].ReturnDays)
		require.Equal(t, 2, all[0].Version)
		all, more, err = s.ProgramVersions(t.Context(), k.shop, 2, 5)
		require.NoError(t, err)
		require.False(t, more)
		require.Len(t, all, 1)
		require.Equal(t, 14, all[0].ReturnDays)
		require.NotZero(t, all[0].From)
	})
}
