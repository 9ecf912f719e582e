package jobs

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

// What matters more takes one place under the cap, be it on its way or still to
// come: neither both at once, nor none because another tool has written meanwhile.
func TestWhatMattersMoreTakesOnePlace(t *testing.T) {
	onItsWay := func(w *world, es []campaign.Enrollment) { require.Len(w.t, w.claim(of(es, "more")), 1) }
	for name, c := range map[string]struct {
		cap     int
		before  func(w *world, es []campaign.Enrollment)
		claimed int // of the mail that matters less
	}{
		"it is on its way, with room for both": {2, onItsWay, 1},
		"it is on its way, with room for one":  {1, onItsWay, 0},
		"it is to come, with room for both":    {2, func(*world, []campaign.Enrollment) {}, 1},
		"it is to come, and another tool's is there": {2, func(w *world, _ []campaign.Enrollment) {
			fresh, err := w.Store.AddTouch(w.t.Context(), w.shop, store.Touch{Email: ada, At: w.Store.Now(), Class: gate.Service, Channel: commerce.ByMail, Source: "crm"})
			require.NoError(w.t, err)
			require.True(w.t, fresh)
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				w.alone()
				w.cap(c.cap)
				w.save(w.asks("more", 20, w.mail("ask", 10)))
				w.save(w.asks("less", 10, w.mail("ask", 10)))
				es := w.tell("orders/paid", w.order(1).Body())
				require.Len(t, es, 2)
				c.before(w, es)
				require.Len(t, w.claim(of(es, "less")), c.claimed)
			})
		})
	}
}

// oneAddress has all persons of the shop read their mail at one address: what a
// platform tells of them joins them only later.
func (w *world) oneAddress() {
	w.t.Helper()
	_, err := storetest.DB(w.t, w.db).ExecContext(w.t.Context(), `UPDATE persons SET email = $1, rev = rev + 1 WHERE shop_id = $2`, ada, w.shop)
	require.NoError(w.t, err)
}

// Several asks of one address are decided in one chunk: they have the room that
// the cap leaves between them.
func TestAsksOfOneAddressInOneChunk(t *testing.T) {
	sure := campaign.Step{ID: "sure", Kind: campaign.If, Condition: "true"} // until it is taken nobody knows what comes behind
	for name, due := range map[string]func(w *world) []campaign.Enrollment{
		"of one person": func(w *world) []campaign.Enrollment {
			for _, name := range []string{"more", "less"} {
				d := w.asks(name, 10, later(1), sure)
				d.Steps[1].Then = []campaign.Step{w.mail("ask", 10)}
				w.save(d)
			}
			w.hear("orders/paid", w.order(1).Body())
			storetest.ClockOf(w.Store).Advance(day)
			return w.due()
		},
		"of two persons": func(w *world) []campaign.Enrollment {
			w.save(w.asks("ask", 10, w.mail("ask", 10)))
			es := w.tell("orders/paid", w.orderOf(0, 1).Body(), w.orderOf(1, 2).Body())
			w.oneAddress()
			return es
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				w.alone()
				w.cap(1)
				es := due(w)
				require.Len(t, es, 2)
				runs := w.claim(es)
				require.Len(t, runs, 1)
				w.reachOut(t.Context(), w.shop, runs)
				w.settle()
				require.Equal(t, 1, w.sent())
			})
		})
	}
}

// Two workers decide at the same moment about two persons who have one address.
// The second waits until the first has, and finds the room gone. (SQLite has one writer.)
func TestAsksOfOneAddressByTwoWorkers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "postgres")
	w.alone()
	w.cap(1)
	w.save(w.asks("ask", 10, w.mail("ask", 10)))
	es := w.tell("orders/paid", w.orderOf(0, 1).Body(), w.orderOf(1, 2).Body())
	require.Len(t, es, 2)
	w.giveBack(w.shop, es)
	w.oneAddress()
	es = w.due()
	require.Len(t, es, 2)
	other := w.worker(w.Store)
	mine, err := w.prepare(t.Context(), w.shop, es[:1])
	require.NoError(t, err)
	theirs, err := other.prepare(t.Context(), w.shop, es[1:])
	require.NoError(t, err)

	decided, commit, first, second := make(chan struct{}), make(chan struct{}), make(chan error, 1), make(chan error, 1)
	go func() {
		first <- w.Store.Transact(context.WithoutCancel(t.Context()), func(tx *store.Tx) error {
			_, err := w.take(&turn{tx: tx, shop: w.shop, runs: mine})
			close(decided)
			<-commit
			return err
		})
	}()
	<-decided
	go func() { second <- other.decide(context.WithoutCancel(t.Context()), w.shop, theirs) }()
	require.Eventually(t, func() bool {
		return len(second) == 1 || w.count(`SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 1
	}, patience, time.Millisecond)
	close(commit)
	require.NoError(t, <-first)
	require.NoError(t, <-second)
	w.reachOut(t.Context(), w.shop, claimed(mine))
	other.reachOut(t.Context(), w.shop, claimed(theirs))
	w.settle()
	require.Equal(t, 1, w.sent())
}

// Whom the shop leaves alone gets no thanks either, be they named by their
// address or by the platform's id.
func TestWhoIsLeftAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.save(w.mails("thanks", w.mail("thanks", 2)))
		for n, name := range []string{buyer(0).Email, "7001"} {
			w.exclude(name)
			w.hear("orders/paid", w.orderOf(int64(n), int64(n+1)).Body())
		}
		require.Zero(t, w.sent())
		require.Equal(t, 2, w.count(`SELECT COUNT(*) FROM enrollments WHERE reason = $1`, gate.ExcludedPerson))
		w.hear("orders/paid", w.orderOf(2, 3).Body())
		require.Equal(t, 1, w.sent())
	})
}
