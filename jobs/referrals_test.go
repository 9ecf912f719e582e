package jobs

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/delight/referral"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// forFriends is a program that pays 5 pounds and 50 points for a friend after two weeks.
func forFriends(change ...func(*loyalty.Program)) loyalty.Program {
	p := loyalty.Program{
		Rules:   []loyalty.Rule{{ID: "friend", Kind: loyalty.ForReferral, Points: 50}},
		Policy:  loyalty.Policy{ReturnDays: 14},
		Rewards: []loyalty.Reward{{ID: "thanks", Kind: loyalty.AmountOff, Amount: 500}, {ID: "welcome", Kind: loyalty.PercentOff, Percent: 1000, Worth: 2000}},
		Budget:  1_000_00, Referral: loyalty.Referral{On: true, Friend: "welcome", Advocate: "thanks"},
	}
	for _, c := range change {
		c(&p)
	}
	return p
}

// advocate makes Ada a member who may send friends.
func (w *world) advocate() store.Advocate {
	w.t.Helper()
	long := w.now()
	w.hear("orders/paid", w.order(900).Body())
	storetest.ClockOf(w.Store).Advance(time.Hour)
	require.False(w.t, w.now().Before(long))
	return w.mayRefer(w.personBy(ada))
}

func (w *world) mayRefer(id commerce.PersonID) (a store.Advocate) {
	w.t.Helper()
	storetest.Do(w.t, w.Store, func(tx *store.Tx) (err error) {
		if err = tx.Join(w.shop, id, "staff", 1); err != nil {
			return err
		}
		a, err = tx.Advocate(w.shop, id)
		return err
	})
	return a
}

func (w *world) personBy(email string) (id commerce.PersonID) {
	w.t.Helper()
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
		who := commerce.Identity{Kind: commerce.ByEmail, Value: email}
		found, err := tx.PersonsByIdentity(w.shop, []commerce.Identity{who})
		id = found[who]
		return err
	})
	return id
}

// friends does what a sweep does about them, until nothing is due.
func (w *world) friends() {
	w.t.Helper()
	for range 20 {
		due, err := w.Store.DueFriends(w.t.Context(), w.shop, 1)
		require.NoError(w.t, err)
		if len(due) == 0 {
			return
		}
		_, _, err = w.lookAtFriends(w.t.Context(), "")
		require.NoError(w.t, err)
	}
	w.t.Fatal("the looks do not come to an end")
}

// later lets so many days go by and does what is due of points and friends.
func (w *world) daysLater(n int) {
	w.t.Helper()
	w.goesBy(time.Duration(n) * day)
	w.friends()
}

// friendBuys is a friend's order that was told, with the code they used.
func (w *world) friendBuys(n, id int64, code string, change ...func(*shopifyfake.Order)) *shopifyfake.Order {
	w.t.Helper()
	o := w.friendsOrder(n, id, code, change...)
	w.tell("orders/paid", o.Body())
	w.friends()
	return o
}

func (w *world) friendsOrder(n, id int64, code string, change ...func(*shopifyfake.Order)) *shopifyfake.Order {
	o := w.orderOf(n, id)
	o.ShipTo.Street, o.DiscountCodes = fmt.Sprintf("%d Elm Road", n), []string{code}
	for _, c := range change {
		c(o)
	}
	return o
}

// referral is the only one of the shop.
func (w *world) referral() store.Referral {
	w.t.Helper()
	all, _, err := w.Store.Referrals(w.t.Context(), w.shop, store.ReferralFilter{}, "", 10)
	require.NoError(w.t, err)
	require.Len(w.t, all, 1)
	return all[0]
}

func (w *world) stands(state referral.State, reason referral.Reason) {
	w.t.Helper()
	r := w.referral()
	require.Equal(w.t, [2]string{string(state), string(reason)}, [2]string{string(r.State), string(r.Reason)}, "%+v", r.Verdict)
}

