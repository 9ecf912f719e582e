package install_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// openNamed installs another shop.
func (w *world) openNamed(domain string) commerce.Connection {
	w.t.Helper()
	w.fake.Install(domain, shopifyfake.ShopInfo{})
	at := w.now()
	session, err := shopify.ReadIDToken(w.fake.IDToken(domain, 7, at), key, []string{secret}, at)
	require.NoError(w.t, err)
	o, err := w.desk.Open(w.t.Context(), session)
	require.NoError(w.t, err)
	return o.Connection
}

func TestIdleShopsAreRefreshed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		c := w.open().Connection
		storetest.Connection(t, s, storetest.Shop(t, s)) // a token that does not end
		w.wait(6 * 24 * time.Hour)
		require.NoError(t, w.desk.RefreshDue(t.Context()))
		require.Zero(t, w.fake.Refreshes())
		for range 20 { // 140 days, in which nobody does anything
			w.wait(7 * 24 * time.Hour)
			require.NoError(t, w.desk.RefreshDue(t.Context()))
		}
		require.Equal(t, 20, w.fake.Refreshes())
		w.token(c)
	})
}

func TestRefreshDueGoesOnPastAFailure(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		revoked := w.openNamed("a.myshopify.com")
		gone := w.openNamed("b.myshopify.com")
		fine := w.open().Connection
		w.fake.RevokeTokens("a.myshopify.com")
		w.fake.Uninstall("b.myshopify.com")
		w.wait(8 * 24 * time.Hour)
		require.ErrorContains(t, w.desk.RefreshDue(t.Context()), "2 connections")
		require.Equal(t, 1, w.fake.Refreshes())
		state := func(id commerce.ConnectionID) commerce.TokenState {
			c, err := s.ConnectionByID(t.Context(), id)
			require.NoError(t, err)
			return c.TokenState
		}
		require.Equal(t, commerce.TokenRevoked, state(revoked.ID))
		require.Equal(t, commerce.TokenGood, state(gone.ID), "its webhook closes it, or 90 days do")
		require.Equal(t, commerce.TokenGood, state(fine.ID))
		w.token(fine)
		w.wait(90 * 24 * time.Hour)
		_ = w.desk.RefreshDue(t.Context())
		require.Equal(t, commerce.TokenRevoked, state(gone.ID))
		require.True(t, w.connection().Open())
	})
}

func TestRefreshDueStopsWhenShopifyIsDown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		for i := range 14 {
			w.openNamed(fmt.Sprintf("shop-%d.myshopify.com", i))
		}
		w.wait(8 * 24 * time.Hour)
		w.outage(true)
		require.ErrorContains(t, w.desk.RefreshDue(t.Context()), "10 connections")
	})
}

// Shops that Shopify turns away say nothing of the others, and are not asked at
// each run: it was a mistake once to begin with the same ten for ever.
func TestRefreshDueIsNotHeldUpByShopsThatAreTurnedAway(t *testing.T) {
	for _, status := range []int{http.StatusLocked, 430, http.StatusTooManyRequests, http.StatusPaymentRequired} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				w := newWorld(t, s)
				for i := range 12 {
					d := fmt.Sprintf("locked-%d.myshopify.com", i)
					w.openNamed(d)
					w.lock(d, status)
				}
				fine := w.open().Connection
				w.wait(7*24*time.Hour + time.Hour)
				require.ErrorContains(t, w.desk.RefreshDue(t.Context()), "12 connections")
				require.Equal(t, 1, w.fake.Refreshes())
				w.token(fine)
			})
		})
	}
}

