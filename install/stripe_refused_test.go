package install_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/install"
	"flywheel/integrations/stripe"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// asks calls Stripe in a connection's name, as a worker does, and gives its answer.
func (w *street) asks(c commerce.Connection) error {
	w.t.Helper()
	a, err := w.desk.Access(c)
	if err != nil {
		return err
	}
	if _, err = w.desk.Stripe.Account(w.t.Context(), a); err != nil {
		require.NoError(w.t, w.desk.Refused(w.t.Context(), c, err))
	}
	return err
}

// asksAgain is the hourly run.
func (w *street) asksAgain() {
	w.t.Helper()
	require.NoError(w.t, w.desk.AskRefused(w.t.Context()))
}

// joins makes n accounts with the app in them.
func (w *street) joins(n int) (out []commerce.Connection) {
	w.t.Helper()
	for i := range n {
		id := fmt.Sprintf("acct_%d", i)
		w.stripe.Connect(id, true, stripefake.AccountInfo{Name: id, Email: "owner@nour.example"})
		out = append(out, w.join(func(j *install.Joining) { j.Account = id }).Connection)
	}
	return out
}

// The key of another platform is refused by every account. With the right one
// all is as before, at once for who asks and with the next run for who waits.
func TestTheKeyOfAnotherPlatformEndsNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		c := w.join().Connection
		w.stripe.AddKey("sk_live_other", "acct_other")
		w.desk.Keys.Live = "sk_live_other"
		require.ErrorIs(t, w.asks(c), stripe.ErrNoAccess)
		require.Equal(t, commerce.TokenRevoked, w.now(c).TokenState)
		_, err := w.desk.Access(w.now(c))
		require.True(t, fault.Is(err, fault.Denied), "nobody asks on and on: %v", err)

		w.stripe.AddKey("sk_live_third", "acct_third")
		w.desk.Keys.Live = "sk_live_third"
		require.ErrorIs(t, w.asks(w.now(c)), stripe.ErrNoAccess, "another key is tried")
		_, err = w.desk.Access(w.now(c))
		require.True(t, fault.Is(err, fault.Denied), "once: %v", err)

		w.desk.Keys.Live = "sk_live_1"
		_, err = w.desk.Access(w.now(c))
		require.NoError(t, err, "the merchant never took the access away")
		w.clock.Advance(time.Hour)
		w.asksAgain()
		require.Equal(t, c, w.now(c))
	})
}

// A key that Stripe does not know says nothing of the accounts, nor does a Stripe that is away.
func TestABadKeyEndsNothing(t *testing.T) {
	for name, spoil := range map[string]func(*street){
		"deleted at Stripe": func(w *street) { w.desk.Keys.Live = "sk_live_gone" },
		"Stripe is down":    func(w *street) { w.stripe.Fail(1, 503) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newStreet(t, storetest.Open(t, "sqlite"))
			c := w.join().Connection
			spoil(w)
			require.NoError(t, w.desk.Refused(t.Context(), c, stripe.ErrNoAccess))
			require.Equal(t, c, w.now(c))
		})
	}
}

func TestTheKeyIsCheckedOnceInAWhile(t *testing.T) {
	w := newStreet(t, storetest.Open(t, "sqlite"))
	all := w.joins(3)
	before := len(w.stripe.Calls())
	for _, c := range all {
		require.NoError(t, w.desk.Refused(t.Context(), c, stripe.ErrNoAccess))
		require.Equal(t, commerce.TokenRevoked, w.now(c).TokenState)
	}
	require.Len(t, w.stripe.Calls(), before+1)
}

// The webhook that says goodbye was lost. A month of no access says the same.
func TestALostGoodbyeIsFoundOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		c := w.join().Connection
		w.clock.Advance(time.Hour)
		w.stripe.Disconnect(account)
		require.ErrorIs(t, w.asks(c), stripe.ErrNoAccess)
		first := s.Now()
		w.clock.Advance(29 * 24 * time.Hour)
		w.asksAgain()
		require.True(t, w.now(c).Open(), "a day is missing")
		w.clock.Advance(25 * time.Hour)
		w.asksAgain()
		require.Equal(t, first, w.now(c).ClosedAt, "as of the first refusal")
	})
}

