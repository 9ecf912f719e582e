package mail

import (
	"context"
	"errors"
	"net"
	"time"
)

// questionTime bounds one question to DNS, with its repeats.
const questionTime = 10 * time.Second

// ResolverAt asks the DNS server at host:port, "" = the system's.
func ResolverAt(address string) *net.Resolver {
	if address == "" {
		return net.DefaultResolver
	}
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, address)
	}}
}

// asker asks a Resolver and tells an answer of "nothing" from no answer.
type asker struct{ Resolver }

// txt returns the TXT records of a name, nil for none.
func (a asker) txt(ctx context.Context, name string) ([]string, Failure) {
	ctx, cancel := context.WithTimeout(ctx, questionTime)
	defer cancel()
	values, err := a.LookupTXT(ctx, name+".") // the dot: never within the machine's own domain
	return values, failureOf(err)
}

// mx returns the mail servers of a name, nil for none.
func (a asker) mx(ctx context.Context, name string) ([]*net.MX, Failure) {
	ctx, cancel := context.WithTimeout(ctx, questionTime)
	defer cancel()
	servers, err := a.LookupMX(ctx, name+".")
	return servers, failureOf(err)
}

// failureOf: NXDOMAIN and an empty answer are answers.
func failureOf(err error) Failure {
	var dns *net.DNSError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &dns) && dns.IsNotFound:
		return ""
	case errors.As(err, &dns) && dns.IsTimeout, errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return TimedOut
	}
	return ServFail
}
