package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/delight/referral"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// advocateOf makes somebody one.
func advocateOf(t *testing.T, s *store.Store, shop commerce.ShopID, id commerce.PersonID) (a store.Advocate) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) (err error) {
		a, err = tx.Advocate(shop, id)
		return err
	})
	return a
}

// referred is a referral of two persons, as it was made.
func referred(t *testing.T, s *store.Store, shop commerce.ShopID, advocate, friend commerce.PersonID, change ...func(*store.Referral)) store.Referral {
	t.Helper()
	r := store.Referral{
		ID: store.NewID(), Advocate: advocate, Friend: friend, Order: commerce.OrderID(store.NewID()), Via: referral.ByCode, Code: "WXYZ2345", TouchedAt: s.Now(),
		Verdict: referral.Verdict{Flags: []referral.Reason{referral.SameName}}, State: referral.Flagged, Reason: referral.SameName, SaleAt: s.Now(), Counts: 500, OpensAt: s.Now() + 9,
		MadeAt: s.Now(), ChangedAt: s.Now(),
	}
	for _, c := range change {
		c(&r)
	}
	storetest.Do(t, s, func(tx *store.Tx) error { return tx.SaveReferral(shop, r) })
	return r
}

// looked are the persons that are to be looked at by now.
func looked(t *testing.T, s *store.Store) (ids []commerce.PersonID) {
	t.Helper()
	shops, err := s.ShopsWithDueFriends(t.Context(), "", 100)
	require.NoError(t, err)
	for _, shop := range shops {
		due, err := s.DueFriends(t.Context(), shop, 100)
		require.NoError(t, err)
		require.NotEmpty(t, due)
		for _, d := range due {
			ids = append(ids, d.Person)
		}
	}
	return ids
}

