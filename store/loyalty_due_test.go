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

func TestANoticeComesBeforeALotEnds(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		k.sold("1", 7000, s.Now())
		due := func() []store.DueMember {
			found, err := s.NoticeMembers(t.Context(), k.shop, 10)
			require.NoError(t, err)
			return found
		}
		storetest.ClockOf(s).Advance(350 * aDay)
		require.Empty(t, due())
		storetest.ClockOf(s).Advance(2 * aDay)
		require.Equal(t, []store.DueMember{{Shop: k.shop, Person: k.person}}, due(), "two weeks before")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.NoticeGiven(k.shop, k.person, k.member().EndsAt) })
		require.Empty(t, due())
		k.sold("2", 1000, s.Now())
		require.Empty(t, due(), "of this end they were told")
		storetest.Do(t, s, func(tx *store.Tx) error { // the policy lets points live longer now, and they live with their owner
			_, err := tx.RebuildMember(k.shop, k.person, loyalty.Policy{Months: 12, Rolling: true})
			return err
		})
		require.Empty(t, due(), "the end has moved")
		storetest.ClockOf(s).Advance(352 * aDay)
		require.Len(t, due(), 1, "and so has the notice")
	})
}

func TestBirthdaysComeWhenTheyArePlanned(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		due := func() []store.DueMember {
			found, err := s.BirthdayMembers(t.Context(), k.shop, 10)
			require.NoError(t, err)
			return found
		}
		require.Empty(t, due())
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SetBirthday(k.shop, k.person, 229) })
		require.Len(t, due(), 1, "it is to be found in the calendar")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.PlanBirthday(k.shop, k.person, s.Now().Add(aDay)) })
		require.Empty(t, due())
		storetest.ClockOf(s).Advance(aDay)
		require.Len(t, due(), 1)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.PlanBirthday(k.shop, k.person, s.Now().Add(aDay)) })
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SetBirthday(k.shop, k.person, 301) })
		require.Len(t, due(), 1, "another day is to be found anew")
	})
}

func TestATierIsLookedAtAtTheEarliest(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		look := func() int64 {
			return number(t, s, `SELECT tier_look_at FROM loyalty_members WHERE shop_id = $1 AND person_id = $2`, k.shop, k.person)
		}
		for _, c := range []struct{ at, want commerce.Instant }{{9000, 9000}, {9500, 9000}, {8000, 8000}} {
			if c.at == 9000 {
				storetest.Do(t, s, func(tx *store.Tx) error { return tx.SetStanding(k.shop, k.person, loyalty.Standing{}, 0) })
			}
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.LookAtTier(k.shop, k.person, c.at) })
			require.EqualValues(t, c.want, look())
		}
	})
}

// What rules gave counts by the day of its cause, for all who are one person, and not for the cause that is looked at.
func TestWhatRulesGave(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		k.sold("1", 7000, s.Now())
		before := s.Now()
		storetest.ClockOf(s).Advance(aDay)
		k.sold("2", 1000, 0)
		k.sold("3", 500, 0)
		k.sold("3", 0, 0)
		given := func(but string) loyalty.Given {
			got, err := inTx(t, s, func(tx *store.Tx) (map[string]loyalty.Given, error) {
				return tx.GivenByRules(k.shop, k.person, []string{"spend", "other"}, loyalty.Cause{Kind: loyalty.OfOrder, ID: but}, before+1, s.Now()+1)
			})
			require.NoError(t, err)
			return got["spend"]
		}
		require.Equal(t, loyalty.Given{Day: 50, Ever: 400}, given("none"))
		require.Equal(t, loyalty.Given{Ever: 350}, given("2"))
		points, err := inTx(t, s, func(tx *store.Tx) ([]loyalty.Point, error) { return tx.EarnedSince(k.shop, k.person, before) })
		require.NoError(t, err)
		require.ElementsMatch(t, []loyalty.Point{{At: s.Now(), Amount: 50}, {At: s.Now()}}, points)

		from := k.person
		k.person = storetest.Person(t, s, k.shop).ID
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.MergePersons(k.shop, from, k.person, "same") })
		require.Equal(t, loyalty.Given{Day: 50, Ever: 400}, given("none"), "and of who turned out to be the same")
	})
}

// A tag is told until it is there, and the one before it until it is gone, though the teller was lost in between.
func TestTagsOfTiers(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		want := func(tag string) {
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.WantTag(k.shop, k.person, tag) })
		}
		next := func() (store.DueTag, bool) {
			due, err := s.TagsDue(t.Context())
			require.NoError(t, err)
			d, found, err := s.NextTag(t.Context(), time.Minute)
			require.NoError(t, err)
			require.Equal(t, due, found)
			return d, found
		}
		_, found := next()
		require.False(t, found)
		want("")
		_, found = next()
		require.False(t, found, "nobody is told of nothing")
		want("gold")
		d, found := next()
		require.True(t, found)
		require.Equal(t, store.DueTag{Shop: k.shop, Person: k.person, Want: "gold", Tries: 1}, d)
		_, found = next()
		require.False(t, found, "it is in hand")
		storetest.ClockOf(s).Advance(time.Hour)
		want("silver") // the teller was lost, with gold perhaps there
		d, _ = next()
		require.Equal(t, store.DueTag{Shop: k.shop, Person: k.person, Want: "silver", Drop: []string{"gold"}, Tries: 1}, d)
		require.NoError(t, s.PutOffTag(t.Context(), k.shop, d, s.Now().Add(aDay)))
		_, found = next()
		require.False(t, found)
		storetest.ClockOf(s).Advance(aDay)
		d, _ = next()
		require.EqualValues(t, 2, d.Tries)
		want("gold") // while it is being told
		require.NoError(t, s.FinishTag(t.Context(), k.shop, d))
		d, found = next()
		require.True(t, found, "what was told is wanted no more")
		require.Equal(t, []string{"silver"}, d.Drop)
		require.NoError(t, s.FinishTag(t.Context(), k.shop, d))
		_, found = next()
		require.False(t, found)

		from := k.person
		k.person = storetest.Person(t, s, k.shop).ID
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.MergePersons(k.shop, from, k.person, "same") })
		d, _ = next()
		require.Equal(t, store.DueTag{Shop: k.shop, Person: k.person, Drop: []string{"gold"}, Tries: 1}, d, "who they are now answers for it")
	})
}

