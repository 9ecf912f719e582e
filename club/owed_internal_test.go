package club

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
)

// Of all points that have run their course, wherever they came from, a share has
// expired; as large a share of those outstanding is expected to.
func TestBreakageCountsAllPoints(t *testing.T) {
	now := commerce.At(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	p := store.Program{LiveAt: now.Add(-800 * 24 * time.Hour), Program: loyalty.Program{Policy: loyalty.Policy{Months: 12}}}
	l := store.Liability{Points: 16_000} // 20,000 by rules and 10,000 from another program
	o := owedBy(l, store.LedgerSums{Given: 30_000, Spent: 12_000, Expired: 2_000}, p, now)
	require.True(t, o.Known)
	require.EqualValues(t, 14_000, o.Ran)
	require.EqualValues(t, 142, o.ShareTenth)
	require.EqualValues(t, 2_285, o.Expire)

	require.False(t, owedBy(l, store.LedgerSums{Spent: 900, Expired: 99}, p, now).Known, "too few say nothing")
	p.LiveAt = now.Add(-300 * 24 * time.Hour)
	require.False(t, owedBy(l, store.LedgerSums{Spent: 12_000, Expired: 2_000}, p, now).Known, "nothing could end yet")
}
