package club_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
	"flywheel/store/storetest"
)

// award gives what a kind of rules gives for a cause, as its caller would.
func (h *house) award(person commerce.PersonID, kind loyalty.RuleKind, id string, at commerce.Instant) {
	h.t.Helper()
	storetest.Do(h.t, h.s, func(tx *store.Tx) error {
		if _, err := tx.LockPersons(h.shop.ID, []commerce.PersonID{person}); err != nil {
			return err
		}
		return club.Award(tx, h.shop, person, kind, "", loyalty.Cause{Kind: loyalty.OfEvent, ID: id}, at, 0)
	})
}

func (h *house) takeBack(person commerce.PersonID, id string) {
	h.t.Helper()
	storetest.Do(h.t, h.s, func(tx *store.Tx) error {
		if _, err := tx.LockPersons(h.shop.ID, []commerce.PersonID{person}); err != nil {
			return err
		}
		return club.TakeBack(tx, h.shop, person, loyalty.Cause{Kind: loyalty.OfEvent, ID: id}, "the friend's order went back")
	})
}

func TestAnAwardIsGivenOnceAndFollowsItsCause(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := open(t, s, func(p *loyalty.Program) {
			p.Rules = []loyalty.Rule{{ID: "friend", Kind: loyalty.ForReferral, Points: 100}, {ID: "more", Kind: loyalty.ForReferral, Points: 20}}
		})
		h.award(h.person, loyalty.ForReferral, "referral/1", s.Now())
		h.award(h.person, loyalty.ForReferral, "referral/1", s.Now())
		require.EqualValues(t, 120, h.points(), "by all rules of the kind, once")
		h.award(h.person, loyalty.ForBirthday, "birthday/1", s.Now())
		require.EqualValues(t, 120, h.points(), "there is no rule for it")
		h.takeBack(h.person, "referral/1")
		h.takeBack(h.person, "referral/1")
		h.takeBack(h.person, "never")
		require.Zero(t, h.points(), "taken back, once")
		h.award(h.person, loyalty.ForReferral, "referral/1", s.Now())
		require.EqualValues(t, 120, h.points(), "the refund failed: it is theirs again")
		h.save(h.shop.ID, 2, func(p *loyalty.Program) { p.Rules = nil })
		h.takeBack(h.person, "referral/1")
		require.Zero(t, h.points(), "though the rule is gone")
		h.award(h.person, loyalty.ForReferral, "referral/2", s.Now())
		require.Zero(t, h.points())
	})
}

func TestAnAwardFollowsTheRulesOfItsMoment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := open(t, s, func(p *loyalty.Program) {
			p.Rules = []loyalty.Rule{{ID: "event", Kind: loyalty.ForReview, Points: 10, PerDay: 15}}
		})
		before := s.Now()
		storetest.ClockOf(s).Advance(48 * time.Hour)
		h.save(h.shop.ID, 2, func(p *loyalty.Program) { p.Rules = []loyalty.Rule{{ID: "other", Kind: loyalty.ForReview, Points: 3}} })
		h.award(h.person, loyalty.ForReview, "1", before)
		h.award(h.person, loyalty.ForReview, "2", before)
		h.award(h.person, loyalty.ForReview, "3", before)
		require.EqualValues(t, 15, h.points(), "of two days ago, within the bound of that day")
		h.award(h.person, loyalty.ForReview, "4", s.Now())
		require.EqualValues(t, 18, h.points())
		h.award(h.person, loyalty.ForReview, "5", before.Add(-48*time.Hour))
		require.EqualValues(t, 18, h.points(), "before the program began")
		stranger := storetest.Person(t, s, h.shop.ID).ID
		h.award(stranger, loyalty.ForReview, "6", s.Now())
		m, err := s.LoyaltyMember(t.Context(), h.shop.ID, stranger)
		require.NoError(t, err)
		require.Zero(t, m.Points+m.Pending, "who is no member is given nothing")
	})
}

// A day is that of the shop's clocks, an hour shorter or longer where they are put.
func TestADayOfTheShopsClocks(t *testing.T) {
	shop := commerce.Shop{Timezone: "Europe/Berlin"}
	from, to := club.Day(shop, commerce.At(time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)))
	require.Equal(t, commerce.At(time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC)), from)
	require.Equal(t, 23*time.Hour, to.Time().Sub(from.Time()))
	from, _ = club.Day(commerce.Shop{Timezone: "Nowhere"}, commerce.At(time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)))
	require.Equal(t, commerce.At(time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC)), from)
}
