package faults

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/store/storetest"
)

// An orderly end under load: what was answered with 200 is processed, nothing
// hangs in between, and the process says by 0 that it ended well.
func TestShutdownUnderLoad(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, engine)
			var parts []*part
			if engine == "sqlite" {
				parts = []*part{s.run("all")}
			} else {
				parts = []*part{s.run("serve"), s.run("work")}
			}
			l := s.post(0, 6, 0, parts[0])
			for _, how := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
				taken := l.taken()
				until(t, "mails go out", func() bool { return l.taken() >= taken+80 && s.sink.Count() > taken/2 })
				for _, p := range parts {
					require.Zero(t, p.stop(how), "exit code of %s\n%s", p.role, p.log.tail(5))
				}
				require.Zero(t, s.number(`SELECT COUNT(*) FROM effects WHERE state IN ('claimed', 'sending')`), "nothing is left half done")
				require.Zero(t, s.number(`SELECT COUNT(*) FROM enrollments WHERE queue = 2`), "no lease is left")
				for _, p := range parts {
					p.again()
				}
			}
			l.stop()
			s.settled()
			sum := s.balance(l.orders())
			require.Zero(t, sum.unknown)
		})
	}
}