// got are Ada's points and rewards that were not taken back.
func (w *world) got() (points int64, rewards int) {
	w.t.Helper()
	id := w.personBy(ada)
	all, err := w.Store.RewardsOf(w.t.Context(), w.shop, id, 100)
	require.NoError(w.t, err)
	for _, r := range all {
		if r.RecallAt == 0 {
			rewards++
		}
	}
	m, err := w.Store.LoyaltyMember(w.t.Context(), w.shop, id)
	require.NoError(w.t, err)
	return m.Points + m.Pending, rewards
}

func (w *world) paidOnce() {
	w.t.Helper()
	points, rewards := w.got()
	require.Equal(w.t, []int64{50, 1}, []int64{points, int64(rewards)})
}

func (w *world) paidNothing() {
	w.t.Helper()
	points, rewards := w.got()
	require.Equal(w.t, []int64{0, 0}, []int64{points, int64(rewards)})
}

func (w *world) openFriends(change ...func(*loyalty.Program)) store.Advocate {
	w.t.Helper()
	w.alone()
	w.withProgram(forFriends(change...))
	return w.advocate()
}

func TestAFriendIsPaidForAfterTheReturnWindow(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.openFriends()
		o := w.friendBuys(1, 1, a.Code)
		w.stands(referral.Waiting, referral.NotYet)
		w.paidNothing()
		w.daysLater(13)
		w.stands(referral.Waiting, referral.NotYet)
		w.daysLater(80) // nobody said that it has come: it is taken to have within 60 days
		w.stands(referral.Paid, referral.Stands)
		w.paidOnce()
		w.tell("orders/updated", o.Touch(w.now()).Body())
		w.friends()
		w.paidOnce()
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM inbox WHERE topic = 'own/happened' AND external_id LIKE 'friend_bought|%'`))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM inbox WHERE topic = 'own/happened' AND external_id LIKE 'referral_paid|%'`))
	})
}

// The peers' failure: the advocate keeps what they got for an order that went back.
func TestAFriendsOrderRefundedAfterThePayout(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.openFriends()
		o := w.friendBuys(1, 1, a.Code)
		w.daysLater(90)
		w.paidOnce()
		refund := o.Refund(w.now(), o.Total())
		w.tell("refunds/create", refund.Body())
		w.tell("orders/updated", o.Body())
		w.friends()
		w.stands(referral.Reversed, referral.WentBack)
		w.paidNothing()
		w.tell("refunds/create", refund.Settle(w.now().Add(time.Hour), "failure").Body()) // it failed after all
		w.tell("orders/updated", o.Touch(w.now().Add(time.Hour)).Body())
		w.friends()
		w.stands(referral.Waiting, referral.TakingBack) // nobody knows yet whether the first was used
		w.takenBack()
		w.stands(referral.Paid, referral.Stands)
		w.paidOnce()
	})
}

// takenBack is that what was asked back is back, which is looked at a minute later.
func (w *world) takenBack() {
	w.t.Helper()
	w.exec(`UPDATE rewards SET state = CASE state WHEN 'making' THEN 'failed' ELSE 'revoked' END WHERE recall_at > 0 AND state IN ('making', 'made')`)
	storetest.ClockOf(w.Store).Advance(2 * takenBackSoon)
	w.friends()
}

