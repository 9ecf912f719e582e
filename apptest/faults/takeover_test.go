package faults

import (
	"syscall"
	"testing"

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
	until(t, "the worker has its hands full", func() bool { return s.effects("sending") >= 8 && s.effects("claimed") >= 8 })
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
	s.settled() // leases end after 30 s
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
	until(t, "what it had asked of the database is done", func() bool {
		return s.number(`SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()`) == 0
	})
	held := s.inState("sending")
	s.run("work")
	until(t, "its leases end", func() bool { return s.effects("unknown") == int64(len(held)) })
	require.ElementsMatch(t, held, s.inState("unknown"), "only what was being sent is unknown")
	paused.signal(syscall.SIGCONT)
	release()
	s.settled()
	until(t, "the paused worker records what became of its mails", func() bool { return s.effects("unknown") == 0 })
	sum := s.balance(l.orders())
	require.Equal(t, 200, sum.sent)
}

// A worker that stands still in the middle of a transaction holds locks; they
// must not outlast its leases.
func TestWorkerPausedInTheMiddleOfATransaction(t *testing.T) {
	t.Parallel()
	s := newSite(t, "postgres")
	web := s.run("serve")
	paused := s.run("work")
	halt, err := s.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = halt.Exec(`LOCK TABLE events IN SHARE MODE`)
	require.NoError(t, err)
	l := s.post(20, 4, 0, web)
	l.finish()
	until(t, "a delivery is being processed", func() bool { return s.waiting("events") == 1 })
	paused.signal(syscall.SIGSTOP)
	require.NoError(t, halt.Commit())
	s.run("work")
	s.settled()
	paused.signal(syscall.SIGCONT)
	until(t, "the paused worker hears that its transaction is gone", func() bool { return paused.log.count("level", "WARN") > 0 })
	s.settled()
	require.Equal(t, tally{sent: 20}, s.balance(l.orders()))
}