func TestAnAdvocateHasOneCode(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		p, later := storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		none, err := s.AdvocateOf(t.Context(), shop, p.ID)
		require.NoError(t, err)
		require.Zero(t, none)
		var all sync.WaitGroup
		codes := make(chan string, 16)
		for range 16 {
			all.Go(func() {
				_ = s.Transact(t.Context(), func(tx *store.Tx) error {
					a, err := tx.Advocate(shop, p.ID)
					codes <- a.Code
					return err
				})
			})
		}
		all.Wait()
		close(codes)
		a, err := s.AdvocateOf(t.Context(), shop, p.ID)
		require.NoError(t, err)
		require.Regexp(t, `^[BCDFGHJKLMNPQRSTVWXYZ2-9]{8}$`, a.Code)
		for code := range codes {
			require.Contains(t, []string{a.Code, ""}, code)
		}
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM advocates`))

		storetest.ClockOf(s).Advance(time.Second)
		other := advocateOf(t, s, shop, later.ID)
		require.NotEqual(t, a.Code, other.Code)
		at, found, err := s.AdvocateLink(t.Context(), " "+string([]byte(a.Code[:4]))+a.Code[4:]+" ")
		require.NoError(t, err)
		require.Equal(t, []any{shop, p.ID}, []any{at, found.Person})
		for _, bad := range []string{"", "nothing", "AAAAAAAA", a.Code + "X"} {
			_, _, err = s.AdvocateLink(t.Context(), bad)
			require.True(t, fault.Is(err, fault.NotFound), "%q: %v", bad, err)
		}
		require.NoError(t, s.CountVisit(t.Context(), shop, a.Code))
		require.NoError(t, s.CountVisit(t.Context(), shop, other.Code))
		storetest.Do(t, s, func(tx *store.Tx) error {
			require.NoError(t, tx.BanAdvocate(shop, later.ID, "Owner", "spam"))
			require.NoError(t, tx.MergePersons(shop, later.ID, p.ID, "the same"))
			both, err := tx.AdvocateIn(shop, p.ID)
			require.NoError(t, err)
			require.Equal(t, []any{a.Code, int64(2), "spam", "Owner"}, []any{both.Code, both.Visits, both.BanNote, both.BannedBy}, "a merge lets nobody in again")
			byCode, err := tx.AdvocatesByCode(shop, []string{other.Code, "summer", ""})
			require.NoError(t, err)
			require.Equal(t, later.ID, byCode[other.Code].Person)
			require.NoError(t, tx.BanAdvocate(shop, p.ID, "Owner", ""))
			both, err = tx.AdvocateIn(shop, p.ID)
			require.Zero(t, both.BannedAt)
			return err
		})
		_, err = inTx(t, s, func(tx *store.Tx) (any, error) { return tx.Advocate(shop, "nobody") })
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	})
}

func TestReferralsAreKeptAndDecided(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		a, b, c := storetest.Person(t, s, shop).ID, storetest.Person(t, s, shop).ID, storetest.Person(t, s, shop).ID
		first := referred(t, s, shop, a, b)
		storetest.ClockOf(s).Advance(time.Hour)
		second := referred(t, s, shop, a, c, func(r *store.Referral) {
			r.State, r.Reason, r.Verdict = referral.Paid, referral.Stands, referral.Verdict{}
		})
		got, err := s.Referral(t.Context(), shop, first.ID)
		require.NoError(t, err)
		require.Equal(t, first, got)
		_, err = s.Referral(t.Context(), shop, "none")
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		page, more, err := s.Referrals(t.Context(), shop, store.ReferralFilter{}, "", 1)
		require.NoError(t, err)
		require.True(t, more)
		require.Equal(t, second.ID, page[0].ID)
		page, more, err = s.Referrals(t.Context(), shop, store.ReferralFilter{State: referral.Flagged, Advocate: a}, second.ID, 5)
		require.NoError(t, err)
		require.False(t, more)
		require.Len(t, page, 1)
		counts, err := s.ReferralCounts(t.Context(), shop)
		require.NoError(t, err)
		require.Equal(t, map[referral.State]int64{referral.Flagged: 1, referral.Paid: 1}, counts)
		require.Empty(t, looked(t, s))
		require.NoError(t, s.DecideReferral(t.Context(), shop, first.ID, referral.Let, "Owner", "a club"))
		require.Equal(t, []commerce.PersonID{b}, looked(t, s))
		got, err = s.Referral(t.Context(), shop, first.ID)
		require.NoError(t, err)
		require.Equal(t, []any{referral.Let, "Owner", "a club", s.Now()}, []any{got.Decision, got.DecidedBy, got.Note, got.DecidedAt})
		require.True(t, fault.Is(s.DecideReferral(t.Context(), shop, "none", referral.Let, "", ""), fault.NotFound))
		storetest.Do(t, s, func(tx *store.Tx) error {
			require.NoError(t, tx.SaveReferral(shop, first)) // a look that has not seen the decision leaves it
			rows, err := tx.ReferralsOfFriend(shop, b)
			require.NoError(t, err)
			require.Equal(t, referral.Let, rows[0].Decision)
			n, err := tx.SentWithin(shop, a, first.SaleAt-1, second.SaleAt, c)
			require.NoError(t, err)
			require.Equal(t, 1, n)
			return nil
		})
	})
}

// What is wished for while a look is under way is not lost.
func TestALookIsWishedForAgain(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		a, b := storetest.Person(t, s, shop).ID, storetest.Person(t, s, shop).ID
		look := func(at commerce.Instant) {
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.LookAtFriends(shop, []commerce.PersonID{b, b}, at) })
		}
		ends := func(d store.DueFriend, next commerce.Instant) {
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.FriendLooked(shop, d, next) })
		}
		look(s.Now())
		due, err := s.DueFriends(t.Context(), shop, 5)
		require.NoError(t, err)
		require.Len(t, due, 1)
		look(s.Now())
		ends(due[0], 0)
		require.Len(t, looked(t, s), 1)
		due, err = s.DueFriends(t.Context(), shop, 5)
		require.NoError(t, err)
		ends(due[0], s.Now().Add(time.Hour))
		require.Empty(t, looked(t, s))
		storetest.ClockOf(s).Advance(time.Hour)
		require.Len(t, looked(t, s), 1)
		due, err = s.DueFriends(t.Context(), shop, 5)
		require.NoError(t, err)
		ends(due[0], 0)

		r := referred(t, s, shop, a, b)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.LookAtSent(shop, []commerce.PersonID{a}, r.SaleAt+1, r.SaleAt+9) })
		require.Empty(t, looked(t, s))
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.LookAtSent(shop, []commerce.PersonID{a}, r.SaleAt, r.SaleAt) })
		require.Len(t, looked(t, s), 1)
		storetest.Do(t, s, func(tx *store.Tx) error {
			known, err := tx.KnownFriends(shop, []commerce.PersonID{a, b}, map[string]commerce.PersonID{"h": a})
			require.Equal(t, []commerce.PersonID{b}, known)
			return err
		})
	})
}

func TestAMailboxHasOneOffer(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		a := storetest.Person(t, s, shop)
		plus := storetest.Person(t, s, shop, func(p *commerce.Person) { p.Email = "bo.b+x@example.com" })
		dots := storetest.Person(t, s, shop, func(p *commerce.Person) { p.Email = "c.y+z@googlemail.com" })
		storetest.Person(t, s, shop, func(p *commerce.Person) { p.Email = "b.ob@example.com" }) // dots tell apart but at Google
		storetest.Do(t, s, func(tx *store.Tx) error {
			for box, want := range map[string][]commerce.PersonID{"bo.b@example.com": {plus.ID}, "cy@gmail.com": {dots.ID}, "x@example.com": nil, "": nil} {
				got, err := tx.PersonsOfMailboxes(shop, []string{box})
				require.NoError(t, err)
				require.Equal(t, want, got, box)
			}
			touch := store.ReferralTouch{ID: store.NewID(), Advocate: a.ID, Via: referral.ByLink, EmailHash: "e", Mailbox: "m", At: s.Now(), Keep: s.Now(), Reward: "r"}
			require.NoError(t, tx.AddReferralTouch(shop, touch))
			members, err := tx.LockMembers(shop, []commerce.PersonID{plus.ID})
			require.NoError(t, err)
			_, _, err = tx.GiveReward(shop, members[plus.ID], store.Gift{Cause: store.RewardCause{Kind: store.RewardReferral, ID: touch.ID}, Offer: loyalty.Offer{Reward: "off", Worth: 7}, Month: march}, loyalty.Program{Budget: 9})
			require.NoError(t, err)
			touch.ID, touch.EmailHash = store.NewID(), "another tag"
			require.True(t, fault.Is(tx.AddReferralTouch(shop, touch), fault.Conflict))
			theirs, worth, err := tx.FriendOffers(shop, a.ID, s.Now()-1, march)
			require.NoError(t, err)
			require.Equal(t, []int64{1, 7}, []int64{int64(theirs), worth})
			theirs, worth, err = tx.FriendOffers(shop, a.ID, s.Now(), march+1)
			require.Equal(t, []int64{0, 0}, []int64{int64(theirs), worth})
			return err
		})
		claim := store.OfferClaim{Code: "BBBBBBBB", Email: "bo@example.com", Lang: "fa", Net: "n", Until: s.Now() + 9}
		var token string
		storetest.Do(t, s, func(tx *store.Tx) (err error) {
			token, err = tx.SealOffer(shop, claim)
			return err
		})
		got, err := s.OpenOffer(t.Context(), shop, claim.Code, token)
		require.NoError(t, err)
		require.Equal(t, claim, got)
		for _, bad := range []string{"", token + "A", token[1:], "%"} {
			_, err = s.OpenOffer(t.Context(), shop, claim.Code, bad)
			require.True(t, fault.Is(err, fault.NotFound), "%q: %v", bad, err)
		}
		_, err = s.OpenOffer(t.Context(), shop, "CCCCCCCC", token)
		require.True(t, fault.Is(err, fault.NotFound), "of another advocate: %v", err)
		storetest.ClockOf(s).Advance(time.Second)
		_, err = s.OpenOffer(t.Context(), shop, claim.Code, token)
		require.True(t, fault.Is(err, fault.NotFound), "over: %v", err)
	})
}

func TestTouchesAndWhoSomebodyIs(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		friend := storetest.Person(t, s, w.shop)
		a := advocateOf(t, s, w.shop, w.person.ID)
		hash, err := s.AddressHash(t.Context(), w.shop, friend.Email)
		require.NoError(t, err)
		touch := store.ReferralTouch{ID: store.NewID(), Advocate: w.person.ID, Person: friend.ID, Via: referral.ByLink, EmailHash: hash, Mailbox: hash, NetHash: "n", Language: "fa", At: s.Now(), Keep: s.Now().Add(time.Hour), Reward: "r"}
		storetest.Do(t, s, func(tx *store.Tx) error {
			require.NoError(t, tx.AddReferralTouch(w.shop, touch))
			got, err := tx.ReferralTouches(w.shop, []string{hash, "other"})
			require.NoError(t, err)
			require.Equal(t, []store.ReferralTouch{touch}, got)
			members, err := tx.LockMembers(w.shop, []commerce.PersonID{friend.ID})
			require.NoError(t, err)
			r, m, err := tx.GiveReward(w.shop, members[friend.ID], store.Gift{Cause: store.RewardCause{Kind: store.RewardReferral, ID: touch.ID}, Offer: loyalty.Offer{Reward: "off", Worth: 1}, Month: march}, loyalty.Program{Budget: 5})
			require.NoError(t, err)
			_, err = tx.SetReward(w.shop, m, r, store.RewardOutcome{State: store.RewardMade, Code: "HELLO"}, loyalty.Policy{})
			require.NoError(t, err)
			used, err := tx.TouchesOfCodes(w.shop, []string{"hello ", a.Code}, []string{"promo"})
			require.NoError(t, err)
			require.Equal(t, map[string]store.ReferralTouch{"HELLO": touch}, used)
			who, err := tx.Who(w.shop, friend.ID, s.Now())
			require.NoError(t, err)
			require.Equal(t, []commerce.PersonID{friend.ID}, who.Persons)
			require.Contains(t, who.Emails, friend.Email)
			return nil
		})
		ask := store.OfferAsk{Email: "New@Example.com ", Advocate: a, Lang: "ar", Net: "192.0.2.1"}
		asks := func() {
			t.Helper()
			for range 2 { // asked again it is one mail
				storetest.Do(t, s, func(tx *store.Tx) error { return tx.AskOffer(w.shop, ask) })
			}
			require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM notices WHERE kind = 'friend'`))
		}
		asks()
		failed, _, err := s.NextNotice(t.Context(), time.Minute)
		require.NoError(t, err)
		require.NoError(t, s.FinishNotice(t.Context(), w.shop, failed, store.NoticeFailed, "no"))
		asks() // what failed is not lost for good
		n, found, err := s.NextNotice(t.Context(), time.Minute)
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, []string{"new@example.com", a.Code, "ar"}, []string{n.Data["Email"], n.Data["Code"], n.Data["Lang"]})
		require.NotContains(t, n.Data["Net"], "192")
		_, err = inTx(t, s, func(tx *store.Tx) (any, error) { return nil, tx.AskOffer(w.shop, store.OfferAsk{Email: "no"}) })
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)

		referred(t, s, w.shop, w.person.ID, friend.ID, func(r *store.Referral) { r.Code = "HELLO" })
		erase(t, s, w.shop, store.Whom{Emails: []string{friend.Email}})
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM referral_touches`))
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM referrals WHERE code <> '' OR note <> ''`))
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM advocates`))
		erase(t, s, w.shop, store.Whom{Persons: []commerce.PersonID{w.person.ID}})
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM advocates`))
		_, _, err = s.AdvocateLink(t.Context(), a.Code)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	})
}