// What the advocate has used is not given again, however often the friend's order goes back and stands again.
func TestAPayoutThatWasUsedIsTheOnlyOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.openFriends()
		o := w.friendBuys(1, 1, a.Code)
		w.daysLater(90)
		w.exec(`UPDATE rewards SET state = 'used', code = 'USED'`)
		for range 2 {
			refund := o.Refund(w.now(), o.Total())
			w.tell("refunds/create", refund.Body())
			w.tell("orders/updated", o.Body())
			w.friends()
			w.stands(referral.Reversed, referral.WentBack)
			storetest.ClockOf(w.Store).Advance(time.Hour)
			w.tell("refunds/create", refund.Settle(w.now(), "failure").Body())
			w.tell("orders/updated", o.Touch(w.now()).Body())
			w.friends()
			w.stands(referral.Paid, referral.Stands)
			w.paidOnce()
			storetest.ClockOf(w.Store).Advance(time.Hour)
		}
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM rewards`))
		require.EqualValues(t, 1, w.referral().Payouts)
	})
}

// A flag that comes up after the payout is shown, and takes nothing back.
func TestAFlagAfterThePayout(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.openFriends()
		w.friendBuys(1, 1, a.Code)
		w.daysLater(90)
		w.paidOnce()
		w.exec(`UPDATE persons SET first_name = 'Ada', last_name = 'Byron'`)
		for range 2 {
			storetest.Do(t, w.Store, func(tx *store.Tx) error {
				return tx.LookAtFriends(w.shop, []commerce.PersonID{w.referral().Friend}, tx.Now())
			})
			w.friends()
			w.stands(referral.Paid, referral.Stands)
			require.Equal(t, referral.Verdict{Late: []referral.Reason{referral.SameName}}, w.referral().Verdict)
			w.paidOnce()
		}
	})
}

// What was promised on the day of the sale is given, whatever the program says by then.
func TestAPayoutIsOfTheDayOfTheSale(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.openFriends()
		w.friendBuys(1, 1, a.Code)
		saved, err := w.Store.LoyaltyProgram(t.Context(), w.shop)
		require.NoError(t, err)
		storetest.ClockOf(w.Store).Advance(time.Hour)
		_, err = w.Store.SaveProgram(t.Context(), w.shop, forFriends(func(p *loyalty.Program) { p.Rewards[0].Amount, p.Rewards[0].Hidden = 100, true }), saved.Rev, "owner")
		require.NoError(t, err)
		w.daysLater(90)
		w.stands(referral.Paid, referral.Stands)
		r, err := w.Store.Reward(t.Context(), w.shop, w.referral().Reward)
		require.NoError(t, err)
		require.EqualValues(t, 500, r.Offer.Amount.Amount)
	})
}

// A friend whose look fails keeps nobody else waiting.
func TestOneFriendHoldsUpNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.openFriends()
		w.tell("orders/paid", w.friendsOrder(1, 1, a.Code).Body())
		storetest.Do(t, w.Store, func(tx *store.Tx) error { return tx.LookAtFriends("gone", []commerce.PersonID{"nobody"}, 1) })
		_, _, err := w.lookAtFriends(t.Context(), "")
		require.NoError(t, err)
		w.stands(referral.Waiting, referral.NotYet)
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM referral_looks WHERE shop_id = 'gone'`))
		w.friends() // it is put off
	})
}

// The peers' failure: what nobody has looked at is paid when its time is up.
func TestAnUnreviewedFlagAtTheDeadline(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.openFriends(func(p *loyalty.Program) { p.Referral.Burst = 1 })
		w.friendBuys(1, 1, a.Code)
		w.friendBuys(2, 2, a.Code)
		all, _, err := w.Store.Referrals(t.Context(), w.shop, store.ReferralFilter{State: referral.Flagged}, "", 10)
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.Equal(t, referral.ManyAtOnce, all[0].Reason)
		w.daysLater(400)
		points, rewards := w.got()
		require.Equal(t, []int64{50, 1}, []int64{points, int64(rewards)}, "the first alone")
		require.NoError(t, w.Store.DecideReferral(t.Context(), w.shop, all[0].ID, referral.Let, "Owner", "a football club"))
		w.friends()
		points, rewards = w.got()
		require.Equal(t, []int64{100, 2}, []int64{points, int64(rewards)})
		require.NoError(t, w.Store.DecideReferral(t.Context(), w.shop, all[0].ID, referral.Turn, "Owner", "they are one"))
		w.friends()
		points, rewards = w.got()
		require.Equal(t, []int64{50, 1}, []int64{points, int64(rewards)})
		require.NoError(t, w.Store.DecideReferral(t.Context(), w.shop, all[0].ID, referral.Undecided, "Owner", ""))
		w.friends()
		r, err := w.Store.Referral(t.Context(), w.shop, all[0].ID)
		require.NoError(t, err)
		require.Equal(t, []any{referral.Flagged, "", referral.Undecided}, []any{r.State, r.Note, r.Decision})
	})
}