// A refusal that is over is over, whenever it is found out.
func TestAccessThatComesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		c := w.join().Connection
		w.stripe.Disconnect(account)
		require.ErrorIs(t, w.asks(c), stripe.ErrNoAccess)
		w.clock.Advance(40 * 24 * time.Hour)
		w.stripe.Connect(account, true, stripefake.AccountInfo{})
		w.asksAgain()
		require.Equal(t, c, w.now(c))
		asked := len(w.stripe.Calls())
		w.asksAgain()
		require.Len(t, w.stripe.Calls(), asked, "there is nothing to ask any more")
	})
}

// Each account is asked about within the hour on the first day, then daily.
func TestHowOftenAnAccountIsAskedAbout(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		c := w.join().Connection
		w.stripe.Disconnect(account)
		require.ErrorIs(t, w.asks(c), stripe.ErrNoAccess)
		during := func(hours int) int {
			before := len(w.stripe.Calls())
			for range hours {
				w.clock.Advance(time.Hour)
				w.asksAgain()
			}
			return len(w.stripe.Calls()) - before
		}
		require.GreaterOrEqual(t, during(23), 23)
		require.LessOrEqual(t, during(10*24), 12)
	})
}

// Of many accounts that are all refused it is not to be believed that all have
// left, unless one that was never refused still answers.
func TestManyAccountsLostAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		key    string // what the platform's is afterwards
		others int    // accounts that were never refused
		closed bool
	}{
		"the key of another platform":                   {key: "sk_live_other", others: 2},
		"all there is, by the right key":                {key: "sk_live_1"},
		"by the right key, as others say":               {key: "sk_live_1", others: 1, closed: true},
		"a key that Stripe does not know":               {key: "sk_live_gone", others: 1},
		"a key that Stripe does not know, and no other": {key: "sk_live_gone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newStreet(t, storetest.Open(t, "sqlite"))
			all := w.joins(3 + c.others)
			lost := all[:3]
			for _, l := range lost {
				w.stripe.Disconnect(l.ExternalID)
				require.ErrorIs(t, w.asks(l), stripe.ErrNoAccess)
			}
			w.stripe.AddKey("sk_live_other", "acct_other")
			w.desk = w.newStripeDesk(w.base)
			w.desk.Keys.Live = c.key
			w.clock.Advance(31 * 24 * time.Hour)
			w.asksAgain()
			for _, l := range lost {
				require.Equal(t, !c.closed, w.now(l).Open())
			}
			for _, o := range all[3:] {
				require.Empty(t, w.now(o).TokenState)
			}
		})
	}
}

// What an account told later than it was first refused says that it is still there.
func TestWhoTellsOfLaterIsNotClosed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		c := w.join().Connection
		w.stripe.Disconnect(account)
		require.ErrorIs(t, w.asks(c), stripe.ErrNoAccess)
		w.clock.Advance(29 * 24 * time.Hour)
		storetest.AddDelivery(t, s, c)
		w.clock.Advance(2 * 24 * time.Hour)
		w.asksAgain()
		require.True(t, w.now(c).Open())
	})
}

// An own key is not the platform's to judge by, and its connection its operator's to end.
func TestAnOwnKeyIsAskedAboutByItself(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		c := storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) {
			c.Platform, c.ExternalID, c.Token = commerce.Stripe, "acct_own", "rk_live_own"
		})
		before := len(w.stripe.Calls())
		require.NoError(t, w.desk.Refused(t.Context(), c, stripe.ErrNoAccess))
		require.Equal(t, commerce.TokenRevoked, w.now(c).TokenState)
		require.Len(t, w.stripe.Calls(), before, "the platform's key has no part in it")
		w.stripe.AddKey("rk_live_own", "acct_own")
		w.clock.Advance(time.Hour)
		w.asksAgain()
		require.Empty(t, w.now(c).TokenState)
		require.Equal(t, "rk_live_own", w.now(c).Token)
	})
}

// Revoked is not asked, whoever noted it.
func TestNothingIsAskedOfWhatIsRevoked(t *testing.T) {
	w := newStreet(t, storetest.Open(t, "sqlite"))
	c := w.join().Connection
	_, err := w.store.RevokeGrant(t.Context(), c)
	require.NoError(t, err)
	_, err = w.desk.Access(w.now(c))
	require.True(t, fault.Is(err, fault.Denied), "%v", err)
	require.Contains(t, fault.Sentence(err), "connect it once more")
}
