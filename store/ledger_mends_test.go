package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// post posts rows for the present person, as whoever holds their lock.
func (k *till) post(rows ...loyalty.Row) error {
	return k.s.Transact(k.t.Context(), func(tx *store.Tx) error {
		members, err := tx.LockMembers(k.shop, []commerce.PersonID{k.person})
		if err != nil {
			return err
		}
		_, err = tx.PostLedger(k.shop, members[k.person], rows, k.rules.Policy)
		return err
	})
}

// someoneElse is another member, who is the present person from now on.
func (k *till) someoneElse() commerce.PersonID {
	k.t.Helper()
	k.person = storetest.Person(k.t, k.s, k.shop).ID
	storetest.Do(k.t, k.s, func(tx *store.Tx) error { return tx.Join(k.shop, k.person, "staff", 1) })
	return k.person
}

// The table itself keeps what is given once from being given again, whoever asks and for whomever.
func TestWhatIsGivenOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		act := loyalty.Row{Kind: loyalty.Adjust, Cause: loyalty.Cause{Kind: loyalty.OfStaff, ID: "act"}, Points: 10, At: s.Now()}
		terms := loyalty.Rule{ID: "hello", Kind: loyalty.ForSignUp, Points: 5}.Freeze(1, 0, -1, commerce.Money{})
		hello := loyalty.Row{Kind: loyalty.Earn, Cause: loyalty.Cause{Kind: loyalty.OfEvent, ID: "signup"}, Rule: "hello", Points: 5, Terms: &terms, At: s.Now()}
		require.NoError(t, k.post(act, hello))
		me := k.person
		for range 2 {
			require.NoError(t, k.post(act), "sent again it is no error and gives nothing")
			require.True(t, fault.Is(k.post(hello), fault.Conflict))
			k.someoneElse()
		}
		require.Zero(t, k.member().Points)
		more := hello
		more.Terms = nil
		require.True(t, fault.Is(k.post(more), fault.Conflict), "it is somebody else's")
		more.Cause.ID = "never begun"
		require.True(t, fault.Is(k.post(more), fault.Conflict), "there is no such award")
		k.person = me
		require.EqualValues(t, 15, k.member().Points)
		k.holds()
		require.EqualValues(t, 2, number(t, s, `SELECT COUNT(*) FROM ledger WHERE shop_id = $1 AND ordinal = 0`, k.shop))
		storetest.Do(t, s, func(tx *store.Tx) error {
			held, err := tx.AwardHolders(k.shop, loyalty.OfEvent, []string{"signup", "none"})
			require.Equal(t, map[string]commerce.PersonID{"signup": me}, held)
			return err
		})
	})
}

// Points that were spent before their order went back are not given back when the reward cannot be made.
func TestAGiveBackPaysWhatWasForgiven(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		k.rules.Policy.Floor = true
		k.sold("1", 2000, s.Now())
		k.sold("2", 1000, s.Now())
		r, err := k.give(t.Context(), "one", 150, 1000)
		require.NoError(t, err)
		k.sold("1", 0, s.Now())
		require.Zero(t, k.member().Points)
		k.becomes(r.ID, store.RewardFailed, "")
		require.EqualValues(t, 50, k.member().Points, "those of the other order")
		k.holds()
		k.sold("1", 2000, s.Now())
		require.EqualValues(t, 150, k.member().Points, "the refund has failed")
		k.holds()
	})
}

// An order whose points have ended goes to whose it is with their end.
func TestEndsFollowTheirOrder(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		me := k.person
		k.sold("1", 7000, s.Now())
		storetest.ClockOf(s).Advance(400 * 24 * time.Hour)
		storetest.Do(t, s, func(tx *store.Tx) error {
			members, err := tx.LockMembers(k.shop, []commerce.PersonID{me})
			require.NoError(t, err)
			rows, err := tx.Ledger(k.shop, me)
			require.NoError(t, err)
			_, err = tx.PostLedger(k.shop, members[me], loyalty.Replay(rows).Expired(k.rules.Policy, tx.Now()), k.rules.Policy)
			return err
		})
		k.holds()
		other := k.someoneElse()
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.RepointPerson(k.shop, "1", me, other) })
		for _, k.person = range []commerce.PersonID{me, other} {
			require.Equal(t, []int64{0, 0}, []int64{k.member().Points, k.member().Pending})
			k.holds()
		}
		k.sold("1", 0, s.Now())
		require.Zero(t, k.member().Points, "what has ended is not owed")
		k.holds()
	})
}

// The pages of two who are one leave no row out, and count as one.
func TestTheStatementOfTwoWhoAreOne(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		me := k.person
		for _, order := range []string{"1", "2"} {
			k.sold(order, 1000, s.Now())
		}
		other := k.someoneElse()
		for _, order := range []string{"3", "4", "5"} {
			k.sold(order, 1000, s.Now())
		}
		execute(t, s, `UPDATE ledger SET seq = 1 + (SELECT COUNT(*) FROM ledger l WHERE l.shop_id = ledger.shop_id AND l.person_id = ledger.person_id AND l.seq < ledger.seq) WHERE shop_id = $1`, string(k.shop))
		execute(t, s, `UPDATE loyalty_members SET seq = CASE WHEN person_id = $2 THEN 6 ELSE 4 END WHERE shop_id = $1`, string(k.shop), string(other))
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.MergePersons(k.shop, other, me, "same") })
		require.EqualValues(t, 6, number(t, s, `SELECT seq FROM loyalty_members WHERE shop_id = $1 AND person_id = $2`, k.shop, string(me)))
		for limit := 1; limit < 12; limit++ {
			seen, below, balance := map[string]bool{}, int64(0), int64(250)
			for more := true; more; {
				var page []store.LedgerRow
				var err error
				page, more, err = s.Statement(t.Context(), k.shop, me, below, limit)
				require.NoError(t, err)
				require.NotEmpty(t, page)
				for _, r := range page {
					require.False(t, seen[r.ID])
					require.Equal(t, balance, r.Balance)
					seen[r.ID], below, balance = true, r.Seq, balance-r.Points
				}
			}
			require.Len(t, seen, 10, "%d at once", limit)
		}
	})
}

