package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"flywheel/commerce"
	"flywheel/store"
)

// Task names.
const (
	taskDrain = "inbox:drain"
	taskStep  = "step:run"
	taskFetch = "order:fetch"
	// taskFanout goes on with whatever concerns many persons.
	taskFanout = "fanout:run"
	// taskEstimate answers a question that takes a while.
	taskEstimate = "estimate:run"
	taskFuse     = "fuse:weigh"
	// taskBackfill reads what happened before an install, taskReconcile what webhooks left out.
	taskBackfill  = "backfill:run"
	taskReconcile = "reconcile:run"
	// taskWriteback tells platforms what customers have chosen here.
	taskWriteback = "writeback:run"
	// taskTags tells Shopify of the tags of tiers.
	taskTags = "tags:run"
	// taskRewards makes the codes of rewards and ends them.
	taskRewards = "reward:run"
	// taskNotice tells shops' teams what they should know.
	taskNotice = "notice:run"
	// taskWords makes the words by which customers are found.
	taskWords = "words:run"
)

// Queues with workers of their own: a mail server that hangs may hold every
// step and a platform that hangs every fetch, and still deliveries are
// processed, so that a refund can stop what waits and nobody's thanks are late.
const (
	inboxQueue = "inbox"
	fetchQueue = "fetches"
	stepQueue  = "steps"
	fanQueue   = "fanouts"
	// Shops' pasts may take minutes each, so what was missed yesterday has workers of its own.
	backfillQueue  = "backfills"
	reconcileQueue = "reconciliations"
)

// queueOf tells where a task waits, by its name or its id.
func queueOf(task string) string {
	switch {
	case strings.HasPrefix(task, "step:"):
		return stepQueue
	case task == taskFetch, strings.HasPrefix(task, "fetch:"), strings.HasPrefix(task, "writeback:"), strings.HasPrefix(task, "notice:"), strings.HasPrefix(task, "tags:"), strings.HasPrefix(task, "reward:"):
		return fetchQueue
	case strings.HasPrefix(task, "fanout:"), strings.HasPrefix(task, "fuse:"), strings.HasPrefix(task, "estimate:"), strings.HasPrefix(task, "words:"):
		return fanQueue
	case strings.HasPrefix(task, "backfill:"):
		return backfillQueue
	case strings.HasPrefix(task, "reconcile:"):
		return reconcileQueue
	}
	return inboxQueue
}

// DrainPayload asks for one shop's inbox to be processed.
type DrainPayload struct {
	Shop commerce.ShopID `json:"shop"`
}

// StepPayload asks for rows of one shop to be run. It holds ids only.
type StepPayload struct {
	Shop commerce.ShopID `json:"shop"`
	Task string          `json:"task"`
	Runs []store.Run     `json:"runs"`
}

// FusePayload asks for one shop's campaigns to be weighed.
type FusePayload struct {
	Shop commerce.ShopID `json:"shop"`
}

// ConnectionPayload asks for what is to be done for one connection.
type ConnectionPayload struct {
	Shop       commerce.ShopID       `json:"shop"`
	Connection commerce.ConnectionID `json:"connection"`
}

// FetchPayload asks for one order to be read at its platform.
type FetchPayload struct {
	Shop  commerce.ShopID  `json:"shop"`
	Order commerce.OrderID `json:"order"`
}

// Queue is asynq, on a Redis server or in this process.
type Queue struct {
	opt       asynq.RedisConnOpt
	client    *asynq.Client
	inspector *asynq.Inspector
	redis     redis.UniversalClient
	store     *store.Store
	log       *slog.Logger
	embedded  *embedded
	hints     sync.Map // commerce.ShopID -> *hint
	stop      chan struct{}
	done      sync.WaitGroup
}

