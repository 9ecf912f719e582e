package store_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// fivePerEuro is a program that waits 14 days and forgets after a year.
func fivePerEuro(change ...func(*loyalty.Program)) loyalty.Program {
	p := loyalty.Program{Rules: []loyalty.Rule{{ID: "spend", Kind: loyalty.ForSpend, Points: 5, Per: 100}}, Policy: loyalty.Policy{ReturnDays: 14, Months: 12}}
	for _, f := range change {
		f(&p)
	}
	return p
}

// till is a shop with a program and one member.
type till struct {
	t      *testing.T
	s      *store.Store
	shop   commerce.ShopID
	person commerce.PersonID
	rules  store.Program
}

func openTill(t *testing.T, s *store.Store) *till {
	t.Helper()
	k := &till{t: t, s: s, shop: storetest.Shop(t, s)}
	k.person = storetest.Person(t, s, k.shop).ID
	var err error
	k.rules, err = s.SaveProgram(t.Context(), k.shop, fivePerEuro(), 0, "owner")
	require.NoError(t, err)
	require.NoError(t, s.SetProgramState(t.Context(), k.shop, store.ProgramLive, k.rules.Rev))
	storetest.Do(t, s, func(tx *store.Tx) error { return tx.Join(k.shop, k.person, "staff", 1) })
	return k
}

// settle does what a delivery about an order worth so much does, under the person's lock.
func (k *till) settle(ctx context.Context, order string, cents int64, opens commerce.Instant) error {
	return k.s.Transact(ctx, func(tx *store.Tx) error {
		members, err := tx.LockMembers(k.shop, []commerce.PersonID{k.person})
		if err != nil {
			return err
		}
		m := members[k.person]
		awards, err := tx.Awards(k.shop, loyalty.OfOrder, []string{order})
		if err != nil {
			return err
		}
		sale := loyalty.Sale{Order: commerce.OrderID(order), At: tx.Now(), Counts: commerce.Money{Amount: cents, Currency: "EUR"}, Nth: 1, OpensAt: opens}
		ledger := &loyalty.Ledger{Points: m.Points, Policy: k.rules.Policy}
		rows := ledger.Settle(sale, awards[order], k.rules.Program, loyalty.Person{Member: m.State == store.Joined}, tx.Now())
		_, err = tx.PostLedger(k.shop, m, rows, k.rules.Policy)
		return err
	})
}

func (k *till) sold(order string, cents int64, opens commerce.Instant) {
	k.t.Helper()
	require.NoError(k.t, k.settle(k.t.Context(), order, cents, opens))
}

func (k *till) member() store.LoyaltyMember {
	k.t.Helper()
	m, err := k.s.LoyaltyMember(k.t.Context(), k.shop, k.person)
	require.NoError(k.t, err)
	return m
}

// holds checks that what is kept is what the rows come to.
func (k *till) holds() {
	k.t.Helper()
	storetest.Do(k.t, k.s, func(tx *store.Tx) error {
		rows, err := tx.Ledger(k.shop, k.person)
		require.NoError(k.t, err)
		b, m := loyalty.Replay(rows), k.member()
		require.Equal(k.t, []int64{b.Pending, b.Points, b.Earned}, []int64{m.Pending, m.Points, m.Earned})
		at, points := b.Ending(k.rules.Policy)
		require.Equal(k.t, []any{at, points}, []any{m.EndsAt, m.Ending})
		var kept []loyalty.Award
		for _, a := range loyalty.Awards(rows) {
			found, err := tx.Awards(k.shop, a.Cause.Kind, []string{a.Cause.ID})
			require.NoError(k.t, err)
			kept = append(kept, found[a.Cause.ID]...)
		}
		require.Empty(k.t, cmp.Diff(loyalty.Awards(rows), kept, cmpopts.EquateEmpty()))
		differs, err := tx.RebuildMember(k.shop, k.person, k.rules.Policy)
		require.NoError(k.t, err)
		require.False(k.t, differs)
		return nil
	})
}

