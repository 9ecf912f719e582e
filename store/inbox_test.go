package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestInboxGivesDeliveriesBackInOrder(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		c := storetest.Connection(t, s, shop)
		var want []commerce.Delivery
		for i := range 3 {
			d := storetest.Delivery(s, c, func(d *commerce.Delivery) {
				d.ReceivedAt = s.Now().Add(time.Duration(i) * 24 * time.Hour) // bodies of several days, one past the last partition
				if i == 2 {
					d.ReceivedAt = s.Now().Add(100 * 24 * time.Hour)
				}
			})
			fresh, err := s.AddInbox(t.Context(), shop, d)
			require.NoError(t, err)
			require.True(t, fresh)
			d.OrderRef = "" // only for erasing
			want = append(want, d)
		}
		got, err := s.NextInbox(t.Context(), shop, 10)
		require.NoError(t, err)
		for i := range got {
			require.NotEmpty(t, got[i].ID)
			want[i].ID = got[i].ID
		}
		require.Empty(t, cmp.Diff(want, got))
		got, err = s.NextInbox(t.Context(), shop, 2)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want[:2], got))

		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.FinishInbox(shop, []store.InboxResult{{ID: want[0].ID}, {ID: want[1].ID, Quarantined: true, Note: "not JSON"}})
		})
		got, err = s.NextInbox(t.Context(), shop, 10)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want[2:], got))
		require.Equal(t, "not JSON", word(t, s, `SELECT note FROM inbox WHERE state = 2`))

		require.NoError(t, s.ReplayInbox(t.Context(), shop, want[1].ID))
		got, err = s.NextInbox(t.Context(), shop, 10)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want[1:], got))
		for _, id := range []commerce.DeliveryID{want[0].ID, want[1].ID, "none"} {
			require.True(t, fault.Is(s.ReplayInbox(t.Context(), shop, id), fault.NotFound), "only what is quarantined")
		}
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.FinishInbox(shop, []store.InboxResult{{ID: want[0].ID, Quarantined: true}})
		})
		require.True(t, fault.Is(s.ReplayInbox(t.Context(), shop, want[0].ID), fault.NotFound), "what is done stays done")
	})
}

func TestABodyThatCannotBeOpenedIsNil(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		c := storetest.Connection(t, s, storetest.Shop(t, s))
		storetest.AddDelivery(t, s, c)
		fine := storetest.AddDelivery(t, s, c)
		execute(t, s, `UPDATE inbox_bodies SET body = $1 WHERE inbox_id <> $2`, []byte("not sealed"), string(fine.ID))
		got, err := s.NextInbox(t.Context(), c.ShopID, 10)
		require.NoError(t, err)
		require.Nil(t, got[0].Body)
		require.Equal(t, fine.Body, got[1].Body)
		execute(t, s, `DELETE FROM inbox_bodies`)
		got, err = s.NextInbox(t.Context(), c.ShopID, 10)
		require.NoError(t, err)
		require.Len(t, got, 2)
		require.Nil(t, got[1].Body)
	})
}

func TestALeaseBelongsToOneUntilItEnds(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		lease, got, err := s.LeaseInbox(t.Context(), shop, "one")
		require.NoError(t, err)
		require.True(t, got)
		_, got, err = s.LeaseInbox(t.Context(), shop, "two")
		require.NoError(t, err)
		require.False(t, got)
		storetest.ClockOf(s).Advance(time.Hour) // leases run in real time
		_, got, err = s.LeaseInbox(t.Context(), shop, "two")
		require.NoError(t, err)
		require.False(t, got)
		_, got, err = s.LeaseInbox(t.Context(), shop, "one")
		require.NoError(t, err)
		require.True(t, got, "one may take its own again")

		before := time.Now().UnixMilli()
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.HoldLease(lease) })
		require.GreaterOrEqual(t, number(t, s, `SELECT lease_until FROM shop_work`), before+29_000)
		require.GreaterOrEqual(t, number(t, s, `SELECT progressed_at FROM shop_work`), before)

		require.NoError(t, s.ReleaseInbox(t.Context(), store.InboxLease{Shop: shop, Owner: "two"}))
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.HoldLease(lease) })
		require.NoError(t, s.ReleaseInbox(t.Context(), lease))
		second, got, err := s.LeaseInbox(t.Context(), shop, "two")
		require.NoError(t, err)
		require.True(t, got)
		err = s.Transact(t.Context(), func(tx *store.Tx) error { return tx.HoldLease(lease) })
		require.True(t, fault.Is(err, fault.Conflict), "taken over: %v", err)

		execute(t, s, `UPDATE shop_work SET lease_until = $1`, time.Now().UnixMilli()-1)
		err = s.Transact(t.Context(), func(tx *store.Tx) error { return tx.HoldLease(second) })
		require.True(t, fault.Is(err, fault.Conflict), "ended, and so perhaps taken: %v", err)
		_, got, err = s.LeaseInbox(t.Context(), shop, "one")
		require.NoError(t, err)
		require.True(t, got)
		_, got, err = s.LeaseInbox(t.Context(), "nobody", "one")
		require.NoError(t, err)
		require.False(t, got)
	})
}

