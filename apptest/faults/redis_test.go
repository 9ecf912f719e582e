package faults

import (
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/mail/mailfake"
)

// Redis is only a hint: while it is away the door goes on taking orders, and
// when an empty one comes back everything goes out.
func TestRedisStoppedUnderLoadAndFlushed(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	s := newSite(t, "postgres", with("REDIS_URL", r.url()))
	web := s.run("serve")
	s.run("work")
	l := s.post(0, 4, 10*time.Millisecond, web)
	until(t, "mails go out", func() bool { return s.sink.Count() >= 50 })

	r.stop(syscall.SIGKILL)
	gone := l.taken()
	until(t, "the door goes on", func() bool { return l.taken() >= gone+200 })
	require.Equal(t, http.StatusOK, web.get("/readyz"), "without Redis orders are taken, so the process is ready")
	r.start()

	client := r.client()
	for range 3 { // tasks vanish while they are queued and while they run
		n := l.taken()
		until(t, "the door goes on", func() bool { return l.taken() >= n+50 })
		require.NoError(t, client.FlushAll(t.Context()).Err())
	}
	l.stop()
	s.settled()
	sum := s.balance(l.orders())
	require.LessOrEqual(t, sum.unknown, 24, "no worker was lost: only a machine that is too slow for a lease leaves anything in doubt")
	require.Zero(t, l.answered(http.StatusServiceUnavailable)+l.answered(0), "the door always answered 200")
}

// Steps that wait in a queue that was flushed are found in SQL and queued anew.
func TestRedisFlushedWhileStepsAreQueued(t *testing.T) {
	t.Parallel()
	const queued = 640 // a task takes 16 of one shop, so these are 40: more than the 24 that are under way at once
	r := startRedis(t)
	s := newSite(t, "postgres", with("REDIS_URL", r.url()))
	web := s.run("serve")
	s.run("work")
	s.must("pause", "--all")
	l := s.post(queued, 8, 0, web)
	l.finish()
	s.settled()
	dot := make(chan struct{})
	s.sink.Trouble(func(string) *mailfake.Trouble { return &mailfake.Trouble{At: "dot", Code: 250, Hold: dot} })
	s.must("resume", "--all")
	client := r.client()
	until(t, "steps wait in Redis behind those that wait for the mail server", func() bool {
		return client.LLen(t.Context(), "asynq:{steps}:pending").Val() >= 3
	})
	require.NoError(t, client.FlushAll(t.Context()).Err())
	s.sink.Trouble(nil)
	close(dot)
	s.settled()
	sum := s.balance(l.orders())
	require.Equal(t, queued, sum.sent+sum.unknown, "each once")
	require.LessOrEqual(t, sum.unknown, 24, "a machine that is too slow for a lease leaves in doubt what was under way, nothing else")
}
