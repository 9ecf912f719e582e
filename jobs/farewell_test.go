package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/stripe"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// connects has the merchant install the app again, as the install page does.
func (w *world) connects(fake *stripefake.Server) {
	w.t.Helper()
	fake.Connect(account, w.conn.Live, stripefake.AccountInfo{})
	_, err := w.Store.Connect(w.t.Context(), w.shop, commerce.Connection{
		Platform: commerce.Stripe, ExternalID: account, Live: w.conn.Live, InstalledAt: w.Store.Now(),
	})
	require.NoError(w.t, err)
	w.conn = w.account()
}

// account is the connection as it stands.
func (w *world) account() commerce.Connection {
	w.t.Helper()
	c, err := w.Store.ConnectionByID(w.t.Context(), w.conn.ID)
	require.NoError(w.t, err)
	return c
}

// after lets business time pass.
func (w *world) after(d time.Duration) { storetest.ClockOf(w.Store).Advance(d) }

// paid is an event of a purchase that was made now.
func (w *world) paid(fake *stripefake.Server, i int) []byte {
	p := w.sale(i, w.now())
	fake.Put(account, p.PaymentIntent())
	return fake.Emit(account, stripefake.Event{Type: "charge.succeeded", Test: p.Test, Created: w.now(), Object: p.Charge(0)})
}

func TestAGoodbyeClosesTheAccount(t *testing.T) {
	for name, live := range map[string]bool{"live": true, "test": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.stripe(func(c *commerce.Connection) { c.Live, c.Secrets = live, []string{"whsec_own"} })
				w.after(time.Hour)
				w.brings(w.paid(fake, 1))
				require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM orders`))
				late := w.paid(fake, 2)
				goodbye := fake.Uninstall(account, live).Body()
				w.brings(goodbye)
				c := w.account()
				require.False(t, c.Open())
				require.Greater(t, c.Epoch, w.conn.Epoch)
				require.Empty(t, c.Secrets, "what was its own is forgotten at once")
				require.False(t, w.brings(goodbye), "once more changes nothing")
				require.Equal(t, c, w.account())

				require.True(t, w.brings(late), "it is taken, so that Stripe does not come again")
				require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM orders`), "and nothing is made of it")
				require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM inbox WHERE note LIKE '%disconnected%'`))
				shop, err := w.Store.Shop(t.Context(), w.shop)
				require.NoError(t, err)
				require.Equal(t, commerce.ShopClosed, shop.State)

				w.after(time.Hour)
				w.connects(fake)
				w.brings(w.paid(fake, 3))
				require.Equal(t, 2, w.count(`SELECT COUNT(*) FROM orders`), "connected again, it goes on")
			})
		})
	}
}

// Stripe tells the second in which an app was removed. Which of two that fall
// together came last, only Stripe knows.
func TestAGoodbyeAboutTheTimeOfAnInstall(t *testing.T) {
	for name, c := range map[string]struct {
		installed     time.Duration // after the second of the goodbye
		there, silent bool          // what Stripe says by then
		open          bool
	}{
		"long before":                         {installed: -time.Hour},
		"just before, and gone":               {installed: -300 * time.Millisecond},
		"in the same second, and gone":        {installed: 700 * time.Millisecond},
		"in the same second, and there":       {installed: 700 * time.Millisecond, there: true, open: true},
		"in the same second, and nobody says": {installed: 700 * time.Millisecond, there: true, silent: true},
		"just after, by our clock, and gone":  {installed: 1500 * time.Millisecond},
		"just after, and there":               {installed: 1500 * time.Millisecond, there: true, open: true},
		"long after":                          {installed: time.Hour, open: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.stripe()
				w.after(48 * time.Hour)
				second := w.now()
				w.after(c.installed)
				w.connects(fake)
				if !c.there && !c.open {
					fake.Disconnect(account)
				}
				if c.silent {
					fake.Fail(10, 503)
				}
				asked := len(fake.Calls())
				w.brings(stripefake.Event{ID: "evt_bye", Type: "account.application.deauthorized", Created: second, Account: account, Object: stripefake.Object{"id": "ca_1", "object": "application"}}.Body())
				require.Equal(t, c.open, w.account().Open())
				if c.installed.Abs() == time.Hour {
					require.Len(t, fake.Calls(), asked, "there is no doubt")
				}
			})
		})
	}
}

func TestAMonthAfterTheGoodbye(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe()
		w.after(time.Hour)
		w.brings(w.paid(fake, 1))
		w.brings(fake.Uninstall(account, true).Body())
		w.after(29 * 24 * time.Hour)
		require.NoError(t, w.bidFarewell(t.Context()))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM orders`))

		w.after(2 * 24 * time.Hour)
		require.NoError(t, w.maintain(t.Context()), "the hourly upkeep does it")
		require.Zero(t, w.count(`SELECT COUNT(*) FROM orders`))
		require.Zero(t, w.count(`SELECT COUNT(*) FROM shops`))
		proofs, err := w.Store.Erasures(t.Context(), w.shop, "", 10)
		require.NoError(t, err)
		require.Len(t, proofs, 1)
		require.Equal(t, store.ErasedShop, proofs[0].Kind)
		require.True(t, proofs[0].Report.Finished)
		require.NoError(t, w.bidFarewell(t.Context()), "once is enough")
	})
}

