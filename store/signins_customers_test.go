package store_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/links"
	"flywheel/store"
	"flywheel/store/storetest"
)

// asks has the link to somebody's page mailed.
func asks(t *testing.T, s *store.Store, shop commerce.ShopID, a store.SignInAsk) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) error { return tx.AskSignIn(shop, a) })
}

// What is kept of who asks is sealed, the same for every address, and gone once it is told.
func TestASignInIsAskedFor(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		require.True(t, fault.Is(s.Transact(t.Context(), func(tx *store.Tx) error { return tx.AskSignIn(shop, store.SignInAsk{Email: "nobody"}) }), fault.Invalid))
		asks(t, s, shop, store.SignInAsk{Email: " Ada@Example.com ", Lang: "fa"})
		asks(t, s, shop, store.SignInAsk{Email: "stranger@example.com"})
		require.EqualValues(t, 2, number(t, s, `SELECT COUNT(*) FROM notices WHERE kind = 'sign_in' AND state = 'due'`))
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM notices WHERE subject || data LIKE '%ada@%' OR subject || data LIKE '%stranger@%'`))
		n, found := takeNotice(t, s)
		require.True(t, found)
		require.Equal(t, map[string]string{"Email": "ada@example.com", "Person": "", "Lang": "fa"}, n.Data)
		require.NoError(t, s.FinishNotice(t.Context(), shop, n, store.NoticeSent, ""))
		require.Equal(t, "{}", word(t, s, `SELECT data FROM notices WHERE id = $1`, n.ID))
	})
}

// Who is erased gets no mail that they have asked for, and what is told of somebody names it.
func TestWhoIsErasedGetsNoSignIn(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada := storetest.Person(t, s, shop)
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.AddIdentities(shop, map[commerce.Identity]commerce.PersonID{{Kind: commerce.ByEmail, Value: ada.Email}: ada.ID})
		})
		asks(t, s, shop, store.SignInAsk{Email: ada.Email})
		asks(t, s, shop, store.SignInAsk{Email: "other@example.com"})
		held, err := s.Held(t.Context(), shop, []commerce.PersonID{ada.ID})
		require.NoError(t, err)
		data, err := json.Marshal(held)
		require.NoError(t, err)
		require.Contains(t, string(data), "sign_in")
		require.NotContains(t, string(data), "other@example.com")
		storetest.Do(t, s, func(tx *store.Tx) error {
			_, err := tx.Erase(shop, store.Whom{Persons: []commerce.PersonID{ada.ID}})
			return err
		})
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM notices WHERE kind = 'sign_in' AND state = 'due'`))
		require.Equal(t, "{}", word(t, s, `SELECT data FROM notices WHERE kind = 'sign_in' AND state = 'failed'`))
	})
}

// A customer's link is of one shop, for one thing and for its time; one that opens something does so once.
func TestCustomerLinks(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, other := storetest.Shop(t, s), storetest.Shop(t, s)
		ada := storetest.Person(t, s, shop)
		_, hash := links.NewToken()
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.AddLinks(shop, []store.Link{{Hash: hash, Purpose: string(links.SignIn), Person: ada.ID, Expires: s.Now().Add(time.Minute)}})
		})
		take := func(shop commerce.ShopID) (l store.Link, err error) {
			err = s.Transact(t.Context(), func(tx *store.Tx) (err error) {
				l, err = tx.TakeCustomerLink(shop, hash, string(links.SignIn))
				return err
			})
			return l, err
		}
		_, err := s.CustomerLink(t.Context(), other, hash, string(links.SignIn))
		require.True(t, fault.Is(err, fault.NotFound))
		_, err = s.CustomerLink(t.Context(), shop, hash, string(links.Session))
		require.True(t, fault.Is(err, fault.NotFound))
		_, err = take(other)
		require.True(t, fault.Is(err, fault.NotFound))
		l, err := s.CustomerLink(t.Context(), shop, hash, string(links.SignIn))
		require.NoError(t, err)
		require.Equal(t, ada.ID, l.Person)
		l, err = take(shop)
		require.NoError(t, err)
		require.Equal(t, ada.ID, l.Person)
		_, err = take(shop)
		require.True(t, fault.Is(err, fault.NotFound), "once")

		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.AddLinks(shop, []store.Link{{Hash: hash, Purpose: string(links.SignIn), Person: ada.ID, Expires: s.Now().Add(time.Minute)}})
		})
		storetest.ClockOf(s).Advance(2 * time.Minute)
		_, err = s.CustomerLink(t.Context(), shop, hash, string(links.SignIn))
		require.True(t, fault.Is(err, fault.NotFound))
		_, err = take(shop)
		require.True(t, fault.Is(err, fault.NotFound), "too late")
	})
}

func TestCustomersAreFoundByWhatTheyAreKnownBy(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada, eve := storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		id := commerce.Identity{Kind: commerce.ByShopify, Value: "6001"}
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.AddIdentities(shop, map[commerce.Identity]commerce.PersonID{id: ada.ID})
		})
		got, err := s.CustomerOf(t.Context(), shop, id)
		require.NoError(t, err)
		require.Equal(t, ada.ID, got.ID)
		_, err = s.CustomerOf(t.Context(), storetest.Shop(t, s), id)
		require.True(t, fault.Is(err, fault.NotFound))
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.MergePersons(shop, ada.ID, eve.ID, "the same") })
		got, err = s.CustomerOf(t.Context(), shop, id)
		require.NoError(t, err)
		require.Equal(t, eve.ID, got.ID, "following merges")
		_, err = s.CustomerOf(t.Context(), shop, commerce.Identity{Kind: commerce.ByShopify, Value: "7"})
		require.True(t, fault.Is(err, fault.NotFound))
	})
}

func TestTheLastMailAndRequestsForData(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		_, err := s.LastMailTo(t.Context(), w.shop, w.person.ID)
		require.True(t, fault.Is(err, fault.NotFound), "it was claimed, and has not gone")
		execute(t, s, `UPDATE effects SET state = 'sent' WHERE id = $1`, string(w.effect.ID))
		got, err := s.LastMailTo(t.Context(), w.shop, w.person.ID)
		require.NoError(t, err)
		require.Equal(t, w.effect.ID, got)

		asked := func(p commerce.PersonID) (was bool) {
			storetest.Do(t, s, func(tx *store.Tx) (err error) {
				was, err = tx.AskedForData(w.shop, p)
				return err
			})
			return was
		}
		require.False(t, asked(w.person.ID))
		storetest.Do(t, s, func(tx *store.Tx) error {
			_, err := tx.AddPrivacyRequest(w.shop, store.PrivacyRequest{Kind: commerce.ReportData, Persons: []commerce.PersonID{w.person.ID}, DueAt: s.Now()})
			return err
		})
		require.True(t, asked(w.person.ID))
		require.False(t, asked(commerce.PersonID(strings.ToLower(string(w.person.ID))+"x")))
		storetest.ClockOf(s).Advance(31 * 24 * time.Hour)
		require.False(t, asked(w.person.ID), "they may ask again")
	})
}
