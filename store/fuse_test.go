package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

// Harm is noted until somebody has looked; what happens while they look is not forgotten.
func TestFuseIsAskedFor(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		one, two := storetest.Shop(t, s), storetest.Shop(t, s)
		ask := func(shop commerce.ShopID) {
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.AskFuse(shop) })
		}
		asked := func() map[commerce.ShopID]int64 {
			found, err := s.FuseAsked(t.Context(), "", 10)
			require.NoError(t, err)
			out := map[commerce.ShopID]int64{}
			for _, a := range found {
				out[a.Shop] = a.Times
				same, err := s.FuseAskedOf(t.Context(), a.Shop)
				require.NoError(t, err)
				require.Equal(t, a, same)
			}
			return out
		}
		require.Empty(t, asked())
		ask(one)
		ask(one)
		ask(two)
		require.Equal(t, map[commerce.ShopID]int64{one: 2, two: 1}, asked())
		looking, err := s.FuseAskedOf(t.Context(), one)
		require.NoError(t, err)
		ask(one)
		require.NoError(t, s.FuseSeen(t.Context(), looking))
		require.Equal(t, map[commerce.ShopID]int64{one: 1, two: 1}, asked())
		some, err := s.FuseAsked(t.Context(), "", 1)
		require.NoError(t, err)
		require.Len(t, some, 1)
		rest, err := s.FuseAsked(t.Context(), some[0].Shop, 1)
		require.NoError(t, err)
		require.Len(t, rest, 1)
		require.NotEqual(t, some, rest)
	})
}

func TestBlowFusePausesOnceAndSaysWhy(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		_, err := s.SaveCampaign(t.Context(), shop, "c", definition("c"), campaign.Live)
		require.NoError(t, err)
		blow := func() (blown bool) {
			storetest.Do(t, s, func(tx *store.Tx) (err error) {
				blown, err = tx.BlowFuse(shop, "c")
				return err
			})
			return blown
		}
		require.True(t, blow())
		require.False(t, blow(), "it is paused")
		storetest.Do(t, s, func(tx *store.Tx) error {
			states, err := tx.CampaignStates(shop, []campaign.CampaignID{"c"})
			require.Equal(t, store.Standing{State: campaign.Paused, PausedReason: gate.Fuse, PausedAt: s.Now(), LiveAt: s.Now()}, states["c"])
			return err
		})
	})
}

func TestFanoutsOpen(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		open := func() bool {
			got, err := s.FanoutsOpen(t.Context())
			require.NoError(t, err)
			return got
		}
		require.False(t, open())
		addFanout(t, s, shop, "p1")
		require.True(t, open())
		f, _ := nextFanout(t, s, "one")
		require.True(t, open(), "it is in work")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.AdvanceFanout(shop, f.ID, "one", "", 0, true) })
		require.False(t, open())
	})
}
