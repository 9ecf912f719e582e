package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// inTest makes it a test connection of Stripe.
func inTest(c *commerce.Connection) { withOwnKey(c); c.Live = false }

func TestTestConnectionsEndWithTheLastLiveOne(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		open := func(c commerce.Connection) bool { return connection(t, s, c.ID).Open() }
		state := func(shop commerce.ShopID) commerce.ShopState {
			got, err := s.Shop(t.Context(), shop)
			require.NoError(t, err)
			return got.State
		}
		shut := func(c commerce.Connection) { require.True(t, closeConnection(t, s, c.ShopID, c.ID, s.Now())) }
		shop := storetest.Shop(t, s)
		first, second := storetest.Connection(t, s, shop, withOwnKey), storetest.Connection(t, s, shop, withOwnKey)
		test := storetest.Connection(t, s, shop, inTest)
		require.NoError(t, s.AskBackfill(t.Context(), shop, test))
		shut(first)
		require.True(t, open(test), "another live one is there")
		shut(second)
		require.Equal(t, second.Epoch+1, connection(t, s, second.ID).Epoch)
		require.False(t, open(test))
		require.Equal(t, test.Epoch+1, connection(t, s, test.ID).Epoch)
		require.Empty(t, connection(t, s, test.ID).Token, "its own key is forgotten too")
		require.Empty(t, connection(t, s, test.ID).Secrets)
		require.Zero(t, number(t, s, `SELECT next_at FROM backfills WHERE connection_id = $1`, string(test.ID)))
		require.Equal(t, commerce.ShopClosed, state(shop))

		_, err := s.Connect(t.Context(), shop, test)
		require.NoError(t, err)
		require.True(t, open(test))
		require.Equal(t, commerce.ShopClosed, state(shop), "a test wakes nothing that waits for live customers")
		_, err = s.Connect(t.Context(), shop, first)
		require.NoError(t, err)
		require.Equal(t, commerce.ShopActive, state(shop))

		both := storetest.Shop(t, s)
		shopify, live, sandbox := storetest.Connection(t, s, both), storetest.Connection(t, s, both, withOwnKey), storetest.Connection(t, s, both, inTest)
		shut(live)
		require.False(t, open(sandbox), "nothing live is left at its platform")
		require.Equal(t, commerce.ShopActive, state(both), "Shopify goes on")
		_, err = s.Connect(t.Context(), both, sandbox)
		require.NoError(t, err)
		shut(shopify)
		require.False(t, open(sandbox), "nor anywhere")
		require.Equal(t, commerce.ShopClosed, state(both))

		only := storetest.Shop(t, s)
		alone := storetest.Connection(t, s, only, inTest)
		require.Equal(t, commerce.ShopActive, state(only))
		shut(alone)
		require.Equal(t, commerce.ShopClosed, state(only), "who only ever tested has left with that")
	})
}

// Who connects a test after the live account has left does not stay for it.
func TestATestConnectionKeepsNothingLive(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		const month = 30 * 24 * time.Hour
		clock := storetest.ClockOf(s)
		gone := func() (out []commerce.ShopID) {
			all, err := s.Farewells(t.Context(), commerce.Stripe, s.Now().Add(-month), 10)
			require.NoError(t, err)
			for _, f := range all {
				out = append(out, f.Shop)
			}
			return out
		}
		again := func(shop commerce.ShopID, live, test commerce.Connection) {
			require.True(t, closeConnection(t, s, shop, live.ID, s.Now()))
			clock.Advance(time.Hour)
			_, err := s.Connect(t.Context(), shop, test)
			require.NoError(t, err)
			require.NoError(t, s.AskBackfill(t.Context(), shop, test))
		}
		shop, both := storetest.Shop(t, s), storetest.Shop(t, s)
		live, test := storetest.Connection(t, s, shop, withOwnKey), storetest.Connection(t, s, shop, inTest)
		storetest.Connection(t, s, both)
		theirs, sandbox := storetest.Connection(t, s, both, withOwnKey), storetest.Connection(t, s, both, inTest)
		require.NoError(t, s.AskBackfill(t.Context(), both, theirs))
		left := s.Now()
		again(shop, live, test)
		again(both, theirs, sandbox)
		require.Empty(t, gone())
		clock.Advance(month)
		require.ElementsMatch(t, []commerce.ShopID{shop, both}, gone())

		_, err := s.ForgetPlatform(t.Context(), both, commerce.Stripe)
		require.NoError(t, err)
		require.Equal(t, int64(1), number(t, s, `SELECT COUNT(*) FROM backfills WHERE shop_id = $1`, both), "the test goes on")
		require.Equal(t, "rk_live_own", connection(t, s, sandbox.ID).Token)
		require.Equal(t, []commerce.ShopID{shop}, gone(), "nothing live is left to forget")
		fate, err := s.EraseShop(t.Context(), both, commerce.Stripe, s.Now())
		require.NoError(t, err)
		require.Equal(t, store.ShopWaits, fate, "Shopify is live")
		fate, err = s.EraseShop(t.Context(), shop, commerce.Stripe, left)
		require.NoError(t, err)
		require.Equal(t, store.ShopErased, fate)
	})
}

func TestEndConnectionWhateverTheClocksSay(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		c := storetest.Connection(t, s, storetest.Shop(t, s), withOwnKey)
		ahead := s.Now().Add(time.Hour)
		require.NoError(t, s.ConfirmInstall(t.Context(), c, ahead))
		end := func() (ended bool) {
			storetest.Do(t, s, func(tx *store.Tx) (err error) { ended, err = tx.EndConnection(c.ShopID, c.ID); return err })
			return ended
		}
		require.True(t, end())
		require.Equal(t, ahead, connection(t, s, c.ID).ClosedAt)
		require.False(t, end(), "once")
	})
}
