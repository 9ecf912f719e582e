package jobs

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/integrations/mail/mailfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// askFuse has the shop's campaigns weighed, as a failure, an unsubscribe or a refund does.
func (w *world) askFuse() {
	w.t.Helper()
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error { return tx.AskFuse(w.shop) })
}

// fuseAsked is how often the shop's campaigns are still asked for.
func (w *world) fuseAsked() int64 {
	w.t.Helper()
	ask, err := w.Store.FuseAskedOf(context.WithoutCancel(w.t.Context()), w.shop)
	require.NoError(w.t, err)
	return ask.Times
}

// outcomes keeps n mails of a campaign that ended so, an instant apart.
func (w *world) outcomes(name string, state store.EffectState, n int) {
	w.t.Helper()
	db, now := storetest.DB(w.t, w.db), w.Store.Now()
	for i := range n {
		_, err := db.ExecContext(w.t.Context(), `INSERT INTO effects (shop_id, id, enrollment_id, step_id, kind, class, topic, campaign_id, person_id, order_id,
			address_hash, connection_id, epoch, state, dispatch, enrollment_rev, order_rev, person_rev, claimed_at, sending_at)
			VALUES ($1, $2, $2, 'ask', 'send_email', 'service', 'care', $3, 'p', '', 'h', 'c', 1, $4, 1, 1, 1, 1, $5, $5)`,
			w.shop, fmt.Sprintf("%s %s %d %d", name, state, now, i), name, state, int64(now))
		require.NoError(w.t, err)
	}
}

func (w *world) state(name string) campaign.State {
	w.t.Helper()
	return campaign.State(w.text(`SELECT state FROM campaigns WHERE id = $1`, name))
}

// harmful is a campaign of which every fourth mail was refused for good.
func (w *world) harmful() {
	w.t.Helper()
	w.alone()
	w.save(w.asks("ask", 10, w.mail("ask", 2)))
	storetest.ClockOf(w.Store).Advance(time.Hour)
	w.outcomes("ask", store.Sent, 60)
	w.outcomes("ask", store.Failed, 20)
	w.askFuse()
}

// Whoever takes a campaign up again after its fuse has blown has seen what was
// wrong: only what goes wrong from then on counts.
func TestFuseForgivesWhatWasBefore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.harmful()
		require.NoError(t, w.weigh(t.Context(), w.shop))
		require.Equal(t, campaign.Paused, w.state("ask"))

		storetest.ClockOf(w.Store).Advance(time.Hour)
		w.set("ask", campaign.Live)
		w.outcomes("ask", store.Failed, 1)
		w.askFuse()
		require.NoError(t, w.weigh(t.Context(), w.shop))
		require.Equal(t, campaign.Live, w.state("ask"))
		require.Zero(t, w.fuseAsked())

		storetest.ClockOf(w.Store).Advance(time.Hour)
		w.outcomes("ask", store.Sent, 60)
		w.outcomes("ask", store.Failed, 20)
		w.askFuse()
		require.NoError(t, w.weigh(t.Context(), w.shop))
		require.Equal(t, campaign.Paused, w.state("ask"), "it goes wrong anew")
	})
}

// What goes wrong while a shop's campaigns are weighed has them weighed again.
func TestFuseThatIsAskedForMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.harmful()
		harm := sync.OnceFunc(w.askFuse)
		w.sink.Trouble(func(string) *mailfake.Trouble { // the team is being written to: the weighing is not over
			harm()
			return nil
		})
		require.NoError(t, w.weigh(t.Context(), w.shop))
		require.Equal(t, 1, w.sent())
		require.EqualValues(t, 1, w.fuseAsked())
		w.sink.Trouble(nil)
		require.NoError(t, w.weigh(t.Context(), w.shop))
		require.Zero(t, w.fuseAsked())
	})
}

// A worker is killed between the pause and the note that it has looked: another
// looks again, and nothing is done twice.
func TestFuseOfAWorkerThatIsLost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.harmful()
		ctx, kill := context.WithCancel(t.Context())
		w.sink.Trouble(func(string) *mailfake.Trouble {
			kill()
			return nil
		})
		require.Error(t, w.weigh(ctx, w.shop))
		require.EqualValues(t, 1, w.fuseAsked(), "nobody has noted that it was looked at")
		w.sink.Trouble(nil)
		before := w.sent()
		require.NoError(t, w.worker(w.Store).weigh(t.Context(), w.shop))
		require.Zero(t, w.fuseAsked())
		require.Equal(t, campaign.Paused, w.state("ask"))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM findings WHERE kind = 'fuse_failures'`))
		require.Equal(t, before, w.sent(), "the team is written to once")
	})
}

// The sweep has a shop weighed by one task, and while that is in the queue by no other.
func TestFuseIsATask(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.harmful()
		s := newSweep(w.Worker)
		s.looking = true
		hinted := func() int {
			require.NoError(t, s.hintFuses(t.Context()))
			tasks, err := w.Queue.inspector.ListPendingTasks(fanQueue)
			require.NoError(t, err)
			return len(tasks)
		}
		require.Equal(t, 1, hinted())
		require.Equal(t, 1, hinted())
		clear(s.weighed)
		require.Equal(t, 1, hinted())
		tasks, err := w.Queue.inspector.ListPendingTasks(fanQueue)
		require.NoError(t, err)
		require.Equal(t, campaign.Live, w.state("ask"), "the sweep itself weighs nothing")
		require.NoError(t, w.handleFuse(t.Context(), asynq.NewTask(tasks[0].Type, tasks[0].Payload)))
		require.Equal(t, campaign.Paused, w.state("ask"))
		require.Zero(t, w.fuseAsked())
	})
}
