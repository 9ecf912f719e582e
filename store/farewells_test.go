package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// withOwnKey makes it a connection of Stripe with a key and secret of its own.
func withOwnKey(c *commerce.Connection) {
	c.Platform, c.Token, c.Secrets = commerce.Stripe, "rk_live_own", []string{"whsec_own"}
}

func TestFarewells(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		const month = 30 * 24 * time.Hour
		clock := storetest.ClockOf(s)
		shop := func(platforms ...commerce.Platform) (commerce.ShopID, []commerce.Connection) {
			id := storetest.Shop(t, s)
			var all []commerce.Connection
			for _, p := range platforms {
				c := storetest.Connection(t, s, id, func(c *commerce.Connection) { c.Platform = p })
				require.NoError(t, s.AskBackfill(t.Context(), id, c))
				all = append(all, c)
			}
			return id, all
		}
		shut := func(cs ...commerce.Connection) {
			for _, c := range cs {
				require.True(t, closeConnection(t, s, c.ShopID, c.ID, s.Now()))
			}
		}
		listed := func() (out []commerce.ShopID) {
			gone, err := s.Farewells(t.Context(), commerce.Stripe, s.Now().Add(-month), 10)
			require.NoError(t, err)
			for _, f := range gone {
				require.NotZero(t, f.At)
				out = append(out, f.Shop)
			}
			return out
		}
		left, leaving := shop(commerce.Stripe, commerce.Stripe)
		half, halves := shop(commerce.Stripe, commerce.Stripe)
		stays, staying := shop(commerce.Shopify, commerce.Stripe)
		both, leavingBoth := shop(commerce.Shopify, commerce.Stripe)
		_, back := shop(commerce.Stripe)
		onlyShopify, leavingShopify := shop(commerce.Shopify)
		shut(leaving...)
		shut(halves[0], staying[1], leavingBoth[1], back[0])
		shut(leavingShopify...)
		require.Empty(t, listed())

		clock.Advance(29 * 24 * time.Hour)
		shut(leavingBoth[0])
		_, err := s.Connect(t.Context(), back[0].ShopID, back[0])
		require.NoError(t, err)
		require.Empty(t, listed(), "a day is missing")
		clock.Advance(25 * time.Hour)
		require.ElementsMatch(t, []commerce.ShopID{left, stays}, listed(), "not %s: one is open; not %s: it left Shopify yesterday; not %s: it has no Stripe", half, both, onlyShopify)

		gone, err := s.ForgetPlatform(t.Context(), stays, commerce.Stripe)
		require.NoError(t, err)
		require.Positive(t, gone)
		require.Equal(t, []commerce.ShopID{left}, listed(), "nothing is left to forget")
		clock.Advance(month)
		require.ElementsMatch(t, []commerce.ShopID{left, both}, listed())
	})
}

// A Stripe account's own key is of no use once it has left; Shopify's tokens are
// forgotten when it says so itself.
func TestClosingForgetsTheKeyOfAnAccount(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		kept := storetest.Connection(t, s, shop, func(c *commerce.Connection) { c.Token = "shpat_1" })
		own := storetest.Connection(t, s, shop, withOwnKey)
		other := storetest.Connection(t, s, shop, withOwnKey)
		for _, c := range []commerce.Connection{kept, own} {
			require.True(t, closeConnection(t, s, shop, c.ID, s.Now()))
		}
		c := connection(t, s, own.ID)
		require.Empty(t, c.Token)
		require.Empty(t, c.Secrets)
		require.Equal(t, "shpat_1", connection(t, s, kept.ID).Token)
		require.Equal(t, "rk_live_own", connection(t, s, other.ID).Token)

		storetest.Do(t, s, func(tx *store.Tx) error {
			closed, err := tx.ClosedConnections(shop, commerce.Stripe)
			require.Equal(t, map[commerce.ConnectionID]bool{own.ID: true}, closed)
			return err
		})
		_, err := s.Connect(t.Context(), shop, own)
		require.NoError(t, err)
		c = connection(t, s, own.ID)
		require.Equal(t, "rk_live_own", c.Token)
		require.Empty(t, c.TokenState)
	})
}

func TestGrantedAt(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		c := storetest.Connection(t, s, storetest.Shop(t, s))
		at, err := s.GrantedAt(t.Context(), c.ShopID, c.ID)
		require.NoError(t, err)
		require.Equal(t, c.InstalledAt, at)
		later := storetest.ClockOf(s).Advance(time.Hour)
		require.NoError(t, s.ConfirmInstall(t.Context(), c, later))
		at, err = s.GrantedAt(t.Context(), c.ShopID, c.ID)
		require.NoError(t, err)
		require.Equal(t, later, at)
	})
}
