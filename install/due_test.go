package install_test

import (
	"fmt"
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
