package jobs

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// idOf is who has an address, as themselves.
func (w *world) idOf(email string) (who commerce.PersonID) {
	w.t.Helper()
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
		found, err := tx.PersonsByIdentity(w.shop, []commerce.Identity{{Kind: commerce.ByEmail, Value: email}})
		who = found[commerce.Identity{Kind: commerce.ByEmail, Value: email}]
		return err
	})
	return who
}

// has are the waiting and the spendable points of persons together.
func (w *world) has(who ...commerce.PersonID) []int64 {
	w.t.Helper()
	out := []int64{0, 0}
	for _, id := range who {
		m, err := w.Store.LoyaltyMember(w.t.Context(), w.shop, id)
		require.NoError(w.t, err)
		out[0], out[1] = out[0]+m.Pending, out[1]+m.Points
	}
	return out
}

// oneRule is a program that gives five points for a pound, and nothing else.
func oneRule() loyalty.Program {
	p := fivePerPound()
	p.Rules = p.Rules[:1]
	return p
}

// boAndAda buy, Bo an hour before.
func (w *world) boAndAda() (bo, mine *shopifyfake.Order) {
	w.t.Helper()
	bo = w.orderOf(0, 1)
	w.merge(w.decode("orders/paid", bo.Body()))
	storetest.ClockOf(w.Store).Advance(time.Hour)
	mine = w.order(2)
	w.merge(w.decode("orders/paid", mine.Body()))
	return bo, mine
}

// joinedBody is Shopify's word that Bo is Ada.
func joinedBody() []byte { return shopifyfake.CustomersMerged(buyer(0).ID, 6001, "completed") }

// The two become one, an order of one is told of again, staff take it back: what
// waits is given once, to whose order it is.
func TestPointsAreReleasedOnceBehindASplit(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.withProgram(oneRule())
		_, mine := w.boAndAda()
		bo, me := w.idOf(buyer(0).Email), w.idOf(ada)
		each := w.has(me)[0]
		w.merge(w.decode("customers/merge", joinedBody()))
		mine.Touch(w.now().Add(time.Hour))
		w.merge(w.decode("orders/updated", mine.Body()))
		split := commerce.PersonID(w.word(`SELECT from_id FROM person_merges WHERE shop_id = $1`))
		require.NoError(t, w.Store.UndoMerge(t.Context(), w.shop, split))
		require.Equal(t, []int64{2 * each, 0}, w.has(bo, me))
		storetest.ClockOf(w.Store).Advance(100 * day)
		for range 3 {
			_, err := w.releasePoints(t.Context())
			require.NoError(t, err)
		}
		more, err := w.releasePoints(t.Context())
		require.NoError(t, err)
		require.False(t, more)
		require.Equal(t, []int64{0, 2 * each}, w.has(bo, me))
		require.Equal(t, 2, w.count(`SELECT COUNT(*) FROM ledger WHERE kind = 'release'`))
	})
}

func (w *world) word(text string) (out string) {
	w.t.Helper()
	require.NoError(w.t, storetest.DB(w.t, w.db).QueryRowContext(w.t.Context(), text, string(w.shop)).Scan(&out))
	return out
}

