package sender

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestLimitsGrowDayByDay(t *testing.T) {
	for days, want := range []int64{100, 200, 400, 800, 1600, 3200, 5000, 5000} {
		require.Equal(t, want, SharedLimit(int64(days)), "%d days", days)
	}
	for days, want := range []int64{50, 100, 200, 400, 800, 1600, 3200, 6400, 0, 0} {
		require.Equal(t, want, DomainLimit(int64(days)), "%d days", days)
	}
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.Int64Range(-3, 1<<40).Draw(t, "days")
		require.GreaterOrEqual(t, SharedLimit(days+1), SharedLimit(days))
		require.LessOrEqual(t, SharedLimit(days), int64(5000))
	})
}

func TestTooManyComplaints(t *testing.T) {
	for _, c := range []struct {
		sent, complaints int64
		want             bool
	}{
		{0, 0, false},
		{10, 2, false},
		{10, 3, true},
		{199, 3, true},
		{200, 0, false},
		{1000, 3, false},
		{1000, 4, true}, // 0.3% is still allowed
		{100_000, 300, false},
		{100_000, 301, true},
	} {
		require.Equal(t, c.want, TooManyComplaints(c.sent, c.complaints), "%d of %d", c.complaints, c.sent)
	}
	require.True(t, TooManyComplaints(200, 1), "one of 200 is 0.5%")
}

func TestOnePersonIsOneComplaint(t *testing.T) {
	w := open(t, storetest.Open(t, "sqlite"))
	storetest.Do(t, w.Store, func(tx *store.Tx) error {
		for _, key := range []string{"ses:1", "arf:effect:complaint", "ses:2"} { // by the webhook, by a report, and for a second mail
			b := store.Bounce{Key: key, Kind: gate.Complaint, Effect: "effect", AddressHash: "one", Source: "arf", At: w.Store.Now()}
			if _, err := tx.AddBounce(w.shop, b); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, w.WeighComplaints(t.Context(), w.shop))
	require.False(t, w.way().Stopped)
}
