package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/delight/gate"
	"flywheel/integrations/mail/mailfake"
	"flywheel/store"
)

// busy has the mail server put every mail off.
func (w *world) busy() {
	w.sink.Trouble(func(string) *mailfake.Trouble { return &mailfake.Trouble{At: "rcpt", Code: 451} })
}

// Somebody skips a mail that the server has put off: it is not on its way any
// more, and takes no room of a cap.
func TestSkippedWhileItIsPutOff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.save(w.asks("ask", 10, w.mail("thanks", 2)))
		w.busy()
		w.hear("orders/paid", w.order(1).Body())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM effects WHERE state = $1`, store.Retry))
		require.NoError(t, w.Store.SkipStep(t.Context(), w.shop, w.walk("ask").ID, "thanks"))
		w.settle()
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM effects WHERE state = $1 AND note = $2`, store.Withdrawn, gate.SkippedByHand))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM effects`))
		w.sink.Trouble(nil)
		w.pass(4, 12*time.Hour)
		require.Zero(t, w.sent())
	})
}

// A mail that somebody wants sent now is of use as long as any: when the server
// has put it off for longer, it does not go.
func TestSentNowExpires(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.save(w.mails("now", later(1), w.mail("thanks", 2)))
		w.busy()
		w.hear("orders/paid", w.order(1).Body())
		require.NoError(t, w.Store.GoNow(t.Context(), w.shop, w.walk("now").ID))
		w.settle()
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM effects WHERE state = $1`, store.Retry), "tried without its wait")
		w.pass(8, 12*time.Hour)
		w.sink.Trouble(nil)
		w.pass(4, 12*time.Hour)
		require.Zero(t, w.sent())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM effects WHERE state = $1`, store.Expired))
		require.True(t, w.walk("now").Ended)
	})
}
