package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store/storetest"
)

// Once ever, and the first order was cancelled before anything went out: the
// second lets the person in, in whatever order the two are heard of.
func TestOnceEverOfAnOrderThatCameToNothing(t *testing.T) {
	cancelled := func(w *world, o *shopifyfake.Order) { w.hear("orders/cancelled", o.Cancel(w.now()).Body()) }
	paid := func(w *world, o *shopifyfake.Order) { w.hear("orders/paid", o.Body()) }
	stories := []struct {
		name string
		tell func(w *world, one, two *shopifyfake.Order) // two is placed an hour after one
	}{
		{"cancelled once they are in", func(w *world, one, two *shopifyfake.Order) {
			paid(w, one)
			cancelled(w, one)
			paid(w, two)
		}},
		{"heard of as cancelled", func(w *world, one, two *shopifyfake.Order) {
			cancelled(w, one)
			paid(w, two)
		}},
		{"heard of as cancelled, last", func(w *world, one, two *shopifyfake.Order) {
			paid(w, two)
			cancelled(w, one)
		}},
		{"cancelled when both are known", func(w *world, one, two *shopifyfake.Order) {
			paid(w, one)
			paid(w, two)
			cancelled(w, one)
		}},
		{"the second was heard of first", func(w *world, one, two *shopifyfake.Order) {
			paid(w, two)
			paid(w, one)
			cancelled(w, one)
		}},
	}
	each(t, func(t *testing.T, w *world) {
		w.alone()
		d := w.mails("once", later(1), w.mail("thanks", 2))
		d.Entry.Mode = campaign.OnceEver
		w.save(d)
		for n, story := range stories {
			who, before := int64(n), w.sent()
			one := w.orderOf(who, who*10+1)
			storetest.ClockOf(w.Store).Advance(time.Hour)
			story.tell(w, one, w.orderOf(who, who*10+2))
			w.pass(2, day+time.Minute)
			require.Equal(t, before+1, w.sent(), story.name)
			paid(w, w.orderOf(who, who*10+3))
			w.pass(2, day+time.Minute)
			require.Equal(t, before+1, w.sent(), "%s: once ever", story.name)
		}
	})
}