func TestBacklogsNamesShopsThatNobodyDrains(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		var shops []commerce.ShopID
		for range 5 {
			c := storetest.Connection(t, s, storetest.Shop(t, s))
			d := storetest.AddDelivery(t, s, c)
			storetest.AddDelivery(t, s, c)
			if shops = append(shops, c.ShopID); len(shops) == 3 {
				storetest.Do(t, s, func(tx *store.Tx) error { return tx.FinishInbox(c.ShopID, []store.InboxResult{{ID: d.ID}}) })
			}
		}
		done := storetest.Connection(t, s, storetest.Shop(t, s))
		d := storetest.AddDelivery(t, s, done)
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.FinishInbox(done.ShopID, []store.InboxResult{{ID: d.ID, Quarantined: true}})
		})

		backlogs := func(after commerce.ShopID, limit int) (out []commerce.ShopID) {
			list, err := s.Backlogs(t.Context(), after, limit)
			require.NoError(t, err)
			for _, b := range list {
				require.EqualValues(t, 1, b.Generation)
				out = append(out, b.Shop)
			}
			return out
		}
		require.Equal(t, shops, backlogs("", 10))
		require.Equal(t, shops[2:4], backlogs(shops[1], 2))
		for _, shop := range shops[:2] {
			_, got, err := s.LeaseInbox(t.Context(), shop, "one")
			require.NoError(t, err)
			require.True(t, got)
		}
		require.Equal(t, shops[2:4], backlogs("", 2), "those that are being drained do not hide the others")
		execute(t, s, `UPDATE shop_work SET lease_until = 1 WHERE shop_id = $1`, string(shops[0]))
		require.Equal(t, []commerce.ShopID{shops[0], shops[2]}, backlogs("", 2))
	})
}

func TestBumpGeneration(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		for range 2 { // two sweeps that saw the same
			require.NoError(t, s.BumpGeneration(t.Context(), shop, 1))
		}
		g, err := s.Generation(t.Context(), shop)
		require.NoError(t, err)
		require.EqualValues(t, 2, g)
		_, err = s.Generation(t.Context(), "nobody")
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	})
}

// What was told once can be compared with what is told again, while it is kept.
func TestTheBodyOfWhatIsKnown(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		c := storetest.Connection(t, s, shop)
		d := storetest.Delivery(s, c, func(d *commerce.Delivery) { d.Body = []byte("as told first") })
		got, err := s.KeptBody(t.Context(), shop, d)
		require.NoError(t, err)
		require.Nil(t, got, "nothing was told yet")
		_, err = s.AddInbox(t.Context(), shop, d)
		require.NoError(t, err)
		d.Body = []byte("otherwise")
		fresh, err := s.AddInbox(t.Context(), shop, d)
		require.NoError(t, err)
		require.False(t, fresh)
		waiting, err := s.NextInbox(t.Context(), shop, 10)
		require.NoError(t, err)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.FinishInbox(shop, []store.InboxResult{{ID: waiting[0].ID}}) })
		got, err = s.KeptBody(t.Context(), shop, d)
		require.NoError(t, err)
		require.Equal(t, "as told first", string(got), "also once it is done")
		other := d
		other.ExternalID = "another"
		got, err = s.KeptBody(t.Context(), shop, other)
		require.NoError(t, err)
		require.Nil(t, got)
		execute(t, s, `UPDATE inbox_bodies SET body = $1`, []byte("not sealed"))
		got, err = s.KeptBody(t.Context(), shop, d)
		require.NoError(t, err)
		require.Nil(t, got, "it cannot be opened")
		execute(t, s, `DELETE FROM inbox_bodies`)
		got, err = s.KeptBody(t.Context(), shop, d)
		require.NoError(t, err)
		require.Nil(t, got, "it is kept no longer")
	})
}
