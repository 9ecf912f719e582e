package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestStats(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		stats := func(all bool) store.Stats {
			got, err := s.Stats(t.Context(), all)
			require.NoError(t, err)
			return got
		}
		require.Empty(t, cmp.Diff(store.Stats{Effects: map[string]int64{}}, stats(true)))
		w := furnish(t, s, "mine")
		done := storetest.AddDelivery(t, s, w.connection, func(d *commerce.Delivery) { d.ReceivedAt -= 5000 })
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.FinishInbox(w.shop, []store.InboxResult{{ID: done.ID}}) })
		storetest.AddDelivery(t, s, w.connection, func(d *commerce.Delivery) { d.ReceivedAt -= 1000 })
		require.NoError(t, s.AddPending(t.Context(), "x", true, done))
		storetest.Enroll(t, s, w.shop, w.order, func(e *campaign.Enrollment) { e.Campaign, e.DueAt = "late", e.DueAt-7000 })
		require.NoError(t, s.SetPauseAll(t.Context(), true))
		want := store.Stats{
			InboxNew: 2, InboxQuarantined: 1, OldestInbox: s.Now() - 1000, Window: 1, Running: 1, OldestDue: s.Now() - 7000,
			Pending: 1, Parked: 1, PausedAll: true, Effects: map[string]int64{},
		}
		require.Empty(t, cmp.Diff(want, stats(false)))
		want.InboxDone, want.Effects = 1, map[string]int64{"claimed": 1, "unknown": 1}
		require.Empty(t, cmp.Diff(want, stats(true)))
	})
}

func TestBusyAndNextDue(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		check := func(busy bool, next commerce.Instant, what string) {
			t.Helper()
			got, err := s.Busy(t.Context())
			require.NoError(t, err)
			require.Equal(t, busy, got, what)
			due, err := s.NextDue(t.Context())
			require.NoError(t, err)
			require.Equal(t, next, due, what)
		}
		check(false, 0, "nothing is there")
		shop := storetest.Shop(t, s)
		c := storetest.Connection(t, s, shop)
		d := storetest.AddDelivery(t, s, c)
		check(true, 0, "a delivery")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.FinishInbox(shop, []store.InboxResult{{ID: d.ID}}) })
		check(false, 0, "it is done")

		later := s.Now() + 5000
		o := storetest.Order(t, s, shop, "p", func(o *store.StoredOrder) { o.FetchAt = later })
		check(false, later, "an order is to be read later")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.PlanFetch(shop, o.ID, s.Now(), 0) })
		check(true, s.Now(), "now")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.PlanFetch(shop, o.ID, 0, 0) })

		e := storetest.Enroll(t, s, shop, o, func(e *campaign.Enrollment) { e.DueAt = later })
		check(false, later, "an enrollment is due later")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.TouchShop(shop) })
		check(true, later, "a shop is to be touched")
		touchAll(t, s)
		check(true, s.Now(), "it is due now")
		runs := chunkOf(t, s, shop).Runs
		check(true, s.Now(), "queued")
		es := take(t, s, shop, runs...)
		check(true, s.Now(), "running")
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.MoveEnrollments(shop, []store.Move{{ID: e.ID, Dispatch: es[0].Dispatch, Rev: es[0].Rev, Ended: true}})
		})
		check(false, 0, "it is over")
	})
}

// What a loyalty program has due is work like any other, whichever of its columns says so.
func TestBusyWithDuties(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		k := openTill(t, s)
		require.NoError(t, k.settle(t.Context(), "1", 10_000, s.Now()+7))
		r, err := k.give(t.Context(), "one", 0, 1000)
		require.NoError(t, err)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.LookAtFriends(k.shop, []commerce.PersonID{k.person}, s.Now()) })
		require.NoError(t, s.PutOffReward(t.Context(), k.shop, r, s.Now(), "", 0))
		idle := []string{
			`UPDATE loyalty_members SET ends_at = 0, notice_at = 0, tier_look_at = 0, places_at = 0, birthday = 0`, `UPDATE rewards SET look_at = 0`,
			`UPDATE loyalty_awards SET opens_at = 0`, `DELETE FROM referral_looks`,
		}
		for _, text := range []string{
			`UPDATE loyalty_members SET ends_at = $1`, `UPDATE loyalty_members SET notice_at = $1`, `UPDATE loyalty_members SET tier_look_at = $1`,
			`UPDATE loyalty_members SET places_at = $1`, `UPDATE loyalty_members SET birthday = 229, birthday_at = $1`, `UPDATE rewards SET look_at = $1`,
			`UPDATE loyalty_awards SET opens_at = $1`, `INSERT INTO referral_looks (shop_id, person_id, look_at) SELECT shop_id, person_id, $1 FROM loyalty_members`,
		} {
			for _, in := range []commerce.Instant{0, 5000} {
				for _, none := range idle {
					execute(t, s, none)
				}
				busy, err := s.Busy(t.Context())
				require.NoError(t, err)
				require.False(t, busy, "before %s", text)
				execute(t, s, text, s.Now()+in)
				busy, err = s.Busy(t.Context())
				require.NoError(t, err)
				require.Equal(t, in == 0, busy, text)
				next, err := s.NextDue(t.Context())
				require.NoError(t, err)
				require.Equal(t, s.Now()+in, next, text)
			}
		}
	})
}
