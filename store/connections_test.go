package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestConnection(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		want := commerce.Connection{
			ShopID: shop, Platform: commerce.Stripe, ExternalID: "acct_1", Live: false, OwnAccount: true,
			Secrets: []string{"whsec_new", "whsec_old"}, Token: "sk_test_1", Epoch: 1, InstalledAt: 5000,
		}
		id, err := s.Connect(t.Context(), shop, want)
		require.NoError(t, err)
		want.ID = id
		for name, find := range map[string]func() (commerce.Connection, error){
			"by id": func() (commerce.Connection, error) { return s.ConnectionByID(t.Context(), id) },
			"by account": func() (commerce.Connection, error) {
				return s.ConnectionByAccount(t.Context(), commerce.Stripe, "acct_1", false)
			},
			"own": func() (commerce.Connection, error) { return s.OwnAccount(t.Context(), commerce.Stripe, false) },
		} {
			got, err := find()
			require.NoError(t, err, name)
			require.Empty(t, cmp.Diff(want, got), name)
		}
		for name, find := range map[string]func() (commerce.Connection, error){
			"id": func() (commerce.Connection, error) { return s.ConnectionByID(t.Context(), "none") },
			"live": func() (commerce.Connection, error) {
				return s.ConnectionByAccount(t.Context(), commerce.Stripe, "acct_1", true)
			},
			"platform": func() (commerce.Connection, error) {
				return s.ConnectionByAccount(t.Context(), commerce.Shopify, "acct_1", false)
			},
			"own, live": func() (commerce.Connection, error) { return s.OwnAccount(t.Context(), commerce.Stripe, true) },
		} {
			_, err := find()
			require.True(t, fault.Is(err, fault.NotFound), "%s: %v", name, err)
		}
	})
}

func TestConnectAgain(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		first := storetest.Connection(t, s, shop, func(c *commerce.Connection) { c.ExternalID, c.InstalledAt = "teapots.myshopify.com", 5000 })
		again := first
		again.InstalledAt, again.Token = 9000, "shpat_2"

		id, err := s.Connect(t.Context(), shop, again)
		require.NoError(t, err)
		require.Equal(t, first.ID, id)
		got, err := s.ConnectionByID(t.Context(), id)
		require.NoError(t, err)
		require.EqualValues(t, 5000, got.InstalledAt, "still the install of before")
		require.Equal(t, "shpat_2", got.Token)
		require.EqualValues(t, 2, got.Epoch)

		other := storetest.Shop(t, s)
		_, err = s.Connect(t.Context(), other, again)
		require.True(t, fault.Is(err, fault.Conflict), "an open account stays with its shop: %v", err)

		closeConnection(t, s, shop, id, 9500)
		require.Equal(t, commerce.ShopClosed, stateOf(t, s, shop))
		again.InstalledAt = 10_000
		_, err = s.Connect(t.Context(), shop, again)
		require.NoError(t, err)
		got, err = s.ConnectionByID(t.Context(), id)
		require.NoError(t, err)
		require.EqualValues(t, 10_000, got.InstalledAt, "a new install")
		require.EqualValues(t, 4, got.Epoch)
		require.True(t, got.Open())
		require.Equal(t, commerce.ShopActive, stateOf(t, s, shop))

		closeConnection(t, s, shop, id, 10_000)
		_, err = s.Connect(t.Context(), other, again)
		require.NoError(t, err, "a closed account may move")
		got, err = s.ConnectionByAccount(t.Context(), commerce.Shopify, "teapots.myshopify.com", true)
		require.NoError(t, err)
		require.Equal(t, other, got.ShopID)
		require.Equal(t, []string{"hush"}, got.Secrets, "sealed anew with the other shop's key")
		mine, err := s.Connections(t.Context(), shop)
		require.NoError(t, err)
		require.Empty(t, mine)
	})
}

func TestConnectKeepsAPauseAndKnowsOneOwnAccount(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		require.NoError(t, s.SetShopState(t.Context(), shop, commerce.ShopPaused))
		own := func(c *commerce.Connection) { c.Platform, c.ExternalID, c.OwnAccount = commerce.Stripe, "acct_1", true }
		c := storetest.Connection(t, s, shop, own)
		require.Equal(t, commerce.ShopPaused, stateOf(t, s, shop))

		_, err := s.Connect(t.Context(), shop, c)
		require.NoError(t, err, "the same once more")
		c.ExternalID = "acct_2"
		_, err = s.Connect(t.Context(), storetest.Shop(t, s), c)
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		c.Live = false
		_, err = s.Connect(t.Context(), storetest.Shop(t, s), c)
		require.NoError(t, err, "test events have one of their own")
		_, err = s.Connect(t.Context(), "nobody", c)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	})
}

func TestCloseConnection(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		shopify := storetest.Connection(t, s, shop, func(c *commerce.Connection) { c.InstalledAt = 5000 })
		stripe := storetest.Connection(t, s, shop, func(c *commerce.Connection) { c.Platform, c.InstalledAt = commerce.Stripe, 6000 })
		late := storetest.Connection(t, s, shop, func(c *commerce.Connection) { c.Platform, c.InstalledAt = commerce.Stripe, 7000 })
		storetest.Do(t, s, func(tx *store.Tx) error {
			ties, err := tx.Ties(shop)
			require.Len(t, ties, 2)
			require.Equal(t, []commerce.ConnectionID{shopify.ID, stripe.ID}, []commerce.ConnectionID{ties[commerce.Shopify].ID, ties[commerce.Stripe].ID}, "the oldest of several")
			require.EqualValues(t, 1, ties[commerce.Stripe].Epoch)
			return err
		})
		require.False(t, closeConnection(t, s, shop, shopify.ID, 4999), "an uninstall of an earlier install")
		require.True(t, closeConnection(t, s, shop, shopify.ID, 8000))
		require.False(t, closeConnection(t, s, shop, shopify.ID, 8000), "once is enough")
		require.Equal(t, commerce.ShopActive, stateOf(t, s, shop), "others are open")
		storetest.Do(t, s, func(tx *store.Tx) error {
			ties, err := tx.Ties(shop)
			require.NotContains(t, ties, commerce.Shopify)
			return err
		})

		list, err := s.Connections(t.Context(), shop)
		require.NoError(t, err)
		require.Equal(t, []commerce.ConnectionID{stripe.ID, late.ID, shopify.ID}, []commerce.ConnectionID{list[0].ID, list[1].ID, list[2].ID}, "open ones first")
		require.EqualValues(t, 8000, list[2].ClosedAt)
		require.EqualValues(t, 2, list[2].Epoch)

		closeConnection(t, s, shop, stripe.ID, 8000)
		closeConnection(t, s, shop, late.ID, 8000)
		require.Equal(t, commerce.ShopClosed, stateOf(t, s, shop))
	})
}

func closeConnection(t *testing.T, s *store.Store, shop commerce.ShopID, id commerce.ConnectionID, at commerce.Instant) (closed bool) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) (err error) {
		closed, err = tx.CloseConnection(shop, id, at)
		return err
	})
	return closed
}

func stateOf(t *testing.T, s *store.Store, shop commerce.ShopID) commerce.ShopState {
	t.Helper()
	got, err := s.Shop(t.Context(), shop)
	require.NoError(t, err)
	return got.State
}