// A refund comes in the batch in which its buyer becomes one with another.
func TestARefundBesideAMergeTakesOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.withProgram(oneRule())
		_, mine := w.boAndAda()
		bo, me := w.idOf(buyer(0).Email), w.idOf(ada)
		all := w.has(bo, me)[0]
		r := mine.Refund(w.now(), mine.Total()/2)
		w.merge(append(w.decode("customers/merge", joinedBody()), w.decode("refunds/create", r.Body())...))
		left := w.has(bo, me)
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM ledger WHERE kind = 'clawback'`))
		w.merge(w.decode("refunds/create", r.Body()))
		require.Equal(t, left, w.has(bo, me))
		w.goesBy(100 * day)
		require.Equal(t, []int64{0, left[0]}, w.has(bo, me))
		require.Less(t, left[0], all)
		require.Greater(t, left[0], all/2)
	})
}

// An order turns out to be of somebody who has bought before: it is their second.
func TestABuyerIsCorrected(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.withProgram(fivePerPound())
		w.merge(w.decode("orders/paid", w.order(1).Body()))
		storetest.ClockOf(w.Store).Advance(time.Hour)
		o := w.orderOf(0, 2)
		w.merge(w.decode("orders/paid", o.Body()))
		storetest.ClockOf(w.Store).Advance(time.Hour)
		third := w.orderOf(0, 3)
		w.merge(w.decode("orders/paid", third.Body()))
		bo, me := w.idOf(buyer(0).Email), w.idOf(ada)
		one := w.has(me)[0]
		require.Equal(t, []int64{2*one - 100, 0}, w.has(bo))
		o.For(shopifyfake.Customer{ID: 6001, Email: ada, FirstName: "Ada"}, "GB")
		o.Touch(w.now().Add(time.Hour))
		w.merge(w.decode("orders/updated", o.Body()))
		require.Equal(t, []int64{2*one - 100, 0}, w.has(me), "one of hers was the first")
		require.Equal(t, []int64{one, 0}, w.has(bo), "what was his second is his first now")
		w.goesBy(100 * day)
		require.Equal(t, []int64{0, 2*one - 100}, w.has(me))
		require.Equal(t, []int64{0, one}, w.has(bo))
	})
}

// However many orders somebody has before it, what was another's first is theirs no more.
func TestTheFirstOrderAmongVeryMany(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.withProgram(fivePerPound())
		for n := range int64(maxOld) {
			w.merge(w.decode("orders/paid", w.orderOf(0, 10+n).Body()))
			storetest.ClockOf(w.Store).Advance(time.Minute)
		}
		w.merge(w.decode("orders/paid", w.order(2).Body()))
		bo, me := w.idOf(buyer(0).Email), w.idOf(ada)
		one := w.has(me)[0] - 100
		w.merge(w.decode("customers/merge", joinedBody()))
		require.Equal(t, []int64{(maxOld+1)*one + 100, 0}, w.has(bo, me))
	})
}

const maxOld = 22

// Pausing, taking out of the program and erasing take nothing back, whatever counts.
func TestNothingButTheOrderTakesPointsBack(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(w *world)
		points  []int64 // of 10, waiting and to spend
	}{
		"the program is paused": {func(w *world) { w.sets(store.ProgramPaused) }, []int64{0, 1}},
		"what counts changes": {func(w *world) {
			p, err := w.Store.LoyaltyProgram(w.t.Context(), w.shop)
			require.NoError(w.t, err)
			p.Counts = loyalty.Counts{}
			_, err = w.Store.SaveProgram(w.t.Context(), w.shop, p.Program, p.Rev, "owner")
			require.NoError(w.t, err)
			db := storetest.DB(w.t, w.db) // and so does the moment of the sale: it falls into the new version's time
			_, err = db.ExecContext(w.t.Context(), `UPDATE loyalty_programs SET active_from = 2 WHERE shop_id = $1`, string(w.shop))
			require.NoError(w.t, err)
		}, []int64{0, 1}},
		"they are taken out of the program": {func(w *world) {
			me := w.idOf(ada)
			storetest.Do(w.t, w.Store, func(tx *store.Tx) error { return tx.Block(w.shop, me, "resells", "owner") })
		}, []int64{1, 0}},
		"they are erased": {func(w *world) {
			me := w.idOf(ada)
			storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
				_, err := tx.Erase(w.shop, store.Whom{Persons: []commerce.PersonID{me}})
				return err
			})
		}, []int64{1, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				w.alone()
				p := oneRule()
				p.Counts = loyalty.Counts{GiftCards: true}
				w.withProgram(p)
				o := w.order(1)
				for i := range o.Lines {
					o.Lines[i].GiftCard = true
				}
				w.merge(w.decode("orders/paid", o.Body()))
				me := w.idOf(ada)
				all := w.has(me)[0]
				require.Positive(t, all)
				c.happens(w)
				o.Touch(w.now().Add(time.Minute))
				w.merge(w.decode("orders/updated", o.Body()))
				w.goesBy(50 * day)
				require.Equal(t, []int64{c.points[0] * all, c.points[1] * all}, w.has(me))
			})
		})
	}
}

func (w *world) sets(to store.ProgramState) {
	w.t.Helper()
	p, err := w.Store.LoyaltyProgram(w.t.Context(), w.shop)
	require.NoError(w.t, err)
	require.NoError(w.t, w.Store.SetProgramState(w.t.Context(), w.shop, to, p.Rev))
}

// What was sold before a pause earns though it is heard of in it, and what was
// sold in one earns nothing, whenever it is heard of.
func TestAPauseIsJudgedByTheMomentOfTheSale(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.withProgram(oneRule())
		before := w.decode("orders/paid", w.order(1).Body())
		storetest.ClockOf(w.Store).Advance(time.Hour)
		w.sets(store.ProgramPaused)
		storetest.ClockOf(w.Store).Advance(time.Hour)
		heard := w.orderOf(2, 3)
		within := w.decode("orders/paid", w.orderOf(1, 2).Body())
		w.merge(append(before, w.decode("orders/paid", heard.Body())...))
		one := w.has(w.idOf(ada))[0]
		require.Positive(t, one)
		storetest.ClockOf(w.Store).Advance(time.Hour)
		w.sets(store.ProgramLive)
		storetest.ClockOf(w.Store).Advance(time.Hour)
		heard.Touch(w.now())
		w.merge(append(within, w.decode("orders/paid", w.orderOf(3, 4).Body())...))
		w.merge(w.decode("orders/updated", heard.Body()))
		require.Equal(t, []int64{0, 0}, w.has(w.idOf(buyer(1).Email)))
		require.Equal(t, []int64{0, 0}, w.has(w.idOf(buyer(2).Email)))
		require.Equal(t, []int64{one, 0}, w.has(w.idOf(buyer(3).Email)), "it gives again")
	})
}

// A guest turns out to be a member: what waited for a claim is theirs to spend.
func TestAGuestWhoIsAMember(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		p := oneRule()
		p.Join = loyalty.BySignUp
		w.withProgram(p)
		w.boAndAda()
		bo, me := w.idOf(buyer(0).Email), w.idOf(ada)
		one := w.has(me)[0]
		storetest.Do(t, w.Store, func(tx *store.Tx) error { return tx.Join(w.shop, bo, "signup", 1) })
		w.goesBy(time.Minute)
		w.merge(w.decode("customers/merge", joinedBody()))
		w.goesBy(75 * day)
		require.Equal(t, []int64{0, 2 * one}, w.has(bo, me))
	})
}

// What cannot be looked at is put off, and the rest goes on.
func TestWhatFailsHoldsUpNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.withProgram(oneRule())
		w.boAndAda()
		bo, me := w.idOf(buyer(0).Email), w.idOf(ada)
		one := w.has(me)[0]
		db := storetest.DB(t, w.db)
		_, err := db.ExecContext(t.Context(), `UPDATE loyalty_awards SET terms = 'no terms' WHERE shop_id = $1 AND person_id = $2`, string(w.shop), string(bo))
		require.NoError(t, err)
		w.goesBy(100 * day)
		require.Equal(t, []int64{one, 0}, w.has(bo))
		require.Equal(t, []int64{0, one}, w.has(me))
		due, err := w.Store.DueAwards(t.Context(), w.shop, 10)
		require.NoError(t, err)
		require.Empty(t, due, "nobody tries it every second")
		storetest.ClockOf(w.Store).Advance(time.Hour)
		due, err = w.Store.DueAwards(t.Context(), w.shop, 10)
		require.NoError(t, err)
		require.Len(t, due, 1, "but now and then")
	})
}

// A shop with very many due has its turn like any other.
func TestNoShopWaitsForAnother(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		crowded := func() {
			w.shop = storetest.Shop(t, w.Store, func(s *commerce.Shop) { s.Country = "GB" })
			w.conn = storetest.Connection(t, w.Store, w.shop)
			w.withProgram(oneRule())
		}
		waiting := func(shop commerce.ShopID) int {
			return w.count(`SELECT COUNT(*) FROM loyalty_awards WHERE pending > 0 AND shop_id = $1`, string(shop))
		}
		crowded()
		first := w.shop
		var many [][]byte
		for n := range int64(pointsShare + 3) {
			many = append(many, w.orderOf(n, 10+n).Body())
		}
		w.merge(w.decode("orders/paid", many...))
		storetest.ClockOf(w.Store).Advance(time.Hour)
		crowded()
		w.merge(w.decode("orders/paid", w.order(2).Body()))
		storetest.ClockOf(w.Store).Advance(100 * day)
		more, err := w.releasePoints(t.Context())
		require.NoError(t, err)
		require.True(t, more)
		require.Equal(t, []int{3, 0}, []int{waiting(first), waiting(w.shop)})
		w.goesBy(0)
		require.Equal(t, []int{0, 0}, []int{waiting(first), waiting(w.shop)})
	})
}

// What was given for a friend is taken back from who has it now.
func TestWhatIsTakenBackIsTakenFromWhoHasIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		p := oneRule()
		p.Rules = append(p.Rules, loyalty.Rule{ID: "friend", Kind: loyalty.ForReferral, Points: 40})
		w.withProgram(p)
		w.boAndAda()
		bo, me := w.idOf(buyer(0).Email), w.idOf(ada)
		shop, err := w.Store.Shop(t.Context(), w.shop)
		require.NoError(t, err)
		cause := loyalty.Cause{Kind: loyalty.OfEvent, ID: "referral/1"}
		with := func(who commerce.PersonID, do func(tx *store.Tx) error) {
			storetest.Do(t, w.Store, func(tx *store.Tx) error {
				if _, err := tx.LockPersons(w.shop, []commerce.PersonID{who}); err != nil {
					return err
				}
				return do(tx)
			})
		}
		for range 2 {
			with(me, func(tx *store.Tx) error {
				return club.Award(tx, shop, me, loyalty.ForReferral, "", cause, tx.Now(), 0)
			})
		}
		require.EqualValues(t, 40, w.has(me)[1], "once")
		for range 2 {
			with(bo, func(tx *store.Tx) error { return club.TakeBack(tx, shop, bo, cause, "refunded") })
		}
		require.Equal(t, []string{"0", "0"}, []string{fmt.Sprint(w.has(me)[1]), fmt.Sprint(w.has(bo)[1])})
	})
}
