package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/integrations/mail/mailfake"
)

// Everybody is moved to a new version while a mail of the old one is with the
// mail server: the walk goes on in the new one, in no branch that is the old one's.
func TestMovedWhileTheMailIsAtTheServer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		version := func(branch string) campaign.Definition {
			return w.mails("moved", w.mail("thanks", 2), campaign.Step{
				ID: branch, Kind: campaign.If, Condition: "true",
				Then: []campaign.Step{{ID: branch + "_wait", Kind: campaign.Wait, For: days(1)}, w.mail("last", 2)},
			})
		}
		w.save(version("before"))
		runs := w.claim(w.tell("orders/paid", w.order(1).Body()))
		require.Len(t, runs, 1)
		w.save(version("after"))
		w.sink.Trouble(func(string) *mailfake.Trouble {
			_, err := w.Store.MoveToVersion(t.Context(), w.shop, "moved", 1, 2, []string{"thanks", "last"})
			require.NoError(t, err)
			return nil
		})
		w.reachOut(t.Context(), w.shop, runs)
		w.sink.Trouble(nil)
		require.Equal(t, 2, w.walk("moved").Version)
		require.Equal(t, "after:thanks", w.walk("moved").Position.StepID)
		w.pass(4, 12*time.Hour)
		require.Equal(t, 2, w.sent())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM passes WHERE step_id = 'after' AND version = 2`))
	})
}
