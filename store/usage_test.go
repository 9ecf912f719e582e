package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

const dayLong = commerce.Instant(24 * 3600 * 1000)

func TestUsageIsCountedByDay(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		usage := func(from, until commerce.Instant) int64 {
			n, err := s.Usage(t.Context(), shop, from, until)
			require.NoError(t, err)
			storetest.Do(t, s, func(tx *store.Tx) error {
				again, err := tx.Usage(shop, from, until)
				require.Equal(t, n, again)
				return err
			})
			return n
		}
		require.Zero(t, usage(0, 100*dayLong))
		for _, days := range [][]store.UsageDay{
			nil,
			{{Day: 12, Paid: 3}, {Day: 10, Paid: 5, Refunded: 1}},
			{{Day: 12, Paid: 1}},
			{{Day: 10, Paid: -1}, {Day: 13, Paid: 1}}, // a better proof moved one
		} {
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.AddUsage(shop, days) })
		}
		require.EqualValues(t, 8, usage(10*dayLong, 14*dayLong))
		require.EqualValues(t, 3, usage(10*dayLong+5000, 11*dayLong+5000), "a day counts whole, by where a period begins")
		require.EqualValues(t, 4, usage(11*dayLong, 13*dayLong), "the day on which it ends is the next one's")
		require.Zero(t, usage(14*dayLong, 20*dayLong))
	})
}

func TestStorefrontIsSeenOnceAnHour(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		c := storetest.Connection(t, s, shop)
		see := func() commerce.Instant {
			require.NoError(t, s.SeeStorefront(t.Context(), shop, c.ID))
			at, err := s.StorefrontSeen(t.Context(), shop, c.ID)
			require.NoError(t, err)
			return at
		}
		before, err := s.StorefrontSeen(t.Context(), shop, c.ID)
		require.NoError(t, err)
		require.Zero(t, before)
		first := see()
		require.Equal(t, s.Now(), first)
		storetest.ClockOf(s).Advance(59 * time.Minute)
		require.Equal(t, first, see())
		storetest.ClockOf(s).Advance(2 * time.Minute)
		require.Equal(t, s.Now(), see())

		storetest.Do(t, s, func(tx *store.Tx) error { return tx.Exec(`UPDATE connections SET installed_at = $1`, int64(s.Now()+1)) })
		at, err := s.StorefrontSeen(t.Context(), shop, c.ID)
		require.NoError(t, err)
		require.Zero(t, at, "that was an earlier install")
	})
}

func TestDaysOfUsageAreListed(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, today := storetest.Shop(t, s), s.Now().DayOf()
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.AddUsage(shop, []store.UsageDay{{Day: today, Paid: 3, Refunded: 1}, {Day: today - 1, Paid: 2}, {Day: today - 9, Paid: 7}})
		})
		days, err := s.UsageDays(t.Context(), shop, s.Now().Add(-48*time.Hour), s.Now().Add(24*time.Hour))
		require.NoError(t, err)
		require.Equal(t, []store.UsageDay{{Day: today - 1, Paid: 2}, {Day: today, Paid: 3, Refunded: 1}}, days)
	})
}
