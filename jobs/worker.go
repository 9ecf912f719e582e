// Package jobs does what follows from a saved delivery: it drains the inbox,
// runs the steps of campaigns, sends, and sweeps up what hints have missed. asynq
// runs the tasks; when and whether something happens is decided by rows in SQL.
package jobs

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"

	"flywheel/billing"
	"flywheel/delight/gate"
	"flywheel/install"
	"flywheel/integrations/hook"
	"flywheel/integrations/mail"
	"flywheel/integrations/shopify"
	"flywheel/integrations/slack"
	"flywheel/links"
	"flywheel/sender"
	"flywheel/store"
)

// Options are what a Worker is made with.
type Options struct {
	Store   *store.Store
	Queue   *Queue
	Mail    *mail.Sender
	Shopify *shopify.Client // nil: orders of Shopify are never read again
	Install *install.Desk   // gives the tokens for it
	// Accounts gives access to Stripe accounts; nil: Stripe is never asked.
	Accounts *install.StripeDesk
	Hooks    *hook.Sender
	// Senders knows by what each shop's mails go out; nil: all by Mail, as the shops themselves.
	Senders *sender.Desk
	Slack   *slack.Poster // nil: nothing is posted to teams
	Policy  gate.Policy
	Plans   billing.Plans    // none: shops have no plans, and nothing is held for one
	Partner *shopify.Partner // says what shops pay for; nil where there are no plans
	Log     *slog.Logger
	Metrics prometheus.Registerer
	// BaseURL is the public address used in links.
	BaseURL string
	// Marks signs links that count what is done with a message; nil: nothing is counted.
	Marks *links.Signer
	// Erasures is the file beside the backup that tells who was erased; "" = none is written.
	Erasures string
	// NoReconcile leaves out the look for what webhooks did not bring, for tests that count questions.
	NoReconcile bool
	// Alone says that no other process works on this database (embedded mode).
	Alone bool
	// Connections is how many SMTP connections are used at once; 0 = 4.
	Connections int
	// Window is how many rows may be queued over all processes; 0 = 1000.
	Window int
	// IdlePace is how often an idle sweep looks; 0 = a second.
	IdlePace time.Duration
}

// sendChunk is how many effects are marked as sending and recorded in one
// commit, and so how many may become unknown when a worker is lost.
const sendChunk = 8

// decideChunk is how many runs are decided and claimed in one transaction: what
// is read for the whole shop is then read for more of them. A claim that is lost
// with its worker is simply made again, so this may be larger than sendChunk.
const decideChunk = 32

// taskTimeout ends a task that hangs; every call in it heeds the context.
const taskTimeout = time.Minute

// Worker runs tasks and sweeps. Start it once.
type Worker struct {
	Options
	id        string // owner of leases
	campaigns *campaignCache
	metrics   *metrics
	servers   []*asynq.Server
	// slots bound the effects in flight; a chunk takes all it needs at once,
	// since taking them one by one would deadlock.
	slots *semaphore.Weighted
	// apart are the slots of shops that write by their own accounts: one that is slow takes none of the others'.
	apart *semaphore.Weighted
	// sends bounds the chunks marked as sending at SMTP_URL: one on each connection
	// and one behind it, so that little is unknown when a worker is lost.
	sends *semaphore.Weighted
	// lanes does the same for shops' own accounts.
	lanes   *lanes
	working sync.Map // store.ShopRow -> struct{}: the rows whose leases are renewed
	// rewarding counts the tasks that look after rewards now.
	rewarding atomic.Int32
	// wake ends the sweep's idle pause.
	wake chan struct{}

	alive   context.Context // until Stop
	stop    context.CancelFunc
	running sync.WaitGroup // the loops
	sending sync.WaitGroup // chunks sent outside a task
	// renewing keeps leases until nothing is in hand any more, also while stopping.
	renewing sync.WaitGroup
	rested   context.CancelFunc
}

// New makes a worker.
func New(o Options) *Worker {
	if o.Connections == 0 {
		o.Connections = 4
	}
	if o.Window == 0 {
		o.Window = 1000
	}
	if o.IdlePace == 0 {
		o.IdlePace = time.Second
	}
	alive, stop := context.WithCancel(context.Background())
	return &Worker{
		Options: o, id: store.NewID(), campaigns: newCampaignCache(o.Store, o.Log), metrics: newMetrics(o.Metrics),
		slots: semaphore.NewWeighted(int64(max(2*o.Connections*sendChunk, 4*decideChunk))),
		apart: semaphore.NewWeighted(2 * laneAll * decideChunk), lanes: newLanes(),
		alive: alive, stop: stop,
		sends: semaphore.NewWeighted(int64(2 * o.Connections)), wake: make(chan struct{}, 1),
	}
}