func TestRefreshDueWaitsBeforeItTriesAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.open()
		w.lock(domain, http.StatusLocked)
		w.wait(7*24*time.Hour + time.Hour)
		require.Error(t, w.desk.RefreshDue(t.Context()))
		w.wait(10 * time.Minute)
		require.NoError(t, w.desk.RefreshDue(t.Context()), "not yet again")
		w.wait(50 * time.Minute)
		require.Error(t, w.desk.RefreshDue(t.Context()), "at the next hourly run")
		w.wait(24 * time.Hour)
		require.Error(t, w.desk.RefreshDue(t.Context()))
		w.wait(5 * time.Hour)
		require.NoError(t, w.desk.RefreshDue(t.Context()), "once a day after the first day")
		w.lock(domain, 0)
		w.wait(19 * time.Hour)
		require.NoError(t, w.desk.RefreshDue(t.Context()))
		require.Equal(t, 1, w.fake.Refreshes())
	})
}

// An outage of some servers is none of Shopify: where one shop was served, the run goes on.
func TestRefreshDueGoesOnWhereAShopWasServed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.open() // the oldest, so it is first
		for i := range 14 {
			d := fmt.Sprintf("shop-%d.myshopify.com", i)
			w.openNamed(d)
			w.lock(d, http.StatusBadGateway)
		}
		w.wait(8 * 24 * time.Hour)
		require.ErrorContains(t, w.desk.RefreshDue(t.Context()), "14 connections")
		require.Equal(t, 1, w.fake.Refreshes())
	})
}

// While Shopify is down each run tries other shops.
func TestRefreshDueTriesOthersAfterAnOutage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		for i := range 14 {
			w.openNamed(fmt.Sprintf("shop-%d.myshopify.com", i))
		}
		w.wait(8 * 24 * time.Hour)
		w.outage(true)
		require.ErrorContains(t, w.desk.RefreshDue(t.Context()), "10 connections")
		w.outage(false)
		require.NoError(t, w.desk.RefreshDue(t.Context()))
		require.Equal(t, 4, w.fake.Refreshes(), "those that were not tried")
		w.wait(25 * time.Hour)
		require.NoError(t, w.desk.RefreshDue(t.Context()))
	})
}

func TestRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		c := w.open().Connection
		call := func() error {
			a, err := w.desk.Token(t.Context(), w.connection())
			require.NoError(t, err)
			_, err = w.desk.Shopify.Shop(t.Context(), a)
			return err
		}
		for _, f := range []shopifyfake.Failure{shopifyfake.Forbidden, shopifyfake.Frozen} {
			w.fake.Fail(f)
			err := call()
			require.True(t, fault.Is(err, fault.Denied), "%v", err)
			require.NoError(t, w.desk.Refused(t.Context(), c, err))
			require.Equal(t, c, w.connection(), "%s says nothing of the token", f)
		}

		w.fake.ExpireTokens(domain) // earlier than we thought
		err := call()
		require.ErrorIs(t, err, shopify.ErrToken)
		require.NoError(t, w.desk.Refused(t.Context(), c, err))
		require.Equal(t, commerce.TokenGood, w.connection().TokenState, "it was only stale")
		require.NoError(t, call())

		w.fake.RevokeTokens(domain)
		err = call()
		require.NoError(t, w.desk.Refused(t.Context(), c, err))
		require.Equal(t, commerce.TokenGood, w.connection().TokenState, "that was said of a token of before")
		require.NoError(t, w.desk.Refused(t.Context(), w.connection(), err))
		require.Equal(t, commerce.TokenRevoked, w.connection().TokenState)
		require.NoError(t, w.desk.Refused(t.Context(), w.connection(), err), "once is enough")
		w.open()
		require.NoError(t, call())
	})
}

func TestRefusedStaticToken(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.fake.AddShop(domain, "shpat_static")
		c := storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) { c.ExternalID, c.Token = domain, "shpat_static" })
		w.fake.RevokeTokens(domain)
		_, err := w.desk.Shopify.Shop(t.Context(), shopify.Access{Shop: domain, Token: c.Token})
		require.NoError(t, w.desk.Refused(t.Context(), c, err))
		require.Equal(t, commerce.TokenRevoked, w.connection().TokenState)
		o := w.open()
		require.Equal(t, c.ShopID, o.Shop.ID)
		require.NotZero(t, o.Connection.TokenExpiresAt, "from now on a pair")
		w.token(o.Connection)
	})
}
