package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

// What was counted of days is read again, of a campaign and of all; what was not counted is missing.
func TestDaysAreKept(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, other := storetest.Shop(t, s), storetest.Shop(t, s)
		_, found, err := s.LastDay(t.Context(), shop)
		require.NoError(t, err)
		require.False(t, found)
		thanks := campaign.CampaignID("thank_you")
		require.NoError(t, s.SaveDays(t.Context(), shop, 100, 103, []store.Day{
			{Day: 100, Campaign: thanks, Entered: 3, Sent: 2, Held: 1}, {Day: 100, Campaign: "reviews", Entered: 1}, {Day: 102, Campaign: "reviews", Sent: 5},
		}))
		require.NoError(t, s.SaveDays(t.Context(), other, 100, 101, []store.Day{{Day: 100, Campaign: thanks, Sent: 9}}))
		read := func(id campaign.CampaignID) (out []store.Day) {
			all, err := s.Days(t.Context(), shop, id, 99, 104)
			require.NoError(t, err)
			for _, d := range all {
				require.Equal(t, s.Now(), d.CountedAt)
				d.CountedAt = 0
				out = append(out, d)
			}
			return out
		}
		require.Equal(t, []store.Day{{Day: 100, Entered: 4, Sent: 2, Held: 1}, {Day: 101}, {Day: 102, Sent: 5}}, read(""))
		require.Equal(t, []store.Day{{Day: 100, Campaign: thanks, Entered: 3, Sent: 2, Held: 1}, {Day: 101, Campaign: thanks}, {Day: 102, Campaign: thanks}}, read(thanks))

		require.NoError(t, s.SaveDays(t.Context(), shop, 102, 104, []store.Day{{Day: 103, Campaign: thanks, Sent: 1}}))
		require.Equal(t, []store.Day{{Day: 100, Entered: 4, Sent: 2, Held: 1}, {Day: 101}, {Day: 102}, {Day: 103, Sent: 1}}, read(""), "what is counted anew takes the place of what was")
		last, found, err := s.LastDay(t.Context(), shop)
		require.NoError(t, err)
		require.True(t, found)
		require.EqualValues(t, 103, last)

		fleet, err := s.FleetDays(t.Context(), []commerce.ShopID{shop, other}, 100, 102)
		require.NoError(t, err)
		require.Len(t, fleet[shop], 2)
		require.Len(t, fleet[other], 1)
		require.EqualValues(t, 9, fleet[other][0].Sent)
		require.NoError(t, s.SaveDays(t.Context(), shop, 600, 601, nil))
		require.Equal(t, int64(1), number(t, s, `SELECT COUNT(*) FROM day_figures WHERE shop_id = $1`, shop), "what is older than 400 days goes")
	})
}

// What became of campaigns is counted by when it happened, without rehearsals.
func TestQuartersAreCounted(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		began := s.Now() - s.Now()%store.Quarter
		execute(t, s, `UPDATE effects SET state = 'sent', kind = 'send_email', done_at = $2 WHERE id = $1`, string(w.effect.ID), int64(began))
		storetest.Enroll(t, s, w.shop, storetest.Order(t, s, w.shop, w.person.ID), func(e *campaign.Enrollment) { e.Campaign, e.Rehearsal = "rehearsed", true })
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.SaveDecisions(w.shop, []store.Decided{
				{Campaign: "held", EntryKey: "order:1", StepID: "ask", Person: w.person.ID, Decision: gate.Decision{Answer: gate.Hold, Reason: gate.NoConsent}},
				{Campaign: "held", EntryKey: "order:2", StepID: "ask", Person: w.person.ID, Decision: gate.Decision{Answer: gate.Defer, Reason: gate.QuietHours}},
			})
		})
		got, err := s.CountQuarters(t.Context(), w.shop, began.Add(-time.Hour), began.Add(time.Hour))
		require.NoError(t, err)
		sum := map[campaign.CampaignID]store.Day{}
		for _, q := range got {
			require.Equal(t, int64(began/store.Quarter), q.Day)
			d := sum[q.Campaign]
			sum[q.Campaign] = store.Day{Entered: d.Entered + q.Entered, Sent: d.Sent + q.Sent, Held: d.Held + q.Held}
		}
		require.Equal(t, map[campaign.CampaignID]store.Day{w.enrollment.Campaign: {Entered: 1, Sent: 1}, "held": {Held: 1}}, sum)
		none, err := s.CountQuarters(t.Context(), w.shop, began.Add(time.Hour), began.Add(2*time.Hour))
		require.NoError(t, err)
		require.Empty(t, none)
	})
}

// A shop's days are asked for once, however often somebody looks.
func TestDaysAreAskedForOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		one, two := storetest.Shop(t, s), storetest.Shop(t, s)
		require.NoError(t, s.AskDays(t.Context(), []commerce.ShopID{one}))
		require.NoError(t, s.AskDays(t.Context(), []commerce.ShopID{one, two, "no such shop"}))
		require.Equal(t, int64(2), number(t, s, `SELECT COUNT(*) FROM estimates WHERE kind = $1 AND state = 'asked'`, "days"))
	})
}

// Pages read days by the key alone, however many campaigns and days there are.
func TestDaysGoByTheirKey(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		execute(t, s, fill(40_000)+`INSERT INTO day_figures (shop_id, day, campaign_id, entered, sent, held, counted_at)
			SELECT 'shop', i / 100, CASE i % 100 WHEN 0 THEN '' ELSE 'c' || (i % 100) END, 1, 1, 1, 1 FROM n`)
		if !s.Embedded() {
			execute(t, s, `ANALYZE day_figures`)
		}
		days, err := s.Days(t.Context(), "shop", "c7", 200, 290)
		require.NoError(t, err)
		require.Len(t, days, 90)
		in := `IN (SELECT value FROM json_each('[200,201,202]'))`
		if !s.Embedded() {
			in = `= ANY('{200,201,202}'::bigint[])`
		}
		plan := planOf(t, s, `SELECT day, sent FROM day_figures WHERE shop_id = 'shop' AND day `+in+` AND campaign_id IN ('', 'c7') ORDER BY day, campaign_id`)
		require.NotRegexp(t, `(?i)Seq Scan|SCAN day_figures`, plan)
		require.Regexp(t, `(?i)Index Cond.*campaign_id|campaign_id=\?`, plan, "both parts of the key lead there")
	})
}