// Start begins to work. With Alone it first takes back what a predecessor was
// doing: the caller holds the lock that proves it is gone.
func (w *Worker) Start(ctx context.Context) error {
	if w.Alone {
		if _, err := w.Store.RecoverLeases(ctx, w.id); err != nil {
			return err
		}
	}
	if err := w.serve(inboxQueue, 8, promptly, map[string]asynq.HandlerFunc{taskDrain: w.handleDrain}); err != nil {
		return err
	}
	if err := w.serve(fetchQueue, 4, unhurried, map[string]asynq.HandlerFunc{taskFetch: w.handleFetch, taskWriteback: w.handleWritebacks, taskNotice: w.handleNotices, taskTags: w.handleTags, taskRewards: w.handleRewards}); err != nil {
		return err
	}
	if err := w.serve(fanQueue, 2, unhurried, map[string]asynq.HandlerFunc{taskFanout: w.handleFanout, taskFuse: w.handleFuse, taskEstimate: w.handleEstimate, taskWords: w.handleWords}); err != nil {
		return err
	}
	if err := w.serve(backfillQueue, 2, unhurried, map[string]asynq.HandlerFunc{taskBackfill: w.ofConnection("backfill", w.backfill)}); err != nil {
		return err
	}
	if err := w.serve(reconcileQueue, 4, unhurried, map[string]asynq.HandlerFunc{taskReconcile: w.ofConnection("reconciliation", w.reconcile)}); err != nil {
		return err
	}
	if err := w.serve(stepQueue, 24, promptly, map[string]asynq.HandlerFunc{taskStep: w.handleStep}); err != nil {
		return err
	}
	renewing, rested := context.WithCancel(context.Background())
	w.rested = rested
	w.renewing.Go(func() { w.renewLoop(renewing) })
	loops := []func(context.Context){w.sweepLoop, w.maintainLoop}
	if w.Partner != nil {
		loops = append(loops, w.entitleLoop)
	}
	for _, loop := range loops {
		w.running.Add(1)
		go func() {
			defer w.running.Done()
			loop(w.alive)
		}()
	}
	return nil
}

// How often an empty queue is looked at. Each look is a script in Redis, so what
// nobody waits for is looked at less often.
const (
	promptly  = 20 * time.Millisecond
	unhurried = 200 * time.Millisecond
)

// serve runs the tasks of one queue, so many at once.
func (w *Worker) serve(queue string, concurrency int, pace time.Duration, handlers map[string]asynq.HandlerFunc) error {
	server := asynq.NewServer(w.Queue.opt, asynq.Config{
		Concurrency:       concurrency,
		Queues:            map[string]int{queue: 1},
		TaskCheckInterval: pace,
		ShutdownTimeout:   90 * time.Second,
		Logger:            asynqLog{w.Log},
		LogLevel:          asynq.WarnLevel,
		// Outcomes are rows; what asynq would retry or report is ours to decide.
		RetryDelayFunc: func(int, error, *asynq.Task) time.Duration { return time.Hour },
	})
	mux := asynq.NewServeMux()
	for name, handler := range handlers {
		mux.HandleFunc(name, handler)
	}
	w.servers = append(w.servers, server)
	return server.Start(mux)
}

// Stop takes no new work, lets what runs finish, and returns. What it could
// not finish is taken up by others when its lease ends.
func (w *Worker) Stop() {
	w.stop()
	w.running.Wait()
	var ending sync.WaitGroup
	for _, server := range w.servers {
		ending.Go(server.Shutdown)
	}
	ending.Wait()
	w.sending.Wait()
	w.rested()
	w.renewing.Wait()
	for _, lease := range []string{sweepLease, entitleLease} { // so that another need not wait for their ends
		if err := w.Store.Yield(context.Background(), lease, w.id); err != nil {
			w.Log.Warn("lease not given back", "lease", lease, "error", err)
		}
	}
}

// Poke makes the sweep look now, for a clock that has jumped.
func (w *Worker) Poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}
