package jobs

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
)

// The day of the first order is remembered each year, not only once.
func TestAnniversaryComesEachYear(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		d := w.asks("anniversary", 10, w.mail("thanks", 2))
		d.Trigger = campaign.Trigger{Kind: campaign.OnAnniversary}
		d.Entry = campaign.EntryRule{}
		w.save(d)
		w.hear("orders/paid", w.order(1).Body())
		for year := range 3 {
			w.pass(1, w.now().AddDate(1, 0, -1).Sub(w.now()))
			require.Equal(t, year, w.sent())
			w.pass(1, day)
			require.Equal(t, year+1, w.sent())
		}
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM enrollments WHERE state = 'active'`), "the next one waits")
	})
}
