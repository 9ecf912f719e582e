package slack

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"unicode"

	"code.dny.dev/ssrf"

	"flywheel/fault"
)

const (
	notPublic = "the address is not public"
	maxURL    = 2048
)

var (
	errURL = fault.New(fault.Invalid, "the address cannot be read; it looks like https://hooks.slack.com/services/...")
	ports  = []uint16{443, 8443}
	// metadata are the services that give a machine its credentials and lie outside of 169.254.0.0/16 and
	// fe80::/10: Amazon, Google, Scaleway, Alibaba and Azure. They are closed whatever is allowed.
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
		return guard{true, ssrf.New(ssrf.WithAnyPort(),
			ssrf.WithAllowedV4Prefixes(prefixes("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")...),
			ssrf.WithAllowedV6Prefixes(prefixes("::1/128", "fc00::/7")...))}
	}
	return guard{false, ssrf.New(ssrf.WithPorts(ports...))}
}

// CheckURL says in a sentence why nothing could be posted to raw, for the moment
// it is saved. What its name leads to is asked of each connection, since it may
// change. Errors are fault.Invalid and do not repeat the address, which is a secret.
func CheckURL(raw string, allowPrivate bool) error { return newGuard(allowPrivate).checkURL(raw) }

func (g guard) checkURL(raw string) error {
	if len(raw) > maxURL || strings.ContainsFunc(raw, func(r rune) bool { return r == ' ' || r == unicode.ReplacementChar || !unicode.IsPrint(r) }) {
		return errURL
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Hostname() == "" && strings.HasPrefix(u.Scheme, "http"):
		return errURL // without err, which repeats the address
	case u.Scheme != "https" && !(g.allowPrivate && u.Scheme == "http"):
		return fault.New(fault.Invalid, "the address must start with https://")
	case u.User != nil || strings.Contains(raw, "#"):
		return fault.New(fault.Invalid, "the address must hold no user name, password or #")
	case strings.Trim(u.Path, "/") == "":
		return fault.New(fault.Invalid, "the address is only a host; it looks like https://hooks.slack.com/services/...")
	case !g.allowPrivate && u.Port() != "" && u.Port() != "443" && u.Port() != "8443":
		return fault.New(fault.Invalid, "the port must be 443 or 8443")
	}
	return g.checkHost(strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")))
}

// checkHost refuses what cannot be public whoever is asked.
func (g guard) checkHost(host string) error {
	if ip, err := netip.ParseAddr(host); err == nil {
		if g.safe(ip) != nil {
			return fault.New(fault.Invalid, notPublic)
		}
		return nil
	}
	labels := strings.Split(host, ".")
	last := labels[len(labels)-1]
	switch {
	case slices.Contains(labels, ""), last[0] >= '0' && last[0] <= '9': // some resolvers read such a name as a number
		return errURL
	case g.allowPrivate:
		return nil
	case len(labels) == 1, slices.Contains([]string{"localhost", "local", "internal"}, last), strings.HasSuffix(host, ".home.arpa"):
		return fault.New(fault.Invalid, notPublic)
	}
	return nil
}

func (g guard) safe(ip netip.Addr) error {
	if slices.ContainsFunc(metadata, func(p netip.Prefix) bool { return p.Contains(ip.Unmap()) }) {
		return fmt.Errorf("%w: it belongs to a cloud's metadata service", ssrf.ErrProhibitedIP)
	}
	return g.rules.SafeAddr(ip)
}

// control is asked by the dialer between the look-up of a name and the
// connection, with the very address that is about to be called.
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
