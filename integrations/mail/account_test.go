package mail_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/fault"
	"flywheel/integrations/mail"
	"flywheel/integrations/mail/mailfake"
)

// secureSink is a server with a login and TLS, and whom to believe its certificate.
func secureSink(t *testing.T) (*mailfake.Sink, mail.Options) {
	t.Helper()
	web := httptest.NewTLSServer(nil) // for its certificate of 127.0.0.1
	web.Close()
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	to := sink(t, mailfake.Options{User: "nour", Password: "s3cret", TLS: &tls.Config{Certificates: web.TLS.Certificates}})
	return to, mail.Options{RootCAs: roots, AllowPrivate: true}
}

// accountAt is the account of a sink.
func accountAt(t *testing.T, to *mailfake.Sink) mail.Account {
	t.Helper()
	u, err := url.Parse(to.URL())
	require.NoError(t, err)
	port, err := strconv.Atoi(u.Port())
	require.NoError(t, err)
	return mail.Account{Host: u.Hostname(), Port: port, User: "nour", Password: "s3cret"}
}

func account(t *testing.T, a mail.Account, o mail.Options) *mail.Sender {
	t.Helper()
	s, err := mail.OpenAccount(a, o)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

func TestAccountSends(t *testing.T) {
	to, o := secureSink(t)
	s := account(t, accountAt(t, to), o)
	require.NoError(t, s.Check(t.Context()))
	require.Equal(t, mail.Sent, one(t, s, thanks("0effect1", "sara@example.com")).State)
	require.True(t, to.Mails()[0].TLS)
}

func TestAccountSaysWhatToMend(t *testing.T) {
	to, o := secureSink(t)
	a := accountAt(t, to)
	wrong := a
	wrong.Password = "wr0ng"
	err := account(t, wrong, o).Check(t.Context())
	require.True(t, fault.Is(err, fault.Invalid), "%v", err)
	require.Contains(t, fault.Sentence(err), "does not accept this user and password")
	require.NotContains(t, err.Error(), "wr0ng")

	err = account(t, a, mail.Options{AllowPrivate: true}).Check(t.Context())
	require.Contains(t, fault.Sentence(err), "certificate")

	to.Stop()
	err = account(t, a, o).Check(t.Context())
	require.True(t, fault.Is(err, fault.Temporary), "%v", err)
	require.NotContains(t, fault.Sentence(err), "SMTP_URL", "the operator's matter, not the shop's")
}

// A shop cannot have us call what only we can reach.
func TestAccountCallsPublicAddressesOnly(t *testing.T) {
	to, _ := secureSink(t)
	a := accountAt(t, to)
	_, err := mail.OpenAccount(a, mail.Options{})
	require.True(t, fault.Is(err, fault.Invalid), "port %d", a.Port)
	for _, host := range []string{"127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "100.100.100.200", "168.63.129.16"} {
		s := account(t, mail.Account{Host: host, Port: 587, User: "u", Password: "p"}, mail.Options{})
		err := s.Check(t.Context())
		require.True(t, fault.Is(err, fault.Invalid), "%s: %v", host, err)
		require.Contains(t, fault.Sentence(err), "no public address", host)
		require.Equal(t, mail.Retry, one(t, s, thanks("0effect1", "sara@example.com")).State)
	}
	for _, host := range []string{"169.254.169.254", "100.100.100.200", "168.63.129.16"} {
		err := account(t, mail.Account{Host: host, Port: 587, User: "u", Password: "p"}, mail.Options{AllowPrivate: true}).Check(t.Context())
		require.Contains(t, fault.Sentence(err), "no public address", "metadata services are closed whatever is allowed: %s", host)
	}
	require.Zero(t, to.Sessions())
}

func TestAccountNeedsItsParts(t *testing.T) {
	good := mail.Account{Host: "smtp.example.com", Port: 587, User: "nour", Password: "s3cret"}
	for name, change := range map[string]func(*mail.Account){
		"no host": func(a *mail.Account) { a.Host = " " }, "a URL": func(a *mail.Account) { a.Host = "smtp://smtp.example.com" },
		"host with port": func(a *mail.Account) { a.Host = "smtp.example.com:587" }, "two hosts": func(a *mail.Account) { a.Host = "a.example b.example" },
		"an address of IPv6": func(a *mail.Account) { a.Host = "::1" },
		"line in host":       func(a *mail.Account) { a.Host = "a.example\r\nQUIT" }, "web port": func(a *mail.Account) { a.Port = 443 },
		"no port": func(a *mail.Account) { a.Port = 0 }, "no user": func(a *mail.Account) { a.User = "" }, "no password": func(a *mail.Account) { a.Password = "" },
		"line in password": func(a *mail.Account) { a.Password = "a\r\nb" },
	} {
		a := good
		change(&a)
		_, err := mail.OpenAccount(a, mail.Options{})
		require.True(t, fault.Is(err, fault.Invalid), name)
		require.NotContains(t, err.Error(), "s3cret", name)
	}
	for _, port := range []int{25, 465, 587, 2465, 2525, 2587} {
		a := good
		a.Port = port
		account(t, a, mail.Options{})
	}
}

// The demo's server on this machine is called without TLS.
func TestAccountOnThisMachine(t *testing.T) {
	to := sink(t, mailfake.Options{User: "nour", Password: "s3cret"})
	s := account(t, accountAt(t, to), mail.Options{AllowPrivate: true})
	require.NoError(t, s.Check(t.Context()))
	require.Equal(t, mail.Sent, one(t, s, thanks("0effect1", "sara@example.com")).State)
}
