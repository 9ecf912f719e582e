package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// refused are connections of Stripe whose access was refused just now.
func refused(t *testing.T, s *store.Store, n int) (out []commerce.Connection) {
	t.Helper()
	for range n {
		c := storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) { c.Platform, c.Token = commerce.Stripe, "" })
		c.RefusedKey = "mark"
		revoked, err := s.RevokeGrant(t.Context(), c)
		require.NoError(t, err)
		require.True(t, revoked)
		out = append(out, connection(t, s, c.ID))
	}
	return out
}

func TestRefusedConnections(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		clock := storetest.ClockOf(s)
		all := refused(t, s, 2)
		storetest.Connection(t, s, all[0].ShopID, func(c *commerce.Connection) { c.Platform = commerce.Stripe })
		shopify := storetest.Connection(t, s, all[0].ShopID)
		_, err := s.RevokeGrant(t.Context(), shopify)
		require.NoError(t, err)
		listed := func() []commerce.ConnectionID {
			ids, err := s.RefusedConnections(t.Context(), commerce.Stripe, 10)
			require.NoError(t, err)
			return ids
		}
		heard := func() {
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.HearOf(all[1].ShopID, []commerce.ConnectionID{all[1].ID}) })
		}
		require.Empty(t, listed(), "Stripe has just said so")
		clock.Advance(time.Hour)
		require.ElementsMatch(t, []commerce.ConnectionID{all[0].ID, all[1].ID}, listed())
		require.NoError(t, s.NoteAsk(t.Context(), all[0].ID))
		require.Equal(t, []commerce.ConnectionID{all[1].ID}, listed())
		require.NoError(t, s.NoteAsk(t.Context(), all[1].ID))

		clock.Advance(25 * time.Hour)
		require.NoError(t, s.NoteAsk(t.Context(), all[0].ID))
		require.NoError(t, s.NoteAsk(t.Context(), all[1].ID))
		heard()
		clock.Advance(time.Hour)
		require.Empty(t, listed(), "asked today")
		heard()
		require.Equal(t, []commerce.ConnectionID{all[1].ID}, listed(), "a sign of life has it asked about within the hour")
		require.NoError(t, s.NoteAsk(t.Context(), all[1].ID))
		clock.Advance(24 * time.Hour)
		require.ElementsMatch(t, []commerce.ConnectionID{all[0].ID, all[1].ID}, listed())
		require.True(t, closeConnection(t, s, all[0].ShopID, all[0].ID, s.Now()))
		require.Equal(t, []commerce.ConnectionID{all[1].ID}, listed())
	})
}

func TestRegainGrant(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		c := storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) { c.Platform, c.Token = commerce.Stripe, "" })
		require.NoError(t, s.AskBackfill(t.Context(), c.ShopID, c))
		again, err := s.RegainGrant(t.Context(), c)
		require.NoError(t, err)
		require.False(t, again, "nothing was refused")
		marked := c
		marked.RefusedKey = "mark"
		_, err = s.RevokeGrant(t.Context(), marked)
		require.NoError(t, err)
		require.Equal(t, "mark", connection(t, s, c.ID).RefusedKey)
		due := func() int64 {
			return number(t, s, `SELECT COUNT(*) FROM backfills WHERE next_at > 0 AND connection_id = $1`, string(c.ID))
		}
		require.Zero(t, due())
		again, err = s.RegainGrant(t.Context(), c)
		require.NoError(t, err)
		require.True(t, again)
		require.Equal(t, c, connection(t, s, c.ID))
		require.Equal(t, int64(1), due(), "what rested goes on")

		_, err = s.RevokeGrant(t.Context(), marked)
		require.NoError(t, err)
		require.True(t, closeConnection(t, s, c.ShopID, c.ID, s.Now()))
		again, err = s.RegainGrant(t.Context(), c)
		require.NoError(t, err)
		require.False(t, again, "it is closed")
	})
}

func TestCloseRefused(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shut := func(c commerce.Connection, first commerce.Instant) (closed bool) {
			storetest.Do(t, s, func(tx *store.Tx) (err error) { closed, err = tx.CloseRefused(c, first); return err })
			return closed
		}
		all, at := refused(t, s, 4), s.Now()
		storetest.ClockOf(s).Advance(time.Hour)
		require.False(t, shut(all[0], at-1), "not yet")
		require.True(t, shut(all[0], at))
		require.Equal(t, at, connection(t, s, all[0].ID).ClosedAt)
		require.False(t, shut(all[0], at), "once")

		storetest.AddDelivery(t, s, all[1], func(d *commerce.Delivery) { d.TriggeredAt = at })
		require.True(t, shut(all[1], at), "what happened before and comes late says nothing")
		storetest.AddDelivery(t, s, all[2])
		require.False(t, shut(all[2], at), "it was there after that")
		again, err := s.RegainGrant(t.Context(), all[3])
		require.NoError(t, err)
		require.True(t, again)
		require.False(t, shut(all[3], at))
	})
}

func TestConnectingAgainForgetsTheRefusal(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		c := refused(t, s, 1)[0]
		_, err := s.Connect(t.Context(), c.ShopID, c)
		require.NoError(t, err)
		require.Empty(t, connection(t, s, c.ID).RefusedKey)
		require.Zero(t, number(t, s, `SELECT refused_at + asked_at FROM connections WHERE id = $1`, string(c.ID)))
	})
}

func TestSoundAndOpenConnections(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		at := func(days int) func(*commerce.Connection) {
			return func(c *commerce.Connection) {
				c.Platform, c.InstalledAt = commerce.Stripe, s.Now().Add(-time.Duration(days)*24*time.Hour)
			}
		}
		old, young := storetest.Connection(t, s, shop, at(9)), storetest.Connection(t, s, shop, at(1))
		test, bad := storetest.Connection(t, s, shop, inTest), refused(t, s, 1)[0]
		gone := storetest.Connection(t, s, shop, at(3))
		require.True(t, closeConnection(t, s, shop, gone.ID, s.Now()))
		storetest.Connection(t, s, shop)
		ids, err := s.SoundConnections(t.Context(), commerce.Stripe, true, 10)
		require.NoError(t, err)
		require.Equal(t, []commerce.ConnectionID{young.ID, old.ID}, ids, "the last connected first")
		var all []commerce.ConnectionID
		for after := commerce.ConnectionID(""); ; after = ids[0] {
			ids, err = s.OpenConnections(t.Context(), commerce.Stripe, after, 1)
			require.NoError(t, err)
			if len(ids) == 0 {
				break
			}
			all = append(all, ids...)
		}
		require.ElementsMatch(t, []commerce.ConnectionID{old.ID, young.ID, test.ID, bad.ID}, all)
	})
}
