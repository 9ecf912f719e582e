package jobs

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// embeddedTasks is after how many tasks the Redis in this process is replaced:
// it leaks 113 bytes a task, and everything in it can be made anew from SQL.
const embeddedTasks = 1_000_000

// embedded is a Redis in this process, reached over pipes, with no listener.
type embedded struct {
	current atomic.Pointer[miniredis.Miniredis]
	tasks   atomic.Int64
	stop    chan struct{}
	done    sync.WaitGroup
}

func startEmbedded() *embedded {
	e := &embedded{stop: make(chan struct{})}
	e.current.Store(miniredis.NewMiniRedis())
	e.done.Add(1)
	go e.tick()
	return e
}

// MakeRedisClient is asynq.RedisConnOpt.
func (e *embedded) MakeRedisClient() any {
	return redis.NewClient(&redis.Options{
		Dialer:   func(context.Context, string, string) (net.Conn, error) { return e.current.Load().Dial() },
		PoolSize: 32,
		Protocol: 2,
	})
}

// tick lets keys expire, which a miniredis does only when told that time has passed.
func (e *embedded) tick() {
	defer e.done.Done()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-e.stop:
			return
		case <-ticker.C:
			e.current.Load().FastForward(time.Second)
		}
	}
}

func (e *embedded) count() {
	if e.tasks.Add(1)%embeddedTasks == 0 {
		e.replace()
	}
}

// replace starts afresh. Connections to the former break and dial the new one;
// the sweep finds what was queued in it gone.
func (e *embedded) replace() { e.current.Swap(miniredis.NewMiniRedis()).Close() }

func (e *embedded) close() {
	close(e.stop)
	e.done.Wait()
	e.current.Load().Close()
}