func TestWhoIsNobodysFriend(t *testing.T) {
	for name, c := range map[string]struct {
		change func(w *world, o *shopifyfake.Order)
		before func(w *world)
		reason referral.Reason
	}{
		"their own code": {func(w *world, o *shopifyfake.Order) { o.For(shopifyfake.Customer{ID: 6001, Email: ada}, "GB") }, nil, referral.OwnCode},
		"another tag of a customer": {func(w *world, o *shopifyfake.Order) {
			o.For(shopifyfake.Customer{ID: 8, Email: "old+new@example.com"}, "GB")
			o.ShipTo.Street = "9 Elm Road"
		}, func(w *world) {
			old := w.friendsOrder(1, 77, "").For(shopifyfake.Customer{ID: 77, Email: "old@example.com"}, "GB")
			old.ShipTo.Street = "7 Elm Road"
			w.tell("orders/paid", old.Body())
		}, referral.ExistingCustomer},
		"a tag behind a plus": {func(w *world, o *shopifyfake.Order) {
			o.For(shopifyfake.Customer{ID: 8, Email: "ada+two@example.com"}, "GB")
		}, nil, referral.SameMailbox},
		"one roof":           {func(w *world, o *shopifyfake.Order) { o.ShipTo.Street = "" }, nil, referral.SameAddress},
		"bought here before": {nil, func(w *world) { w.friendBuys(1, 77, "") }, referral.ExistingCustomer},
		"an order too small": {func(w *world, o *shopifyfake.Order) { o.With(shopifyfake.Line{Title: "x", Quantity: 1, Price: 100}) }, nil, referral.TooSmall},
		"who was shut out":   {nil, func(w *world) { w.ban("spam") }, referral.Banned},
		"from the same net":  {func(w *world, o *shopifyfake.Order) { o.BrowserIP = "192.0.2.7" }, nil, referral.SameNet},
		"of the advocate's name": {func(w *world, o *shopifyfake.Order) {
			o.For(shopifyfake.Customer{ID: 8, Email: "x@example.com", FirstName: "Ada", LastName: "Byron"}, "GB")
			o.ShipTo.Street = "9 Elm Road"
		}, func(w *world) {
			db := storetest.DB(w.t, w.db)
			_, err := db.ExecContext(w.t.Context(), `UPDATE persons SET last_name = 'Byron' WHERE email = 'ada@example.com'`)
			require.NoError(w.t, err)
		}, referral.SameName},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				w.alone()
				w.withProgram(forFriends(func(p *loyalty.Program) { p.Referral.MinSpend = 1000 }))
				own := w.order(900)
				own.BrowserIP = "192.0.2.7"
				w.tell("orders/paid", own.Body())
				storetest.ClockOf(w.Store).Advance(time.Hour)
				a := w.mayRefer(w.personBy(ada))
				if c.before != nil {
					c.before(w)
					storetest.ClockOf(w.Store).Advance(time.Hour)
				}
				w.friendBuys(1, 1, a.Code, func(o *shopifyfake.Order) {
					if c.change != nil {
						c.change(w, o)
					}
				})
				require.Equal(t, c.reason, w.referral().Reason)
				w.daysLater(100)
				w.paidNothing()
			})
		})
	}
}

// ban shuts Ada out, or lets her in again.
func (w *world) ban(note string) {
	w.t.Helper()
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error { return tx.BanAdvocate(w.shop, w.personBy2(tx, ada), "Owner", note) })
}

func (w *world) personBy2(tx *store.Tx, email string) commerce.PersonID {
	who := commerce.Identity{Kind: commerce.ByEmail, Value: email}
	found, err := tx.PersonsByIdentity(w.shop, []commerce.Identity{who})
	require.NoError(w.t, err)
	return found[who]
}

