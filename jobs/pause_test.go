package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store/storetest"
)

// Five persons are to get a mail two days after their order. What a pause of
// three weeks has held does not go out in a burst when it ends, however the
// pause came about and was ended.
func TestNoBurstAfterAPause(t *testing.T) {
	shop := func(w *world, s commerce.ShopState) {
		require.NoError(w.t, w.Store.SetShopState(w.t.Context(), w.shop, s))
	}
	for name, c := range map[string]struct {
		pause func(w *world)
		mails int
	}{
		"of the campaign": {func(w *world) {
			w.pass(1, day)
			w.set("late", campaign.Paused)
			w.pass(2, 10*day)
			w.set("late", campaign.Live)
		}, 0},
		"of the shop": {func(w *world) {
			w.pass(1, day)
			shop(w, commerce.ShopPaused)
			w.pass(2, 10*day)
			shop(w, commerce.ShopActive)
		}, 0},
		"of the campaign, and at its end of the shop": {func(w *world) {
			w.pass(1, day)
			w.set("late", campaign.Paused)
			w.pass(2, 10*day)
			shop(w, commerce.ShopPaused)
			w.pass(1, day)
			w.set("late", campaign.Live)
			w.pass(1, time.Hour)
			shop(w, commerce.ShopActive)
		}, 0},
		"of the campaign, which is then archived": {func(w *world) {
			w.pass(1, day)
			w.set("late", campaign.Paused)
			w.set("late", campaign.Archived)
			w.pass(2, 10*day)
			w.set("late", campaign.Live)
		}, 0},
		"of the campaign, and at once again": {func(w *world) {
			w.pass(1, day)
			w.set("late", campaign.Paused)
			w.pass(2, 10*day)
			w.set("late", campaign.Live)
			w.set("late", campaign.Paused)
			storetest.ClockOf(w.Store).Advance(10 * time.Minute)
			w.set("late", campaign.Live)
		}, 0},
		"with mails that were due and not yet looked at": {func(w *world) {
			storetest.ClockOf(w.Store).Advance(2*day + time.Minute)
			w.set("late", campaign.Paused)
			w.pass(2, 10*day)
			w.set("late", campaign.Live)
		}, 0},
		"that is short: what it held is made up for": {func(w *world) {
			w.pass(1, day)
			w.set("late", campaign.Paused)
			w.pass(1, day+time.Hour)
			w.set("late", campaign.Live)
		}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				w.alone()
				w.save(w.mails("late", later(2), w.mail("thanks", 60)))
				for n := range int64(5) {
					w.hear("orders/paid", w.orderOf(n, n+1).Body())
				}
				c.pause(w)
				for more := true; more; {
					var err error
					more, err = w.Store.TouchMore(t.Context())
					require.NoError(t, err)
				}
				w.pass(2, time.Hour)
				require.Equal(t, c.mails, w.sent())
				require.Equal(t, 5-c.mails, w.count(`SELECT COUNT(*) FROM enrollments WHERE campaign_id = 'late' AND reason = $1`, gate.MissedInPause))
			})
		})
	}
}
