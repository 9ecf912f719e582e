package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/delight/gate"
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

// whenBlown does something at the moment when a campaign has been paused.
func (w *world) whenBlown(do func()) {
	w.Log = slog.New(&listening{slog.DiscardHandler, sync.OnceFunc(do)})
}

// listening is a log that acts on the line of a blown fuse.
type listening struct {
	slog.Handler
	do func()
}

func (*listening) Enabled(context.Context, slog.Level) bool { return true }

func (l *listening) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "campaign paused by its fuse" {
		l.do()
	}
	return nil
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
		w.whenBlown(w.askFuse) // the weighing is not over
		require.NoError(t, w.weigh(t.Context(), w.shop))
		require.EqualValues(t, 1, w.fuseAsked())
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
		w.whenBlown(kill)
		require.Error(t, w.weigh(ctx, w.shop))
		require.EqualValues(t, 1, w.fuseAsked(), "nobody has noted that it was looked at")
		require.NoError(t, w.worker(w.Store).weigh(t.Context(), w.shop))
		require.Zero(t, w.fuseAsked())
		require.Equal(t, campaign.Paused, w.state("ask"))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM findings WHERE kind = 'fuse_failures'`))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM notices WHERE kind = 'fuse'`), "the team is told once")
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

// What comes back, or is called spam, pauses a campaign as refusals do, and the
// team reads why.
func TestFuseOfWhatCameBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for kind, cause := range map[gate.BounceKind]string{gate.HardBounce: "bounces", gate.Complaint: "complaints"} {
			name := "ask_" + string(kind)
			w.save(w.asks(name, 10, w.mail("ask", 2)))
			storetest.ClockOf(w.Store).Advance(time.Hour)
			w.outcomes(name, store.Sent, 60)
			w.bounced(name, kind, 10)
			w.askFuse()
			require.NoError(t, w.weigh(t.Context(), w.shop))
			require.Equal(t, campaign.Paused, w.state(name), kind)
			require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM findings WHERE kind = $1`, "fuse_"+cause))
			require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM notices WHERE kind = 'fuse' AND data LIKE $1`, `%"Cause":"`+cause+`"%`))
		}
	})
}

// bounced has n mails of a campaign come back.
func (w *world) bounced(name string, kind gate.BounceKind, n int) {
	w.t.Helper()
	db := storetest.DB(w.t, w.db)
	_, err := db.ExecContext(w.t.Context(), `INSERT INTO bounces (shop_id, id, event_key, kind, effect_id, address_hash, source, at, received_at)
		SELECT shop_id, id, 'of ' || id, $2, id, address_hash, 'dsn', 1, 1 FROM effects WHERE campaign_id = $1 AND state = 'sent' ORDER BY id LIMIT $3`, name, string(kind), n)
	require.NoError(w.t, err)
}
