package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/calendar"
	"flywheel/store"
)

// Days are counted by the shop's clocks; one that is over stays as it was counted.
func TestDaysAreCountedByTheShopsClocks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.save(w.mails("thanks", w.mail("thanks", 3)))
		shop, err := w.Store.Shop(t.Context(), w.shop)
		require.NoError(t, err)
		day := func() int64 { return int64(calendar.DayOf(shop.Timezone, w.Store.Now())) }
		count := func() {
			require.NoError(t, w.Store.AskDays(t.Context(), []commerce.ShopID{w.shop}))
			require.NoError(t, w.handleEstimate(t.Context(), nil))
			e, _, err := w.Store.LastEstimate(t.Context(), w.shop, store.EstimateDays, "", nil)
			require.NoError(t, err)
			require.Equal(t, store.EstimateDone, e.State, e.Note)
		}
		sent := func(on int64) (out [2]int64) {
			days, err := w.Store.Days(t.Context(), w.shop, "thanks", on, on+1)
			require.NoError(t, err)
			require.Len(t, days, 1)
			return [2]int64{days[0].Entered, days[0].Sent}
		}
		first := day()
		w.hear("orders/paid", w.orderOf(1, 700).Body(), w.orderOf(2, 701).Body())
		w.pass(1, time.Minute)
		count()
		require.Equal(t, [2]int64{2, 2}, sent(first))
		all, err := w.Store.Days(t.Context(), w.shop, "", first-daysBack, first+1)
		require.NoError(t, err)
		require.Len(t, all, daysBack, "the first time goes back as far as charts do")

		w.pass(1, 72*time.Hour)
		w.hear("orders/paid", w.orderOf(1, 702).Body())
		w.pass(1, time.Minute)
		count()
		require.Equal(t, [2]int64{1, 1}, sent(day()))
		require.Equal(t, [2]int64{2, 2}, sent(first))
		require.Equal(t, [2]int64{0, 0}, sent(first+1), "between them nothing was sent, and that was counted")
	})
}

// A day of the shop is not one of UTC: quarters of an hour lie where its clocks put them.
func TestQuartersBelongToTheDayOfTheirZone(t *testing.T) {
	midnight := calendar.DayBegins("Asia/Kathmandu", 20_000) // 18:15 in UTC
	require.EqualValues(t, 15*60*1000*73, midnight%(24*60*60*1000))
	quarter := int64(midnight / store.Quarter)
	got := daysOf([]store.Day{{Day: quarter - 1, Campaign: "c", Sent: 1}, {Day: quarter, Campaign: "c", Sent: 2}, {Day: quarter + 95, Campaign: "c", Sent: 3}}, "Asia/Kathmandu")
	require.Equal(t, []store.Day{{Day: 19_999, Campaign: "c", Sent: 1}, {Day: 20_000, Campaign: "c", Sent: 5}}, got)
}
