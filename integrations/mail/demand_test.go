package mail

import (
	"errors"
	"net/url"
	"strconv"
	"testing"

	"code.dny.dev/ssrf"
	"github.com/stretchr/testify/require"

	"flywheel/fault"
	"flywheel/integrations/mail/mailfake"
)

// An account's password goes over no open line: where a server offers no TLS
// there is neither a login nor a mail. Tests reach only this machine, which
// OpenAccount would trust, so they ask the pool below it.
func TestPoolDemandsTLS(t *testing.T) {
	to, err := mailfake.Start(mailfake.Options{User: "nour", Password: "s3cret"})
	require.NoError(t, err)
	defer to.Stop()
	u, err := url.Parse(to.URL())
	require.NoError(t, err)
	port, err := strconv.Atoi(u.Port())
	require.NoError(t, err)
	p, err := newPool(server{host: u.Hostname(), port: port, user: "nour", password: "s3cret", demand: true, dial: guarded(true)}, Options{})
	require.NoError(t, err)
	defer p.close()
	err = p.check(t.Context())
	require.True(t, fault.Is(err, fault.Invalid), "%v", err)
	require.Contains(t, fault.Sentence(err), "no encrypted connection")
	require.Zero(t, to.Count())
}

// A name may stand for any address; the dialer looks at the one it calls.
func TestGuard(t *testing.T) {
	for address, allowPrivate := range map[string]bool{
		"127.0.0.1:587": false, "[::1]:587": false, "[fdaa::3]:587": false, "[64:ff9b::7f00:1]:587": false, "[::ffff:127.0.0.1]:587": false,
		"192.0.2.1:443": false, "[fd00:ec2::254]:587": true, "[::ffff:168.63.129.16]:587": true, "169.254.169.254:80": true,
	} {
		_, err := guarded(allowPrivate)(t.Context(), "tcp", address)
		require.True(t, errors.Is(err, ssrf.ErrProhibitedIP) || errors.Is(err, ssrf.ErrProhibitedPort), "%s: %v", address, err)
	}
}

func TestOnlyThisMachineIsCalledWithoutTLS(t *testing.T) {
	for _, tt := range []struct {
		host         string
		allowPrivate bool
		demand       bool
	}{
		{"smtp.example.com", false, true},
		{"smtp.example.com", true, true},
		{"10.0.0.1", true, true},
		{"127.0.0.1", false, true},
		{"127.0.0.1", true, false},
	} {
		s, err := OpenAccount(Account{Host: tt.host, Port: 587, User: "u", Password: "p"}, Options{AllowPrivate: tt.allowPrivate})
		require.NoError(t, err)
		require.Equal(t, tt.demand, s.way.(*pool).server.demand, "%+v", tt)
		s.Close()
	}
}