func TestALedgerIsKeptAsItsRowsSay(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		k.sold("1", 7000, 0)
		k.sold("1", 7000, 0)
		require.EqualValues(t, 350, k.member().Pending, "told twice, given once")
		k.sold("1", 5500, 0)
		k.sold("1", 5500, s.Now())
		require.EqualValues(t, 275, k.member().Points)
		k.sold("2", 1000, s.Now())
		k.sold("2", 0, s.Now())
		k.holds()

		page, more, err := s.Statement(t.Context(), k.shop, k.person, 0, 4)
		require.NoError(t, err)
		require.True(t, more)
		rest, more, err := s.Statement(t.Context(), k.shop, k.person, page[3].Seq, 4)
		require.NoError(t, err)
		require.False(t, more)
		var said []string
		for _, r := range slices.Concat(page, rest) {
			said = append(said, fmt.Sprint(r.Kind, " ", r.Cause.ID, " ", r.Pending, " ", r.Points, " ", r.Balance))
		}
		require.Equal(t, []string{
			"clawback 2 0 -50 275", "release 2 -50 50 325", "pending 2 50 0 275",
			"release 1 -275 275 275", "clawback 1 -75 0 0", "pending 1 350 0 0",
		}, said)
		owed, err := s.Liability(t.Context(), k.shop)
		require.NoError(t, err)
		require.Equal(t, store.Liability{Members: 1, Points: 275}, owed)
	})
}

// Deliveries about the same person at once never give twice, and balances stay what the rows say.
func TestManyAtOnceSettleOnePerson(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		var all sync.WaitGroup
		errs := make(chan error, 64)
		for n := range 64 {
			all.Go(func() { errs <- k.settle(t.Context(), fmt.Sprint(n%4), 10_000-int64(n/4)*100, 0) })
		}
		all.Wait()
		close(errs)
		for err := range errs {
			require.NoError(t, err)
		}
		for n := range 4 { // the last word, whoever came last
			k.sold(fmt.Sprint(n), 2000, s.Now())
		}
		require.EqualValues(t, 400, k.member().Points)
		k.holds()
	})
}

func TestRulesOfTheDay(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		first, clock := s.Now(), storetest.ClockOf(s)
		clock.Advance(time.Hour)
		seen, err := s.LoyaltyProgram(t.Context(), k.shop)
		require.NoError(t, err)
		require.Equal(t, store.ProgramLive, seen.State)
		require.Equal(t, first, seen.LiveAt)
		next := fivePerEuro(func(p *loyalty.Program) { p.Rules[0].Points = 9 })
		got, err := s.SaveProgram(t.Context(), k.shop, next, seen.Rev, "owner")
		require.NoError(t, err)
		require.Equal(t, 2, got.Version)
		_, err = s.SaveProgram(t.Context(), k.shop, next, seen.Rev, "late")
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		_, err = s.SaveProgram(t.Context(), k.shop, next, 0, "late")
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		require.True(t, fault.Is(s.SetProgramState(t.Context(), k.shop, store.ProgramPaused, seen.Rev), fault.Conflict))
		_, err = s.SaveProgram(t.Context(), k.shop, loyalty.Program{Rules: []loyalty.Rule{{}}}, got.Rev, "owner")
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		storetest.Do(t, s, func(tx *store.Tx) error {
			for at, points := range map[commerce.Instant]int64{first: 5, s.Now() - 1: 5, s.Now(): 9} {
				p, err := tx.ProgramAt(k.shop, at)
				require.NoError(t, err)
				require.Equal(t, points, p.Rules[0].Points)
			}
			before, err := tx.ProgramAt(k.shop, first-1)
			require.NoError(t, err)
			require.Empty(t, before.Rules)
			now, err := tx.LoyaltyProgram(k.shop)
			require.NoError(t, err)
			require.Equal(t, got.Program, now.Program)
			return nil
		})
	})
}