func TestABanIsLifted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.openFriends()
		w.friendBuys(1, 1, a.Code)
		w.ban("spam")
		w.friends()
		w.stands(referral.Refused, referral.Banned)
		w.daysLater(90)
		w.paidNothing()
		w.ban("")
		w.friends()
		w.stands(referral.Paid, referral.Stands)
		w.ban("again")
		w.friends()
		w.stands(referral.Paid, referral.Stands)
		w.paidOnce()
	})
}

func TestAFriendIsKnownByTheLinkTheyCameBy(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.openFriends()
		w.friendBuys(1, 1, "", func(o *shopifyfake.Order) { o.DiscountCodes, o.LandingSite = nil, "/products/scarf?ref="+a.Code })
		w.stands(referral.Waiting, referral.NotYet)
		require.Equal(t, referral.ByTouch, w.referral().Via)
	})
}

func TestOneWhoTurnsOutToBeTheAdvocate(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.openFriends()
		w.friendBuys(1, 1, a.Code)
		w.daysLater(90)
		w.paidOnce()
		friend, me := w.referral().Friend, w.personBy(ada)
		storetest.Do(t, w.Store, func(tx *store.Tx) error { return tx.MergePersons(w.shop, friend, me, "the same") })
		w.friends()
		w.stands(referral.Refused, referral.OwnCode)
		w.paidNothing()
		require.NoError(t, w.Store.UndoMerge(t.Context(), w.shop, friend))
		w.friends()
		w.takenBack()
		w.stands(referral.Paid, referral.Stands)
		w.paidOnce()
	})
}

func TestAPayoutWaitsForItsBudget(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.openFriends(func(p *loyalty.Program) { p.Budget = 400 })
		w.friendBuys(1, 1, a.Code)
		w.daysLater(90)
		w.stands(referral.Waiting, referral.NoBudget)
		w.paidNothing()
		saved, err := w.Store.LoyaltyProgram(t.Context(), w.shop)
		require.NoError(t, err)
		_, err = w.Store.SaveProgram(t.Context(), w.shop, forFriends(), saved.Rev, "owner")
		require.NoError(t, err)
		w.daysLater(2)
		w.stands(referral.Paid, referral.Stands)
		w.paidOnce()
	})
}

// Whatever the order in which two friends' orders, refunds and their failures are
// heard of, and whenever it is looked at meanwhile, referrals end alike: never
// paid twice, never paid while flagged or gone back.
func TestReferralsEndAlikeInAnyOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		var want []string
		for seed := range uint64(10) {
			at := w.now() // all is heard before anything is paid: what is flagged only then is late
			random := rand.New(rand.NewPCG(seed, 3))
			w.shop = storetest.Shop(t, w.Store, func(s *commerce.Shop) { s.Country = "GB" })
			w.conn = storetest.Connection(t, w.Store, w.shop)
			w.withProgram(forFriends(func(p *loyalty.Program) { p.Referral.Burst = 2 }))
			who := storetest.Person(t, w.Store, w.shop, func(p *commerce.Person) { p.Email = ada })
			storetest.Do(t, w.Store, func(tx *store.Tx) error {
				return tx.AddIdentities(w.shop, map[commerce.Identity]commerce.PersonID{{Kind: commerce.ByEmail, Value: ada}: who.ID})
			})
			a := w.mayRefer(who.ID)
			var told []decoded
			tell := func(topic string, after time.Duration, body []byte) {
				d := w.decode(topic, body)[0]
				d.delivery.TriggeredAt = commerce.At(at.Add(after))
				d.change, d.err = decode(d.delivery)
				told = append(told, d)
			}
			for n := range int64(3) { // the third within a day is flagged
				o := shopifyfake.NewOrder(10+n, at.Add(time.Duration(n)*time.Hour)).For(buyer(n), "GB")
				o.ShipTo.Street, o.DiscountCodes = fmt.Sprintf("%d Elm Road", n), []string{a.Code}
				tell("orders/paid", time.Duration(n)*time.Hour+time.Minute, o.Body())
				again := shopifyfake.NewOrder(20+n, at.Add(time.Duration(40+n)*time.Hour)).For(buyer(n), "GB")
				again.DiscountCodes = []string{a.Code}
				tell("orders/paid", 50*time.Hour, again.Body())
				if n > 1 {
					continue
				}
				refund := o.Refund(at.Add(2*day), o.Total())
				tell("refunds/create", 2*day, refund.Body())
				if n == 1 {
					tell("refunds/create", 3*day, refund.Settle(at.Add(3*day), "failure").Body())
				}
				tell("orders/updated", 3*day, o.Touch(at.Add(3*day)).Body())
			}
			for _, d := range shuffled(random, told) {
				w.merge([]decoded{d})
				if random.IntN(2) == 0 {
					w.friends()
				}
			}
			w.friends()
			w.lateFriends(at.Add(100 * day))
			got := w.ends()
			if seed == 0 {
				want = got
				require.Equal(t, []string{"bo reversed", "cy paid", "di flagged", "1 50"}, got)
			}
			require.Equal(t, want, got, "seed %d", seed)
		}
	})
}

