package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// What stands in the way of a look for half a day is listed, or of a sweep for three; of open connections alone.
func TestStuckLooks(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		const hour, day = time.Hour, 24 * time.Hour
		shop := storetest.Shop(t, s)
		made := func(p commerce.Platform, installed, looked, swept time.Duration, note string) commerce.Connection {
			c := storetest.Connection(t, s, shop, func(c *commerce.Connection) { c.Platform, c.InstalledAt = p, s.Now().Add(-installed) })
			require.NoError(t, s.AddReconciliations(t.Context()))
			execute(t, s, `UPDATE reconciliations SET looked_at = $2, swept_at = $3, note = $4 WHERE connection_id = $1`,
				c.ID, s.Now().Add(-looked), s.Now().Add(-swept), note)
			return c
		}
		never := made(commerce.Shopify, 9*day, 0, 0, "slow")
		execute(t, s, `UPDATE reconciliations SET looked_at = 0`)
		unswept := made(commerce.Stripe, 9*day, hour, 4*day, "lost")
		failing := made(commerce.Stripe, 9*day, 13*hour, hour, "down")
		made(commerce.Stripe, 9*day, 13*hour, 4*day, "")     // it rests, or nobody worked
		made(commerce.Shopify, 9*day, hour, 30*day, "slow")  // has no sweep
		made(commerce.Stripe, 9*day, 11*hour, 2*day, "slow") // it is early yet
		made(commerce.Stripe, hour, 30*day, 30*day, "slow")  // connected again just now
		closed := made(commerce.Stripe, 9*day, 13*hour, hour, "down")
		execute(t, s, `UPDATE connections SET closed_at = 1 WHERE id = $1`, closed.ID)

		got, err := s.StuckLooks(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, []store.StuckLook{
			{Shop: shop, Connection: never.ID, Platform: commerce.Shopify, Note: "slow"},
			{Shop: shop, Connection: failing.ID, Platform: commerce.Stripe, LookedAt: s.Now().Add(-13 * hour), Note: "down"},
			{Shop: shop, Connection: unswept.ID, Platform: commerce.Stripe, LookedAt: s.Now().Add(-hour), Note: "lost"},
		}, got)
		got, err = s.StuckLooks(t.Context(), 1)
		require.NoError(t, err)
		require.Len(t, got, 1)
	})
}

// What a clock that ran ahead has put off is due; what is put off by failures waits.
func TestWhatAClockPutOff(t *testing.T) {
	for name, c := range map[string]struct {
		ahead time.Duration
		tries int64
		due   int
	}{
		"the next look":                    {30 * time.Minute, 0, 0},
		"further than a look is planned":   {40 * time.Minute, 0, 1},
		"after failures":                   {6 * time.Hour, 7, 0},
		"further than failures put it off": {7 * time.Hour, 7, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *store.Store) {
				_, c2 := asked(t, s)
				execute(t, s, `UPDATE reconciliations SET next_at = $1, tries = $2`, s.Now().Add(c.ahead), c.tries)
				require.NoError(t, s.AddReconciliations(t.Context()))
				due, err := s.DueReconciliations(t.Context(), 10)
				require.NoError(t, err)
				require.Len(t, due, c.due)
				execute(t, s, `UPDATE backfills SET next_at = $1`, commerce.At(time.Now().Add(c.ahead)))
				require.NoError(t, s.AddReconciliations(t.Context()))
				require.Equal(t, c.ahead > 2*time.Hour, backfill(t, s, c2).NextAt <= commerce.At(time.Now()))
			})
		})
	}
}
