package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
)

// Once ever, and the first order was cancelled before anything went out: the
// second lets the person in, in whatever order the two are heard of.
func TestOnceEverOfAnOrderThatCameToNothing(t *testing.T) {
	for name, c := range map[string]func(w *world){
		"cancelled once they are in": func(w *world) {
			one := w.order(1)
			w.hear("orders/paid", one.Body())
			w.pass(1, time.Hour)
			w.hear("orders/cancelled", one.Cancel(w.now()).Body())
			w.pass(1, time.Hour)
			w.hear("orders/paid", w.order(2).Body())
		},
		"heard of as cancelled": func(w *world) {
			one := w.order(1)
			w.hear("orders/updated", one.Cancel(w.now()).Body())
			w.pass(1, time.Hour)
			w.hear("orders/paid", w.order(2).Body())
		},
		"heard of as cancelled, last": func(w *world) {
			one := w.order(1)
			w.pass(1, time.Hour)
			w.hear("orders/paid", w.order(2).Body())
			w.hear("orders/updated", one.Cancel(w.now()).Body())
		},
		"cancelled when both are known": func(w *world) {
			one := w.order(1)
			w.hear("orders/paid", one.Body())
			w.pass(1, time.Hour)
			w.hear("orders/paid", w.order(2).Body())
			w.hear("orders/cancelled", one.Cancel(w.now()).Body())
		},
		"the second comes before the first, which is cancelled then": func(w *world) {
			one := w.order(1)
			w.pass(1, time.Hour)
			w.hear("orders/paid", w.order(2).Body())
			w.hear("orders/paid", one.Body())
			w.hear("orders/cancelled", one.Cancel(w.now()).Body())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				w.alone()
				d := w.mails("once", later(1), w.mail("thanks", 2))
				d.Entry.Mode = campaign.OnceEver
				w.save(d)
				c(w)
				w.pass(2, day+time.Minute)
				require.Len(t, w.sink.Mails(), 1)
				w.hear("orders/paid", w.order(3).Body())
				w.pass(2, day+time.Minute)
				require.Len(t, w.sink.Mails(), 1, "once ever")
			})
		})
	}
}
