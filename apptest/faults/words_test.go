package faults

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Two processes on one SQLite file would both believe to be alone.
func TestSecondProcessOnOneFileIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite")
	p := s.run("all")
	said, ok := s.try("all")
	require.False(t, ok)
	require.Contains(t, said, "another flywheel runs on this database")
	p.kill()
	s.run("all") // the lock went with the process
}

// The stop switch holds everything that goes out, loses nothing and is let go again.
func TestPauseAllAndResume(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite")
	p := s.run("all")
	l := s.post(0, 4, 5*time.Millisecond, p)
	until(t, "mails go out", func() bool { return s.sink.Count() >= 50 })
	s.must("pause", "--all")
	until(t, "what was under way ends", func() bool { return s.effects("sending") == 0 })
	sent, taken := s.sink.Count(), l.taken()
	until(t, "orders are taken and processed meanwhile", func() bool {
		return l.taken() >= taken+50 && s.number(`SELECT COUNT(*) FROM decisions WHERE answer = 'hold'`) >= 50
	})
	l.stop()
	s.settled()
	require.Equal(t, sent, s.sink.Count(), "nothing goes out while everything is paused")
	s.must("resume", "--all")
	until(t, "what was held goes out", func() bool { return s.sink.Count() == l.taken() })
	s.settled()
	require.Zero(t, s.balance(l.orders()).unknown)
}

// A secret that anybody could guess is no secret: nothing starts with one.
func TestEmptySecretStartsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite")
	for _, secret := range []string{" ", ",", "one,", ", two"} {
		s.env["SHOPIFY_API_SECRET"] = secret
		said, ok := s.try("all")
		require.False(t, ok, "%q", secret)
		require.Contains(t, said, "SHOPIFY_API_SECRET holds an empty secret", "%q", secret)
	}
	s.env["SHOPIFY_API_SECRET"] = "" // not set: nobody is answered by the app's secret
	p := s.run("all")
	require.Equal(t, http.StatusUnauthorized, s.deliver(p, "orders/paid", order(1).Body()))
}

// One start names everything that is wrong, so that one change mends it all.
func TestStartNamesAllWrongVariables(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite")
	s.env = map[string]string{
		"ADDR": "here", "OPS_ADDR": "there", "BASE_URL": "ftp://shop", "DATABASE_URL": "mysql://x", "REDIS_URL": "http://x", "SMTP_URL": "mail",
		"SECRET_KEY": "short", "SHOPIFY_API_SECRET": ",", "STRIPE_WEBHOOK_SECRET": ",", "SHOPIFY_API_URL": "x", "STRIPE_API_URL": "y",
		"TRUSTED_PROXIES": "10.0.0.1", "LOG_LEVEL": "loud",
	}
	said, ok := s.try("all")
	require.False(t, ok)
	for name := range s.env {
		require.Contains(t, said, name)
	}
	s.env = nil
	for role, wants := range map[string][]string{"all": {"SECRET_KEY", "SMTP_URL"}, "work": {"SECRET_KEY", "SMTP_URL", "DATABASE_URL", "REDIS_URL"}} {
		said, ok := s.try(role)
		require.False(t, ok)
		for _, name := range wants {
			require.Contains(t, said, name, role)
		}
	}
}

// The doctor says what to mend, and that all is well once it is mended.
func TestDoctorSaysWhatToMend(t *testing.T) {
	t.Parallel()
	r := startRedis(t, "--maxmemory-policy", "allkeys-lru")
	s := newSite(t, "postgres", with("REDIS_URL", r.url()))
	sound := s.env["SMTP_URL"]
	s.env["SMTP_URL"] = "smtp://127.0.0.1:1"
	said, ok := s.try("doctor")
	require.False(t, ok)
	require.Regexp(t, `sick +redis .*noeviction`, said)
	require.Regexp(t, `sick +smtp .*SMTP_URL`, said)
	require.Regexp(t, `ok +database`, said)

	s.env["SMTP_URL"] = sound
	require.NoError(t, r.client().ConfigSet(t.Context(), "maxmemory-policy", "noeviction").Err())
	require.NotContains(t, s.must("doctor"), "sick")

	r.kill()
	said, ok = s.try("doctor")
	require.False(t, ok)
	require.Regexp(t, `sick +redis .*does not answer`, said)
}
