// Package mail sends messages: to an SMTP server over a few pooled connections,
// or into a folder. It says of each message how the attempt ended, and keeps
// "certainly not accepted" apart from "nobody knows": on that rests that nobody
// is mailed twice. What a message says is package message's matter; when to try
// again is decided by package jobs.
package mail

import (
	"context"
	"crypto/x509"
	"net/url"
	"time"

	"flywheel/fault"
)

// Options are what a Sender is made with.
type Options struct {
	// HeloName is how we introduce ourselves, the public host name; "" = localhost.
	HeloName string
	// Connections is how many are open at most; 0 = 4.
	Connections int
	// Now is business time, for the Date header; nil = the real one.
	Now func() time.Time
	// Patience is how long a mail may take up to the final dot, DotPatience from
	// there to the answer; 0 = 20 s and 60 s.
	Patience, DotPatience time.Duration
	// RootCAs are whom to believe the server's certificate; nil = the system's.
	RootCAs *x509.CertPool
	// AllowPrivate lets OpenAccount call addresses that are not public, on any
	// port, and this machine without TLS: for tests, the demo and a shop's server
	// in the operator's own network. Open always may.
	AllowPrivate bool
}

// Sender sends messages. It is safe for concurrent use.
type Sender struct {
	way way
	now func() time.Time
}

// way is how messages leave: *pool over SMTP, or folder.
type way interface {
	// send tries to send one chunk and says of each message how it ended.
	send(ctx context.Context, chunk []Message, still func(int) bool, at time.Time) []Outcome
	// check says in a sentence why nothing could be sent.
	check(ctx context.Context) error
	close()
}

// Open makes the sender of SMTP_URL: smtp://[user:pass@]host:port with STARTTLS
// where it is offered (demanded with credentials unless the server is on this
// machine), smtps://, or file:DIR. It connects only when there is something to
// send. Errors are fault.Invalid and never show the password.
func Open(address string, o Options) (*Sender, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, fault.New(fault.Invalid, "SMTP_URL cannot be read; it looks like smtp://user:pass@host:587")
	}
	s := &Sender{now: o.Now}
	switch u.Scheme {
	case "smtp", "smtps":
		var to server
		if to, err = readServer(u); err == nil {
			s.way, err = newPool(to, o)
		}
	case "file":
		s.way, err = newFolder(u)
	default:
		err = fault.New(fault.Invalid, "SMTP_URL must start with smtp://, smtps:// or file:")
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Send tries to send each message once, in order, over one connection, and
// returns an outcome for each. Directly before a message's first byte it asks
// whether the message may still go; nil = all may.
func (s *Sender) Send(ctx context.Context, chunk []Message, still func(i int) bool) []Outcome {
	if len(chunk) == 0 {
		return nil
	}
	if still == nil {
		still = func(int) bool { return true }
	}
	return s.way.send(ctx, chunk, still, s.now())
}

// Check connects and introduces itself without sending anything. Errors are
// faults whose sentence says what to mend.
func (s *Sender) Check(ctx context.Context) error { return s.way.check(ctx) }

// Close ends the connections. Sends under way end by themselves.
func (s *Sender) Close() { s.way.close() }
