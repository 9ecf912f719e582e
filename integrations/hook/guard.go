package hook

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"syscall"

	"code.dny.dev/ssrf"
)

const (
	notPublic = "the address is not public"
	wrongPort = "the port must be 443, 8443 or 80"
)

var (
	// ports are those of web servers: a webhook must not knock at a mail server or a database.
	ports = []uint16{443, 8443, 80}
	// The networks that AllowPrivate opens.
	privateV4 = prefixes("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
	privateV6 = prefixes("::1/128", "fc00::/7")
	// metadata are the services that give a machine its credentials and lie
	// outside of 169.254.0.0/16 and fe80::/10: Amazon, Google, Scaleway, Alibaba and
	// Azure, whose address looks public. They are closed whatever is allowed.
	metadata = prefixes("fd00:ec2::/32", "fd20:ce::254/128", "fd00:42::42/128", "100.100.100.200/32", "168.63.129.16/32")
)

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

// guard decides which addresses may be called.
type guard struct {
	allowPrivate bool
	rules        *ssrf.Guardian
}

func newGuard(allowPrivate bool) guard {
	if allowPrivate {
		return guard{true, ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(privateV4...), ssrf.WithAllowedV6Prefixes(privateV6...))}
	}
	return guard{false, ssrf.New(ssrf.WithPorts(ports...))}
}

// safe says why ip may not be called. An IPv4 address written as IPv6 and one with
// a zone never may: nobody needs them. Errors are ssrf.ErrProhibitedIP.
func (g guard) safe(ip netip.Addr) error {
	if slices.ContainsFunc(metadata, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return fmt.Errorf("%w: it belongs to a cloud's metadata service", ssrf.ErrProhibitedIP)
	}
	return g.rules.SafeAddr(ip)
}

// control is asked by the dialer between the look-up of a name and the
// connection, with the very address that is about to be called: a name that
// changes its address between check and use gains nothing.
func (g guard) control(_ context.Context, network, address string, raw syscall.RawConn) error {
	if err := g.rules.Safe(network, address, raw); err != nil {
		return err
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", ssrf.ErrProhibitedIP, err)
	}
	return g.safe(to.Addr())
}