func TestMembership(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		guest := storetest.Person(t, s, k.shop).ID
		member := k.person
		k.person = guest
		k.sold("g", 1000, s.Now())
		require.Equal(t, []any{store.Guest, int64(50), int64(0)}, []any{k.member().State, k.member().Pending, k.member().Points}, "a guest's points wait")
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.PlanAwards(k.shop, loyalty.Cause{Kind: loyalty.OfOrder, ID: "g"}, 0)
		})
		due, err := s.DueAwards(t.Context(), k.shop, 10)
		require.NoError(t, err)
		require.Empty(t, due)

		storetest.Do(t, s, func(tx *store.Tx) error { return tx.Join(k.shop, guest, "signup", 3) })
		due, err = s.DueAwards(t.Context(), k.shop, 10)
		require.NoError(t, err)
		require.Equal(t, []store.DueAward{{Shop: k.shop, Cause: loyalty.Cause{Kind: loyalty.OfOrder, ID: "g"}}}, due, "joined: looked at")
		k.sold("g", 1000, s.Now())
		require.EqualValues(t, 50, k.member().Points)
		require.Equal(t, []any{store.Joined, "signup", 3, s.Now()}, []any{k.member().State, k.member().How, k.member().Terms, k.member().JoinedAt})

		storetest.Do(t, s, func(tx *store.Tx) error { return tx.Block(k.shop, guest, "sells codes", "owner") })
		err = s.Transact(t.Context(), func(tx *store.Tx) error { return tx.Join(k.shop, guest, "signup", 3) })
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.Block(k.shop, guest, "", "owner") })
		require.Equal(t, store.Joined, k.member().State, "bans are reversible")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.Leave(k.shop, guest) })
		require.Equal(t, store.Left, k.member().State)

		k.person = member
		k.sold("m", 9000, s.Now())
		page, more, err := s.LoyaltyMembers(t.Context(), k.shop, store.MemberChoice{}, store.LoyaltyMember{}, 1)
		require.NoError(t, err)
		require.True(t, more)
		require.Equal(t, member, page[0].Person, "who has most, first")
		page, more, err = s.LoyaltyMembers(t.Context(), k.shop, store.MemberChoice{}, page[0], 1)
		require.NoError(t, err)
		require.False(t, more)
		require.Equal(t, guest, page[0].Person)
	})
}

func TestWhatIsDueForMembers(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		k.sold("1", 7000, s.Now())
		looked, err := s.TierMembers(t.Context(), k.shop, 10)
		require.NoError(t, err)
		require.Equal(t, []store.DueMember{{Shop: k.shop, Person: k.person}}, looked, "a new member is looked at")
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.SetStanding(k.shop, k.person, loyalty.Standing{Tier: "gold", Since: s.Now()}, s.Now().Add(24*time.Hour))
		})
		looked, err = s.TierMembers(t.Context(), k.shop, 10)
		require.NoError(t, err)
		require.Empty(t, looked)
		require.Equal(t, "gold", k.member().Tier)

		ending, err := s.EndingMembers(t.Context(), k.shop, 10)
		require.NoError(t, err)
		require.Empty(t, ending)
		storetest.ClockOf(s).Advance(366 * 24 * time.Hour)
		ending, err = s.EndingMembers(t.Context(), k.shop, 10)
		require.NoError(t, err)
		require.Equal(t, []store.DueMember{{Shop: k.shop, Person: k.person}}, ending)
		storetest.Do(t, s, func(tx *store.Tx) error {
			members, err := tx.LockMembers(k.shop, []commerce.PersonID{k.person})
			require.NoError(t, err)
			rows, err := tx.Ledger(k.shop, k.person)
			require.NoError(t, err)
			_, err = tx.PostLedger(k.shop, members[k.person], loyalty.Replay(rows).Expired(k.rules.Policy, tx.Now()), k.rules.Policy)
			return err
		})
		require.Zero(t, k.member().Points)
		require.Zero(t, k.member().EndsAt)
		k.holds()
		k.sold("1", 0, s.Now())
		require.Zero(t, k.member().Points, "what ended is not owed")
		k.holds()
	})
}

func TestMergedPersonsHaveOneBalance(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		kept := k.person
		k.sold("1", 7000, s.Now())
		k.person = storetest.Person(t, s, k.shop).ID
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.Join(k.shop, k.person, "signup", 1) })
		k.sold("2", 1000, s.Now())
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.MergePersons(k.shop, k.person, kept, "same")
		})
		other := k.person
		k.person = kept
		require.EqualValues(t, 400, k.member().Points)
		page, _, err := s.Statement(t.Context(), k.shop, kept, 0, 10)
		require.NoError(t, err)
		require.Len(t, page, 4)
		k.sold("2", 0, s.Now())
		require.EqualValues(t, 350, k.member().Points, "what the other earned is clawed back here")
		owed, err := s.Liability(t.Context(), k.shop)
		require.NoError(t, err)
		require.EqualValues(t, 350, owed.Points, "nobody is counted twice")

		require.NoError(t, s.UndoMerge(t.Context(), k.shop, other))
		require.EqualValues(t, 350, k.member().Points)
		k.person = other
		require.EqualValues(t, 0, k.member().Points, "with what was taken back meanwhile")
	})
}
