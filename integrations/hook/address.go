package hook

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"flywheel/fault"
)

// maxURL is how many bytes an address may have.
const maxURL = 2048

var (
	errURL = fault.New(fault.Invalid, "the address cannot be read; it looks like https://example.com/hooks")
	// number matches a last label that makes some resolvers read the whole host
	// as an IPv4 address: 2130706433, 0x7f000001, 127.1 (url.spec.whatwg.org, "ends in a number").
	number = regexp.MustCompile(`^([0-9]+|0[xX][0-9a-fA-F]*)$`)
	// inner are ends of names that never lead out (RFC 6761, 6762, 8375 and ICANN's .internal).
	inner = []string{".localhost", ".local", ".internal", ".home.arpa"}
)

// CheckURL says in a sentence why nothing could be sent to raw, for the moment
// it is saved. Only https to a public host on the ports 443, 8443 and 80 is
// taken; with allowPrivate also http, private hosts and all ports. What a name
// leads to is not asked here, since it may change: that is asked of each
// connection. Errors are fault.Invalid and do not repeat the address.
func CheckURL(raw string, allowPrivate bool) error { return newGuard(allowPrivate).checkURL(raw) }

func (g guard) checkURL(raw string) error {
	if len(raw) > maxURL {
		return fault.New(fault.Invalid, "the address is longer than %d bytes", maxURL)
	}
	if !utf8.ValidString(raw) || strings.ContainsFunc(raw, func(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }) {
		return fault.New(fault.Invalid, "the address holds a space or an invisible letter")
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return errURL // without err, which repeats the address
	case u.Scheme != "https" && !(g.allowPrivate && u.Scheme == "http"):
		return fault.New(fault.Invalid, "the address must start with https://")
	case u.Hostname() == "":
		return fault.New(fault.Invalid, "the address names no host; it looks like https://example.com/hooks")
	case u.User != nil:
		return fault.New(fault.Invalid, "the address must not hold a user name or password")
	case strings.Contains(raw, "#"):
		return fault.New(fault.Invalid, "the address must not hold a #")
	}
	if err := g.checkPort(u.Port()); err != nil {
		return err
	}
	return g.checkHost(u.Hostname())
}

func (g guard) checkPort(text string) error {
	if text == "" {
		return nil
	}
	port, err := strconv.ParseUint(text, 10, 16)
	switch {
	case err != nil || port == 0:
		return fault.New(fault.Invalid, "the port must be a number from 1 to 65535")
	case !g.allowPrivate && !slices.Contains(ports, uint16(port)):
		return fault.New(fault.Invalid, wrongPort)
	}
	return nil
}

// checkHost refuses what cannot be public whoever is asked.
func (g guard) checkHost(host string) error {
	if strings.ContainsFunc(host, func(r rune) bool { return r >= utf8.RuneSelf }) {
		ascii, err := idna.Lookup.ToASCII(host) // as net/http does: it turns other scripts' digits into ours
		if err != nil {
			return fault.New(fault.Invalid, "the host's name cannot be read")
		}
		host = ascii
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if ip, err := netip.ParseAddr(host); err == nil {
		if g.safe(ip) != nil {
			return fault.New(fault.Invalid, notPublic)
		}
		return nil
	}
	labels := strings.Split(host, ".")
	switch {
	case slices.Contains(labels, ""):
		return fault.New(fault.Invalid, "the host's name cannot be read")
	case number.MatchString(labels[len(labels)-1]):
		return fault.New(fault.Invalid, "the host must be a name or a plain address such as 203.0.113.7")
	case g.allowPrivate:
		return nil
	case len(labels) == 1, slices.ContainsFunc(inner, func(end string) bool { return strings.HasSuffix(host, end) }):
		return fault.New(fault.Invalid, notPublic)
	}
	return nil
}