// lateFriends looks at everybody as at a moment, whose looks were planned.
func (w *world) lateFriends(at time.Time) {
	w.t.Helper()
	if behind := at.Sub(w.now()); behind > 0 {
		storetest.ClockOf(w.Store).Advance(behind)
	}
	w.friends()
}

// ends says how the referrals and what Ada got have ended.
func (w *world) ends() (out []string) {
	w.t.Helper()
	all, _, err := w.Store.Referrals(w.t.Context(), w.shop, store.ReferralFilter{}, "", 50)
	require.NoError(w.t, err)
	for n := range int64(3) {
		for _, r := range all {
			p, err := w.Store.Person(w.t.Context(), w.shop, r.Friend)
			require.NoError(w.t, err)
			if p.FirstName == buyer(n).FirstName {
				out = append(out, p.FirstName+" "+string(r.State))
			}
		}
	}
	points, rewards := w.got()
	return append(out, fmt.Sprint(rewards, " ", points))
}

// Points for a friend are not lost to who has not joined yet: they come when they do.
func TestAnAdvocateWhoIsNoMemberIsPaidWhenTheyJoin(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.withProgram(forFriends(func(p *loyalty.Program) { p.Referral.Advocate, p.Join = "", loyalty.BySignUp }))
		w.hear("orders/paid", w.order(900).Body())
		storetest.ClockOf(w.Store).Advance(time.Hour)
		var a store.Advocate
		guest := w.personBy(ada)
		storetest.Do(t, w.Store, func(tx *store.Tx) (err error) {
			a, err = tx.Advocate(w.shop, guest)
			return err
		})
		w.friendBuys(1, 1, a.Code)
		w.daysLater(90)
		w.stands(referral.Waiting, referral.NotMember)
		require.Zero(t, w.count(`SELECT COUNT(*) FROM inbox WHERE external_id LIKE 'referral_paid|%'`), "nobody is told of what they did not get")
		w.mayRefer(w.personBy(ada))
		w.daysLater(2)
		w.stands(referral.Paid, referral.Stands)
		points, _ := w.got()
		require.EqualValues(t, 50, points)
	})
}

// A payout whose code could not be made is given again, a day later.
func TestAPayoutThatCouldNotBeMadeIsGivenAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.openFriends()
		w.friendBuys(1, 1, a.Code)
		w.daysLater(90)
		w.paidOnce()
		w.cannotBeMade()
		w.friends()
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM rewards`), "not at once")
		w.daysLater(2)
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM rewards WHERE state = 'making'`))
		w.stands(referral.Paid, referral.Stands)
		points, _ := w.got()
		require.EqualValues(t, 50, points, "the points came the first time")
	})
}
