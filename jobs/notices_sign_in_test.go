package jobs

import (
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/integrations/mail/mailfake"
	"flywheel/links"
	"flywheel/store"
	"flywheel/store/storetest"
)

// asksIn is somebody who wants to see their page.
func (w *world) asksIn(a store.SignInAsk) {
	w.t.Helper()
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error { return tx.AskSignIn(w.shop, a) })
}

// signIns are how what was asked for has ended, with how often.
func (w *world) signIns() map[string]int {
	w.t.Helper()
	all, err := w.Store.LastNotices(w.t.Context(), w.shop, 100)
	require.NoError(w.t, err)
	out := map[string]int{}
	for _, n := range all {
		if n.Kind == store.NoticeSignIn {
			out[string(n.State)+" "+n.Note]++
		}
	}
	return out
}

func (w *world) ada(change ...func(*commerce.Person)) commerce.Person {
	w.t.Helper()
	p := storetest.Person(w.t, w.Store, w.shop, append([]func(*commerce.Person){func(p *commerce.Person) { p.Email, p.Language = ada, "ar" }}, change...)...)
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
		return tx.AddIdentities(w.shop, map[commerce.Identity]commerce.PersonID{{Kind: commerce.ByEmail, Value: ada}: p.ID})
	})
	return p
}

var signInLink = regexp.MustCompile(`http://flywheel\.example/account/in/(\w+)/([\w-]{22})`)

// A customer's mailbox gets the link, in the shop's brand and the language of the
// page they asked on; a stranger's gets nothing, and nobody learns which it was.
func TestTheLinkGoesToCustomersAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.ada()
		w.asksIn(store.SignInAsk{Email: ada, Lang: "fa"})
		w.asksIn(store.SignInAsk{Email: "stranger@example.com"})
		w.tellAll()
		mails := w.sink.Mails()
		require.Len(t, mails, 1)
		require.Equal(t, ada, mails[0].To)
		got, err := mails[0].Read()
		require.NoError(t, err)
		require.Contains(t, got.Text, "صفحهٔ شما")
		require.Empty(t, got.Header["List-Unsubscribe"])
		found := signInLink.FindStringSubmatch(got.Text)
		require.NotNil(t, found, got.Text)
		require.Equal(t, string(w.shop), found[1])
		hash, err := links.Hash(found[2])
		require.NoError(t, err)
		l, err := w.Store.CustomerLink(t.Context(), w.shop, hash, string(links.SignIn))
		require.NoError(t, err)
		require.Equal(t, p.ID, l.Person)
		require.Equal(t, w.Store.Now().Add(SignInTime), l.Expires)
		require.Equal(t, 1, w.signIns()["failed the address is no customer's"])
		require.Zero(t, w.count(`SELECT COUNT(*) FROM notices WHERE data LIKE '%`+found[2]+`%'`), "only its hash is kept")
	})
}

// Who bought with an address that nobody has verified is found by it, too; who is
// written to by the link of their own mail, by who they are.
func TestTheLinkFindsWhoBought(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := storetest.Person(t, w.Store, w.shop, func(p *commerce.Person) { p.Email = "guest@example.com" })
		for {
			n, err := w.Store.WordPersons(t.Context())
			require.NoError(t, err)
			if n == 0 {
				break
			}
		}
		w.asksIn(store.SignInAsk{Email: "guest@example.com"})
		w.tellAll()
		require.Len(t, w.sink.Mails(), 1)
		w.asksIn(store.SignInAsk{Email: "guest@example.com", Person: p.ID})
		w.asksIn(store.SignInAsk{Email: "elsewhere@example.com", Person: p.ID})
		w.tellAll()
		require.Len(t, w.sink.Mails(), 2, "never to an address that is not theirs")
	})
}

// Nothing goes to whom nothing may go, and nothing late; what could not be sent is tried again with another link.
func TestTheLinkKeepsToTheRules(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.ada()
		hash, err := w.Store.AddressHash(t.Context(), w.shop, ada)
		require.NoError(t, err)
		away := true
		w.sink.Trouble(func(string) *mailfake.Trouble {
			if away {
				return &mailfake.Trouble{At: "rcpt", Code: 451}
			}
			return nil
		})
		w.asksIn(store.SignInAsk{Email: ada})
		w.tellAll()
		require.Empty(t, w.sink.Mails())
		away = false
		storetest.ClockOf(w.Store).Advance(time.Minute)
		w.tellAll()
		require.Len(t, w.sink.Mails(), 1)
		require.EqualValues(t, 2, w.count(`SELECT COUNT(*) FROM link_tokens WHERE purpose = 'sign_in'`))

		w.asksIn(store.SignInAsk{Email: ada})
		storetest.ClockOf(w.Store).Advance(SignInTime)
		w.tellAll()
		require.Equal(t, 1, w.signIns()["failed it came too late"])

		storetest.Do(t, w.Store, func(tx *store.Tx) error { return tx.Suppress(w.shop, hash, gate.ScopeAll, "bounced") })
		w.asksIn(store.SignInAsk{Email: ada})
		w.tellAll()
		require.Equal(t, 1, w.signIns()["failed nothing goes to this address"])

		storetest.Do(t, w.Store, func(tx *store.Tx) error {
			_, err := tx.Erase(w.shop, store.Whom{Persons: []commerce.PersonID{p.ID}})
			return err
		})
		w.asksIn(store.SignInAsk{Email: ada})
		w.tellAll()
		require.Len(t, w.sink.Mails(), 1)
		require.Equal(t, 1, w.signIns()["failed the address is no customer's"])
	})
}
