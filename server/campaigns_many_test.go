package server_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/calendar"
	"flywheel/store"
	"flywheel/store/storetest"
)

// crowd puts n people at the beginning of a version of the thank-you.
func crowd(t *testing.T, f *framed, address string, version, n int) {
	t.Helper()
	_, err := storetest.DB(t, address).Exec(fmt.Sprintf(`INSERT INTO enrollments (shop_id, id, campaign_id, entry_key, version, person_id, order_id, anchor, step_anchor, state, due_at, created_at)
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %[2]d)
		SELECT '%[1]s', 'v%[3]d-' || i, 'thank_you', 'k%[3]d-' || i, %[3]d, 'p', '', 0, 0, 'active', 0, 0 FROM n`, f.shop().ID, n, version))
	require.NoError(t, err)
}

// In a shop with very much, what is counted at once says so in words, and what a
// worker has counted says when.
func TestVeryManyInACampaign(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			address := storetest.Prepared(t, engine)
			s := storetest.OpenURL(t, address)
			f := campaigns(t, s)
			f.goes("/admin/campaigns/thank_you/rename", url.Values{"title": {"Thanks"}, "back": {"campaign"}}) // version 2
			crowd(t, f, address, 1, store.WaitingMost+1)
			crowd(t, f, address, 2, 3)
			require.Contains(t, f.sees("/admin/campaigns"), "only the newest 3,000 are counted")
			require.Contains(t, f.sees("/admin/campaigns"), "more than 5,000")
			require.Contains(t, f.sees("/admin/campaigns/thank_you/live"), "More than 5,003 people")
			one := f.sees("/admin/campaigns/thank_you")
			require.Contains(t, one, "only the newest 3,000 are counted")
			require.Contains(t, one, "Move more than 5,000 people")

			today := int64(calendar.DayOf(f.shop().Timezone, s.Now()))
			days := []store.Day{{Day: today - 3, Campaign: "thank_you", Entered: 4321, Sent: 1234}, {Day: today - store.PulseDays, Campaign: "thank_you", Entered: 1_000_000}}
			require.NoError(t, s.SaveDays(t.Context(), f.shop().ID, today-40, today+1, days))
			page := f.sees("/admin/campaigns")
			require.Contains(t, page, "4,321")
			require.Contains(t, page, "1,234")
			require.Contains(t, page, "As of")
			require.NotContains(t, page, "only the newest")
		})
	}
}