// OpenQueue connects to redisURL; "" runs a Redis in this process, which keeps
// nothing and needs nothing kept.
func OpenQueue(redisURL string, s *store.Store, log *slog.Logger) (*Queue, error) {
	q := &Queue{store: s, log: log, stop: make(chan struct{})}
	if redisURL == "" {
		q.embedded = startEmbedded()
		q.opt = q.embedded
	} else {
		opt, err := asynq.ParseRedisURI(redisURL)
		if err != nil {
			return nil, fmt.Errorf("REDIS_URL: %s", strings.TrimPrefix(err.Error(), "asynq: "))
		}
		q.opt = opt
	}
	q.client, q.inspector = asynq.NewClient(q.opt), asynq.NewInspector(q.opt)
	client, ok := q.opt.MakeRedisClient().(redis.UniversalClient)
	if !ok {
		return nil, fmt.Errorf("REDIS_URL: no client for %T", q.opt)
	}
	q.redis = client
	return q, nil
}

// Redis is the same Redis for what else is shared between processes for a
// while: limits and what was seen once.
func (q *Queue) Redis() redis.UniversalClient { return q.redis }

// Close ends the connections after the hints under way.
func (q *Queue) Close() error {
	close(q.stop)
	q.done.Wait()
	err := errors.Join(q.client.Close(), q.inspector.Close(), q.redis.Close())
	if q.embedded != nil {
		q.embedded.close()
	}
	return err
}

// Ping asks Redis for a sign of life.
func (q *Queue) Ping() error { return q.client.Ping() }

// enqueue hands a task to asynq once: it never retries for us. A TaskID that is
// taken is asynq.ErrTaskIDConflict.
func (q *Queue) enqueue(ctx context.Context, name, id string, payload any) error {
	data, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err = q.client.EnqueueContext(ctx, asynq.NewTask(name, data),
		asynq.TaskID(id), asynq.MaxRetry(0), asynq.Timeout(taskTimeout), asynq.Queue(queueOf(name)))
	if err == nil && q.embedded != nil {
		q.embedded.count()
	}
	return err
}

// isConflict reports whether a task was not enqueued because its TaskID is taken.
func isConflict(err error) bool { return errors.Is(err, asynq.ErrTaskIDConflict) }

// lost reports whether the queue has given a task up or never had it. An
// answer that cannot be had is false: the task may be there.
func (q *Queue) lost(id string) bool {
	info, err := q.inspector.GetTaskInfo(queueOf(id), id)
	switch {
	case errors.Is(err, asynq.ErrTaskNotFound), errors.Is(err, asynq.ErrQueueNotFound):
		return true
	case err != nil:
		return false
	}
	if info.State == asynq.TaskStateArchived || info.State == asynq.TaskStateRetry {
		_ = q.inspector.DeleteTask(queueOf(id), id) // frees the TaskID; a row will say what became of the work
		return true
	}
	return false
}

// orphaned reports whether a task whose row nobody has under lease is taken for
// running: its worker is gone, which the queue notices only after a minute. One
// that it has noticed is lost: that frees its id.
func (q *Queue) orphaned(id string) bool {
	info, err := q.inspector.GetTaskInfo(queueOf(id), id)
	if err == nil && info.State == asynq.TaskStateActive {
		return true
	}
	q.lost(id)
	return false
}

// asynqLog writes asynq's few lines in our manner.
type asynqLog struct{ log *slog.Logger }

func (l asynqLog) Debug(args ...any) { l.log.Debug("asynq", "text", fmt.Sprint(args...)) }
func (l asynqLog) Info(args ...any)  { l.log.Info("asynq", "text", fmt.Sprint(args...)) }
func (l asynqLog) Warn(args ...any)  { l.log.Warn("asynq", "text", fmt.Sprint(args...)) }
func (l asynqLog) Error(args ...any) { l.log.Error("asynq", "text", fmt.Sprint(args...)) }
func (l asynqLog) Fatal(args ...any) { l.log.Error("asynq", "text", fmt.Sprint(args...)) }