// Whoever turns out to be somebody else takes their standing along.
func TestMergedMembers(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SetBirthday(k.shop, k.person, 510) })
		merge := func(into commerce.PersonID) store.LoyaltyMember {
			from := k.person
			storetest.Do(t, s, func(tx *store.Tx) error {
				if _, err := tx.LockPersons(k.shop, []commerce.PersonID{from, into}); err != nil {
					return err
				}
				return tx.MergePersons(k.shop, from, into, "same")
			})
			k.person = into
			return k.member()
		}
		m := merge(storetest.Person(t, s, k.shop).ID)
		require.Equal(t, store.Joined, m.State)
		require.EqualValues(t, 510, m.Birthday)
		due, err := s.PlacesMembers(t.Context(), k.shop, 10)
		require.NoError(t, err)
		require.Equal(t, []store.DueMember{{Shop: k.shop, Person: k.person}}, due, "what is whose first order may have changed")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.PlacesSeen(k.shop, k.person) })
		due, err = s.PlacesMembers(t.Context(), k.shop, 10)
		require.NoError(t, err)
		require.Empty(t, due)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.Block(k.shop, k.person, "resells", "owner") })
		m = merge(storetest.Person(t, s, k.shop).ID)
		require.Equal(t, store.Blocked, m.State, "nobody comes back as another")
		require.Equal(t, "resells", m.Note)
	})
}

// Who was one with somebody by mistake stands as before, and so does the other one;
// what they did themselves meanwhile stays.
func TestPartedMembersStandAsBefore(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s) // a member
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SetBirthday(k.shop, k.person, 510) })
		was := k.member()
		guest := storetest.Person(t, s, k.shop).ID
		merge := func() {
			storetest.Do(t, s, func(tx *store.Tx) error {
				if _, err := tx.LockPersons(k.shop, []commerce.PersonID{k.person, guest}); err != nil {
					return err
				}
				return tx.MergePersons(k.shop, k.person, guest, "same")
			})
		}
		of := func(id commerce.PersonID) store.LoyaltyMember {
			m, err := s.LoyaltyMember(t.Context(), k.shop, id)
			require.NoError(t, err)
			return m
		}
		merge()
		require.Equal(t, store.Joined, of(guest).State)
		require.NoError(t, s.UndoMerge(t.Context(), k.shop, k.person))
		require.Equal(t, store.Guest, of(guest).State, "who never joined")
		require.Zero(t, of(guest).Birthday)
		require.Equal(t, was.State, of(k.person).State)
		require.Equal(t, 510, of(k.person).Birthday)

		storetest.Do(t, s, func(tx *store.Tx) error { return tx.Block(k.shop, k.person, "resells", "owner") })
		merge()
		require.Equal(t, store.Blocked, of(guest).State)
		require.NoError(t, s.UndoMerge(t.Context(), k.shop, k.person))
		require.Equal(t, store.Guest, of(guest).State, "who was not blocked")
		require.Equal(t, "resells", of(k.person).Note)

		merge()
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.Block(k.shop, guest, "sells tickets", "owner") })
		require.NoError(t, s.UndoMerge(t.Context(), k.shop, k.person))
		require.Equal(t, "sells tickets", of(guest).Note, "what was said of them since")
	})
}

// Who has left comes back by a word of theirs alone: neither since they were shut out
// for a while nor since they turned out to be somebody else.
func TestWhoLeftStaysOut(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		block := func(note string) {
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.Block(k.shop, k.person, note, "owner") })
		}
		block("resells")
		block("")
		require.Equal(t, store.Joined, k.member().State)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.Leave(k.shop, k.person) })
		block("resells")
		block("")
		require.Equal(t, store.Left, k.member().State)
		from, into := k.person, storetest.Person(t, s, k.shop).ID
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.MergePersons(k.shop, from, into, "same") })
		k.person = into
		require.Equal(t, store.Left, k.member().State)
	})
}

// A tier is taken along, with its day: nobody hears of it twice.
func TestMergedMembersKeepTheTier(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		gold := loyalty.Standing{Tier: "gold", Since: s.Now() - 5}
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SetStanding(k.shop, k.person, gold, 0) })
		from, into := k.person, storetest.Person(t, s, k.shop).ID
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.MergePersons(k.shop, from, into, "same") })
		k.person = into
		require.Equal(t, gold, k.member().Standing)
	})
}

// When points end by other rules, everybody's end is found out anew.
func TestAnotherExpiryIsLookedAt(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		k.sold("1", 1000, s.Now())
		p, err := s.LoyaltyProgram(t.Context(), k.shop)
		require.NoError(t, err)
		due := func() []store.DueMember {
			found, err := s.PlacesMembers(t.Context(), k.shop, 10)
			require.NoError(t, err)
			return found
		}
		require.Empty(t, due())
		p.Program.Months += 3
		_, err = s.SaveProgram(t.Context(), k.shop, p.Program, p.Rev, "owner")
		require.NoError(t, err)
		require.Equal(t, []store.DueMember{{Shop: k.shop, Person: k.person}}, due())
	})
}