// A reward whose code could not be made has what gave it looked at again: a friend's
// order, or a tier. A friend's own offer is forgotten, and they can have another.
func TestWhatCouldNotBeMadeIsLookedAtAgain(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		a, b := storetest.Person(t, s, shop).ID, storetest.Person(t, s, shop).ID
		r := referred(t, s, shop, a, b)
		failed := func(kind, id string) {
			storetest.Do(t, s, func(tx *store.Tx) error {
				return tx.LookAtFailed(shop, store.Reward{Person: a, Cause: store.RewardCause{Kind: kind, ID: id}}, s.Now())
			})
		}
		failed(store.RewardReferral, "none")
		failed(store.RewardByStaff, r.ID)
		require.Empty(t, looked(t, s))
		failed(store.RewardReferral, r.ID+"/2")
		require.Equal(t, []commerce.PersonID{b}, looked(t, s))

		storetest.Do(t, s, func(tx *store.Tx) error {
			_, err := tx.LockMembers(shop, []commerce.PersonID{a})
			return err
		})
		failed(store.RewardOfTier, string(a)+"/gold/1")
		due, err := s.TierMembers(t.Context(), shop, 10)
		require.NoError(t, err)
		require.Equal(t, []store.DueMember{{Shop: shop, Person: a}}, due)

		touch := func(id string) error {
			return s.Transact(t.Context(), func(tx *store.Tx) error {
				return tx.AddReferralTouch(shop, store.ReferralTouch{ID: id, Advocate: a, Person: b, Via: referral.ByLink, EmailHash: "h", Mailbox: "m", Reward: "reward " + id})
			})
		}
		require.NoError(t, touch("first"))
		require.Error(t, touch("second"), "one offer a mailbox")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.DropReferralOffer(shop, "first") })
		require.NoError(t, touch("second"))
	})
}

// Whoever is one with somebody is in their circle, whichever of them is asked for.
func TestCircle(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		a, b, other := storetest.Person(t, s, shop).ID, storetest.Person(t, s, shop).ID, storetest.Person(t, s, shop).ID
		storetest.Do(t, s, func(tx *store.Tx) error {
			if err := tx.MergePersons(shop, a, b, "same"); err != nil {
				return err
			}
			for _, asked := range []commerce.PersonID{a, b} {
				same, err := tx.Circle(shop, asked)
				require.NoError(t, err)
				require.ElementsMatch(t, []commerce.PersonID{a, b}, same)
			}
			same, err := tx.Circle(shop, other)
			require.Equal(t, []commerce.PersonID{other}, same)
			return err
		})
	})
}
