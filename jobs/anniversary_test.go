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
		for year := range 3 { // none of them is a leap year
			w.pass(1, 364*day)
			require.Len(t, w.sink.Mails(), year)
			w.pass(1, day)
			require.Len(t, w.sink.Mails(), year+1)
		}
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM enrollments WHERE state = 'active'`), "the next one waits")
	})
}
