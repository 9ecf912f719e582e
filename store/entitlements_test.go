package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// paying is what a shop may have that pays for grow.
func paying(s *store.Store) commerce.Entitlement {
	return commerce.Entitlement{
		Plan: "grow", State: commerce.PlanPending, PendingPlan: "scale", TrialEndsAt: 1, PeriodFrom: 2, PeriodUntil: 3, CheckedAt: 4,
		ChangedAt: 5, HoldsFrom: 6, NextAt: s.Now() + 7, Epoch: 8,
	}
}

func saveEntitlement(t *testing.T, s *store.Store, shop commerce.ShopID, e commerce.Entitlement) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) error { return tx.SaveEntitlement(shop, e) })
}

func TestEntitlementIsKept(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		none, err := s.Entitlement(t.Context(), shop)
		require.NoError(t, err)
		require.Equal(t, commerce.Entitlement{State: commerce.PlanNone}, none, "nobody asked yet: the free plan")
		for _, e := range []commerce.Entitlement{paying(s), {Plan: "start", State: commerce.PlanActive, NextAt: 9}} {
			saveEntitlement(t, s, shop, e)
			got, err := s.Entitlement(t.Context(), shop)
			require.NoError(t, err)
			require.Equal(t, e, got)
			storetest.Do(t, s, func(tx *store.Tx) error {
				got, err := tx.Entitlement(shop)
				require.Equal(t, e, got)
				return err
			})
		}
	})
}

// A check that ends after the shop was erased leaves nothing behind.
func TestAShopThatIsGoneGetsNoEntitlement(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		_, err := s.EraseShop(t.Context(), shop, commerce.Shopify, s.Now())
		require.NoError(t, err)
		saveEntitlement(t, s, shop, paying(s))
		require.NoError(t, s.AskEntitlement(t.Context(), shop))
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM entitlements`))
	})
}

func TestEntitlementsDue(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		installed := func(account string) (commerce.ShopID, commerce.Connection) {
			shop := storetest.Shop(t, s)
			return shop, storetest.Connection(t, s, shop, func(c *commerce.Connection) { c.PlatformID = account })
		}
		due := func(limit int) []store.PlanDue {
			got, err := s.EntitlementsDue(t.Context(), limit)
			require.NoError(t, err)
			return got
		}
		storetest.Connection(t, s, storetest.Shop(t, s)) // by hand
		stripe := storetest.Shop(t, s)
		storetest.Connection(t, s, stripe, func(c *commerce.Connection) { c.Platform, c.PlatformID = commerce.Stripe, "1" })
		shop, c := installed("101")
		require.Equal(t, []store.PlanDue{{Shop: shop, Account: "101", Epoch: c.Epoch}}, due(10), "never asked about")

		later := commerce.Entitlement{State: commerce.PlanNone, NextAt: s.Now().Add(time.Hour), Epoch: c.Epoch}
		saveEntitlement(t, s, shop, later)
		require.Empty(t, due(10))
		require.NoError(t, s.AskEntitlement(t.Context(), shop))
		require.Len(t, due(10), 1, "somebody opened the plan page")
		saveEntitlement(t, s, shop, later)
		storetest.ClockOf(s).Advance(time.Hour)
		require.Len(t, due(10), 1, "an hour is over")

		later.NextAt = s.Now().Add(time.Hour)
		saveEntitlement(t, s, shop, later)
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.Exec(`UPDATE connections SET epoch = epoch + 2 WHERE id = $1`, string(c.ID))
		})
		require.Equal(t, []store.PlanDue{{Shop: shop, Account: "101", Epoch: c.Epoch + 2}}, due(10), "installed again")
		other, _ := installed("102")
		require.Equal(t, other, due(1)[0].Shop, "who was never asked about goes first")
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.Exec(`UPDATE connections SET closed_at = 1 WHERE id = $1`, string(c.ID))
		})
		require.Len(t, due(10), 1, "who has left is not asked about")
	})
}

// Asks are held from a moment on; when they no longer are, what waits is looked at again.
func TestPlanHolds(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		holds := func() (held bool) {
			storetest.Do(t, s, func(tx *store.Tx) (err error) {
				held, err = tx.PlanHolds(shop)
				return err
			})
			return held
		}
		touched := func() bool { return number(t, s, `SELECT touch_below FROM shop_work WHERE shop_id = $1`, shop) != 0 }
		require.False(t, holds())
		e := commerce.Entitlement{State: commerce.PlanNone, HoldsFrom: s.Now().Add(time.Minute)}
		saveEntitlement(t, s, shop, e)
		require.False(t, holds(), "not yet")
		saveEntitlement(t, s, shop, commerce.Entitlement{State: commerce.PlanActive, Plan: "grow"})
		require.False(t, touched(), "nothing was held")

		saveEntitlement(t, s, shop, e)
		storetest.ClockOf(s).Advance(time.Minute)
		require.True(t, holds())
		saveEntitlement(t, s, shop, e)
		require.False(t, touched(), "it still holds")
		saveEntitlement(t, s, shop, commerce.Entitlement{State: commerce.PlanActive, Plan: "grow"})
		require.False(t, holds())
		require.True(t, touched())
	})
}
