package mail

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"

	"flywheel/fault"
)

// Account is a shop's own SMTP account.
type Account struct {
	Host           string
	Port           int // 465 and 2465 speak TLS from the first byte, the others after STARTTLS
	User, Password string
}

// accountPorts are those at which mail servers take mails from their users. The
// list keeps a shop from having us knock at databases and web servers.
var accountPorts = []int{25, 465, 587, 2465, 2525, 2587}

var (
	// private is what AllowPrivate opens.
	privateV4 = prefixes("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
	privateV6 = prefixes("::1/128", "fc00::/7")
	// metadata are the services that give a machine its credentials and lie
	// outside of 169.254.0.0/16 and fe80::/10; see integrations/hook/guard.go.
	metadata = prefixes("fd00:ec2::/32", "fd20:ce::254/128", "fd00:42::42/128", "100.100.100.200/32", "168.63.129.16/32")
)

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

// OpenAccount makes the sender of a shop's own account. It connects only when
// there is something to send, only with TLS, and only to public addresses unless
// o allows more. Errors are fault.Invalid and never show the password.
func OpenAccount(a Account, o Options) (*Sender, error) {
	a.Host = strings.TrimSuffix(strings.TrimSpace(a.Host), ".")
	switch {
	case a.Host == "" || strings.ContainsAny(a.Host, " /:@<>\r\n\t\x00"):
		return nil, fault.New(fault.Invalid, "the server is a name such as smtp.example.com, without anything before or after it")
	case !slices.Contains(accountPorts, a.Port) && !o.AllowPrivate:
		return nil, fault.New(fault.Invalid, "the port is one of 25, 465, 587, 2465, 2525 and 2587; most accounts use 587")
	case a.User == "" || a.Password == "":
		return nil, fault.New(fault.Invalid, "the account has a user and a password")
	case strings.ContainsAny(a.User+a.Password, "\r\n\x00"):
		return nil, fault.New(fault.Invalid, "user and password are one line each")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	direct := a.Port == 465 || a.Port == 2465
	to := server{
		host: a.Host, port: a.Port, user: a.User, password: a.Password, tls: direct, named: "the account",
		demand: !o.AllowPrivate || !loopback(a.Host), dial: guarded(o.AllowPrivate),
	}
	p, err := newPool(to, o)
	if err != nil {
		return nil, err
	}
	return &Sender{way: p, now: o.Now}, nil
}

// guarded dials public addresses only. It is asked between the look-up of a
// name and the connection, so a name that changes in between gains nothing.
func guarded(allowPrivate bool) func(context.Context, string, string) (net.Conn, error) {
	rules := ssrf.New(ssrf.WithPorts(25, 465, 587, 2465, 2525, 2587))
	if allowPrivate {
		rules = ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(privateV4...), ssrf.WithAllowedV6Prefixes(privateV6...))
	}
	d := net.Dialer{Timeout: dialTime, ControlContext: func(_ context.Context, network, address string, c syscall.RawConn) error {
		if err := rules.Safe(network, address, c); err != nil {
			return err
		}
		to, err := netip.ParseAddrPort(address)
		if err != nil || slices.ContainsFunc(metadata, func(p netip.Prefix) bool { return p.Contains(to.Addr()) }) {
			return ssrf.ErrProhibitedIP
		}
		return nil
	}}
	return d.DialContext
}

// trouble says in a sentence why a server takes no mails from us.
func (s server) trouble(err error) error {
	var unknown *net.DNSError
	switch {
	case s.dial == nil:
		return fault.Wrap(fault.Temporary, err, "the mail server does not take our connection: check host, port, user and password in %s", s.named)
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedPort), errors.Is(err, ssrf.ErrProhibitedNetwork):
		return fault.Wrap(fault.Invalid, err, "%s has no public address on the internet", s.host)
	case errors.As(err, &unknown) && unknown.IsNotFound:
		return fault.Wrap(fault.Invalid, err, "there is no server with the name %s", s.host)
	case code(err) == 534 || code(err) == 535:
		return fault.Wrap(fault.Invalid, err, "%s does not accept this user and password", s.host)
	case strings.Contains(err.Error(), "STARTTLS"):
		return fault.Wrap(fault.Invalid, err, "%s offers no encrypted connection on port %d; try 465 or 587", s.host, s.port)
	case strings.Contains(err.Error(), "certificate"):
		return fault.Wrap(fault.Invalid, err, "the certificate of %s is not valid for that name", s.host)
	}
	return fault.Wrap(fault.Temporary, err, "%s does not take our connection: check server, port, user and password", s.host)
}
