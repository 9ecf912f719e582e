package faults

import (
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// While PostgreSQL is away the door says 503, and never 200 for what is not
// committed; when it is back everything goes on, at the latest when the leases
// that could not be given back have ended.
func TestPostgresStoppedAndStartedUnderLoad(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]syscall.Signal{"fast": syscall.SIGINT, "immediate": syscall.SIGQUIT} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pg := startPostgres(t)
			s := newSite(t, "postgres", with("DATABASE_URL", pg.url()))
			web := s.run("serve")
			s.run("work")
			l := s.post(0, 6, 10*time.Millisecond, web)
			until(t, "mails go out", func() bool { return s.sink.Count() >= 50 })
			pg.stop(how)
			until(t, "the door says 503", func() bool { return l.answered(http.StatusServiceUnavailable) >= 20 })
			require.Equal(t, http.StatusServiceUnavailable, web.get("/readyz"))
			require.Equal(t, http.StatusOK, web.get("/healthz"))
			taken := l.taken()
			pg.start()
			until(t, "the door takes orders again", func() bool { return l.taken() > taken+10 })
			l.stop()
			require.Zero(t, l.answered(0), "there was always an answer")
			s.settled()
			s.balance(l.orders())
		})
	}
}

// Connections that break in the middle of everything cost nobody his order.
func TestPostgresConnectionsCutUnderLoad(t *testing.T) {
	t.Parallel()
	s := newSite(t, "postgres")
	web := s.run("serve")
	s.run("work")
	l := s.post(0, 6, 5*time.Millisecond, web)
	for n := range 12 {
		until(t, "the door goes on", func() bool { return l.taken() >= 30*(n+1) })
		s.number(`SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	}
	l.stop()
	s.settled()
	s.balance(l.orders())
}

// A connection that breaks in the middle of a delivery says nothing against the
// delivery: it is processed again and not put aside.
func TestPostgresConnectionCutInTheMiddleOfADelivery(t *testing.T) {
	t.Parallel()
	s := newSite(t, "postgres")
	web := s.run("serve")
	s.run("work")
	halt, err := s.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = halt.Exec(`LOCK TABLE events IN SHARE MODE`)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, s.deliver(web, "orders/paid", order(1).Body()))
	until(t, "the delivery is being processed", func() bool { return s.waiting("events") == 1 })
	require.EqualValues(t, 1, s.number(`SELECT COUNT(pg_terminate_backend(pid)) FROM pg_locks WHERE NOT granted AND relation = 'events'::regclass`))
	require.NoError(t, halt.Commit())
	until(t, "it is processed again", func() bool { return s.number(`SELECT COUNT(*) FROM inbox WHERE state = 0`) == 0 })
	s.settled()
	require.Equal(t, tally{sent: 1}, s.balance([]int64{1}))
}
