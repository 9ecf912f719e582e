package jobs

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/delight/referral"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// asksOffer is somebody who types an address on the page of an advocate's link.
func (w *world) asksOffer(a store.Advocate, email string) {
	w.t.Helper()
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
		return tx.AskOffer(w.shop, store.OfferAsk{Email: email, Advocate: a, Lang: "en", Net: "192.0.2.9"})
	})
	w.notices()
}

// notices tells what is due.
func (w *world) notices() {
	w.t.Helper()
	for range 10 {
		n, found, err := w.Store.NextNotice(w.t.Context(), time.Minute)
		require.NoError(w.t, err)
		if !found {
			return
		}
		_ = w.Worker.tell(w.t.Context(), n) // why it is not told stands in its row
	}
}

// codesMade has every reward's code made, as a shop that makes its own.
func (w *world) codesMade(code string) {
	w.t.Helper()
	w.exec(`UPDATE rewards SET state = 'made', code = '` + code + `' WHERE state = 'making'`)
}

// linkTo is the link in the last mail, as who opens it finds it.
func (w *world) linkTo(a store.Advocate) store.OfferClaim {
	w.t.Helper()
	mails := w.sink.Mails()
	found := regexp.MustCompile(`/r/` + a.Code + `/([\w-]+)`).FindStringSubmatch(strings.ReplaceAll(string(mails[len(mails)-1].Raw), "=\r\n", ""))
	require.NotNil(w.t, found)
	c, err := w.Store.OpenOffer(w.t.Context(), w.shop, a.Code, found[1])
	require.NoError(w.t, err)
	return c
}

// takes is somebody who opens the link of a claim and presses the button.
func (w *world) takes(c store.OfferClaim) (store.Reward, error) {
	r, _, err := club.Desk{Store: w.Store}.TakeOffer(w.t.Context(), w.theShop(), c)
	return r, err
}

func (w *world) offers() int {
	return w.count(`SELECT COUNT(*) FROM rewards WHERE cause_kind = 'referral'`)
}

func TestAFriendGetsTheirOffer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.openFriends()
		before, persons := w.sent(), w.count(`SELECT COUNT(*) FROM persons`)
		w.asksOffer(a, ada)                   // a customer, and the advocate themselves
		w.asksOffer(a, "ada+one@example.com") // whose mailbox it is, too
		require.Equal(t, before, w.sent())
		w.asksOffer(a, "bo@example.com") // new here
		w.asksOffer(a, "bo@example.com") // again
		require.Equal(t, before+1, w.sent())
		require.Equal(t, []int{0, persons}, []int{w.offers(), w.count(`SELECT COUNT(*) FROM persons`)}, "nobody has shown yet whose mailbox it is")

		c := w.linkTo(a)
		require.Equal(t, "bo@example.com", c.Email)
		first, err := w.takes(c)
		require.NoError(t, err)
		again, err := w.takes(c)
		require.NoError(t, err)
		require.Equal(t, first, again)
		require.Equal(t, 1, w.offers())
		w.asksOffer(a, "bo+two@example.com") // they have one
		require.Equal(t, before+1, w.sent())
		c.Email = "bo+three@example.com"
		again, err = w.takes(c)
		require.NoError(t, err)
		require.Equal(t, first.ID, again.ID, "one a mailbox")

		// They buy without a code, by another tag of the address that they left.
		storetest.ClockOf(w.Store).Advance(time.Hour)
		o := w.friendsOrder(1, 1, "")
		o.DiscountCodes = nil
		w.tell("orders/paid", o.For(shopifyfake.Customer{ID: 7001, Email: "bo+shop@example.com", FirstName: "Bo"}, "GB").Body())
		w.friends()
		r := w.referral()
		require.Equal(t, referral.ByLink, r.Via)
		require.Equal(t, a.Person, r.Advocate)
	})
}

// Whose offer could not be made may take it again, a day later.
func TestAnOfferThatCouldNotBeMadeIsTakenAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.openFriends()
		w.asksOffer(a, "bo@example.com")
		c := w.linkTo(a)
		first, err := w.takes(c)
		require.NoError(t, err)
		w.exec(`UPDATE rewards SET look_at = 0 WHERE id <> '` + first.ID + `'`)
		w.cannotBeMade()
		_, taken, err := club.Desk{Store: w.Store}.OfferTaken(t.Context(), w.theShop(), c)
		require.NoError(t, err)
		require.False(t, taken)
		_, err = w.takes(c)
		require.ErrorIs(t, err, club.ErrLater)
		storetest.ClockOf(w.Store).Advance(25 * time.Hour)
		again, err := w.takes(c)
		require.NoError(t, err)
		require.NotEqual(t, first.ID, again.ID)
		require.Equal(t, store.RewardMaking, again.State)
	})
}

func TestAFriendIsKnownByTheCodeOfTheirOffer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.openFriends()
		w.asksOffer(a, "bo@example.com")
		_, err := w.takes(w.linkTo(a))
		require.NoError(t, err)
		w.codesMade("HELLO-BO")
		w.friendBuys(2, 2, "hello-bo") // another address of theirs
		r := w.referral()
		require.Equal(t, []any{referral.ByCode, "HELLO-BO", a.Person}, []any{r.Via, r.Code, r.Advocate})
		require.NotEqual(t, commerce.PersonID(""), r.Friend)
	})
}

// Friends' offers leave half of the month's budget to members, and of one advocate come twenty a day.
func TestFriendsOffersAreBounded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.openFriends(func(p *loyalty.Program) { p.Budget = 8999 }) // two of 2000 are within half of it
		claim := func(n int) store.OfferClaim {
			return store.OfferClaim{Code: a.Code, Email: fmt.Sprintf("f%d@example.com", n), Lang: "en", Until: commerce.At(w.now().Add(time.Hour))}
		}
		for n := range 2 {
			_, err := w.takes(claim(n))
			require.NoError(t, err)
		}
		_, err := w.takes(claim(2))
		require.ErrorIs(t, err, loyalty.ErrBudget)
		saved, err := w.Store.LoyaltyProgram(t.Context(), w.shop)
		require.NoError(t, err)
		_, err = w.Store.SaveProgram(t.Context(), w.shop, forFriends(func(p *loyalty.Program) { p.Budget = -1 }), saved.Rev, "owner")
		require.NoError(t, err)
		for n := 2; n < 20; n++ {
			_, err := w.takes(claim(n))
			require.NoError(t, err)
		}
		_, err = w.takes(claim(20))
		require.ErrorIs(t, err, club.ErrLater)
		require.Equal(t, 20, w.offers())
		storetest.ClockOf(w.Store).Advance(25 * time.Hour)
		_, err = w.takes(claim(20))
		require.NoError(t, err, "tomorrow")
	})
}

// Who was erased is not taken for somebody new.
func TestTheErasedGetNoOffer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.openFriends()
		storetest.Do(t, w.Store, func(tx *store.Tx) error {
			_, err := tx.Erase(w.shop, store.Whom{Emails: []string{"gone@example.com"}})
			return err
		})
		w.exec(`DELETE FROM suppressions`)
		_, err := w.takes(store.OfferClaim{Code: a.Code, Email: "gone@example.com", Lang: "en"})
		require.ErrorContains(t, err, "erased")
		_, err = w.takes(store.OfferClaim{Code: a.Code, Email: "gone+again@example.com", Lang: "en"})
		require.ErrorContains(t, err, "erased")
		require.Zero(t, w.offers())
	})
}
