// Package hook sends outgoing webhooks: one signed POST to a receiver's own
// server (Standard Webhooks 1.0.0), and a word on how the attempt ended. It
// calls public addresses only, which is asked of each connection when it is
// made. Whether and when to try again is decided by package jobs, what a
// webhook says by whoever asks for it.
package hook

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"time"

	"flywheel/fault"
)

const (
	// attemptTime is how long an attempt may take from the look-up of the name
	// to the answer's status.
	attemptTime = 10 * time.Second
	// An answer's body says nothing to us. A short one is read, so that the
	// connection can be used again; a long or slow one costs the connection.
	maxAnswer, answerTime = 4 << 10, time.Second
)

// Options are what a Sender is made with.
type Options struct {
	// Timeout is how long one attempt may take, in real time; 0 = 10 s.
	Timeout time.Duration
	// AllowPrivate lets webhooks go to private addresses, to any port and over
	// plain http: for tests, and for those who host for themselves only. The
	// metadata services of clouds stay closed.
	AllowPrivate bool
	// Now is the time that is signed, which receivers hold against their own
	// clock; nil = the real one.
	Now func() time.Time
	// RootCAs are whom to believe a receiver's certificate; nil = the system's.
	RootCAs *x509.CertPool
}

// Sender posts signed webhooks. It is safe for concurrent use.
type Sender struct {
	timeout   time.Duration
	guard     guard
	now       func() time.Time
	transport *http.Transport
}

// New makes a sender. It connects only when there is something to send.
func New(o Options) *Sender { return newSender(o, nil) }

// newSender is New with who knows the addresses of names; nil = the system.
func newSender(o Options, names *net.Resolver) *Sender {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Sender{timeout: cmp.Or(o.Timeout, attemptTime), guard: newGuard(o.AllowPrivate), now: o.Now}
	// The attempt's context ends the waiting; these times end a connection that
	// is still being made when nobody waits for it any more.
	dialer := net.Dialer{Timeout: s.timeout, Resolver: names, ControlContext: s.guard.control}
	s.transport = &http.Transport{
		Proxy:                  nil, // a proxy from the environment would make the guard look at the proxy's address
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs},
		TLSHandshakeTimeout:    s.timeout,
		ForceAttemptHTTP2:      false, // HTTP/1.1 is enough, and one slow receiver then holds up only its own connection
		DisableCompression:     true,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	return s
}

// Send makes one attempt. An attempt without an answer is Retry although the
// receiver may have got it: receivers drop doubles by webhook-id, which is the
// same each time, so sending twice is harmless and losing is not.
func (s *Sender) Send(ctx context.Context, r Request) Outcome {
	if ctx.Err() != nil {
		return Outcome{State: NotTried, Detail: "there was no time left to try"}
	}
	attempt, stop := context.WithTimeout(ctx, s.timeout)
	defer stop()
	req, err := r.signed(attempt, s.guard, s.now())
	if err != nil {
		return Outcome{State: Failed, Detail: fault.Sentence(err)}
	}
	// The transport itself, not a client around it: it follows no redirects.
	resp, err := s.transport.RoundTrip(req)
	if err != nil {
		return broken(ctx, attempt, err)
	}
	drain(resp, stop)
	return answered(resp, s.now())
}

// drain reads a short body and drops it. The status has been said by then, so
// nothing that happens to the body changes the outcome.
func drain(resp *http.Response, stop func()) {
	if resp.StatusCode != http.StatusSwitchingProtocols { // no body but the bare connection, which heeds no context
		late := time.AfterFunc(answerTime, stop)
		defer late.Stop()
		_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer)
	}
	_ = resp.Body.Close()
}

// Close ends the connections that rest. Sends under way end by themselves.
func (s *Sender) Close() { s.transport.CloseIdleConnections() }
