package mail

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/textproto"
	"net/url"
	"strconv"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"flywheel/fault"
)

// dialTime bounds connecting, greeting, TLS and login, each.
const dialTime = 15 * time.Second

// How long one mail may take: up to the final dot, and from there to the answer.
// The second is longer, since some servers scan the mail meanwhile and giving
// up then leaves the outcome unknown.
const (
	stepTime = 20 * time.Second
	dotTime  = 60 * time.Second
)

// restTime is after how long a connection is asked whether it still lives
// before it is used again: servers close idle ones without a word.
const restTime = 5 * time.Second

// pool is a few connections to one server, opened when they are first needed.
type pool struct {
	server    server
	dialer    *gomail.Client
	places    chan *line // one entry a connection; nil = not open
	step, dot time.Duration
	closed    chan struct{}
	closing   sync.Once
}

// line is one open connection. It belongs to whoever took it from the pool.
type line struct {
	*smtp.Client
	used time.Time    // real time
	raw  bytes.Buffer // the mail under way, kept for its memory
}

// server is where a pool connects to and how.
type server struct {
	host, user, password string
	port                 int
	tls                  bool                                                                 // from the first byte, instead of by STARTTLS
	demand               bool                                                                 // nothing goes without TLS
	dial                 func(ctx context.Context, network, address string) (net.Conn, error) // nil = as the system does
	named                string                                                               // what to check, in errors: "SMTP_URL"
}

// readServer reads SMTP_URL.
func readServer(u *url.URL) (server, error) {
	s := server{host: u.Hostname(), user: u.User.Username(), tls: u.Scheme == "smtps", named: "SMTP_URL"}
	s.password, _ = u.User.Password()
	if s.host == "" {
		return s, fault.New(fault.Invalid, "SMTP_URL names no host; it looks like smtp://user:pass@host:587")
	}
	s.demand = s.tls || s.user != "" && !loopback(s.host)
	port := cmp.Or(u.Port(), map[string]string{"smtp": "587", "smtps": "465"}[u.Scheme])
	number, err := strconv.Atoi(port)
	if err != nil {
		return s, fault.New(fault.Invalid, "SMTP_URL has the port %q, which is no number", port)
	}
	s.port = number
	return s, nil
}

func newPool(s server, o Options) (*pool, error) {
	options := []gomail.Option{
		gomail.WithTimeout(dialTime), gomail.WithoutSMTPUTF8(), gomail.WithHELO(cmp.Or(o.HeloName, "localhost")), gomail.WithPort(s.port),
		gomail.WithTLSConfig(&tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs}),
	}
	if s.dial != nil {
		options = append(options, gomail.WithDialContextFunc(s.dial))
	}
	if s.user != "" {
		options = append(options, gomail.WithUsername(s.user), gomail.WithPassword(s.password))
	}
	switch {
	case s.tls:
		options = append(options, gomail.WithSSL())
	case s.demand:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	}
	switch {
	case s.user != "" && loopback(s.host):
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthPlainNoEnc)) // nobody listens in on this machine
	case s.user != "":
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover))
	}
	dialer, err := gomail.NewClient(s.host, options...)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "%s cannot be used", s.named)
	}
	n := cmp.Or(o.Connections, 4)
	p := &pool{
		server: s, dialer: dialer, places: make(chan *line, n), step: cmp.Or(o.Patience, stepTime), dot: cmp.Or(o.DotPatience, dotTime),
		closed: make(chan struct{}),
	}
	for range n {
		p.places <- nil
	}
	return p, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// send takes one connection for the whole chunk. What its turn does not come
// to before ctx ends or the pool is closed was certainly not accepted. A mail
// whose final dot was given goes on beyond that, within its own bounds: giving up
// there would leave its outcome unknown.
func (p *pool) send(ctx context.Context, chunk []Message, still func(int) bool, at time.Time) []Outcome {
	out := make([]Outcome, len(chunk))
	var l *line
	select {
	case <-p.closed:
		return gone(out)
	case l = <-p.places:
	case <-ctx.Done():
		for i := range out {
			out[i] = Outcome{State: Retry, Detail: "no connection was free in time"}
		}
		return out
	}
	defer func() { p.places <- l }()
	for i, m := range chunk {
		if p.over() {
			gone(out[i:])
			break
		}
		msg, err := m.build(at)
		if err != nil {
			out[i] = Outcome{State: Failed, Detail: plain(err.Error())}
			continue
		}
		if !still(i) {
			out[i] = Outcome{State: NotTried}
			continue
		}
		l, out[i] = p.sendOne(ctx, l, m, msg)
	}
	return out
}

func (p *pool) over() bool {
	select {
	case <-p.closed:
		return true
	default:
		return false
	}
}