func TestWhoCameBackIsNotErased(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe()
		w.after(time.Hour)
		w.brings(w.paid(fake, 1))
		w.brings(fake.Uninstall(account, true).Body())
		w.after(20 * 24 * time.Hour)
		w.connects(fake)
		w.after(20 * 24 * time.Hour)
		require.NoError(t, w.bidFarewell(t.Context()))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM orders`))
		require.True(t, w.account().Open())
	})
}

// A shop that is at Shopify stays, and loses what was Stripe's alone.
func TestAShopOfShopifyOutlivesItsAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe()
		storetest.Connection(t, w.Store, w.shop)
		require.NoError(t, w.Store.AskBackfill(t.Context(), w.shop, w.conn))
		w.after(time.Hour)
		w.brings(w.paid(fake, 1))
		w.brings(fake.Uninstall(account, true).Body())
		bodies := func() int { return w.count(`SELECT COUNT(*) FROM inbox_bodies`) }
		require.Positive(t, bodies())
		w.after(31 * 24 * time.Hour)
		require.NoError(t, w.bidFarewell(t.Context()))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM orders`), "what was made of it is the shop's")
		require.Zero(t, bodies())
		require.Zero(t, w.count(`SELECT COUNT(*) FROM backfills`))
		left, err := w.Store.Farewells(t.Context(), commerce.Stripe, w.Store.Now(), 10)
		require.NoError(t, err)
		require.Empty(t, left, "it is not looked at every hour for ever")
	})
}

// refused has a worker ask for the account and be told that there is no access.
func (w *world) refused() {
	w.t.Helper()
	err := w.atStripe(w.t.Context(), w.account(), func(a stripe.Access) error {
		_, err := w.Accounts.Stripe.Account(w.t.Context(), a)
		return err
	})
	require.ErrorIs(w.t, err, stripe.ErrNoAccess)
	require.Equal(w.t, commerce.TokenRevoked, w.account().TokenState)
}

// The one webhook that says goodbye was lost, and nobody can list it any more.
func TestALostGoodbyeIsBidFarewellToo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe()
		w.brings(w.paid(fake, 1))
		w.after(time.Hour)
		fake.Uninstall(account, true) // its event never comes
		w.refused()
		w.after(29 * 24 * time.Hour)
		require.NoError(t, w.maintain(t.Context()))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM persons`))
		w.after(2 * 24 * time.Hour)
		require.NoError(t, w.maintain(t.Context()))
		require.Zero(t, w.count(`SELECT COUNT(*) FROM persons`), "closed and purged")
		require.Zero(t, w.count(`SELECT COUNT(*) FROM shops`))
	})
}

// What an account tells while its access is said to be lost is a sign that it is not.
func TestAnEventMendsWhatWasTakenForLost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe()
		fake.Disconnect(account)
		w.refused()
		require.NoError(t, w.Store.AskBackfill(t.Context(), w.shop, w.conn))
		w.after(25 * time.Hour)
		require.NoError(t, w.maintain(t.Context()))
		require.Equal(t, commerce.TokenRevoked, w.account().TokenState)
		fake.Connect(account, true, stripefake.AccountInfo{})
		w.after(time.Hour)
		require.NoError(t, w.maintain(t.Context()))
		require.Equal(t, commerce.TokenRevoked, w.account().TokenState, "it was asked about within the day")
		w.brings(w.paid(fake, 1))
		require.NoError(t, w.maintain(t.Context()))
		require.Empty(t, w.account().TokenState)
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM backfills WHERE next_at > 0`), "what rested goes on")
	})
}

// With the right key whatever is asked is the proof.
func TestACallThatIsAnsweredMendsTheState(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe()
		fake.AddKey("sk_live_other", "acct_other")
		right := w.Accounts
		w.Accounts = accountsAt(w.Store, w.stripeAt, stripe.Keys{Live: "sk_live_other"})
		w.refused()
		w.Accounts = right // the operator mends it a minute later
		require.NoError(t, w.atStripe(t.Context(), w.account(), func(a stripe.Access) error {
			_, err := w.Accounts.Stripe.Account(t.Context(), a)
			return err
		}))
		require.Equal(t, w.conn, w.account())
	})
}
