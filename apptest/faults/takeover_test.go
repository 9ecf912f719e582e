package faults

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/mail/mailfake"
)

// busyWorker starts a web process and one worker with more orders than it can
// hold in flight: some mails wait at the final dot, more are marked as sending,
// others are claimed, the rest is leased to a drain that waits for room.
// release lets the mails go.
func busyWorker(t *testing.T, orders int64) (s *site, worker *part, l *load, release func()) {
	t.Helper()
	s = newSite(t, "postgres")
	web := s.run("serve")
	worker = s.run("work")
	dot := make(chan struct{})
	s.sink.Trouble(func(string) *mailfake.Trouble { return &mailfake.Trouble{At: "dot", Code: 250, Hold: dot} })
	l = s.post(orders, 8, 0, web)
	l.finish()
	until(t, 30*time.Second, "the worker has its hands full", func() bool { return s.effects("sending") >= 8 && s.effects("claimed") >= 8 })
	return s, worker, l, func() {
		s.sink.Trouble(nil)
		close(dot)
	}
}

// Another worker takes over from one that was killed once its leases have ended.
func TestAnotherWorkerTakesOver(t *testing.T) {
	t.Parallel()
	s, killed, l, release := busyWorker(t, 200)
	killed.kill()
	lost := s.inState("sending")
	s.run("work")
	release()
	s.settled(50 * time.Second)
	sum := s.balance(l.orders())
	require.Equal(t, 200, sum.sent+sum.unknown)
	require.ElementsMatch(t, lost, s.inState("unknown"), "only what was being sent is unknown")
}

// A worker that stood still past its leases finds its work taken over: what it
// had given to the mail server it still records, the rest is not its any more.
func TestWorkerPausedPastItsLease(t *testing.T) {
	t.Parallel()
	s, paused, l, release := busyWorker(t, 200)
	paused.signal(syscall.SIGSTOP)
	held := s.effects("sending")
	s.run("work")
	until(t, 50*time.Second, "its leases end", func() bool { return s.effects("unknown") == held })
	paused.signal(syscall.SIGCONT)
	release()
	s.settled(50 * time.Second)
	until(t, 30*time.Second, "the paused worker records what became of its mails", func() bool { return s.effects("unknown") == 0 })
	sum := s.balance(l.orders())
	require.Equal(t, 200, sum.sent)
}