// gone is the outcome of mails that came to a pool which is closed: whoever gave
// them had an account in mind that is not in use any more.
func gone(out []Outcome) []Outcome {
	for i := range out {
		out[i] = Outcome{State: Retry, Detail: "the account was closed meanwhile"}
	}
	return out
}

// sendOne sends over l, or over a new connection where l is nil or turns out to
// have been closed before it took anything. It returns the connection to go on
// with, nil if there is none.
func (p *pool) sendOne(ctx context.Context, l *line, m Message, msg *gomail.Msg) (*line, Outcome) {
	if deadline, ok := ctx.Deadline(); ctx.Err() != nil || ok && time.Until(deadline) < 2*time.Second {
		return l, Outcome{State: Retry, Detail: "there was no time left to try"}
	}
	if l != nil && time.Since(l.used) > restTime && (l.UpdateDeadline(p.step) != nil || l.Noop() != nil) {
		l = l.hangUp()
	}
	reused := l != nil
	for {
		if l == nil {
			var err error
			if l, err = p.dial(ctx); err != nil {
				return nil, dialOutcome(err)
			}
		}
		next, outcome, begun := p.deliver(ctx, l, m, msg)
		if begun || !reused || next != nil {
			return next, outcome
		}
		l, reused = nil, false // an old connection, closed by the other side: nothing was given to it
	}
}

// dialOutcome: whatever a server says before it was given a mail is about us
// and not about this recipient, so it is never the end of the mail.
func dialOutcome(err error) Outcome {
	o := judge(err, false)
	o.State = Retry
	if o.Detail == "" {
		o.Detail = "no connection"
	}
	return o
}

func (p *pool) dial(ctx context.Context) (*line, error) {
	client, err := p.dialer.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return nil, err
	}
	return &line{Client: client}, nil
}

// deliver gives one mail to the server over l. begun says that the server took
// the sender's address, so that the connection lived; the line it returns is
// nil where the connection cannot be used again.
func (p *pool) deliver(ctx context.Context, l *line, m Message, msg *gomail.Msg) (next *line, o Outcome, begun bool) {
	l.used = time.Now()
	if err := m.write(&l.raw, msg); err != nil { // our own matter, such as a key that cannot sign
		return l, Outcome{State: Retry, Detail: plain(err.Error())}, true
	}
	step := p.step
	if deadline, ok := ctx.Deadline(); ok {
		step = min(step, time.Until(deadline)) // until the dot nothing is lost by giving up
	}
	if err := l.UpdateDeadline(step); err != nil {
		return l.hangUp(), judge(err, false), false
	}
	if err := l.Mail("<" + cmp.Or(m.ReturnPath, m.From) + ">"); err != nil {
		// A sender that is refused is our own matter (login, verification), never the end of a customer's mail.
		return l.after(err), dialOutcome(err), code(err) != 0 && code(err) != 421
	}
	if err := l.Rcpt("<" + m.To + ">"); err != nil {
		return l.after(err), judge(err, false), true
	}
	for _, also := range m.Also {
		if err := l.Rcpt("<" + also + ">"); code(err) == 421 || err != nil && code(err) == 0 {
			return l.hangUp(), judge(err, false), true
		}
	}
	body, err := l.Data()
	if err != nil {
		return l.after(err), judge(err, false), true
	}
	if err := writeDotted(l.Text.W, body, l.raw.Bytes()); err != nil {
		return l.hangUp(), judge(err, false), true // never a dot after half a mail
	}
	_ = l.UpdateDeadline(p.dot) // a connection that is gone shows at the dot
	if err := body.Close(); err != nil {
		next := l
		if code(err) == 0 || code(err) == 421 {
			next = l.hangUp()
		}
		return next, judge(err, true), true
	}
	l.used = time.Now()
	return l, Outcome{State: Sent, Code: 250}, true
}

// after makes the connection ready for the next mail once this one was refused.
func (l *line) after(err error) *line {
	if code(err) == 0 || code(err) == 421 || l.Reset() != nil { // 421: the server is closing the connection
		return l.hangUp()
	}
	return l
}

func (l *line) hangUp() *line {
	_ = l.Close()
	return nil
}

// code is the server's reply code, 0 where the connection itself failed.
func code(err error) int {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return reply.Code
	}
	return 0
}

func (p *pool) check(ctx context.Context) error {
	l, err := p.dial(ctx)
	if err != nil {
		return p.server.trouble(err)
	}
	return l.Quit()
}

// close ends the idle connections; one that is in use is closed when it comes
// back, after the mail that is under way. Whoever waits for one waits no longer.
func (p *pool) close() {
	p.closing.Do(func() {
		close(p.closed)
		for range cap(p.places) {
			if l := <-p.places; l != nil {
				_ = l.UpdateDeadline(time.Second)
				_ = l.Quit()
			}
		}
	})
}