// Only members are counted as such, and nobody twice.
func TestLiabilityCountsMembers(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		me := k.person
		k.sold("1", 1000, s.Now())
		other := k.someoneElse()
		guest := storetest.Person(t, s, k.shop).ID
		k.person = guest
		k.sold("2", 1000, s.Now())
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.MergePersons(k.shop, other, me, "same") })
		owed, err := s.Liability(t.Context(), k.shop)
		require.NoError(t, err)
		require.Equal(t, store.Liability{Members: 1, Pending: 50, Points: 50}, owed)
	})
}

func TestPausesOfAProgram(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		live := s.Now()
		to := func(state store.ProgramState) commerce.Instant {
			storetest.ClockOf(s).Advance(time.Hour)
			p, err := s.LoyaltyProgram(t.Context(), k.shop)
			require.NoError(t, err)
			require.NoError(t, s.SetProgramState(t.Context(), k.shop, state, p.Rev))
			return s.Now()
		}
		from := to(store.ProgramPaused)
		to(store.ProgramPaused)
		until := to(store.ProgramLive)
		again := to(store.ProgramPaused)
		p, err := s.LoyaltyProgram(t.Context(), k.shop)
		require.NoError(t, err)
		require.Equal(t, []store.Pause{{From: from, Until: until}, {From: again}}, p.Pauses)
		for at, gave := range map[commerce.Instant]bool{
			live - 1: false, live: true, from - 1: true, from: false, until - 1: false, until: true, again - 1: true, again: false, again + 1000: false,
		} {
			require.Equal(t, gave, p.Gave(at))
		}
		require.False(t, store.Program{}.Gave(live))
	})
}

// What failed is not looked at for a while, and the shop is left out while nothing else is due there.
func TestWhatFailedIsPutOff(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		later := s.Now().Add(time.Minute)
		clubs := func(after commerce.ShopID) []commerce.ShopID {
			found, err := s.DueClubs(t.Context(), after, 10)
			require.NoError(t, err)
			return found
		}
		require.Equal(t, []commerce.ShopID{k.shop}, clubs(""), "a new member's tier")
		require.Empty(t, clubs(k.shop))
		require.NoError(t, s.PutOffMember(t.Context(), k.shop, k.person, later))
		require.Empty(t, clubs(""))
		k.sold("1", 1000, s.Now().Add(time.Hour))
		cause := loyalty.Cause{Kind: loyalty.OfOrder, ID: "1"}
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.PlanAwards(k.shop, cause, s.Now()) })
		require.Equal(t, []commerce.ShopID{k.shop}, clubs(""))
		require.NoError(t, s.PutOffAwards(t.Context(), k.shop, cause, later))
		require.Empty(t, clubs(""))
		due, err := s.DueAwards(t.Context(), k.shop, 10)
		require.NoError(t, err)
		require.Empty(t, due)
		storetest.ClockOf(s).Advance(time.Minute)
		require.Equal(t, []commerce.ShopID{k.shop}, clubs(""))
		due, err = s.DueAwards(t.Context(), k.shop, 10)
		require.NoError(t, err)
		require.Equal(t, []store.DueAward{{Shop: k.shop, Cause: cause}}, due)
	})
}

// The orders that were given something for being somebody's first are known, whoever they are of now.
func TestOrdersThatWereGivenForTheirPlace(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		me := k.person
		k.sold("1", 1000, 0)
		k.rules.Rules = []loyalty.Rule{{ID: "first", Kind: loyalty.ForOrder, Points: 100, Nth: 1}}
		other := k.someoneElse()
		k.sold("2", 1000, 0)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.MergePersons(k.shop, other, me, "same") })
		storetest.Do(t, s, func(tx *store.Tx) error {
			found, err := tx.PlacedOrders(k.shop, []commerce.PersonID{me})
			require.Equal(t, map[commerce.OrderID]commerce.PersonID{"2": me}, found)
			return err
		})
	})
}

// What we told ourselves of somebody goes with them, and is shown to them.
func TestErasureFindsWhatWeToldOurselves(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		who := storetest.Person(t, s, shop)
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.Tell(shop, store.OwnEvent{Person: who.ID, Happening: commerce.Happening{Kind: commerce.PointsEarned, Subject: "order/1", At: s.Now()}})
		})
		execute(t, s, `UPDATE inbox SET state = 1 WHERE shop_id = $1`, string(shop))
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM inbox_bodies WHERE shop_id = $1`, shop))
		whom, err := s.Seek(t.Context(), shop, store.Whom{Persons: []commerce.PersonID{who.ID}})
		require.NoError(t, err)
		erase(t, s, shop, whom)
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM inbox_bodies WHERE shop_id = $1`, shop))
	})
}
